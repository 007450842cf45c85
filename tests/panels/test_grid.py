"""The grid of variations: it follows its batch; star, reject, compare, more like one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.panels.conftest import Page, press, until
from videogen_nb.blocking import display
from videogen_nb.errors import BadRows
from videogen_nb.panels import GridPanel

SHORT = {"duration": 1, "resolution": "480p"}


@pytest.fixture
def run(videos):
    """Four variations (made once, found again by their name)."""
    return videos.variations("a {calm|stormy} grid sea", 4, name="grid", **SHORT)


@pytest.fixture
def grid(run, link):
    grid = GridPanel(run, link)
    run.result(60)
    until(lambda: all(tile["video"] for tile in tiles(grid)) and len(tiles(grid)) == 4)
    yield grid
    grid.close()


def tiles(grid):
    return grid.view()["tiles"]


def tile(grid, key):
    return next(one for one in tiles(grid) if one["id"] == key)


def test_it_shows_what_differs_and_offers_the_videos(grid):
    assert [one["title"] for one in tiles(grid)] == [
        *("a calm grid sea · seed 1", "a stormy grid sea · seed 1"),
        *("a calm grid sea · seed 2", "a stormy grid sea · seed 2"),
    ]
    assert grid.view()["count"] == "4 of 4 completed"
    video = tiles(grid)[0]["video"]
    answer, [jpeg] = Page(grid).send({"op": "pull", "key": video["poster"], "offset": 0})
    assert answer["type"] == "image/jpeg"
    assert jpeg.startswith(b"\xff\xd8")


def test_a_star_is_kept_on_the_gateway_and_gives_the_value(grid, videos):
    key = tiles(grid)[1]["id"]
    press(grid, "star", id=key)
    until(lambda: tile(grid, key)["starred"])
    [video] = until(lambda: grid.value)
    assert videos.get_task(video.task).result(20).starred
    press(grid, "star", id=key)
    until(lambda: not grid.value)
    assert not videos.get_task(video.task).result(20).starred


def test_what_is_rejected_has_a_label_and_can_be_hidden_and_taken_back(grid, videos):
    key = tiles(grid)[2]["id"]
    task = grid.reject(key).result(20)
    assert task.labels == ["rejected"]
    assert [t.id for t in videos.list_tasks(label="rejected").result(20).tasks] == [task.id]
    grid.hide_rejected = True
    assert key not in [one["id"] for one in tiles(grid)]
    assert grid.view()["rejected"] == 1
    assert grid.reject(key).result(20).labels == []
    until(lambda: len(tiles(grid)) == 4)


def test_two_are_compared_and_a_third_replaces_the_second(grid):
    first, second, third = (one["id"] for one in tiles(grid)[:3])
    for key in (first, second, third):
        press(grid, "compare", id=key)
    assert grid.view()["compared"] == [first, third]
    press(grid, "compare", id=first)
    assert grid.view()["compared"] == [third]


def test_more_like_one_each_time_it_is_asked_for(grid, videos):
    key = tiles(grid)[0]["id"]
    task = grid.tasks[0]
    assert grid.like(key, 1).result(20).new == 1
    until(lambda: len(tiles(grid)) == 5 and tiles(grid)[4]["video"])
    assert grid.like(key, 1).result(20).new == 1
    until(lambda: len(tiles(grid)) == 6 and tiles(grid)[5]["video"])
    made = [videos.get_task(t).result(20) for t in grid.tasks[4:]]
    assert [t.parent for t in made] == [str(task.id)] * 2
    assert len({task.seed, *(t.seed for t in made)}) == 3
    assert made[0].group == f"like-{task.message_id}"


def test_what_costs_money_is_asked_about_first(grid, monkeypatch):
    asked = []
    client = grid.link._connection.client
    real = client.batch

    async def batch(*args, **kwargs):
        told = await real(*args, **kwargs)
        asked.append(kwargs.get("dry_run"))
        if kwargs.get("dry_run"):
            object.__setattr__(told, "cost", {"CNY": 3.26})
        return told

    monkeypatch.setattr(client, "batch", batch)
    press(grid, "like", id=tiles(grid)[3]["id"])
    until(lambda: grid.view()["question"])
    assert "Generate 4 more" in grid.view()["question"]
    assert "3.26 CNY" in grid.view()["question"]
    assert asked == [True]
    press(grid, "no")
    assert grid.view()["question"] == ""
    assert asked == [True]
    press(grid, "like", id=tiles(grid)[3]["id"])
    until(lambda: grid.view()["question"])
    press(grid, "pay")
    until(lambda: len(tiles(grid)) == 8)
    press(grid, "cancel")
    assert asked == [True, True, None]


def test_one_is_opened_large(grid):
    press(grid, "open", id=tiles(grid)[0]["id"])
    assert grid.view()["detail_part"] == "video"
    panel = grid.parts[grid.view()["detail"]]
    assert panel.ready.result(20).task.id == grid.tasks[0].id
    press(grid, "close")
    assert grid.parts == {}
    assert panel.closed


def test_the_rest_can_be_cancelled(videos, link):
    run = videos.variations("a grid sea", 1, name="cancelled", duration=15, resolution="1080p")
    grid = GridPanel(run, link)
    until(lambda: grid.view()["can_cancel"])
    press(grid, "cancel")
    until(lambda: tiles(grid)[0]["status"] == "cancelled")
    assert "1 cancelled" in grid.view()["count"]
    assert not grid.view()["can_cancel"]
    grid.close()


def test_a_refused_run_says_why(videos, link):
    run = videos.variations("a grid sea", 2, name="refused", duration=1000)
    grid = GridPanel(run, link)
    until(lambda: grid.error)
    assert "1000" in grid.error
    assert tiles(grid) == []
    with pytest.raises(BadRows):
        run.result(20)
    grid.close()


def test_a_run_shows_its_grid_in_a_notebook_and_itself_elsewhere(run, monkeypatch):
    run.result(60)
    assert run._repr_mimebundle_() == {"text/plain": repr(run)}
    monkeypatch.setattr(display, "shell", lambda: SimpleNamespace(kernel=True))
    bundle = run._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    grid = run.panel
    assert isinstance(grid, GridPanel)
    assert grid.link.url == run.connection.url
    assert run.panel is grid
    grid.close()
    assert run.panel is not grid
    run.panel.close()
