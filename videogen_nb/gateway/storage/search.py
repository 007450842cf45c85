"""Searching tasks: filters, pages and totals; common queries use an index."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any, Final

from ...protocol.filters import Filters
from ..refusals import task_missing
from .task_record import TaskRecord, from_row

#: Where words are looked for. Notes and labels are JSON, both languages of a note in it.
_SEARCHED: Final = (
    "prompt || ' ' || ifnull(title, '') || ' ' || labels || ' ' || notes || ' ' || engine || ' ' "
    "|| ifnull(pool, '') || ' ' || ifnull(\"group\", '') || ' ' || conversation_id || '-' "
    "|| message_id"
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """A WHERE clause and its values; ``tallied``: the filters, if tallies cover all of them."""

    sql: str
    values: dict[str, Any]
    tallied: dict[str, Any] | None


def conditions(owner: str | None, wanted: Filters) -> Conditions:
    """Return the conditions for an owner's tasks; None = anyone's."""
    values: dict[str, Any] = {"owner": owner}
    parts = ["1" if owner is None else "owner = :owner"]
    for name in ("conversation_id", "group"):
        if getattr(wanted, name) is not None:
            values[name] = getattr(wanted, name)
            parts.append(f'"{name}" = :{name}')
    if wanted.starred is not None:
        parts.append(f"starred = {int(wanted.starred)}")  # in words, for the index of the starred
    if wanted.statuses:
        named = {f"status{n}": status.value for n, status in enumerate(wanted.statuses)}
        values |= named
        parts.append(" OR ".join(f"status = :{name}" for name in named))
    for name, sql in _OTHERS.items():
        if getattr(wanted, name) is not None:
            values[name] = getattr(wanted, name)
            parts.append(sql)
    for n, word in enumerate((wanted.text or "").split()):
        values[f"word{n}"] = f"%{_escaped(word)}%"
        parts.append(f"{_SEARCHED} LIKE :word{n} ESCAPE '!'")
    return Conditions(" AND ".join(f"({part})" for part in parts), values, _tallied(owner, wanted))


def page(
    connection: sqlite3.Connection,
    where: Conditions,
    limit: int,
    offset: int,
    after: str | None,
    oldest_first: bool,
) -> tuple[list[TaskRecord], int]:
    """Return one page of matches, and the total.

    Raises:
        Refusal: the task ``after`` does not exist.
    """
    order, beyond = ("ASC", ">") if oldest_first else ("DESC", "<")
    values = {**where.values, "limit": limit, "offset": offset, "number": None}
    sql = where.sql
    if after is not None:
        values["number"] = _number(connection, where.values["owner"], after)
        sql += f" AND number {beyond} :number"
    # The inner query walks an index alone; whole rows are read for this page only.
    rows = connection.execute(
        f"SELECT * FROM tasks WHERE number IN (SELECT number FROM tasks WHERE {sql} "
        f"ORDER BY number {order} LIMIT :limit OFFSET :offset) ORDER BY number {order}",
        values,
    )
    return [from_row(row) for row in rows], _total(connection, where)


def matching(connection: sqlite3.Connection, where: Conditions) -> list[TaskRecord]:
    """Return all matches, oldest first."""
    sql = f"SELECT * FROM tasks WHERE {where.sql} ORDER BY number"
    rows = connection.execute(sql, where.values)
    return [from_row(row) for row in rows]


def groups(connection: sqlite3.Connection, owner: str) -> list[tuple[str, int]]:
    """Return an owner's groups and the number of tasks in each, newest first."""
    rows = connection.execute(
        'SELECT "group" AS name, count(*) AS tasks FROM tasks WHERE owner = ? '
        'AND "group" IS NOT NULL GROUP BY "group" ORDER BY max(number) DESC',
        [owner],
    )
    return [(row["name"], row["tasks"]) for row in rows]


def _total(connection: sqlite3.Connection, where: Conditions) -> int:
    if where.tallied is None:
        counted = connection.execute(f"SELECT count(*) FROM tasks WHERE {where.sql}", where.values)
    else:
        named = " AND ".join(f"{name} = :{name}" for name in where.tallied)
        counted = connection.execute(f"SELECT sum(tasks) FROM tallies WHERE {named}", where.tallied)
    return int(counted.fetchone()[0] or 0)


def _tallied(owner: str | None, wanted: Filters) -> dict[str, Any] | None:
    asked = {*wanted.to_query()} - {"conversation_id", "status", "person"}
    if owner is None or asked or len(wanted.statuses) > 1:
        return None
    values = {"owner": owner, "conversation_id": wanted.conversation_id or ""}
    return values | ({"status": wanted.statuses[0].value} if wanted.statuses else {})


def _number(connection: sqlite3.Connection, owner: str | None, message_id: str) -> int:
    row = connection.execute(
        "SELECT number FROM tasks WHERE (owner = ? OR ? IS NULL) AND message_id = ?",
        [owner, owner, message_id],
    ).fetchone()
    if row is None:
        raise task_missing()
    return int(row["number"])


def _escaped(word: str) -> str:
    for special in "!%_":
        word = word.replace(special, f"!{special}")
    return word


_OTHERS: Final = {
    "engine": "engine = :engine OR pool = :engine",
    "batch": "message_id IN (SELECT message_id FROM batch_rows "
    "WHERE (batch_rows.owner = :owner OR :owner IS NULL) AND batch_rows.batch = :batch)",
    "label": "EXISTS (SELECT 1 FROM json_each(labels) WHERE value = :label)",
    "since": "created_at >= :since",
    "until": "created_at < :until",
}
