"""Variations and more of the same: alternatives, axes, seeds; a task's request passed back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.trial_engine import install
from videogen_nb.client.batch.variations import alternatives, like, variations
from videogen_nb.errors import BadParameter

from ..old_and_new_gateway import image_bytes, older_world, our_world


@pytest.fixture(autouse=True)
def _engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(install(tmp_path / "site")))


def test_alternatives_are_all_read():
    assert alternatives("a {calm|stormy} sea, {day|night}") == [
        "a calm sea, day", "a calm sea, night", "a stormy sea, day", "a stormy sea, night",
    ]  # fmt: skip
    assert alternatives("no {choice} {|never} here") == [
        "no {choice}  here",
        "no {choice} never here",
    ]


def test_one_prompt_is_told_apart_by_seeds():
    rows = variations("sea", None, {})
    assert [row["seed"] for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_combinations_come_in_turn_and_again_with_other_seeds():
    rows = variations("{a|b}", 5, {"engine": ["x", "y"], "labels": ["l"]})
    assert [(r["prompt"], r["engine"], r["seed"]) for r in rows] == [
        ("a", "x", 1), ("a", "y", 1), ("b", "x", 1), ("b", "y", 1), ("a", "x", 2),
    ]  # fmt: skip
    assert {tuple(row["labels"]) for row in rows} == {("l",)}


def test_seeds_are_an_axis_too():
    assert [row["seed"] for row in variations("sea", None, {"seed": range(5, 8)})] == [5, 6, 7]
    assert [row["seed"] for row in variations("sea", 2, {"seed": 7})] == [7, 7]


@pytest.mark.parametrize("n", [0, -1, True, 1.5])
def test_a_count_is_a_number_above_0(n):
    with pytest.raises(BadParameter):
        variations("sea", n, {})


async def test_variations_are_made_once():
    async with our_world(engine="trial") as videos:
        batch = await (await videos.variations("quick {a|b}", 4))
        assert batch.counts == {"completed": 4}
        assert len({(task.prompt, task.seed) for task in batch.tasks.values()}) == 4
        assert len(batch.videos) == 4
        again = await videos.variations("quick {a|b}", 6)
        assert (again.estimate().new, again.estimate().existing) == (2, 4)


async def test_more_like_one_asks_for_the_same_with_changes():
    async with our_world() as videos:
        first = await videos.upload_image(image_bytes())
        given: Any = {"ratio": "9:16", "resolution": "480p", "duration": 1.0, "fps": 12.0}
        made = await videos.create_task(
            "slow push in", attachment=first, seed=7, extra={"move": "pan_left"}, **given
        )
        batch = await videos.like(made, 3, duration=2)
        tasks = list(batch.tasks.values())
        assert [task.seed for task in tasks] == [8, 9, 10]
        for task in tasks:
            assert task.prompt == "slow push in"
            assert task.parent == str(made.id)
            assert task.images == made.images
            asked = {**(made.requested or {}), "duration": 2.0, "seed": task.seed}
            assert task.requested == asked
        last = made.model_copy(update={"seed": 2**31 - 1})  # not every engine takes greater ones
        assert [row["seed"] for row in like(last, 2, {})] == [0, 1]
        await videos.cancel_all()


async def test_any_tasks_request_can_be_passed_back_unchanged():
    async with our_world() as videos:
        given: Any = {"resolution": "480p", "duration": 1, "extra": {"scene": "snow"}}
        for attachment in (None, await videos.upload_image(image_bytes())):
            extra = {} if attachment else given["extra"]
            asked: Any = {**given, "extra": extra or None}
            made = await videos.create_task("calm", attachment=attachment, seed=3, **asked)
            same = await videos.create_task(
                made.prompt or "", engine=made.engine, images=made.images, **(made.requested or {})
            )
            assert same.parameters == made.parameters
            assert same.requested == made.requested
            assert same.images == made.images
        await videos.cancel_all()


async def test_a_gateway_that_does_not_tell_is_named():
    async with older_world() as older:
        task = await older.client.create_task("sea")
        with pytest.raises(BadParameter, match="does not report"):
            await older.client.like(task)
