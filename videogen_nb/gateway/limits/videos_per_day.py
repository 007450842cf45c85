"""Videos per day, and everything else that a new task counts against."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from ...engines import Engine
from ...people.lookup import People
from ..refusals import Refusal
from .budgets import DAY_S, Budget, budgets_of


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a new task counts against; ``per_day`` videos of its owner, ``all_per_day`` of all."""

    budgets: tuple[Budget, ...] = ()
    per_day: int | None = None
    all_per_day: int | None = None


NO_ALLOWANCE: Final = Allowance()  # nothing is limited


def check_videos(
    connection: sqlite3.Connection, owner: str, allowance: Allowance, now: float, count: int = 1
) -> None:
    """Check whether ``count`` more videos may be made today. Raises Refusal if not."""
    for limit, whose, code in (
        (allowance.per_day, owner, "videos_per_day"),
        (allowance.all_per_day, None, "videos_per_day_of_all"),
    ):
        if limit is None:
            continue
        made, first = connection.execute(
            "SELECT count(*), min(created_at) FROM admissions WHERE created_at > ? "
            "AND (owner = ? OR ? IS NULL)",
            [now - DAY_S, whose, whose],
        ).fetchone()
        if made + count > limit:
            wait_s = DAY_S if first is None else first + DAY_S - now
            raise Refusal(code, retry_after_s=max(1, round(wait_s)), count=made, limit=limit)


def allowance_of(people: People, owner: str, engine: Engine) -> Allowance:
    """Return the current limits for a person's task on an engine."""
    limits, total = people.named(owner).limits, people.total
    budgets = budgets_of(people, owner, engine)
    return Allowance(budgets, limits.videos_per_day, total.videos_per_day)
