"""Storyboards: what is made and what is not, across kernels; what is stale; what joining gives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.client import VideoClient
from videogen_nb.errors import BadInput, EditError, TaskFailed, TaskNotFound
from videogen_nb.media.provenance import provenance
from videogen_nb.storyboard import Shot, State, Storyboard
from videogen_nb.storyboard.file import Take
from videogen_nb.storyboard.shots import keys_of

from ..old_and_new_gateway import image_file, our_world

SMALL: dict[str, Any] = {"resolution": "480p", "fps": 12, "ratio": "16:9"}


@pytest.fixture
async def videos(tmp_path: Path) -> AsyncIterator[VideoClient]:
    async with our_world(output=tmp_path / "videos") as client:
        yield client


def board(folder: Path, *shots: Shot, **more: Any) -> Storyboard:
    return Storyboard(shots or None, folder / "advert.json", **{**SMALL, **more})


async def made_so_far(videos: VideoClient) -> int:
    return (await videos.list_tasks()).total


async def test_only_what_is_stale_is_made_and_nothing_twice(videos: VideoClient, tmp_path: Path):
    shots = [Shot("a calm sea", 1, "sketch"), Shot("slow push in", 1, "sketch", link="continue")]
    first = board(tmp_path, *shots)
    assert first.states() == [State.MISSING, State.MISSING]
    assert str(await first.estimate(videos=videos)).startswith("2 shots to generate, 2 s: sketch")
    seen: list[tuple[int, State]] = []
    made = await first.make(videos=videos, on_shot=lambda *now: seen.append(now))
    assert len(made) == await made_so_far(videos) == 2
    assert seen[-1] == (2, State.CURRENT)
    tasks = (await videos.list_tasks()).tasks
    assert tasks[0].parent == str(tasks[1].id)
    assert {task.group for task in tasks} == {"advert"}

    again = board(tmp_path)  # as a new kernel would, from the file
    assert again.states() == [State.CURRENT, State.CURRENT]
    await again.make(videos=videos)
    assert await made_so_far(videos) == 2

    again.edit(2, prompt="pan left")
    assert again.states() == [State.CURRENT, State.STALE]
    await again.make(videos=videos)
    assert await made_so_far(videos) == 3
    again.edit(2, prompt="slow push in")  # its video is still there
    assert again.states() == [State.CURRENT, State.CURRENT]
    again.again(1)
    assert again.states() == [State.STALE, State.STALE], "what continues it, too"

    joined = board(tmp_path, *shots).join(tmp_path / "advert.mp4")
    assert joined.facts.frames == 12 + 11, "the frame that both share is shown once"
    assert len(provenance(joined)["parents"]) == 2


async def test_a_kernel_that_ends_in_between_costs_nothing(
    videos: VideoClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shots = [Shot("a calm sea", 1, "sketch")]

    async def gone(*_: Any, **__: Any) -> Any:
        raise RuntimeError("the kernel has ended")

    real = videos.wait
    monkeypatch.setattr(videos, "wait", gone)
    with pytest.raises(RuntimeError):
        await board(tmp_path, *shots).make(videos=videos)
    monkeypatch.setattr(videos, "wait", real)
    assert await made_so_far(videos) == 1
    # Once with the file as it was, once with one that was lost before the task was noted.
    await board(tmp_path, *shots).make(videos=videos)
    (tmp_path / "advert.json").unlink()
    await board(tmp_path, *shots).make(videos=videos)
    assert await made_so_far(videos) == 1


async def test_images_are_given_in_their_roles(videos: VideoClient, tmp_path: Path):
    first, hero = image_file(tmp_path, "first.png"), image_file(tmp_path, "hero.png", size=(64, 64))
    it = board(tmp_path, Shot("slow push in", 1, "sketch", first=first), references=[hero])
    sent: list[Any] = []
    real = videos.send_request

    async def send(request: Any, **more: Any) -> Any:
        sent.append(request)
        return await real(request, **more)

    videos.send_request = send  # type: ignore[method-assign]  # to look at it
    await it.make(videos=videos)
    assert [image.role for image in sent[0].images] == ["first", "reference"]
    hero.write_bytes(image_file(tmp_path, "other.png", size=(48, 48)).read_bytes())
    assert it.states() == [State.STALE], "an image that changed"


async def test_a_shot_that_failed_is_tried_anew_and_stops_no_other(
    videos: VideoClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    it = board(tmp_path, Shot("a calm sea", 1, "sketch"), Shot("a starry night", 1, "sketch"))
    real = videos.wait

    async def fail_first(task: Any, **more: Any) -> Any:
        done = await real(task, **more)
        if done.prompt == "a calm sea":
            raise TaskFailed(done)
        return done

    monkeypatch.setattr(videos, "wait", fail_first)
    with pytest.raises(TaskFailed):
        await it.make(videos=videos)
    assert it.states() == [State.MISSING, State.CURRENT]
    monkeypatch.setattr(videos, "wait", real)
    await board(tmp_path, *it.shots).make(videos=videos)
    assert await made_so_far(videos) == 3


def test_shots_keep_their_videos_wherever_they_stand(tmp_path: Path):
    it = board(tmp_path, Shot("one"), Shot("two"), Shot("three"))
    before = it.keys()
    it.move(3, 1)
    assert [shot.prompt for shot in it.shots] == ["three", "one", "two"]
    assert it.keys() == [before[2], before[0], before[1]]
    assert [shot.prompt for shot in board(tmp_path).shots] == ["three", "one", "two"]


def test_two_of_the_same_are_two():
    keys = keys_of([Shot("one"), Shot("one")], [], {})
    assert len(set(keys)) == 2
    assert keys_of([Shot("one")], [], {})[0] == keys[0]
    assert keys_of([Shot("one")], [], {"ratio": "1:1"})[0] != keys[0]


async def test_one_shot_is_made_with_what_it_continues(videos: VideoClient, tmp_path: Path):
    shots = [Shot("a calm sea", 1), Shot("pan", 1, link="continue"), Shot("snow", 1), Shot("x", 1)]
    it = board(tmp_path, *shots, engine="sketch")
    assert (await it.estimate([2], videos=videos)).shots == [1, 2]
    await it.make(2, videos=videos)
    assert it.states() == [State.CURRENT] * 2 + [State.MISSING] * 2
    assert await made_so_far(videos) == 2


async def test_takes_are_kept_and_chosen_again(videos: VideoClient, tmp_path: Path):
    it = board(tmp_path, Shot("a calm sea", 1, "sketch"))
    await it.make(videos=videos)
    it.again(1)
    assert [*it.takes(1)] == [1]
    await it.make(videos=videos)
    assert [*it.takes(1)] == [1, 2]
    it.edit(1, take=1)
    assert it.states() == [State.CURRENT]
    it.again(1)
    assert it.shots[0].take == 3, "a new one, whichever is chosen"


def test_shots_are_added_and_taken_out(tmp_path: Path):
    it = board(tmp_path, Shot("one"), Shot("two", link="continue"))
    it.add(Shot("three"))
    with pytest.raises(BadInput, match="cannot continue"):
        it.remove(1)
    with pytest.raises(BadInput, match="cannot continue"):
        it.move(2, 1)
    with pytest.raises(BadInput, match="cannot continue"):
        it.edit(1, link="continue")
    it.remove(2)
    it.remove(1)
    assert [shot.prompt for shot in board(tmp_path).shots] == ["three"]
    with pytest.raises(BadInput, match="at least one"):
        it.remove(1)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: board(folder), "at least one"),
        (lambda folder: board(folder, Shot("x", link="continue")).keys(), "cannot continue"),
        (lambda folder: board(folder, Shot("x", first="gone.png")).keys(), r"gone\.png"),
        (lambda folder: board(folder, Shot("x")).edit(2, prompt="y"), "1 to 1"),
        (lambda folder: board(folder, Shot("x")).join(), "no current video"),
        (lambda folder: Shot("x", link="after"), "continue"),  # type: ignore[arg-type]  # a slip
        (lambda folder: Shot("x", first="a.png", link="continue"), "first frame of its own"),
    ],
)
def test_what_does_not_fit_is_told(make: Any, words: str, tmp_path: Path):
    with pytest.raises(BadInput, match=words):
        make(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", '{"cells": []}', '{"storyboard": 9}'])
def test_another_file_is_left_alone(tmp_path: Path, content: str):
    path = tmp_path / "advert.json"
    path.write_text(content)
    with pytest.raises(BadInput, match=r"advert\.json"):
        board(tmp_path, Shot("x"))
    assert path.read_text() == content


def test_the_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    it = board(tmp_path, Shot("x"))
    before = it.path.read_text()

    def full(_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EditError, match="space"):
        it.edit(1, prompt="y" * 100)
    assert it.path.read_text() == before
    assert json.loads(before)["storyboard"] == 1
    assert [*tmp_path.iterdir()] == [it.path]


def test_two_of_the_same_are_two_wherever_their_images_lie(tmp_path: Path):
    one, other = image_file(tmp_path, "one.png"), tmp_path / "other.png"
    other.write_bytes(one.read_bytes())
    shots = [Shot("x", first=one), Shot("x", first=str(one)), Shot("x", first=other)]
    assert len(set(keys_of(shots, [], {}))) == 3


@pytest.mark.parametrize(
    "part",
    [
        {"shots": [{"words": "x"}]},
        {"shots": ["x"]},
        {"shots": 7},
        {"takes": {"k": {"job": 1}}},
        {"takes": []},
        {"made": [1]},
    ],
)
def test_a_file_that_was_edited_wrongly_is_told_and_left_alone(tmp_path: Path, part: Any):
    path = tmp_path / "advert.json"
    path.write_text(json.dumps({"storyboard": 1, **part}))
    before = path.read_text()
    with pytest.raises(BadInput, match=r"advert\.json"):
        board(tmp_path, Shot("x"))
    assert path.read_text() == before


async def test_another_storyboard_may_have_the_same_shot(videos: VideoClient, tmp_path: Path):
    shot = Shot("a calm sea", 1, "sketch")
    for name in ("draft", "final.json"):  # the first without a suffix, as people type it
        it = Storyboard([shot], tmp_path / name, **SMALL)
        assert len(await it.make(videos=videos)) == 1
        assert it.path.suffix == ".json"


async def test_a_shot_whose_task_was_deleted_is_made_anew(videos: VideoClient, tmp_path: Path):
    it = board(tmp_path, Shot("a calm sea", 1, "sketch"))
    [video] = await it.make(videos=videos)
    [task] = (await videos.list_tasks()).tasks
    await videos.delete(task)
    assert len(await it.make(videos=videos)) == 1, "its file is there"
    video.path.unlink()
    with pytest.raises(TaskNotFound):
        await it.make(videos=videos)
    assert len(await it.make(videos=videos)) == 1


def test_takes_of_another_kernel_are_kept(tmp_path: Path):
    one, two = board(tmp_path, Shot("x")), board(tmp_path, Shot("x"))
    one._takes["a"] = Take("1-1")
    one.save()
    two._takes["b"] = Take("2-2")
    two.save()
    assert {*board(tmp_path)._takes} == {"a", "b"}
