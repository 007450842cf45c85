"""What providers' answers mean, as values: no socket, no provider."""

from __future__ import annotations

import json
from typing import Any

import pytest

from videogen_nb.engines.ark import ArkEngine
from videogen_nb.engines.error_codes import Codes, ErrorCodes, Told, read_told
from videogen_nb.engines.http_client import Answer
from videogen_nb.engines.openai import OpenAIVideosEngine
from videogen_nb.engines.remote import is_id
from videogen_nb.errors import (
    UpstreamAway,
    UpstreamBusy,
    UpstreamError,
    UpstreamGone,
    UpstreamRefused,
    UpstreamUnsure,
)

IT = ErrorCodes("it")


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
        pytest.param(
            {"detail": [{"type": "missing", "msg": "Field required", "loc": ["body", "prompt"]}]},
            Told("missing", "Field required"),
            id="fields",
        ),
        pytest.param(
            {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "m"}},
            Told("RESOURCE_EXHAUSTED", "m"),
            id="a-code-beside-the-status",
        ),
        pytest.param(
            {"error": {"code": "400", "type": None, "message": "m"}},
            Told("400", "m"),
            id="the-status-alone",
        ),
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
    error = IT.of_create(answer(400, body))
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
        pytest.param(307, b"", UpstreamRefused, "upstream_moved", id="307"),
        pytest.param(308, b"", UpstreamRefused, "upstream_moved", id="308"),
        pytest.param(404, b"", UpstreamRefused, "upstream_address", id="404"),
        pytest.param(401, b"", UpstreamRefused, "key_refused", id="401"),
        pytest.param(402, {"error": "x"}, UpstreamRefused, "quota", id="402"),
        pytest.param(
            429, {"message": "Account balance not enough"}, UpstreamRefused, "quota", id="429-money"
        ),
        pytest.param(
            429,
            {"code": "Throttling.RateQuota", "message": "Requests rate limit exceeded"},
            UpstreamBusy,
            "upstream_busy",
            id="throttled",
        ),
        pytest.param(
            400,
            {"code": "DataInspectionFailed", "message": "Input data may contain …"},
            UpstreamRefused,
            "moderation",
            id="inspected",
        ),
        pytest.param(
            400,
            {"code": "Arrearage", "message": "Access denied, please make sure …"},
            UpstreamRefused,
            "quota",
            id="arrears",
        ),
        pytest.param(
            200,
            {"error": {"message": "Insufficient balance"}},
            UpstreamRefused,
            "quota",
            id="a-refusal-with-200",
        ),
        pytest.param(
            200, {"error": {"message": "oops"}}, UpstreamUnsure, "outcome_unknown", id="200-vague"
        ),
        pytest.param(200, {"ok": True}, UpstreamUnsure, "outcome_unknown", id="200-no-reason"),
    ],
)
def test_what_a_create_s_answer_means(status: int, body: Any, kind: type[UpstreamError], code: str):
    error = IT.of_create(answer(status, body, location="http://elsewhere/?secret"))
    assert (type(error), error.code) == (kind, code)
    assert "secret" not in str(error)


def test_a_long_address_elsewhere_is_cut():
    error = IT.of_create(answer(308, b"", location="x" * 300))
    assert "x" * 200 in str(error)
    assert "x" * 201 not in str(error)


#: What a provider that sends its codes in its own way may say of them.
LISTS: Codes = {
    "moderation": ("1301", "DataInspection*"),
    "quota": ("1101", "1102", "Arrearage"),
    "busy": ("1302", "Throttling*"),
    "bad_parameter": ("12*",),
    "key_refused": ("10*",),
    "fault": ("5000",),
    "gone": ("1404",),
}


@pytest.mark.parametrize("status", [200, 400, 404, 429, 500, 503])
@pytest.mark.parametrize(
    ("code", "kind", "ours"),
    [
        ("1102", UpstreamRefused, "quota"),
        ("1301", UpstreamRefused, "moderation"),
        ("1302", UpstreamBusy, "upstream_busy"),
        ("1201", UpstreamRefused, "bad_parameter"),
        ("1004", UpstreamRefused, "key_refused"),
        ("Throttling.RateQuota", UpstreamBusy, "upstream_busy"),
        ("5000", UpstreamUnsure, "outcome_unknown"),
    ],
)
def test_a_provider_s_own_codes_count_before_status_and_words(
    status: int, code: str, kind: type[UpstreamError], ours: str
):
    """Each with every status: 1102 with 429 is no money, never "later"."""
    told = {"code": code, "message": "safety quota api key rate limit"}
    error = ErrorCodes("it", LISTS).of_create(answer(status, told))
    assert (type(error), error.code) == (kind, ours)


def test_a_longer_entry_counts_before_a_shorter_one():
    codes: Codes = {"busy": ("Limit*",), "quota": ("LimitOfMoney*",), "fault": ("LimitOfMoneyX",)}
    errors = ErrorCodes("it", codes)
    assert errors.explain(None, Told("LimitOfMoneyY", ""))[0] == "quota"
    assert type(errors.of_create(answer(429, {"code": "LimitX", "message": "m"}))) is UpstreamBusy
    told = {"code": "LimitOfMoneyX", "message": "m"}
    assert type(errors.of_create(answer(400, told))) is UpstreamUnsure


def test_a_task_that_is_not_there_is_told_by_its_code():
    errors = ErrorCodes("it", LISTS)
    assert type(errors.of_question(answer(200, {"code": "1404", "message": "m"}))) is UpstreamGone


@pytest.mark.parametrize(
    ("engine", "status", "code", "kind", "ours"),
    [
        (ArkEngine, 429, "RateLimitExceeded.EndpointRPMExceeded", UpstreamBusy, "upstream_busy"),
        (ArkEngine, 429, "QuotaExceeded", UpstreamRefused, "quota"),
        (ArkEngine, 404, "InvalidEndpointOrModel.NotFound", UpstreamRefused, "model_unknown"),
        (OpenAIVideosEngine, 429, "insufficient_quota", UpstreamRefused, "quota"),
        (OpenAIVideosEngine, 429, "rate_limit_exceeded", UpstreamBusy, "upstream_busy"),
        (OpenAIVideosEngine, 400, "moderation_blocked", UpstreamRefused, "moderation"),
    ],
)
def test_the_codes_that_our_engines_know(
    engine: type[ArkEngine | OpenAIVideosEngine],
    status: int,
    code: str,
    kind: type[UpstreamError],
    ours: str,
):
    told = {"error": {"code": code, "message": "See the documentation."}}
    error = engine().errors.of_create(answer(status, told))
    assert (type(error), error.code) == (kind, ours)


def test_an_empty_reason_says_so():
    assert "(no reason given)" in str(IT.of_create(answer(500, b"")))
    assert "（未说明原因）" in IT.of_create(answer(500, b"")).text.render("zh")


def test_a_question_that_was_refused_may_be_asked_again():
    error = IT.of_question(answer(401, b"", **{"retry-after": "7"}))
    assert (type(error), error.code, error.retry_after_s) == (UpstreamAway, "key_refused", 7)


def test_a_code_alone_is_enough_to_explain():
    code, text = IT.explain(None, Told("InputSensitiveContent", ""))
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
        ("x" * 1000, True),
        ("x" * 1001, False),
        (7, False),
        (None, False),
    ],
)
def test_which_names_of_a_task_can_be_asked_for_again(value: Any, good: bool):
    assert is_id(value) is good


#: What the RFC calls a refusal of the request as it is: nothing was made.
REFUSED = (400, 401, 402, 403, 404, 405, 406, 411, 413, 414, 415, 422, 431, 451)
MAYBE_MADE = (408, 409, 410, 412, 416, 421, 423, 424, 425, 426, 428, 450, 452, 500, 502, 504)


@pytest.mark.parametrize("status", REFUSED)
def test_a_create_refused_by_its_status_was_surely_not_made(status: int):
    assert isinstance(IT.of_create(answer(status, b"")), UpstreamRefused)


@pytest.mark.parametrize("status", MAYBE_MADE)
def test_any_other_failure_of_a_create_may_have_made_something(status: int):
    assert isinstance(IT.of_create(answer(status, b"")), UpstreamUnsure)
