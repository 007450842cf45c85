"""Classifying providers' errors.

They are classified by the provider's own codes, if its engine lists them, then by HTTP status, then
by message. A create request was certainly refused only if the provider itself says so: a proxy's
response leaves the outcome unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

from ..errors import (
    UpstreamAway,
    UpstreamBusy,
    UpstreamError,
    UpstreamGone,
    UpstreamRefused,
    UpstreamUnsure,
)
from ..i18n import Text
from ..protocol import NO_REASON
from ..protocol.polling import parse_retry_after
from .http_client import Answer

#: ``busy``: nothing was made, later perhaps. ``fault``: theirs, and nobody knows how far it came.
#: ``gone``: there is no such task. The others refuse a request for good.
Verdict = Literal[
    "moderation",
    "quota",
    "busy",
    "key_refused",
    "model_unknown",
    "not_allowed",
    "bad_parameter",
    "upstream_address",
    "gone",
    "fault",
]
VERDICTS: Final[tuple[str, ...]] = get_args(Verdict)

#: A provider's own codes by what they mean; a final ``*`` stands for any ending.
Codes = Mapping[str, Sequence[str]]

#: By RFC 9110 these refuse a request as it is; what is not here may come after acting.
_REFUSING: Final = frozenset({400, 401, 402, 403, 404, 405, 406, 411, 413, 414, 415, 422, 431, 451})
_MOVED: Final = frozenset({301, 307, 308})


@dataclass(frozen=True, slots=True)
class Told:
    """A provider's error code and message."""

    code: str
    message: str

    @property
    def words(self) -> str:
        """Return both on one line."""
        parts = [part for part in (self.code, self.message) if part]
        return ": ".join(dict.fromkeys(parts))


def read_told(answer: Any) -> Told | None:
    """Return the error in a JSON response: ``{"error": {…}}``, ``{"detail": …}`` or similar."""
    if not isinstance(answer, dict):
        return None
    error = answer.get("error") or answer.get("detail") or answer.get("message")
    if isinstance(error, list) and error:
        error = error[0]  # as FastAPI lists what is wrong with each field
    if isinstance(error, dict):
        told = told_of(_code_in(error), error.get("message") or error.get("msg"))
    else:
        told = told_of(answer.get("code"), error) if error else None
    return told


def told_of(code: Any, message: Any) -> Told | None:
    """Return an error from raw values; None if they are empty."""
    told = Told(_line(code), _line(message))
    return told if told.words else None


@dataclass(frozen=True, slots=True)
class ErrorCodes:
    """Classifies the errors of one provider.

    Args:
        name: the engine's name, for advice.
        codes: the provider's codes, grouped by meaning.
        read: finds the error in a JSON response.
    """

    name: str
    codes: Codes = field(default_factory=dict)
    read: Callable[[Any], Told | None] = read_told

    def of_create(self, answer: Answer, *, refused: bool = False) -> UpstreamError:
        """Return the error for a create response that contains no task.

        Args:
            refused: whether it has a 2xx status but the provider marks it as a refusal.
        """
        told = self.read(answer.json)
        if answer.status in _MOVED:
            target = answer.headers.get("location", "?").partition("?")[0][:200]
            return UpstreamRefused(_ELSEWHERE(name=self.name, target=target), code="upstream_moved")
        verdict = self._certain(answer, told) or ("other" if refused else None)
        if verdict == "busy":
            reason = told.words if told else answer.words
            return UpstreamBusy(_BUSY(reason=reason), retry_after_s=retry_after(answer))
        if verdict is not None and verdict != "fault":
            code, text = self._sentence(verdict, answer.status, told or Told("", answer.words))
            return UpstreamRefused(text, code=code)
        reason = told.words if told else answer.words
        return UpstreamUnsure(_UNSURE(status=answer.status, reason=reason or NO_REASON))

    def of_question(self, answer: Answer) -> UpstreamAway | UpstreamGone:
        """Return the error for a response to a repeatable request, such as polling."""
        told = self.read(answer.json) or Told("", answer.words)
        if _listed(told.code, self.codes) == "gone":
            return UpstreamGone()
        code, text = self.explain(answer.status, told)
        return UpstreamAway(text, code=code, retry_after_s=retry_after(answer))

    def explain(self, status: int | None, told: Told) -> tuple[str, Text]:
        """Return a stable code and a message for a provider's error."""
        verdict = _listed(told.code, self.codes) or _by_status(status, told)
        return self._sentence(verdict or "other", status, told)

    def _certain(self, answer: Answer, told: Told | None) -> str | None:
        """Return the classification of a create request; None if it may have succeeded."""
        if told is not None and (listed := _listed(told.code, self.codes)):
            return listed
        if answer.status == 429 and told is None:
            return None  # a proxy's
        if answer.status == 429 or answer.status in _REFUSING:
            return _by_status(answer.status, told or Told("", answer.words)) or "other"
        return _by_words(told) if answer.ok and told is not None else None

    def _sentence(self, verdict: str, status: int | None, told: Told) -> tuple[str, Text]:
        reason = told.words or f"HTTP {status}"
        if verdict in _SENTENCES:
            return verdict, _SENTENCES[verdict](name=self.name, reason=reason)
        return "upstream_refused", _OTHER(reason=reason)


def retry_after(answer: Answer) -> float | None:
    """Return the seconds to wait that a response asks for."""
    return parse_retry_after(answer.headers.get("retry-after"), datetime.now(UTC))


def _listed(code: str, codes: Codes) -> str | None:
    """Return the meaning of a code; the longest matching prefix counts."""
    best, found = -1, None
    for verdict, listed in codes.items():
        for pattern in listed:
            start = pattern.removesuffix("*")
            fits = code.startswith(start) if pattern.endswith("*") else code == pattern
            length = len(start) + (not pattern.endswith("*"))
            if fits and length > best:
                best, found = length, verdict
    return found


def _by_status(status: int | None, told: Told) -> str | None:
    if status in _PLAIN:
        return _PLAIN[status]
    if status == 429:  # "later" to most; some send it where there is no money, too
        return "quota" if _by_words(told) == "quota" else "busy"
    return _by_words(told) or _VAGUE.get(status or 0)


def _by_words(told: Told) -> str | None:
    words = f"{told.code} {told.message}"
    return next((v for v, pattern in _WORDS if re.search(pattern, words, re.IGNORECASE)), None)


def _code_in(error: Mapping[str, Any]) -> Any:
    """Return the code of an error, unless it only repeats the HTTP status."""
    code, others = error.get("code"), (error.get("status"), error.get("type"))
    if code and not re.fullmatch(r"[1-5]\d\d", str(code)):
        return code
    return next((other for other in others if isinstance(other, str) and other), code)


def _line(value: Any) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(value or ""))
    text = " ".join(text.split())
    return text if len(text) <= 300 else text[:299] + "…"


#: Statuses that mean one thing, whatever the words.
_PLAIN: Final[Mapping[int | None, str]] = {
    401: "key_refused",
    402: "quota",
    413: "bad_parameter",
    415: "bad_parameter",
    451: "moderation",
}
#: Statuses whose words say more; without any, they mean this.
_VAGUE: Final[Mapping[int, str]] = {
    400: "bad_parameter",
    403: "not_allowed",
    404: "upstream_address",
    405: "upstream_address",
    422: "bad_parameter",
}
#: What providers call it. First match wins.
_WORDS: Final[tuple[tuple[str, str], ...]] = (
    ("busy", r"throttl|rate[ _-]?limit|rate[ _]?quota|too[ _]many[ _]requests"),
    (
        "moderation",
        (
            r"sensitive|risk ?detection|moderation|content[ _]?(policy|filter)|copyright|safety"
            r"|data ?inspection"
        ),
    ),
    (
        "quota",
        (
            r"overdue|arrear|quota|billing|SetLimitExceeded|top[ -]?up|余额|欠费"
            r"|(insufficient|not[ _](have[ _])?enough)[ _]?(account[ _]?)?(balance|funds|credit)"
            r"|(balance|funds|credits?)[ _](is |are )?(insufficient|not[ _]enough|too[ _]low)"
        ),
    ),
    ("key_refused", r"authentication|api[ _-]?key|unauthorized|AccessDenied"),
    (
        "model_unknown",
        r"ModelNotOpen|InvalidEndpointOrModel|model[ _]not[ _]found|UnsupportedModel",
    ),
    ("not_allowed", r"forbidden|permission"),
    ("bad_parameter", r"(Invalid|Missing|Unsupported)[ _]?(Parameter|Value|Argument)"),
)
_SENTENCES: Final[Mapping[str, Text]] = {
    "moderation": Text(
        "The provider's moderation rejected the request ({reason}). Change the prompt or the "
        "image.",
        "未通过服务商的内容审核（{reason}），请修改提示词或图片。",
    ),
    "quota": Text(
        "Your quota or balance with the provider is used up ({reason}). Top it up, then try again.",
        "服务商的额度或余额已用完（{reason}），请充值或提高额度后重试。",
    ),
    "key_refused": Text(
        "The provider rejected the key ({reason}). Set a valid one: videogen-nb key {name}",
        "服务商不接受该密钥（{reason}）。请重新设置：videogen-nb key {name}",
    ),
    "model_unknown": Text(
        "This model is not available to you ({reason}). Activate it with the provider, or set "
        "another model under [{name}] in engines.toml.",
        "服务商未向你开放该模型（{reason}）。请先在其控制台开通，"
        "或在 engines.toml 的 [{name}] 中设置其他 model。",
    ),
    "not_allowed": Text(
        "Access denied by the provider ({reason}). Check the permissions of the key.",
        "服务商不允许此操作（{reason}），请检查该密钥的权限。",
    ),
    "bad_parameter": Text(
        "The provider rejected a parameter ({reason}). Change it and try again.",
        "服务商不接受某个参数（{reason}），请修改后重试。",
    ),
    "upstream_address": Text(
        "The server does not support this ({reason}). Check url under [{name}] in engines.toml.",
        "该服务器不提供此功能（{reason}），请检查 engines.toml 中 [{name}] 的 url。",
    ),
}
_OTHER = Text("The provider says: {reason}", "服务商提示：{reason}")
_BUSY = Text(
    "The provider is busy ({reason}); the request will be sent again later.",
    "服务商繁忙（{reason}），稍后会自动重新发送。",
)
_ELSEWHERE = Text(
    "The server redirects to {target}. Set that as url under [{name}] in engines.toml.",
    "服务器重定向到其他地址（{target}），请在 engines.toml 的 [{name}] 中将 url 设为该地址。",
)
_UNSURE = Text(
    "The provider returned HTTP {status} ({reason}): the video may have been created and "
    "billed. The request was not sent again. Check with the provider before you retry.",
    "服务商返回 HTTP {status}（{reason}）：视频可能已在生成并计费，也可能没有。"
    "未自动重发，请先到服务商处查询，再决定是否重试。",
)
