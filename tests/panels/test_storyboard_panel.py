"""A storyboard as cards: edited, ordered, made, its takes chosen, joined."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.panels.conftest import Page, press, type_into, until
from videogen_nb import Shot, Storyboard
from videogen_nb.blocking import display
from videogen_nb.panels import StoryboardPanel

SMALL: Any = {"resolution": "480p", "fps": 12, "ratio": "16:9"}


@pytest.fixture
def board(tmp_path):
    shots = [Shot("a calm board sea", 1), Shot("snow on the board", 1)]
    return Storyboard(shots, tmp_path / "advert.json", engine="sketch", **SMALL)


@pytest.fixture
def panel(board, link):
    panel = StoryboardPanel(board, link)
    panel.ready.result(20)
    yield panel
    panel.close()


def statuses(panel):
    return [card["status"] for card in panel.view()["cards"]]


def test_what_is_missing_is_made_joined_and_offered(panel, board):
    assert statuses(panel) == ["missing", "missing"]
    assert panel.view()["count"] == "0 of 2 shots are current"
    press(panel, "make")
    until(lambda: "working" in statuses(panel))
    until(lambda: statuses(panel) == ["current", "current"] and panel.view()["can_join"], 60)
    key = panel.view()["cards"][0]["video"]["poster"]
    answer, _ = Page(panel).send({"op": "pull", "key": key, "offset": 0})
    assert answer["type"] == "image/jpeg"
    press(panel, "join")
    joined = until(lambda: panel.value, 60)
    assert joined.facts.frames == 24
    assert joined.path == board.path.with_suffix(".mp4")
    assert str(joined.path) in panel.view()["said"]


def test_a_change_makes_a_shot_stale_and_is_in_the_file(panel, board):
    panel.make(1).result(60)
    until(lambda: statuses(panel) == ["current", "missing"])
    type_into(panel, "prompt-1", "a stormy board sea")
    until(lambda: statuses(panel) == ["stale", "missing"])
    type_into(panel, "seconds-2", "2,5")
    until(lambda: "2,5" in panel.error)
    type_into(panel, "seconds-2", "2.5")
    until(lambda: panel.view()["cards"][1]["seconds"] == "2.5")
    assert panel.error == ""
    kept = Storyboard(None, board.path).shots
    assert (kept[0].prompt, kept[1].seconds) == ("a stormy board sea", 2.5)


def test_shots_are_moved_added_and_removed(panel):
    press(panel, "move", number=2, place=1)
    until(lambda: panel.view()["cards"][0]["prompt"].startswith("snow"))
    press(panel, "add")
    until(lambda: len(panel.view()["cards"]) == 3)
    type_into(panel, "link-3", "continue")
    until(lambda: panel.view()["cards"][2]["link"] == "continue")
    press(panel, "move", number=3, place=1)  # the first continues nothing
    until(lambda: panel.error)
    assert [card["link"] for card in panel.view()["cards"]] == ["cut", "cut", "continue"]
    press(panel, "remove", number=1)
    until(lambda: len(panel.view()["cards"]) == 2)


def test_takes_are_compared_and_chosen(panel, board):
    panel.make(1).result(60)
    panel.another(1).result(60)
    until(lambda: len(panel.view()["cards"][0]["takes"]) == 2)
    assert board.shots[0].take == 2
    press(panel, "compare", number=1)
    assert [one["title"] for one in panel.view()["compared"]] == ["Take 2", "Take 1"]
    press(panel, "choose", number=1, take=1)
    until(lambda: panel.view()["cards"][0]["take"] == 1)
    assert statuses(panel)[0] == "current"
    assert [one["title"] for one in panel.view()["compared"]] == ["Take 1", "Take 2"]
    press(panel, "uncompare")
    assert panel.view()["compared"] == []


def test_what_costs_is_asked_about_before_it_is_made(panel, board, monkeypatch):
    real = board.estimate

    async def estimate(*args, **more):
        told = await real(*args, **more)
        told.engines["sketch"] = "1 CNY a second"
        return told

    monkeypatch.setattr(board, "estimate", estimate)
    press(panel, "make", number=2)
    until(lambda: panel.view()["question"])
    assert "1 shot to generate, 1 s: sketch (1 CNY a second)" in panel.view()["question"]
    press(panel, "no")
    assert statuses(panel) == ["missing", "missing"]
    press(panel, "make", number=2)
    until(lambda: panel.view()["question"])
    press(panel, "pay")
    until(lambda: statuses(panel) == ["missing", "current"], 60)


def test_a_storyboard_shows_its_cards_in_a_notebook(board, monkeypatch):
    assert board._repr_mimebundle_() == {"text/plain": repr(board)}
    monkeypatch.setattr(display, "shell", lambda: SimpleNamespace(kernel=True))
    bundle = board._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    assert isinstance(board.panel, StoryboardPanel)
    board.panel.close()
