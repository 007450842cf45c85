"""A client behind a bad network comes to the true end of every task (the short run)."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from videogen_nb.client import VideoClient
from videogen_nb.errors import GatewayUnreachable

from ..gateway.trial_engine import install
from .gateway_lives import TOKEN, begin
from .network import Network, Run


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
        async with VideoClient(url, token=TOKEN) as videos:
            with pytest.raises(GatewayUnreachable, match="start with http://"):
                await videos.list_tasks()
    finally:
        life.kill()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """One that this process trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def speaking(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


async def test_behind_a_tls_proxy_videos_are_made_and_fetched(
    tmp_path: Path, authority, monkeypatch
):
    life = begin(tmp_path / "home", install(tmp_path / "site"))
    assert life is not None
    network = Network(life.url, 1, 0, speaking(authority.issue_cert("videos.test")))
    try:
        async with network.open() as url, VideoClient(url, token=TOKEN) as videos:
            monkeypatch.setenv("https_proxy", network.proxy)
            video = await videos.generate("quick", path=tmp_path / "video.mp4")
            assert video.task.video_urls[0].startswith(url)
    finally:
        life.kill()


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        pytest.param(
            lambda ours: trustme.CA().issue_cert("videos.test"), "unable to", id="unknown"
        ),
        pytest.param(lambda ours: ours.issue_cert("elsewhere.test"), "mismatch", id="name"),
        pytest.param(
            lambda ours: ours.issue_cert("videos.test", not_after=datetime(2001, 1, 1, tzinfo=UTC)),
            "expired",
            id="expired",
        ),
    ],
)
async def test_nothing_is_sent_to_whom_nobody_vouches_for(
    certificate, words, authority, monkeypatch
):
    network = Network("http://127.0.0.1:9", 1, 0, speaking(certificate(authority)))
    async with network.open() as url, VideoClient(url, token=TOKEN) as videos:
        monkeypatch.setenv("https_proxy", network.proxy)
        for asked in (videos.list_tasks(), videos.create_task("sea")):
            with pytest.raises(GatewayUnreachable, match=f"not trusted.*{words}") as caught:
                await asked
            assert not caught.value.sent
    assert not network.met
