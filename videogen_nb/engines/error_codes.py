"""What a provider's answer to a create means, and its own words put into ours.

A create was refused for certain only where the provider itself says so. Whatever a proxy may have
put in its place leaves one unsure. Sources: the error codes of Volcengine Ark (its documentation,
"common error codes") and of OpenAI (its API reference, "error codes").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ..errors import UpstreamAway, UpstreamBusy, UpstreamError, UpstreamRefused, UpstreamUnsure
from ..i18n import Text
from ..protocol import NO_REASON
from ..protocol.polling import parse_retry_after
from .transport import Answer

#: By RFC 9110 these refuse a request as it is; what is not here may come after acting.
_REFUSING: Final = frozenset({400, 401, 402, 403, 404, 405, 406, 411, 413, 414, 415, 422, 431, 451})
_MOVED: Final = frozenset({301, 307, 308})


@dataclass(frozen=True, slots=True)
class Told:
    """A provider's own reason: its code, and its message."""

    code: str
    message: str

    @property
    def words(self) -> str:
        """Both, on one line."""
        parts = [part for part in (self.code, self.message) if part]
        return ": ".join(dict.fromkeys(parts))


def read_told(answer: Any) -> Told | None:
    """The reason in a JSON answer: ``{"error": {…}}``, ``{"detail": …}`` or alike."""
    if not isinstance(answer, dict):
        return None
    error = answer.get("error") or answer.get("detail") or answer.get("message")
    if isinstance(error, dict):
        told = Told(_line(error.get("code") or error.get("type")), _line(error.get("message")))
    else:
        told = Told(_line(answer.get("code")), _line(error)) if error else Told("", "")
    return told if told.words else None


def judge(name: str, answer: Answer) -> UpstreamError:
    """The error that an answer other than 2xx to a create stands for.

    Args:
        name: the engine's name, for the advice on keys.
    """
    told = read_told(answer.json)
    wait_s = retry_after(answer)
    if answer.status in _MOVED:
        target = answer.headers.get("location", "?").partition("?")[0][:200]
        return UpstreamRefused(_ELSEWHERE(name=name, target=target), code="upstream_moved")
    if told is not None and answer.status == 429:
        code, text = explain(name, answer.status, told)
        if code == "quota":
            return UpstreamRefused(text, code=code)
        return UpstreamBusy(_BUSY(reason=told.words), retry_after_s=wait_s)
    if answer.status in _REFUSING:
        code, text = explain(name, answer.status, told or Told("", answer.words))
        return UpstreamRefused(text, code=code)
    reason = told.words if told else answer.words
    return UpstreamUnsure(_UNSURE(status=answer.status, reason=reason or NO_REASON))


def judge_question(name: str, answer: Answer) -> UpstreamAway:
    """The same for a question, which may be asked again: a key may be put right meanwhile."""
    told = read_told(answer.json) or Told("", answer.words)
    code, text = explain(name, answer.status, told)
    return UpstreamAway(text, code=code, retry_after_s=retry_after(answer))


def explain(name: str, status: int | None, told: Told) -> tuple[str, Text]:
    """A stable code and a sentence for a provider's reason."""
    for code, pattern, statuses in _KINDS:
        if re.search(pattern, f"{told.code} {told.message}") or status in statuses:
            return code, _SENTENCES[code](name=name, reason=told.words or f"HTTP {status}")
    return "upstream_refused", _OTHER(reason=told.words or f"HTTP {status}")


def retry_after(answer: Answer) -> float | None:
    """Seconds that an answer asks to wait."""
    return parse_retry_after(answer.headers.get("retry-after"), datetime.now(UTC))


def _line(value: Any) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(value or ""))
    text = " ".join(text.split())
    return text if len(text) <= 300 else text[:299] + "…"


#: Code, what providers call it, and statuses that mean it whatever they say. First match wins.
_KINDS: Final[tuple[tuple[str, str, frozenset[int]], ...]] = (
    (
        "moderation",
        r"(?i)sensitive|risk ?detection|moderation|content[ _]?(policy|filter)|copyright|safety",
        frozenset({451}),
    ),
    (
        "quota",
        r"(?i)overdue|quota|insufficient[ _]?(balance|funds|credit)|billing|SetLimitExceeded",
        frozenset({402}),
    ),
    ("key_refused", r"(?i)authentication|api[ _-]?key|unauthorized|AccessDenied", frozenset({401})),
    (
        "model_unknown",
        r"(?i)ModelNotOpen|InvalidEndpointOrModel|model[ _]not[ _]found|UnsupportedModel",
        frozenset(),
    ),
    ("not_allowed", r"(?i)forbidden|permission", frozenset({403})),
    (
        "bad_parameter",
        r"(?i)(Invalid|Missing|Unsupported)[ _]?(Parameter|Value|Argument)",
        frozenset({400, 422, 413, 415}),
    ),
    ("upstream_address", r"(?!)", frozenset({404, 405})),
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
        "This model is not available to you ({reason}). Activate it at the provider, or set "
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
    "服务商繁忙（{reason}），任务将稍后重新发送。",
)
_ELSEWHERE = Text(
    "The server redirects to {target}. Set that as url under [{name}] in engines.toml.",
    "服务器重定向到其他地址（{target}），请在 engines.toml 的 [{name}] 中将 url 设为该地址。",
)
_UNSURE = Text(
    "The provider returned HTTP {status} ({reason}): the video may have been created and "
    "charged. The request was not sent again. Check with the provider before you retry.",
    "服务商返回 HTTP {status}（{reason}）：视频可能已在生成并计费，也可能没有。"
    "未自动重发，请先到服务商处查询，再决定是否重试。",
)
