"""A client behind a bad network comes to the true end of every task (the short run)."""

from __future__ import annotations

from pathlib import Path

import pytest

from videogen_nb.client import VideoClient
from videogen_nb.errors import GatewayUnreachable

from ..gateway.trial import install
from .lives import TOKEN, begin
from .network import Run


async def test_every_task_comes_to_its_true_end(tmp_path: Path):
    life = begin(tmp_path / "home", install(tmp_path / "site"))
    assert life is not None
    try:
        run = Run(tmp_path, life, seed=3, share=0.3)
        await run.run(12)
        assert run.outcomes == {"completed": 10, "failed": 2}
        assert run.network.met.total() > run.network.met["none"] > 0
    finally:
        life.kill()


async def test_tls_where_there_is_none_is_told(tmp_path: Path):
    life = begin(tmp_path / "home", install(tmp_path / "site"))
    assert life is not None
    try:
        url = life.url.replace("http:", "https:")
        async with VideoClient(url, token=TOKEN, sleep=_no_sleep) as videos:
            with pytest.raises(GatewayUnreachable):
                await videos.list_tasks()
    finally:
        life.kill()


async def _no_sleep(seconds: float) -> None:
    return None
