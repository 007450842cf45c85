"""Batches: which task each row of a named table stands for, admitted all at once or not at all."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..limits.allowances import NO_ALLOWANCE, Allowance, check_videos
from ..limits.budgets import Budget, check_budgets
from ..refusals import Refusal
from .database import Database
from .ledger import Cost
from .notifications import ask, ask_again, asked
from .store import Store
from .task_record import TaskRecord, from_row
from .tasks import identical, insert, one


@dataclass(frozen=True, slots=True)
class Entry:
    """What a key of a batch stands for: a task, and the digest of the request that it was."""

    key: str
    row: int
    digest: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row to admit. ``record`` is None where its key stood for a task before.

    ``instead_of`` is the ``message_id`` of the task whose place a new one takes, if it has it yet:
    so that asked for twice at once, a row is tried anew once.
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
    """One row and its task; ``new``: the task was made for it now."""

    row: int
    key: str
    record: TaskRecord
    new: bool


class BatchStore:
    """The batches of a gateway. Each belongs to an ``owner``, and nobody else finds it."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    async def entries(self, owner: str, name: str) -> dict[str, Entry]:
        """What the keys of a batch stand for; empty where there is none of this name."""
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
        """Keep all rows in one transaction.

        Args:
            notify: where to tell that the batch has ended (None = as it was), from when.

        Raises:
            Refusal: they would go beyond a limit; a row's task has been deleted meanwhile.
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
        """The rows in the table's order, how many stand how, and when the last one changed.

        Args:
            changed_since: only rows that have changed since, and those that are being made.

        Raises:
            Refusal: there is no such batch.
        """
        return await self._database.read(_state, owner, name, changed_since)

    async def of(self, owner: str, name: str, keys: Collection[str] | None) -> list[Admitted]:
        """The rows of a batch, or those with these keys. Raises Refusal: there is no such batch."""
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
    """What becomes of each row; nothing is written."""
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
    """By what a paid request is known again; "" where another video is to be made of it."""
    wanted = candidate.record is not None and not (candidate.again or candidate.instead_of)
    return (candidate.record.digest or "") if wanted and candidate.record else ""


def _planned(candidate: Candidate) -> TaskRecord:
    if candidate.record is None:  # its task was deleted since it was looked for
        raise Refusal("in_flight", retry_after_s=1)
    return candidate.record


def _stands_for(
    connection: sqlite3.Connection, known: dict[str, Entry], candidate: Candidate
) -> TaskRecord | None:
    """The task that a row has already; None where it needs one."""
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
    """All that is new together, so that the sentence tells what the table would cost."""
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
