"""A task on the screen: progress, cancelling, the video, deleting, trying again."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from tests.panels.conftest import Page, press, texts, until
from videogen_nb.errors import TaskCancelled, TaskNotFound
from videogen_nb.panels import ProgressPanel, TaskList, TaskPanel, VideoPanel, attach
from videogen_nb.panels.waiting import Waiting
from videogen_nb.protocol.models import TaskStatus, VideoTask
from videogen_nb.protocol.status_texts import numbers_of, stage_of

LONG = {"duration": 15, "resolution": "1080p"}
SHORT = {"duration": 1, "resolution": "480p"}


def make_task(**values) -> VideoTask:
    """A task as a gateway might tell it."""
    return VideoTask(**{"conversation_id": "1", "message_id": "2", "status": "pending", **values})


def finished(panel: TaskPanel) -> VideoPanel:
    """Wait for a task's video and give the panel that shows it."""
    panel.wait(60)
    assert panel.video is not None
    return panel.video


def test_a_task_becomes_a_video(videos, link):
    task = videos.create_task("clouds", **SHORT).result(20)
    panel = attach(task, link)
    video = panel.wait(60)
    assert panel.value == video
    [shown] = finished(panel).view()["videos"]
    assert shown["path"] == str(video.path)
    _, [poster] = Page(finished(panel)).send({"op": "pull", "key": shown["poster"], "offset": 0})
    assert poster.startswith(b"\xff\xd8")
    assert panel.busy is False
    assert str(task.id) in texts(panel)


def test_it_can_be_attached_to_by_its_id_alone(videos, link):
    task = videos.create_task("the sea at noon", **SHORT).result(20)
    assert attach(str(task.id), link).wait(60).task.id == task.id
    assert attach(task.message_id, link).wait(60).task.id == task.id


def test_the_browser_gets_the_videos_own_bytes(videos, link):
    video = attach(videos.create_task("a calm sea", **SHORT).result(20), link).wait(60)
    panel = VideoPanel(video, link)
    panel.ready.result(20)
    answer, [piece] = Page(panel).send({"op": "pull", "key": str(video.task.id), "offset": 0})
    assert answer["type"] == "video/mp4"
    assert bytes(piece) == video.path.read_bytes()[: len(piece)]
    panel.close()


def test_an_unknown_id_is_told(link):
    panel = attach("12345678901234567-98765432109876543", link)
    with pytest.raises(TaskNotFound):
        panel.wait(20)
    assert panel.progress.section()["error"]
    assert panel.progress.busy is False


def test_an_interrupt_ends_the_waiting_and_nothing_else(videos, link, monkeypatch, capsys):
    panel = TaskList(link).add(videos.create_task("clouds over the sea", **LONG).result(20))
    with monkeypatch.context() as patch:
        patch.setattr(Waiting, "tick", Mock(side_effect=KeyboardInterrupt))
        for waits in (panel, panel.progress):
            with pytest.raises(KeyboardInterrupt):
                waits.wait(20)
            assert "the task continues. To get its video later" in capsys.readouterr().err
    panel.cancel().result(20)
    with pytest.raises(TaskCancelled):
        panel.wait(20)


def test_cancelling(videos, link):
    task = videos.create_task("clouds over the sea", **LONG).result(20)
    panel = TaskList(link).add(task)
    until(lambda: panel.progress.view()["can_cancel"])
    assert panel.cancel().result(20).status is TaskStatus.CANCELLED
    with pytest.raises(TaskCancelled):
        panel.wait(20)
    assert "Cancelled" in texts(panel)
    assert not panel.progress.view()["can_cancel"]
    assert panel.view()["can_retry"]
    link.speak("zh")
    assert "取消" in panel.error
    assert panel.progress.section()["error"] == ""  # what one wanted is no alarm, in any language


def test_a_cancelled_task_can_be_tried_again(videos, link):
    task = videos.create_task("waves of the sea", **SHORT).result(20)
    videos.cancel(task).result(20)
    shown = TaskList(link)
    panel = shown.add(videos.get_task(task).result(20))
    if panel.task is None or panel.task.status is TaskStatus.COMPLETED:
        pytest.skip("it was finished before it could be cancelled")
    new = panel.retry().result(20)
    assert new.parent == str(task.id)
    assert shown.panels[0].wait(60).task.id == new.id
    assert not panel.view()["can_retry"]  # once


def test_a_retry_that_fails_is_told_and_reaches_the_caller(videos, link):
    task = videos.create_task("a sea that will be gone", **SHORT).result(20)
    videos.cancel(task).result(20)
    panel = TaskList(link).add(videos.get_task(task).result(20))
    if panel.task is None or panel.task.status is TaskStatus.COMPLETED:
        pytest.skip("it was finished before it could be cancelled")
    videos.delete(task).result(20)
    with pytest.raises(TaskNotFound):
        panel.retry().result(20)
    assert panel.progress.section()["error"]
    assert panel.view()["can_retry"]


def test_progress_alone(videos, link):
    panel = ProgressPanel(videos.create_task("an evening sea", **SHORT).result(20), link)
    seen = []
    panel.observe(lambda change: seen.append(change["new"]), "value")
    assert panel.wait(60).status is TaskStatus.COMPLETED
    assert (panel.busy, panel.value) == (False, 1.0)
    assert seen == sorted(seen, key=lambda share: share or 0)


def test_deleting_takes_everything(videos, link):
    shown = TaskList(link)
    panel = shown.add(videos.create_task("sea", **SHORT).result(20))
    shows = finished(panel)
    video = panel.wait()
    assert video.path.exists()
    press(shows, "delete")
    until(lambda: not shown.panels)
    assert not video.path.exists()
    assert not shows.view()["shown"]
    link.speak("zh")
    assert shows.error == ""  # the gateway is not asked about what is gone
    with pytest.raises(TaskNotFound):
        videos.get_task(video.task.id).result(20)


def test_a_new_task_comes_to_the_front_and_an_earlier_one_does_not(link):
    shown = TaskList(link)
    first = shown.add(make_task(message_id="7", status="failed"))
    assert first.value is None
    shown.set_trait("selected", first)  # an assignment would tell mypy that it stays so
    earlier = shown.add(make_task(message_id="8", status="failed"), last=True)
    assert [shown.selected] == [first]
    new = shown.add(make_task(message_id="9", status="failed"))
    assert shown.selected is None
    assert shown.panels == [new, first, earlier]
    shown.close()


def test_provenance_is_told(videos, link):
    panel = attach(videos.create_task("a stormy sea", seed=7, **SHORT).result(20), link)
    shows = finished(panel)
    told = str(shows.view()["source"])
    for part in ("a stormy sea", "sketch", "7"):
        assert part in told
    assert "Procedural sketch (no model)" in shows.view()["facts"]


def test_a_videos_facts_follow_the_language(videos, link):
    shows = finished(attach(videos.create_task("a foggy sea", **SHORT).result(20), link))
    link.speak("zh")
    until(lambda: "程序化草图" in shows.view()["facts"])


@pytest.mark.parametrize(
    ("task", "stage"),
    [
        pytest.param(make_task(), "Queued", id="nothing-told"),
        pytest.param(make_task(queue_position=0), "Queued: next in line", id="next"),
        pytest.param(make_task(queue_position=2), "Queued: 2 ahead", id="queue"),
        pytest.param(
            make_task(queue_position=0, stage="waiting for a cluster worker"),
            "Waiting for a cluster worker",
            id="waits-for-a-worker",
        ),
        pytest.param(make_task(status="processing"), "Generating", id="no-stage"),
        pytest.param(make_task(status="processing", stage="drawing"), "Drawing", id="stage"),
        pytest.param(make_task(status="failed"), "Failed", id="failed"),
    ],
)
def test_stages(task, stage):
    assert stage_of(task).render("en") == stage


def test_numbers_tell_queue_and_work_apart():
    task = make_task(
        status="completed",
        created_at="2026-01-01T00:00:00+00:00",
        started_at="2026-01-01T00:00:05+00:00",
        finished_at="2026-01-01T00:02:10+00:00",
    )
    assert [part.render("en") for part in numbers_of(task)] == [
        "queued 5 s",
        "generating 2 min 5 s",
    ]


def test_no_estimate_where_none_is_told():
    task = make_task(status="processing", progress=0.42)
    assert [part.render("en") for part in numbers_of(task)] == ["42%"]
    told = [part.render("en") for part in numbers_of(make_task(eta_seconds=8.2))]
    assert told == ["usually about 8 s more (estimate)"]


def test_an_older_gateways_attempts_are_no_failure(link):
    panel = ProgressPanel(make_task(), link)
    panel.task = make_task(status="processing", retry_count=2, max_retries=5, error="未获取到视频")
    assert "attempt 2 of 5" in texts(panel)
    assert "Generating" in texts(panel)
