"""An outside package brings an engine that asks elsewhere: an entry point is all it takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.engines import InputImage, Job, Plan
from videogen_nb.engines.remote import RemoteEngine, Upstream
from videogen_nb.i18n import Text
from videogen_nb.protocol.models import EngineInfo
from videogen_nb.testing.testcard import video

from .conftest import Opener
from .remote_engines import Sleeps, set_up


class PaperEngine(RemoteEngine):
    """Needs a key and an address, knows a video at once, and costs nothing."""

    kind = "paper"
    heading = Text("Paper videos", "纸片电影")
    costs = False

    def info(self, language: str) -> EngineInfo:
        return self.described(language, modes=["text"])

    def plan(
        self, prompt: str, requested: Mapping[str, Any], images: Sequence[InputImage] = ()
    ) -> Plan:
        return Plan({**self.instance.parameters, **requested})

    async def start(self, job: Job, key: str) -> str:
        if job.prompt == "fault":
            raise ZeroDivisionError("an outside engine's own fault")
        return json.dumps({"name": job.prompt, "ours": key})

    async def poll(self, handle: str) -> Upstream:
        return Upstream("succeeded", facts={"paper": json.loads(handle)["name"]})

    async def fetch(self, handle: str, path: Path) -> dict[str, Any]:
        path.write_bytes(video())
        return {}


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The metadata that installing a package leaves, found on sys.path."""
    info = tmp_path / "more" / "paper_videos-2.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: paper-videos\nVersion: 2.0\n")
    (info / "entry_points.txt").write_text(
        "[videogen_nb.engines]\npaper = tests.gateway.test_outside_engine:PaperEngine\n"
    )
    monkeypatch.syspath_prepend(str(info.parent))


async def test_it_is_listed_with_what_it_lacks_and_works_once_it_is_set_up(
    opened: Opener, gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    set_up(gateway_home, "paper", "http://paper.example")
    set_up(gateway_home, "paper-2", "http://paper.example", engine="paper", title="Second paper")
    async with opened(sleep=Sleeps()) as api:
        listed = await api.ok(api.http.get("/api/video-gen/engines"))
        engines = {engine["name"]: engine for engine in listed["engines"]}
        assert engines["paper"]["title"] == "Paper videos"
        assert engines["paper-2"]["title"] == "Second paper"
        assert "VIDEOGEN_KEY_PAPER_2" in engines["paper-2"]["missing"]
        monkeypatch.setenv("VIDEOGEN_KEY_PAPER_2", "a-key")  # counts at once
        task = await api.finished(await api.create("boat", engine="paper-2"))
        assert (task["status"], task["engine"]) == ("completed", "paper-2")
        again = await api.create("boat", engine="paper-2")
        assert again["message_id"] != task["message_id"]  # it costs nothing
        assert (await api.finished(again))["status"] == "completed"


async def test_its_own_fault_leaves_one_unsure_and_ends_nothing_else(
    opened: Opener, gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    set_up(gateway_home, "paper", "http://paper.example")
    monkeypatch.setenv("VIDEOGEN_KEY_PAPER", "a-key")
    async with opened(sleep=Sleeps()) as api:
        task = await api.finished(await api.create("fault", engine="paper"))
        assert (task["status"], task["error_code"]) == ("failed", "outcome_unknown")
        assert (await api.finished(await api.create("boat", engine="paper")))["sha256"]
