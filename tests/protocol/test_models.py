from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from videogen_nb.protocol.lost_create import newer, newest
from videogen_nb.protocol.models import (
    TRANSITIONS,
    Attachment,
    Cancelled,
    Cleared,
    GenerateRequest,
    ImageRef,
    OriginalImage,
    TaskId,
    TaskStatus,
    VideoTask,
)

IDS = {"conversation_id": "12345678901234567", "message_id": "98765432109876543"}


def test_an_older_gateways_task_is_read():
    task = VideoTask.model_validate(
        {
            **IDS,
            "status": "processing",
            "video_urls": [],
            "retry_count": 1,
            "max_retries": 10,
            "created_at": "2025-11-17T23:00:00.592617",
            "updated_at": "2025-11-17T23:03:00",
            "error": "未获取到视频",
        }
    )
    assert task.status is TaskStatus.PROCESSING
    assert not task.status.finished
    assert task.created_at is not None
    assert task.created_at.tzinfo is not None
    assert task.progress is None


def test_what_an_answer_leaves_out_is_none():
    assert Cancelled(cancelled=1).going_on == 0
    assert Cleared(tasks=1, bytes=2).dry_run is False


@pytest.mark.parametrize("side", ["width", "height"])
def test_an_original_image_has_at_most_a_million_pixels_a_side(side):
    size = {"width": 1, "height": 1}
    assert OriginalImage(**{**size, side: 10**6})
    with pytest.raises(ValidationError):
        OriginalImage(**{**size, side: 10**6 + 1})


def test_tasks_are_newer_by_the_gateways_own_clock():
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    tasks = [VideoTask(**IDS, status="pending", created_at=at) for at in (*moments, None)]
    assert newest(tasks) == moments[2]
    assert [task.created_at for task in newer(tasks, moments[1])] == [moments[2]]
    assert newer(tasks, newest([])) == tasks[:3]


def test_a_status_we_do_not_know_has_not_ended():
    assert VideoTask.model_validate({**IDS, "status": "thinking"}).status is TaskStatus.PROCESSING


def test_ids_stay_exact_even_when_a_gateway_sends_numbers():
    task = VideoTask.model_validate({"conversation_id": 2**63, "message_id": 1, "status": "failed"})
    assert task.conversation_id == "9223372036854775808"


def test_an_attachment_goes_back_as_it_came():
    wire = {"key": "k", "name": None, "unknown": {"deep": [1, None]}, "md5": None, "size": 3}
    assert Attachment.model_validate(wire).to_wire() == wire
    assert "type" not in Attachment.model_validate(wire).to_wire()


def test_a_plain_request_has_only_what_older_gateways_know():
    assert GenerateRequest(prompt="p").to_wire() == {"prompt": "p", "guest": False}


def test_images_of_a_request():
    wire = {"key": "k", "more": 1}
    request = GenerateRequest(
        prompt="p",
        image_attachment=Attachment.model_validate(wire),
        images=[
            ImageRef(attachment=Attachment.model_validate(wire)),
            ImageRef(url="http://x/y.png", role="last"),
        ],
    )
    assert request.to_wire()["image_attachment"] == wire
    assert request.to_wire()["images"] == [
        {"attachment": wire, "role": "first"},
        {"url": "http://x/y.png", "role": "last"},
    ]


def test_a_task_id_is_two_decimal_strings():
    task_id = TaskId("12", "34")
    assert TaskId.parse(f" {task_id} ") == task_id
    for words in ("12", "12-", "-34", "12-3x", "", "１２-３４"):
        with pytest.raises(ValueError, match="not a task id"):
            TaskId.parse(words)


def test_queue_and_work_time_are_apart():
    def at(second: int) -> datetime:
        return datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)

    task = VideoTask(
        **IDS, status="completed", created_at=at(0), started_at=at(4), finished_at=at(10)
    )
    assert (task.queue_s, task.work_s) == (4.0, 6.0)


def test_finished_states_are_final():
    assert {s for s in TaskStatus if not TRANSITIONS[s]} == {s for s in TaskStatus if s.finished}


def test_values_do_not_change():
    task = VideoTask(**IDS, status="pending")
    with pytest.raises(ValidationError):
        task.status = TaskStatus.FAILED  # type: ignore[misc]  # that is the point
