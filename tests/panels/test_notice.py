"""What a prompt panel says of an engine: what it lacks, what it costs, and where its key goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from videogen_nb import Connection
from videogen_nb.engines.keys import Keyring
from videogen_nb.media.probe import probe
from videogen_nb.media.video import Video
from videogen_nb.panels import PromptPanel
from videogen_nb.panels.form.engine_notice import key_label, notice_of
from videogen_nb.panels.gateway_link import Link
from videogen_nb.protocol.models import EngineInfo, Spending, TaskStatus, VideoTask
from videogen_nb.settings import Settings
from videogen_nb.testing import testcard

from .conftest import Page, press, until

SECRET = "ark-4f1d-secret"


def typed_in_browser(panel: PromptPanel, key: str) -> None:
    """As the field's script sends it."""
    press(panel, "key", key=key)


@pytest.fixture
def panel(link: Link) -> Any:
    link.load_engines().result(20)
    panel = PromptPanel(link)
    panel.options.engine = "ark"
    yield panel
    panel.close()


def local(gateway: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be the person whose gateway it is."""
    assert gateway.home is not None
    monkeypatch.setenv("VIDEOGEN_HOME", str(gateway.home))
    monkeypatch.setenv("VIDEOGEN_RUNTIME", str(gateway.home.with_name("run")))


def test_a_key_that_is_typed_makes_the_engine_ready(
    panel: PromptPanel, gateway: Settings, monkeypatch: pytest.MonkeyPatch
):
    local(gateway, monkeypatch)
    assert "videogen-nb key ark" in panel.view()["notice"]
    assert panel.view()["key"].startswith("Key for")
    typed_in_browser(panel, SECRET)
    until(lambda: "charges" in panel.view()["notice"])
    assert panel.view()["key"] == ""
    keyring = Keyring(gateway.home, {})
    assert keyring.read("ark") == SECRET
    state = Page(panel).state  # all that a notebook could save
    assert "notice" in state["/"]
    assert SECRET not in json.dumps(state, default=str)
    keyring.remove("ark")


def test_what_is_no_key_is_told_and_not_kept(
    panel: PromptPanel, gateway: Settings, monkeypatch: pytest.MonkeyPatch
):
    local(gateway, monkeypatch)
    typed_in_browser(panel, "two words")
    until(lambda: panel.error)
    assert "not a key" in panel.error
    assert "two words" not in panel.error


def test_a_gateway_elsewhere_keeps_its_own_keys(panel: PromptPanel, videos: Connection):
    typed_in_browser(panel, SECRET)
    until(lambda: panel.error)
    assert videos.url in panel.error
    assert "videogen-nb key ark" in panel.error


def test_what_it_costs_and_has_cost():
    spent = Spending(engine="ark", currency="CNY", spent=3.26, expected=1.63, budget=100)
    ark = EngineInfo(name="ark", title="Ark", cost="1 CNY a second", spending=[spent])
    said = "Ark: 1 CNY a second. Spent so far: 3.26 of 100 CNY, plus 1.63 expected."
    assert notice_of(ark).render("en") == said
    assert key_label(ark).render("en") == ""
    assert notice_of(EngineInfo(name="sketch", title="Sketch")).render("en") == ""
    assert notice_of(None).render("en") == ""


def test_an_engine_chosen_before_the_gateway_has_told_stays_chosen(link: Link):
    panel = PromptPanel(link)
    panel.options.engine = "ark"
    link.load_engines().result(20)
    until(lambda: panel.options.chosen() is not None)
    assert panel.options.engine == "ark"
    assert "videogen-nb key ark" in panel.view()["notice"]
    panel.close()


def test_what_was_spent_is_asked_anew_when_a_paid_video_is_there(link: Link, tmp_path: Path):
    panel = PromptPanel(link)
    until(lambda: link.engines)
    told = link.engines
    path = tmp_path / "video.mp4"
    path.write_bytes(testcard.video())
    task = VideoTask(conversation_id="1", message_id="2", status=TaskStatus.COMPLETED)
    panel.videos.value = Video(path, probe(path), task)
    assert link.engines is told  # it cost nothing
    paid = task.model_copy(update={"cost": {"amount": 1.5, "currency": "CNY"}})
    panel.videos.value = Video(path, probe(path), paid)
    until(lambda: link.engines is not told)
    panel.close()
