"""What providers' answers mean, as values: no socket, no provider."""

from __future__ import annotations

import json
from typing import Any

import pytest

from videogen_nb.engines.error_codes import Told, explain, judge, judge_question, read_told
from videogen_nb.engines.remote import is_id
from videogen_nb.engines.transport import Answer
from videogen_nb.errors import (
    UpstreamAway,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
    UpstreamUnsure,
)


def answer(status: int, body: Any, **headers: str) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, headers, data, "http://provider/videos")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param({"error": {"code": "c", "message": "m"}}, Told("c", "m"), id="both"),
        pytest.param({"error": {"message": "only words"}}, Told("", "only words"), id="message"),
        pytest.param({"error": {"code": "OnlyACode"}}, Told("OnlyACode", ""), id="code"),
        pytest.param({"error": {"type": "kind"}}, Told("kind", ""), id="type"),
        pytest.param({"detail": "words"}, Told("", "words"), id="detail"),
        pytest.param({"code": "c", "message": "m"}, Told("c", "m"), id="flat"),
        pytest.param({"error": {"code": "", "message": " \n"}}, None, id="blank"),
        pytest.param({"error": ""}, None, id="empty"),
        pytest.param({"error": {}}, None, id="nothing"),
        pytest.param([], None, id="a-list"),
        pytest.param("words", None, id="a-string"),
    ],
)
def test_a_reason_is_read_from_whatever_part_of_it_is_there(body: Any, told: Told | None):
    assert read_told(body) == told
    assert told is None or told.words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"error": {"message": "too long"}}, "too long", id="message"),
        pytest.param({"error": {"code": "PromptTooLong"}}, "PromptTooLong", id="code"),
        pytest.param(b"<title>Bad Request</title>", "Bad Request", id="a-page"),
        pytest.param(b"no JSON", "no JSON", id="words"),
        pytest.param(b"", "HTTP 400", id="nothing"),
    ],
)
def test_a_refusal_keeps_its_reason_whatever_its_form(body: Any, words: str):
    error = judge("it", answer(400, body))
    assert isinstance(error, UpstreamRefused)
    assert words in str(error)


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        pytest.param(408, {"error": "x"}, UpstreamUnsure, "outcome_unknown", id="408"),
        pytest.param(409, {"error": "x"}, UpstreamUnsure, "outcome_unknown", id="409"),
        pytest.param(425, {"error": "x"}, UpstreamUnsure, "outcome_unknown", id="425"),
        pytest.param(500, {"error": "x"}, UpstreamUnsure, "outcome_unknown", id="500"),
        pytest.param(429, {"error": "x"}, UpstreamBusy, "upstream_busy", id="429"),
        pytest.param(429, b"page", UpstreamUnsure, "outcome_unknown", id="429-of-a-proxy"),
        pytest.param(
            429, {"error": {"code": "QuotaExceeded"}}, UpstreamRefused, "quota", id="429-quota"
        ),
        pytest.param(301, b"", UpstreamRefused, "upstream_moved", id="301"),
        pytest.param(404, b"", UpstreamRefused, "upstream_address", id="404"),
        pytest.param(401, b"", UpstreamRefused, "key_refused", id="401"),
    ],
)
def test_what_a_create_s_answer_means(status: int, body: Any, kind: type[UpstreamError], code: str):
    error = judge("it", answer(status, body, location="http://elsewhere/?secret"))
    assert (type(error), error.code) == (kind, code)
    assert "secret" not in str(error)


def test_an_empty_reason_says_so():
    assert "(no reason given)" in str(judge("it", answer(500, b"")))
    assert "（未说明原因）" in judge("it", answer(500, b"")).text.render("zh")


def test_a_question_that_was_refused_may_be_asked_again():
    error = judge_question("it", answer(401, b"", **{"retry-after": "7"}))
    assert (type(error), error.code, error.retry_after_s) == (UpstreamAway, "key_refused", 7)


def test_a_code_alone_is_enough_to_explain():
    code, text = explain("it", None, Told("InputSensitiveContent", ""))
    assert code == "moderation"
    assert "InputSensitiveContent" in str(text)


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("cgt-2026-1", True),
        ("video_a/b?c", True),
        ("", False),
        (".", False),
        ("..", False),
        ("a b", False),
        ("a\n", False),
        ("\ud800", False),
        ("一", False),
        ("x" * 201, False),
        (7, False),
        (None, False),
    ],
)
def test_which_names_of_a_task_can_be_asked_for_again(value: Any, good: bool):
    assert is_id(value) is good
