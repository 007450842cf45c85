"""The protocol as values: what is sent, and what is made of whatever comes back."""

import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videogen_nb.errors import (
    AnswerUnreadable,
    GatewayFault,
    NotAllowed,
    RateLimited,
    RequestRefused,
    TaskNotFound,
    VideogenError,
)
from videogen_nb.protocol import (
    PATHS,
    failure,
    may_have_acted,
    parse_json,
    plain_words,
    read_attachment,
    read_created,
    read_engines,
    read_error,
    read_links,
    read_page,
    read_task,
    tells_all,
)
from videogen_nb.protocol import requests as wire
from videogen_nb.protocol.filters import Filters
from videogen_nb.protocol.models import GenerateRequest, TaskId, TaskStatus, VideoTask

URL = "http://localhost:8000"
OLDER_TASK = {
    "conversation_id": "12345678901234567",
    "message_id": "98765432109876543",
    "status": "processing",
    "video_urls": [],
    "retry_count": 1,
    "max_retries": 10,
    "created_at": "2025-11-17T23:00:00.592617",
    "updated_at": "2025-11-17T23:03:00",
    "error": "第1次尝试: 未获取到视频",
}
ATTACHMENT = {
    "key": "tos-cn-i-xxx/xxx.jpeg",
    "name": "image.jpg",
    "type": "vlm_image",
    "file_review_state": 3,
    "file_parse_state": 3,
    "identifier": "uuid",
    "option": {"height": 600, "width": 800},
    "md5": None,
    "something_new": {"deep": [1, None, "x"]},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
FIELDS = st.sampled_from(
    sorted(
        {*VideoTask.model_fields, "task", "tasks", "total", "success", "key", "default", "engines"}
    )
)
ANSWERS = st.dictionaries(FIELDS, JSON, max_size=8) | JSON
TASKS = st.dictionaries(st.sampled_from(sorted(VideoTask.model_fields)), JSON, max_size=6).map(
    lambda fields: {**OLDER_TASK, **fields}
)


# What is sent


def test_upload():
    request = wire.upload(b"data", "图.jpg")
    assert (request.method, request.path) == ("POST", "/api/file/upload")
    assert request.params == {"file_type": "2", "file_name": "图.jpg"}
    assert request.content == b"data"
    assert request.headers["Content-Type"] == "application/octet-stream"


def test_generate_sends_only_what_was_given():
    request = wire.generate(GenerateRequest(prompt="海边日落"), "key-1")
    assert request.json == {"prompt": "海边日落", "guest": False}
    assert request.headers == {"Idempotency-Key": "key-1"}


def test_an_attachment_goes_back_as_it_came():
    attachment = read_attachment(ATTACHMENT)
    request = wire.generate(GenerateRequest(prompt="x", image_attachment=attachment), "k")
    assert request.json is not None
    assert request.json["image_attachment"] == ATTACHMENT


@pytest.mark.parametrize(
    ("make", "method", "path"),
    [
        (wire.status, "GET", PATHS.status),
        (wire.cancel, "POST", PATHS.cancel),
        (wire.delete, "DELETE", PATHS.task),
        (wire.retry, "POST", PATHS.retry),
    ],
)
def test_requests_about_one_task_name_it(make, method, path):
    request = make(TaskId("1", "2"))
    assert (request.method, request.path) == (method, path)
    assert request.params == {"conversation_id": "1", "message_id": "2"}


FAILED = Filters(statuses=(TaskStatus.FAILED,))


def test_a_list_is_asked_for_with_what_was_given():
    wanted = Filters(conversation_id="7", statuses=(TaskStatus.FAILED,), starred=True, since=0.0)
    request = wire.list_tasks(wanted, 10, 20, TaskId("1", "2"))
    assert request.params == {
        "conversation_id": "7",
        "status": "failed",
        "starred": "true",
        "since": "1970-01-01T00:00:00+00:00",
        "limit": "10",
        "offset": "20",
        "after": "2",
    }
    assert wire.list_tasks().params == {}


# What comes back from older gateways


def test_an_older_task():
    task = read_task({"success": True, "task": OLDER_TASK})
    assert task.status is TaskStatus.PROCESSING, "an error while processing is no failure"
    assert task.error == "第1次尝试: 未获取到视频"
    assert task.max_retries == 10
    assert task.created_at == datetime(2025, 11, 17, 23, 0, 0, 592617).astimezone()
    assert task.progress is None
    assert not tells_all(task)


def test_a_task_of_ours():
    task = read_task({"task": {**OLDER_TASK, "poll_after_ms": None, "progress": 0.5}})
    assert tells_all(task)
    assert task.progress == 0.5


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("video_urls", None, id="null-list"),
        pytest.param("created_at", "yesterday", id="odd-time"),
        pytest.param("created_at", "0001-01-01T00:00:00", id="first-day-of-the-calendar"),
        pytest.param("updated_at", {}, id="time-that-is-an-object"),
        pytest.param("progress", "half", id="odd-number"),
        pytest.param("retry_count", None, id="null-number"),
        pytest.param("status", ["completed"], id="status-that-is-a-list"),
        pytest.param("status", "queued_somewhere", id="unknown-status"),
    ],
)
def test_what_does_not_fit_does_not_hide_the_task(field, value):
    task = read_task({**OLDER_TASK, field: value})
    assert task.id == TaskId("12345678901234567", "98765432109876543")
    assert not task.status.finished


def test_the_days_outside_the_calendar_are_no_times():
    assert read_task({**OLDER_TASK, "created_at": "9999-12-31T23:59:59-12:00"}).created_at is None


def test_what_is_no_link_does_not_hide_the_links():
    task = read_task({**OLDER_TASK, "video_urls": [None, "http://a/1.mp4", {}]})
    assert task.video_urls == ["http://a/1.mp4"]


def test_ids_that_come_as_numbers():
    task = read_task({**OLDER_TASK, "conversation_id": 12345678901234567})
    assert task.conversation_id == "12345678901234567"


@pytest.mark.parametrize(
    "odd", ["", "abc", "12-34", "-5", "１２", " 1", "1" * 65, -5, True, 1.5, None]
)
def test_what_is_no_decimal_number_names_no_task(odd):
    """It could not be asked for again: a create that was answered so has an unknown outcome."""
    ids = {"conversation_id": "1", "message_id": "2"}
    for name in ids:
        with pytest.raises(AnswerUnreadable):
            read_created({**ids, name: odd, "success": True})
        with pytest.raises(AnswerUnreadable):
            read_task({**OLDER_TASK, name: odd})


def test_an_odd_id_is_shown_up_to_80_characters():
    with pytest.raises(AnswerUnreadable, match=r"'x{80}'"):
        read_task({**OLDER_TASK, "message_id": "x" * 100})


def test_numbers_that_json_does_not_have_are_left_out():
    body = b'{"a": NaN, "b": Infinity, "c": 1e999, "d": [1.5, -Infinity]}'
    assert parse_json(body) == {"a": None, "b": None, "c": None, "d": [1.5, None]}
    for odd in (float("nan"), float("inf"), -0.1, 50):
        assert read_task({**OLDER_TASK, "progress": odd}).progress is None


@pytest.mark.parametrize(
    ("answer", "links"),
    [
        pytest.param(
            {"success": True, "video_urls": ["http://a/1.mp4"]}, ["http://a/1.mp4"], id="list"
        ),
        pytest.param({"data": {"video_url": "https://a/1"}}, ["https://a/1"], id="one"),
        pytest.param(
            {"videos": [{"url": "https://a/1", "cover_url": "https://a/1.jpg"}]},
            ["https://a/1"],
            id="objects",
        ),
        pytest.param(
            {"message": "http://a/docs", "urls": ["ftp://a/1", "http://["]}, [], id="none"
        ),
        pytest.param([], [], id="no-object"),
        pytest.param([[[[[{"url": "http://a/1"}]]]]], ["http://a/1"], id="deep"),
        pytest.param([[[[[[{"url": "http://a/1"}]]]]]], [], id="too-deep"),
    ],
)
def test_fresh_links_are_found_wherever_they_stand(answer, links):
    assert read_links(answer) == links


def test_of_several_fresh_links_the_one_to_the_same_file_is_taken():
    answer = {"video_urls": ["http://a/1.mp4?x=2", "http://a/2.mp4?x=2"]}
    assert read_links(answer, "http://b/2.mp4?x=1") == ["http://a/2.mp4?x=2"]
    for another in ("http://b/3.mp4?x=1", "http://[", None):
        assert len(read_links(answer, another)) == 2


def test_a_create_answer_of_an_older_gateway():
    answer = read_created(
        {
            "success": True,
            "message": "视频生成任务已创建，正在处理中...",
            "conversation_id": "12345678901234567",
            "message_id": "98765432109876543",
            "section_id": "xxx",
            "task_status": "pending",
            "estimated_time": "预计3-15分钟完成",
        }
    )
    assert answer.estimated_time == "预计3-15分钟完成"
    assert answer.task is None


def test_a_retry_answer_with_nothing_but_the_task():
    assert read_created({"success": True, "task": OLDER_TASK}).message_id == "98765432109876543"


def test_success_false_is_no_task():
    with pytest.raises(AnswerUnreadable, match="积分不足"):
        read_created({"success": False, "message": "积分不足"})


def test_an_attachment_without_its_optional_parts():
    attachment = read_attachment({"key": "k"})
    assert attachment.to_wire() == {"key": "k"}


def test_an_older_list_is_filtered_and_sorted_here():
    stored = [
        {**OLDER_TASK, "message_id": str(n), "created_at": f"2025-11-1{n}T00:00:00", "status": s}
        for n, s in enumerate(["failed", "completed", "failed", "failed"])
    ]
    answer = {"success": True, "total": 4, "tasks": [*stored, "Invalid task", {"status": "x"}]}
    page = read_page(answer, wanted=FAILED, limit=2, offset=0)
    assert [task.message_id for task in page.tasks] == ["3", "2"]
    assert page.total == 3
    rest = read_page(answer, wanted=FAILED, limit=2, offset=2)
    assert [task.message_id for task in rest.tasks] == ["0"]


def test_a_page_of_ours_is_taken_as_it_is():
    ours = {**OLDER_TASK, "poll_after_ms": 200}
    page = read_page({"total": 70, "tasks": [ours]}, wanted=FAILED, limit=1, offset=5)
    assert page.total == 70
    assert len(page.tasks) == 1


@given(ANSWERS)
@pytest.mark.parametrize(
    "read", [read_task, read_created, read_attachment, read_engines, read_page]
)
def test_readers_raise_nothing_but_our_own_errors(read, answer):
    with suppress(VideogenError):
        assert read(answer) is not None


@given(TASKS)
def test_a_task_with_ids_and_anything_else_is_readable(task):
    try:
        read = read_task(task)
    except AnswerUnreadable:
        ids = [str(task[name]) for name in ("conversation_id", "message_id")]
        assert not all(re.fullmatch("[0-9]{1,64}", name) for name in ids)
    else:
        assert read.status in TaskStatus


# Answers that say no


def error_of(status: int, body, path: str = PATHS.generate, headers=None):
    data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return read_error(status, headers or {}, data, URL + path)


def test_the_true_cause_inside_a_500():
    detail = "创建视频生成任务失败: 400: 处理图片链接失败: 下载图片失败: HTTP 404"
    error = error_of(500, {"detail": detail})
    assert type(error) is RequestRefused
    assert error.status == 400
    assert error.detail == detail
    assert str(error).startswith("The gateway could not download the image: the link returned HTTP")
    assert "404" in str(error)
    assert "HTTP 404" in error.text.render("zh")
    assert "detail" not in str(error)


@pytest.mark.parametrize(
    ("detail", "kind", "words"),
    [
        pytest.param(
            "创建视频生成任务失败: 400: 处理图片链接失败: 下载图片失败: timed out",
            RequestRefused,
            "could not download the image: timed out",
            id="image-timeout",
        ),
        pytest.param(
            "创建视频生成任务失败: 429: 请求过于频繁", RateLimited, "请求过于频繁", id="inner-429"
        ),
        pytest.param(
            "创建视频生成任务失败: 401: cookie 已过期",
            RequestRefused,
            "cookie 已过期",
            id="inner-401-is-not-our-token",
        ),
        pytest.param(
            "创建视频生成任务失败: 503: upstream", GatewayFault, "upstream", id="inner-503"
        ),
        pytest.param("内部错误", GatewayFault, "HTTP 500): 内部错误", id="no-inner-status"),
        pytest.param("took 1.500: seconds", GatewayFault, "1.500: seconds", id="only-a-number"),
    ],
)
def test_other_causes(detail, kind, words):
    error = error_of(500, {"detail": detail})
    assert type(error) is kind
    assert words in str(error)


EXPIRED = "创建视频生成任务失败: 处理图片链接失败: "


@pytest.mark.parametrize("behind", ["", "上传失败: 401 未登录", "获取上传凭证失败: HTTP 403"])
def test_an_expired_session_is_no_bad_link(behind):
    error = error_of(500, {"detail": EXPIRED + behind})
    assert type(error) is GatewayFault
    assert "did not accept it" in str(error)
    assert (behind or "no reason given") in str(error)
    assert "Check the link" not in str(error)


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("", "failed (HTTP 500): no reason given"),
        (None, "failed (HTTP 500): no reason given"),
        ([], "failed (HTTP 500): no reason given"),
        ("创建视频生成任务失败: ", "创建视频生成任务失败: no reason given"),
        ("创建视频生成任务失败: 400: ", "refused the request: no reason given"),
        ("创建视频生成任务失败: 400: 处理图片链接失败: 下载图片失败: ", "image: no reason given"),
    ],
)
def test_an_empty_reason_says_so(detail, words):
    error = error_of(500, {"detail": detail})
    assert words in str(error)
    assert "{" not in str(error)
    assert "未说明原因" in error.text.render("zh")


def test_our_own_sentences_are_not_read_as_an_older_gateways():
    sentence = "The provider answered HTTP 400: 下载图片失败: HTTP 404"
    error = error_of(500, {"detail": sentence, "code": "internal_error"})
    assert (type(error), str(error), error.status) == (GatewayFault, sentence, 500)
    for words in (sentence, "The gateway looked 5 times (未获取到视频)"):
        ours = {**OLDER_TASK, "status": "failed", "error": words, "poll_after_ms": None}
        assert str(failure(read_task(ours))) == f"The video could not be generated: {words}"


@pytest.mark.parametrize(
    ("status", "body", "acted"),
    [
        pytest.param(408, {"detail": "timeout"}, True, id="408"),
        pytest.param(409, {"detail": "conflict"}, True, id="409"),
        pytest.param(425, {"detail": "early"}, True, id="425"),
        pytest.param(500, {"detail": "创建视频生成任务失败: 409: 冲突"}, True, id="inner-409"),
        pytest.param(500, {"detail": "创建视频生成任务失败: 解析SSE失败: "}, True, id="sse"),
        pytest.param(500, {"detail": "429: 解析SSE失败: 频繁"}, True, id="sse-inner-429"),
        pytest.param(
            500,
            {"detail": "创建视频生成任务失败: cannot unpack non-iterable NoneType object"},
            True,
            id="unpack",
        ),
        pytest.param(500, {"detail": "创建视频生成任务失败: "}, True, id="ends-in-silence"),
        pytest.param(500, {"detail": ""}, True, id="says-nothing"),
        pytest.param(500, b"Internal Server Error", True, id="page"),
        pytest.param(503, {"detail": "busy"}, True, id="proxy"),
        pytest.param(500, {"detail": EXPIRED}, False, id="image-not-passed-on"),
        pytest.param(500, {"detail": "创建视频生成任务失败: 400: 内容违规"}, False, id="refused"),
        pytest.param(500, {"detail": "内部错误"}, False, id="worded"),
        pytest.param(429, {"detail": "请求过于频繁"}, False, id="429"),
        pytest.param(404, {"detail": "Not Found"}, False, id="no-route"),
        pytest.param(409, {"detail": "Over.", "code": "budget_reached"}, False, id="ours-409"),
        pytest.param(503, {"detail": "Disk.", "code": "store_unavailable"}, False, id="ours-503"),
        pytest.param(500, {"detail": "Fault.", "code": "internal_error"}, True, id="ours-500"),
    ],
)
def test_which_refusals_of_a_create_are_none(status, body, acted):
    assert may_have_acted(error_of(status, body)) is acted


def test_an_error_of_ours_is_said_as_it_came_with_its_code():
    error = error_of(415, {"detail": "Only JPG, PNG and WEBP.", "code": "bad_image"})
    assert type(error) is RequestRefused
    assert (str(error), error.code, error.status) == ("Only JPG, PNG and WEBP.", "bad_image", 415)


@pytest.mark.parametrize(
    ("status", "path", "body", "kind"),
    [
        pytest.param(404, PATHS.status, {"detail": "任务不存在"}, TaskNotFound, id="task"),
        pytest.param(404, PATHS.status, {"detail": "gone", "code": "x"}, TaskNotFound, id="ours"),
        pytest.param(410, PATHS.status, {"detail": "gone", "code": "x"}, RequestRefused, id="410"),
        pytest.param(404, PATHS.engines, {"detail": "Not Found"}, RequestRefused, id="no-route"),
        pytest.param(404, PATHS.cancel, {"detail": "Not Found"}, RequestRefused, id="no-cancel"),
        pytest.param(401, PATHS.list, {"detail": "token"}, NotAllowed, id="token"),
        pytest.param(401, PATHS.status, {"detail": "token"}, NotAllowed, id="token-for-a-task"),
        pytest.param(429, PATHS.generate, {"detail": "slow"}, RateLimited, id="busy"),
        pytest.param(302, PATHS.list, b"", AnswerUnreadable, id="redirect"),
    ],
)
def test_the_kind_of_an_error(status, path, body, kind):
    assert type(error_of(status, body, path)) is kind


def test_what_an_older_gateway_does_not_offer_is_said():
    assert "does not support this (/api/video-gen/cancel)" in str(
        error_of(404, {"detail": "Not Found"}, PATHS.cancel)
    )


@pytest.mark.parametrize(
    ("status", "path", "body"),
    [
        pytest.param(404, PATHS.list, {"detail": "Not Found"}, id="another-service"),
        pytest.param(404, PATHS.status, b"<title>Error response</title>", id="page"),
        pytest.param(405, PATHS.upload, {"detail": "Method Not Allowed"}, id="another-method"),
        pytest.param(501, PATHS.generate, b"Unsupported method ('POST')", id="files"),
    ],
)
def test_another_program_is_known_by_what_it_lacks(status, path, body):
    error = error_of(status, body, path)
    assert type(error) is RequestRefused  # so a create was surely not acted upon
    assert f"is not a video-gen gateway: it has no {path}" in str(error)


def test_a_malformed_request_names_the_field():
    problems = [{"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"}]
    assert "prompt: Field required" in str(error_of(422, {"detail": problems}))


@pytest.mark.parametrize("name", ["Retry-After", "retry-after"])
def test_retry_after_is_carried(name):
    error = error_of(429, {"detail": "slow"}, headers={name: "12"})
    assert error.retry_after_s == 12


def test_retry_after_as_a_date():
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    headers = {"retry-after": (now + timedelta(seconds=40)).strftime("%a, %d %b %Y %H:%M:%S GMT")}
    assert read_error(503, headers, b"{}", URL, now=now).retry_after_s == 40


def test_a_proxys_page_becomes_a_short_clean_sentence():
    page = b"<html><head><title>502 Bad\nGateway</title></head><body><script>x()</script>nginx"
    error = error_of(502, page)
    assert type(error) is GatewayFault
    assert str(error) == "The gateway failed (HTTP 502): 502 Bad Gateway"
    assert error.detail is None, "the gateway itself said nothing"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"<p>a &amp; b</p><script>steal()</script><p>c</p>", "a & b c", id="tags"),
        pytest.param(b"<script>never closed", "", id="open-script"),
        pytest.param(b"\x00\x1b[31mred\xff", "[31mred\ufffd", id="control-characters"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_plain_words(body, words):
    assert plain_words(body) == words


@given(
    st.integers(300, 599),
    st.binary(max_size=200) | JSON.map(lambda value: json.dumps({"detail": value}).encode()),
    st.sampled_from(PATHS),
)
def test_any_refusal_becomes_a_short_sentence(status, body, path):
    error = read_error(status, {}, body, URL + path)
    assert 0 < len(str(error)) < 600
    assert str(error).isprintable()


@given(st.binary(max_size=400))
def test_plain_words_of_anything_are_one_short_line(body):
    words = plain_words(body)
    assert len(words) <= 300
    assert words.isprintable()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param("未获取到视频", "checked 5 times and found none", id="no-video"),
        pytest.param(None, "no reason given", id="silent"),
        pytest.param("内容违规", "could not be generated: 内容违规", id="own-words"),
        pytest.param("生成失败: 400: 余额不足", "could not be generated: 余额不足", id="inner"),
    ],
)
def test_why_a_task_failed(error, words):
    task = read_task({**OLDER_TASK, "status": "failed", "error": error, "retry_count": 5})
    assert words in str(failure(task))
