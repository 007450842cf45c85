"""Errors as HTTP responses: the mapping of codes to statuses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from ...errors import UpstreamError, VideogenError
from ...i18n import Text
from ..refusals import Refusal
from ..service.batch_rows import Row, RowsRefused

#: Where the second protocol lives (see :mod:`.openai`).
OPENAI: Final = "/v1"
_UNFIT: Final = 422  # of every code that is not named here: the request does not fit
_CODES: Final[Mapping[int, tuple[str, ...]]] = {
    400: (
        "body_cut_short",
        "video_not_ready",
    ),
    401: ("token_required",),
    403: (
        "host_not_allowed",
        "no_access",
        "origin_not_allowed",
        "other_user",
        "not_for_students",
        "owner_only",
        "teacher_required",
        "token_needed",
    ),
    404: (
        "batch_not_found",
        "model_not_found",
        "not_found",
        "task_deleted",
        "task_not_found",
        "no_videos",
        "video_not_found",
    ),
    405: ("method_not_allowed",),
    408: ("body_too_slow",),
    409: (
        "batch_budget_reached",
        "budget_reached",
        "budget_reached_of_all",
        "budget_reached_of_person",
        "budget_reached_shared",
        "busy",
        "cancel_refused",
        "collect_engine",
        "collect_not_found",
        "collect_nothing",
        "collect_taken",
        "collect_unsure",
        "cost_not_agreed",
        "in_flight",
        "task_completed",
        "task_finished",
        "task_unfinished",
    ),
    410: ("video_changed",),
    413: (
        "body_too_large",
        "image_too_large",
        "uploads_full",
    ),
    415: (
        "body_encoded",
        "documents_not_taken",
        "form_not_taken",
        "image_format",
        "json_expected",
    ),
    429: (
        "queue_full",
        "too_many_tasks",
        "too_much_at_once",
        "videos_per_day",
        "videos_per_day_of_all",
    ),
    500: ("internal_error",),
    501: ("mcp_missing",),
    503: (
        "check_failed",
        "frame_failed",
        "hub_unreachable",
        "installation_gone",
        "store_unavailable",
    ),
    507: ("disk_full",),
}
_UPSTREAM: Final[tuple[type[UpstreamError], ...]] = (
    UpstreamError,
    *UpstreamError.__subclasses__(),
)
STATUS: Final = {kind.code: 503 for kind in _UPSTREAM} | {
    code: status for status, codes in _CODES.items() for code in codes
}
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="videogen-nb"'}
_KINDS: Final = {401: "authentication_error", 429: "rate_limit_error"}
#: The field that a code is about, where there is only one.
_PARAMETERS: Final = {
    **dict.fromkeys(("prompt_empty", "prompt_too_long", "prompt_characters"), "prompt"),
    **dict.fromkeys(("unknown_engine", "engine_not_ready"), "model"),
    **dict.fromkeys(("seconds_invalid", "duration_range"), "seconds"),
    "size_invalid": "size",
    "reference_invalid": "input_reference",
    "unknown_attachment": "input_reference",
}


def respond(error: VideogenError, language: str, path: str = "") -> Response:
    """Respond with an error, in ``language`` and in the format of ``path``."""
    headers: dict[str, str] = {}
    if isinstance(error, Refusal) and error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    status = STATUS.get(error.code, _UNFIT)
    if status == 401:
        headers |= _CHALLENGE
    more = {"rows": problems(error.rows, language)} if isinstance(error, RowsRefused) else {}
    return answer(status, error.code, error.text, language, path, headers, more)


def problems(rows: Sequence[Row], language: str) -> list[dict[str, Any]]:
    """Return the invalid rows of a table."""
    return [
        {
            "row": row.number,
            "key": row.key,
            "state": "refused",
            "code": row.problem.code,
            "detail": row.problem.text.render(language),
        }
        for row in rows
        if row.problem is not None
    ]


def answer(
    status: int,
    code: str,
    text: Text,
    language: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Respond in the format of ``path``.

    ``{"detail": …, "code": …}``, or ``{"error": {…}}`` below ``/v1``, where all invalid requests
    are 400.
    """
    words = text.render(language)
    if not path.startswith(f"{OPENAI}/"):
        return _json({"detail": words, "code": code, **(more or {})}, status, headers)
    error = {
        "message": words,
        "type": "server_error" if status >= 500 else _KINDS.get(status, "invalid_request_error"),
        "param": _PARAMETERS.get(code),
        "code": code,
    }
    return _json({"error": error}, 400 if status in (415, 422) else status, headers)


def _json(body: Mapping[str, Any], status: int, headers: Mapping[str, str] | None) -> Response:
    words = json.dumps(body, ensure_ascii=False)
    # A lone surrogate from the requester's own words must not turn a refusal into a fault.
    return Response(
        words.encode("utf-8", "replace"), status, dict(headers or {}), "application/json"
    )
