"""A stored task, and the unfinished ones in memory, with only the most recently used unpacked.

Texts are in both languages, times in UTC seconds.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

from ...engines import Drawn
from ...i18n import Text
from ...protocol.models import TaskId, TaskStatus

#: Among a task's facts: how many gateways have passed it on.
HOPS: Final = "hops"

WHOLE: Final = 1_000  # records that are kept as they are: some 6 kB each, packed 1 kB

Role = Literal["first", "last", "reference", "video"]


@dataclass(frozen=True, slots=True)
class ImageUse:
    """An image of a task: the key of the upload, and its role."""

    key: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """One row of ``tasks``. ``video`` is the opaque name of its files.

    ``notify`` is the webhook to call when it has ended, ``notify_at`` the time of the next attempt
    (None = sent, given up, or not requested) and ``notify_tries`` the number of attempts.

    For remote engines: ``digest`` is the same for identical requests; ``intent`` identifies the
    create request that is about to be sent or was sent (since ``intended_at``); ``handle`` is
    its result. A task with an intent but no handle may have been created at the provider.
    ``turn`` is its turn in the queue when it was started.

    ``engine`` is the requested one; for a ``pool``, the member that the task was assigned to.
    """

    message_id: str
    conversation_id: str
    section_id: str
    owner: str
    status: TaskStatus
    created_at: float
    updated_at: float
    prompt: str
    engine: str
    video: str
    requested: dict[str, Any]
    parameters: dict[str, Any]
    images: tuple[ImageUse, ...] = ()
    seed: int | None = None
    group: str | None = None
    parent: str | None = None
    labels: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()
    drawn: Drawn | None = None
    estimated_s: float | None = None
    attempts: int = 0
    retry_count: int = 0
    started_at: float | None = None
    finished_at: float | None = None
    error: Text | None = None
    error_code: str | None = None
    sha256: str | None = None
    video_s: float | None = None
    facts: dict[str, Any] | None = None
    digest: str | None = None
    intent: str | None = None
    intended_at: float | None = None
    handle: str | None = None
    starred: bool = False
    title: str | None = None
    turn: int | None = None
    pool: str | None = None
    notify: str | None = None
    notify_at: float | None = None
    notify_tries: int = 0

    @property
    def id(self) -> TaskId:
        """The two numbers of its id in the protocol."""
        return TaskId(self.conversation_id, self.message_id)

    @property
    def asked_for(self) -> str:
        """The engine or pool that the request names."""
        return self.pool or self.engine

    @property
    def origin(self) -> dict[str, str]:
        """Task, date and person, as in the sidecar file; in the video itself, they would make
        two videos of one seed differ.
        """
        created = datetime.fromtimestamp(self.created_at, UTC).isoformat(timespec="seconds")
        person = {"person": self.owner} if self.owner else {}  # "": there are no people here
        return {"task": str(self.id), "created_at": created, **person}

    @property
    def work_s(self) -> float | None:
        """The seconds between its last start and its end."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0.0, self.finished_at - self.started_at)


COLUMNS: Final = tuple(field.name for field in fields(TaskRecord))


def new_id() -> str:
    """Return a decimal string of 17 digits that cannot be guessed."""
    return str(10**16 + secrets.randbelow(9 * 10**16))


def to_row(record: TaskRecord) -> dict[str, Any]:
    """Return the record as SQLite values by column."""
    return columns({name: getattr(record, name) for name in COLUMNS})


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return some fields as SQLite values by column."""
    return {name: _WRITE.get(name, _same)(value) for name, value in values.items()}


def from_row(row: Mapping[str, Any]) -> TaskRecord:
    """Return the inverse of :func:`to_row`."""
    return TaskRecord(**{name: _READ.get(name, _same)(row[name]) for name in COLUMNS})


def _same(value: Any) -> Any:
    return value


def _dump(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _load(value: str | None) -> Any:
    return None if value is None else json.loads(value)


_WRITE: Final[Mapping[str, Any]] = {
    "status": str,
    "requested": _dump,
    "parameters": _dump,
    "facts": _dump,
    "labels": _dump,
    "images": lambda uses: _dump([[use.key, use.role] for use in uses]),
    "notes": lambda notes: _dump([note.to_json() for note in notes]),
    "drawn": lambda drawn: _dump(drawn and drawn.to_json()),
    "error": lambda text: _dump(text and text.to_json()),
}
_READ: Final[Mapping[str, Any]] = {
    "status": TaskStatus,
    "requested": _load,
    "parameters": _load,
    "facts": _load,
    "starred": bool,
    "labels": lambda raw: tuple(_load(raw)),
    "images": lambda raw: tuple(ImageUse(*use) for use in _load(raw)),
    "notes": lambda raw: tuple(Text.from_json(note) for note in _load(raw)),
    "drawn": lambda raw: Drawn.from_json(_load(raw)) if raw else None,
    "error": lambda raw: Text.from_json(_load(raw)) if raw else None,
}


class Kind(NamedTuple):
    """The fields by which records are counted without unpacking them."""

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
