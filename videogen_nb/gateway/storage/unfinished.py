"""Unfinished tasks in memory: the latest used as they are, the others packed."""

from __future__ import annotations

import json
import zlib
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from ...protocol.models import TaskStatus
from .task_record import COLUMNS, TaskRecord, from_row, to_row

WHOLE: Final = 1_000  # records that are kept as they are: some 6 kB each, packed 1 kB


class Kind(NamedTuple):
    """What is counted without unpacking."""

    owner: str
    engine: str
    pool: str | None
    status: TaskStatus


class Unfinished:
    """Records by ``message_id``, oldest first, so that a long queue takes little memory.

    A packed record comes back as from the database: its texts have their values filled in.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        self._kinds: dict[str, Kind] = {}
        self._counts: Counter[Kind] = Counter()
        self._known: dict[Kind, Kind] = {}  # each once
        self._whole: OrderedDict[str, TaskRecord] = OrderedDict()  # the latest used last
        self._packed: dict[str, bytes] = {}  # also of those in _whole that have not changed since
        for row in rows:
            self._packed[row["message_id"]] = _pack(row)
            kind = Kind(row["owner"], row["engine"], row["pool"], TaskStatus(row["status"]))
            self._count(row["message_id"], kind)

    def put(self, record: TaskRecord) -> None:
        """Keep a record, or its new version."""
        message_id = record.message_id
        self._packed.pop(message_id, None)
        self._count(message_id, Kind(record.owner, record.engine, record.pool, record.status))
        self._use(record)

    def get(self, message_id: str) -> TaskRecord | None:
        """Return a record, or None."""
        record = self._whole.get(message_id)
        if record is None and message_id in self._packed:
            record = _unpack(self._packed[message_id])
        if record is not None:
            self._use(record)
        return record

    def __getitem__(self, message_id: str) -> TaskRecord:
        record = self.get(message_id)
        if record is None:
            raise KeyError(message_id)
        return record

    def discard(self, message_id: str) -> None:
        """Forget a record, if it is there."""
        self._packed.pop(message_id, None)
        self._whole.pop(message_id, None)
        self._uncount(self._kinds.pop(message_id, None))

    def counts(self) -> Mapping[Kind, int]:
        """Return the number of records of each kind."""
        return self._counts

    def __len__(self) -> int:
        return len(self._kinds)

    def __iter__(self) -> Iterator[TaskRecord]:
        for message_id in list(self._kinds):
            if message_id in self._whole:
                yield self._whole[message_id]
            elif message_id in self._packed:
                yield _unpack(self._packed[message_id])

    def _count(self, message_id: str, kind: Kind) -> None:
        before = self._kinds.get(message_id)
        self._kinds[message_id] = self._known.setdefault(kind, kind)
        self._counts[kind] += 1
        self._uncount(before)

    def _uncount(self, kind: Kind | None) -> None:
        if kind is None:
            return
        self._counts[kind] -= 1
        if not self._counts[kind]:
            del self._counts[kind], self._known[kind]

    def _use(self, record: TaskRecord) -> None:
        self._whole[record.message_id] = record
        self._whole.move_to_end(record.message_id)
        if len(self._whole) > WHOLE:
            message_id, unused = self._whole.popitem(last=False)
            if message_id not in self._packed:
                self._packed[message_id] = _pack(to_row(unused))


def _pack(row: Mapping[str, Any]) -> bytes:
    values = [row[name] for name in COLUMNS]
    return zlib.compress(json.dumps(values, ensure_ascii=False).encode(), 1)


def _unpack(packed: bytes) -> TaskRecord:
    return from_row(dict(zip(COLUMNS, json.loads(zlib.decompress(packed)), strict=True)))
