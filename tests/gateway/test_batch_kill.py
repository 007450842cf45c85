"""A gateway that is killed in the middle of a table: every row once, every file, none twice."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.processes import end_gateway
from videogen_nb.blocking import connect
from videogen_nb.local.info_file import info_path, read_info
from videogen_nb.media.probe import probe
from videogen_nb.settings import Settings

ROWS = 60


def test_sixty_rows_survive_a_kill_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = [str(tmp_path / "site"), str(Path(__file__).parents[2])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))  # the gateway's own process, too
    settings = Settings.from_environment()
    journal = tmp_path / "journal"
    table = [{"prompt": f"quick {n}", "seed": n} for n in range(ROWS)]
    given: dict[str, Any] = {"engine": "trial", "extra": {"journal": str(journal)}}
    videos = connect(settings=settings, say=lambda text: None)
    try:
        run = videos.batch(table, "ads", **given)
        assert run.estimate().new == ROWS
        _wait_for(journal, ROWS // 3)
        info = read_info(info_path(settings.data_folder))
        assert info is not None
        os.kill(info.pid, signal.SIGKILL)
        again = videos.batch(table, "ads", **given)  # as a person who runs the cell again
        assert again.estimate().existing == ROWS
        assert again.result(timeout=100).batch.counts == {"completed": ROWS}
        run.result(timeout=60)
        page = videos.list_tasks().result()
        assert page.total == ROWS
        assert Counter(task.prompt for task in page.tasks).most_common(1)[0][1] == 1
    finally:
        videos.close()
        end_gateway(settings)
    saved = sorted(settings.output.rglob("*.mp4"))
    assert len(saved) == ROWS
    assert [path.name[:3] for path in saved] == [f"{n:03}" for n in range(1, ROWS + 1)]
    assert all(probe(path).codec == "h264" for path in saved)
    kept = list((settings.data_folder / "videos").rglob("*.mp4"))
    assert len(kept) == ROWS


def _wait_for(journal: Path, attempts: int) -> None:
    deadline = time.monotonic() + 60
    while not journal.exists() or len(journal.read_text().splitlines()) < attempts:
        assert time.monotonic() < deadline
        time.sleep(0.05)
