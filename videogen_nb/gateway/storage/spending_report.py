"""Spending totals by engine, day, group and person."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

#: What each is summed up by: of the task as it is, else as it was when it was forgotten.
_COLUMNS: Final = {
    "engine": "spending.engine",
    "day": "date(spent_at, 'unixepoch', 'localtime')",
    "group": 'CASE WHEN tasks.number IS NULL THEN spending."group" ELSE tasks."group" END',
    "person": "spending.owner",
}
BY: Final = tuple(_COLUMNS)


@dataclass(frozen=True, slots=True)
class Period:
    """UTC seconds, ``until`` not included; None = open."""

    since: float | None = None
    until: float | None = None


def breakdown(
    connection: sqlite3.Connection, by: Sequence[str], owner: str | None, period: Period
) -> list[dict[str, Any]]:
    """Return totals by currency and the given fields, in their order.

    Args:
        by: some of :data:`BY`; days are those of this machine's time zone.
        owner: whose spending; None = everyone's.
    """
    names = ", ".join(f'{_COLUMNS[name]} AS "{name}"' for name in by)
    places = ", ".join(str(place) for place in range(1, len(by) + 2))
    rows = connection.execute(
        f"SELECT {names}{', ' if names else ''}currency, count(*) AS videos, "
        "sum(amount * settled) AS spent, sum(amount * (1 - settled)) AS expected "
        "FROM spending LEFT JOIN tasks USING (message_id) "
        "WHERE (:owner IS NULL OR spending.owner = :owner) "
        "AND (:since IS NULL OR spent_at >= :since) AND (:until IS NULL OR spent_at < :until) "
        f"GROUP BY {places} ORDER BY {places}",
        {"owner": owner, "since": period.since, "until": period.until},
    )
    return [
        {**row, "spent": round(row["spent"], 6), "expected": round(row["expected"], 6)}
        for row in map(dict, rows)
    ]
