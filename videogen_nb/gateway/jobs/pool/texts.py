"""Texts about tasks that wait for a member of a pool."""

from __future__ import annotations

from collections.abc import Iterable

from ....i18n import Text

GIVEN_UP = Text(
    "{why} No other member of the pool was available for {minutes} min. Nothing was sent. Try "
    "again later.",
    "{why}{minutes} 分钟内池中没有其他可用引擎。未发送任何请求，请稍后重试。",
)
REFUSED = Text("No member of the pool accepts this request. {why}", "池中没有引擎接受该请求。{why}")
_NOBODY = Text("No member of the pool is available: {members}", "池中暂无可用的引擎：{members}")
_MEMBER = Text("{name}: {why}", "{name}：{why}")
_LIST = Text("{before}; {one}", "{before}；{one}")


def nobody(whys: Iterable[tuple[str, Text]]) -> Text:
    """Return a message that no member is available, with the reasons by name."""
    first, *others = (_MEMBER(name=name, why=why) for name, why in whys)
    for one in others:
        first = _LIST(before=first, one=one)
    return _NOBODY(members=first)
