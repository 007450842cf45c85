"""``check``: check an answer against the requirements of an exercise."""

from __future__ import annotations

import asyncio
import inspect
from concurrent.futures import Future
from dataclasses import dataclass
from html import escape
from types import EllipsisType
from typing import Any

from ..i18n import Text
from ..media.cell_output import NO_MATH
from .exercises import EXERCISES, Requirement

_DOTS = Text(
    "Put your code where the three dots are, then run the cell again.",
    "在三个点的位置写上你的代码，然后重新运行这个单元格。",
)
_NO_AWAIT = Text(
    "This is not a result yet: write “await” in front of the call.",
    "这还不是结果：在调用前面加上 await。",
)
_SOLVED = Text("Exercise {name}: solved", "练习 {name}：完成")
_SO_FAR = Text("Exercise {name}: {met} of {all}", "练习 {name}：{met} / {all}")
_UNKNOWN = Text(
    "There is no exercise {name!r}. Choose one of: {known}.",
    "没有练习 {name!r}，可用：{known}。",
)


@dataclass(frozen=True, slots=True)
class Feedback:
    """The result of a check: HTML in a notebook, text elsewhere.

    ``lines`` has (met, sentence) in the order of the requirements. ``score`` is the fraction of
    requirements met, from 0 to 1, for partial credit. ``note`` says what to do first if there is no
    answer yet.
    """

    exercise: str
    lines: tuple[tuple[bool, Text], ...]
    note: Text | None = None

    @property
    def solved(self) -> bool:
        """Whether all requirements are met."""
        return all(met for met, _ in self.lines)

    @property
    def score(self) -> float:
        """The fraction of requirements met, 0 to 1."""
        return sum(met for met, _ in self.lines) / len(self.lines)

    @property
    def _title(self) -> str:
        if self.solved:
            return str(_SOLVED(name=self.exercise))
        met = sum(met for met, _ in self.lines)
        return str(_SO_FAR(name=self.exercise, met=met, all=len(self.lines)))

    def __repr__(self) -> str:
        note = [str(self.note)] if self.note else []
        lines = [f"{_MARKS[met]} {text}" for met, text in self.lines]
        return "\n".join([self._title, *note, *lines])

    def _repr_html_(self) -> str:
        """Return HTML in which marks differ in shape as well as colour."""
        lines = "".join(
            f'<li style="list-style:none;margin:2px 0"><span style="color:{_COLOURS[met]};'
            f'display:inline-block;width:1.5em">{_MARKS[met]}</span>{escape(str(text))}</li>'
            for met, text in self.lines
        )
        note = f"<div>{escape(str(self.note))}</div>" if self.note else ""
        frame = f"border-left:3px solid {_COLOURS[self.solved]};padding:4px 12px"
        return (
            f'<div class="videogen-check {NO_MATH}" style="{frame};line-height:1.5">'
            f"<b>{escape(self._title)}</b>{note}"
            f'<ul style="margin:4px 0;padding:0">{lines}</ul></div>'
        )


_MARKS = {True: "✓", False: "○"}
_COLOURS = {True: "#2e8b57", False: "#c77700"}  # both readable on white and on near-black


def check(exercise: str, *answers: Any) -> Feedback:
    """Return which requirements of an exercise the answers meet, and which they do not.

    Args:
        exercise: the numbers of notebook and exercise, such as "01.2".
        *answers: the answers that the exercise asks for, in order.

    Raises:
        ValueError: the exercise does not exist, or needs a different number of answers.
    """
    if exercise not in EXERCISES:
        raise ValueError(str(_UNKNOWN(name=exercise, known=", ".join(EXERCISES))))
    requirements = EXERCISES[exercise]
    for answer in answers:
        if isinstance(answer, EllipsisType) or answer is None:
            return _nothing_yet(exercise, requirements, _DOTS)
        if inspect.iscoroutine(answer):
            answer.close()  # Python would warn that nobody awaited it
            return _nothing_yet(exercise, requirements, _NO_AWAIT)
        if isinstance(answer, Future) or asyncio.isfuture(answer):
            return _nothing_yet(exercise, requirements, _NO_AWAIT)
    return Feedback(exercise, tuple(_lines(requirements, answers)))


def _nothing_yet(exercise: str, requirements: tuple[Requirement, ...], why: Text) -> Feedback:
    return Feedback(exercise, tuple((False, r.wanted) for r in requirements), why)


def _lines(
    requirements: tuple[Requirement, ...], answers: tuple[Any, ...]
) -> list[tuple[bool, Text]]:
    """Check the requirements in order; those that depend on an unmet one are not met either."""
    lines: list[tuple[bool, Text]] = []
    for requirement in requirements:
        met = (requirement.alone or all(met for met, _ in lines)) and requirement.met(*answers)
        lines.append((met, requirement.wanted))
    return lines
