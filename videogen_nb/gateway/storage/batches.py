"""Storing batches: the task of each row, created all at once or not at all."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..limits.budgets import Budget, check_budgets
from ..limits.videos_per_day import NO_ALLOWANCE, Allowance, check_videos
from ..refusals import Refusal
from .database import Database
from .ledger import Cost
from .notifications import ask, ask_again, asked
from .store import Store
from .task_record import TaskRecord, from_row
from .task_sql import identical, insert, one


@dataclass(frozen=True, slots=True)
class Entry:
    """The entry for a key of a batch: a task, and the digest of its request."""

    key: str
    row: int
    digest: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row to create. ``record`` is None if its key already has a task.

    ``instead_of`` is the ``message_id`` of the task to replace, if it is still the row's task, so
    that concurrent calls retry a row only once.
    """

    row: int
    key: str
    digest: str
    record: TaskRecord | None = None
    cost: Cost | None = None
    allowance: Allowance = NO_ALLOWANCE
    again: bool = True
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A row and its task; ``new``: the task was just created."""

    row: int
    key: str
    record: TaskRecord
    new: bool


class BatchStore:
    """The batches of a gateway. Each belongs to an ``owner`` and is hidden from others."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    async def entries(self, owner: str, name: str) -> dict[str, Entry]:
        """Return the entries of a batch; empty if it does not exist."""
        return await self._database.read(_entries, owner, name)

    async def admit(
        self,
        owner: str,
        name: str,
        candidates: Sequence[Candidate],
        *,
        dry_run: bool = False,
        notify: tuple[str | None, float] = (None, 0.0),
    ) -> list[Admitted]:
        """Store all rows in one transaction.

        Args:
            notify: the webhook for the end of the batch (None = unchanged), and its start time.

        Raises:
            Refusal: they would exceed a limit, or a row's task was deleted meanwhile.
        """
        if dry_run:
            return await self._database.read(_weigh, owner, name, candidates)
        admitted = await self._database.write(_admit, owner, name, candidates, *notify)
        for row in admitted:
            if row.new:
                self._store.remember(row.record)
        return admitted

    async def state(
        self, owner: str, name: str, changed_since: float | None = None
    ) -> tuple[list[Admitted], dict[str, int], float]:
        """Return the rows in order, the number with each status, and the time of the last change.

        Args:
            changed_since: only rows that have changed since, and running ones.

        Raises:
            Refusal: the batch does not exist.
        """
        return await self._database.read(_state, owner, name, changed_since)

    async def of(self, owner: str, name: str, keys: Collection[str] | None) -> list[Admitted]:
        """Return the rows of a batch, or those with these keys. Raises Refusal."""
        rows, _, _ = await self.state(owner, name)
        return [row for row in rows if keys is None or row.key in keys]


def _entries(connection: sqlite3.Connection, owner: str, name: str) -> dict[str, Entry]:
    rows = connection.execute(
        "SELECT key, row, digest, message_id FROM batch_rows WHERE owner = ? AND batch = ?",
        [owner, name],
    )
    return {row["key"]: Entry(**row) for row in rows}


def _weigh(
    connection: sqlite3.Connection, owner: str, name: str, candidates: Sequence[Candidate]
) -> list[Admitted]:
    """Return what would happen to each row, without writing."""
    known = _entries(connection, owner, name)
    made: dict[str, TaskRecord] = {}  # by digest: what an earlier row asks for, a later one gets
    weighed, new = [], []
    for candidate in candidates:
        record = _stands_for(connection, known, candidate) or made.get(_digest(candidate))
        if record is None:
            record = _planned(candidate)
            made |= {_digest(candidate): record} if _digest(candidate) else {}
            new.append(candidate)
        weighed.append(Admitted(candidate.row, candidate.key, record, record is candidate.record))
    _check(connection, new)
    return weighed


def _admit(
    connection: sqlite3.Connection,
    owner: str,
    name: str,
    candidates: Sequence[Candidate],
    notify: str | None,
    now: float,
) -> list[Admitted]:
    admitted = _weigh(connection, owner, name, candidates)
    known = _entries(connection, owner, name)
    for candidate, row in zip(candidates, admitted, strict=True):
        if row.new:
            insert(connection, row.record, candidate.cost)
        _keep(connection, owner, name, candidate, row.record, known.get(candidate.key))
    new = [row for row in admitted if row.new]
    if notify is not None and (new or notify != asked(connection, owner, name)):
        ask(connection, owner, name, notify, now)
    elif any(candidate.instead_of for candidate in candidates) and new:
        ask_again(connection, new[0].record.message_id, now)
    return admitted


def _digest(candidate: Candidate) -> str:
    """Return the digest of a paid request; "" if the row asks for another video."""
    wanted = candidate.record is not None and not (candidate.again or candidate.instead_of)
    return (candidate.record.digest or "") if wanted and candidate.record else ""


def _planned(candidate: Candidate) -> TaskRecord:
    if candidate.record is None:  # its task was deleted since it was looked for
        raise Refusal("in_flight", retry_after_s=1)
    return candidate.record


def _stands_for(
    connection: sqlite3.Connection, known: dict[str, Entry], candidate: Candidate
) -> TaskRecord | None:
    """Return the existing task of a row; None if it needs one."""
    entry = known.get(candidate.key)
    if candidate.instead_of is not None:
        renewed = entry is not None and entry.message_id != candidate.instead_of
        return one(connection, entry.message_id) if entry and renewed else None
    if entry is not None and entry.digest == candidate.digest:
        return one(connection, entry.message_id)
    if candidate.again or candidate.record is None:
        return None
    return identical(connection, candidate.record)


def _keep(
    connection: sqlite3.Connection,
    owner: str,
    name: str,
    candidate: Candidate,
    record: TaskRecord,
    entry: Entry | None,
) -> None:
    kept = Entry(candidate.key, candidate.row, candidate.digest, record.message_id)
    if kept != entry:
        connection.execute(
            "INSERT OR REPLACE INTO batch_rows (owner, batch, key, row, digest, message_id) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [owner, name, kept.key, kept.row, kept.digest, kept.message_id],
        )


def _check(connection: sqlite3.Connection, new: Sequence[Candidate]) -> None:
    """Check all new rows together, so that the message says what the table would cost."""
    records = [candidate.record for candidate in new if candidate.record is not None]
    if not records:
        return
    owner, now = records[0].owner, records[0].created_at
    check_videos(connection, owner, new[0].allowance, now, len(records))
    costs: dict[Budget, list[float]] = defaultdict(list)
    for candidate in new:
        for budget in candidate.allowance.budgets if candidate.cost else ():
            costs[budget].append(candidate.cost.amount if candidate.cost else 0.0)
    check_budgets(connection, costs, now)


_OF_BATCH: Final = (
    "FROM batch_rows JOIN tasks USING (message_id) "
    "WHERE batch_rows.owner = :owner AND batch = :batch"
)


def _state(
    connection: sqlite3.Connection, owner: str, name: str, changed_since: float | None
) -> tuple[list[Admitted], dict[str, int], float]:
    values: dict[str, Any] = {"owner": owner, "batch": name, "since": changed_since}
    told = connection.execute(
        f"SELECT status, count(*) AS n, max(updated_at) AS at {_OF_BATCH} GROUP BY status", values
    ).fetchall()
    if not told:
        raise Refusal("batch_not_found", name=name)
    changed = "" if changed_since is None else "AND (updated_at >= :since OR status = 'processing')"
    rows = connection.execute(
        f"SELECT row, key, tasks.* {_OF_BATCH} {changed} ORDER BY row", values
    )
    found = [Admitted(row["row"], row["key"], from_row(row), False) for row in rows]
    counts = {row["status"]: row["n"] for row in told}
    return found, counts, max(row["at"] for row in told)
