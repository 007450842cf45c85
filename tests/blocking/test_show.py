"""``show`` gives the video of whatever a person has in hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from videogen_nb import show
from videogen_nb.blocking import Connection
from videogen_nb.errors import TaskFailed, WaitTimeout


@pytest.fixture
def make(trial_videos: Connection) -> Any:
    return lambda prompt="quick", **given: trial_videos.create_task(
        prompt, engine="trial", **given
    ).result(30)


def test_a_task_by_any_of_its_names(trial_videos: Connection, make):
    task = make()
    video = show(task, trial_videos, progress=False)
    assert video.task.id == task.id
    assert video.path.stat().st_size > 0
    for name in (task.id, str(task.id), SimpleNamespace(value=task), video.task):
        assert show(name, trial_videos, progress=False).path == video.path


def test_a_video_is_given_back_and_no_gateway_asked(trial_videos: Connection, make):
    video = show(make(), trial_videos, progress=False)
    trial_videos.close()
    assert show(video, trial_videos) is video
    assert show(SimpleNamespace(value=video), trial_videos) is video


def test_a_running_task_is_waited_for_as_long_as_asked(trial_videos: Connection, make, tmp_path):
    task = make("gate", extra={"gate": str(tmp_path / "open")})
    with pytest.raises(WaitTimeout) as late:
        show(task, trial_videos, max_wait_s=0.2, progress=False)
    assert late.value.task.id == task.id
    (tmp_path / "open").touch()
    assert show(task, trial_videos, progress=False).task.status == "completed"


def test_a_failed_one_says_why(trial_videos: Connection, make):
    with pytest.raises(TaskFailed, match="No paint left"):
        show(make("error"), trial_videos, progress=False)
