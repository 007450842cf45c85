"""``check``: compare an answer with what an exercise asks for, one requirement after another."""

from __future__ import annotations

import inspect
from concurrent.futures import Future
from dataclasses import dataclass
from html import escape
from types import EllipsisType
from typing import Any

from ..i18n import Text
from ..media.receipt import NO_MATH
from .exercises import EXERCISES, Requirement

_DOTS = Text(
    "Put your code where the three dots are, then run the cell again.",
    "在三个点的位置写上你的代码，然后重新运行这个单元格。",
)
_NO_AWAIT = Text(
    "This is not yet a result: write “await” in front of the call.",
    "这还不是结果：在调用前面加上 await。",
)
_SOLVED = Text("Exercise {name}: solved", "练习 {name}：完成")
_SO_FAR = Text("Exercise {name}: {met} of {all}", "练习 {name}：{met} / {all}")
_UNKNOWN = Text(
    "There is no exercise {name!r}. Choose one of: {known}.",
    "没有练习 {name!r}，可选：{known}。",
)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What an answer has and what it lacks: as HTML in a notebook, as text elsewhere.

    ``lines`` holds (met, sentence) in the order of the requirements. ``score`` is the share of
    the requirements that are met, from 0 to 1, for partial credit. ``note`` tells what to do
    first where there is no answer to judge yet.
    """

    exercise: str
    lines: tuple[tuple[bool, Text], ...]
    note: Text | None = None

    @property
    def solved(self) -> bool:
        """Whether nothing is missing."""
        return all(met for met, _ in self.lines)

    @property
    def score(self) -> float:
        """The share of the requirements that are met, 0 to 1."""
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
        """Return the same for a notebook: a mark's shape tells as much as its colour."""
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
    """Say which requirements of an exercise the answers meet, and what is missing.

    Args:
        exercise: the notebook's number and the exercise's, such as "01.2".
        *answers: what the exercise asks for, in its order.

    Raises:
        ValueError: there is no such exercise, or it takes another number of answers.
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
        if isinstance(answer, Future):
            return _nothing_yet(exercise, requirements, _NO_AWAIT)
    return Feedback(exercise, tuple(_lines(requirements, answers)))


def _nothing_yet(exercise: str, requirements: tuple[Requirement, ...], why: Text) -> Feedback:
    return Feedback(exercise, tuple((False, r.wanted) for r in requirements), why)


def _lines(
    requirements: tuple[Requirement, ...], answers: tuple[Any, ...]
) -> list[tuple[bool, Text]]:
    """Judge one after another; what builds on a requirement that is not met is not met either."""
    lines: list[tuple[bool, Text]] = []
    for requirement in requirements:
        met = (requirement.alone or all(met for met, _ in lines)) and requirement.met(*answers)
        lines.append((met, requirement.wanted))
    return lines
