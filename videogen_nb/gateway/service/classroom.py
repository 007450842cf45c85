"""Operations for teachers: overview, pausing, contact sheet, zip.

The filter ``person`` selects whose tasks; only teachers can name someone else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...media.names import video_name
from ...media.provenance import with_facts_beside
from ...people.person import OWNER, Person
from ...protocol.filters import EVERYBODY, Filters
from ...protocol.filters import OWNER as OWNER_NAME
from ...protocol.models import TaskStatus
from ..files.zipping import Zipped, zipped
from ..limits.running_tasks import ALL
from ..refusals import Refusal
from ..requester import Requester
from ..storage.ledger import Spent
from ..storage.task_record import TaskRecord
from ..threads import in_thread
from .gateway import Gateway


@dataclass(frozen=True, slots=True)
class Work:
    """A person, their tasks by status, and their spending."""

    person: Person
    tasks: Mapping[TaskStatus, int]
    spent: Sequence[Spent]


@dataclass(frozen=True, slots=True)
class QueueState:
    """The number of everyone's waiting and running tasks; ``paused``: all, or these engines."""

    waiting: int
    running: int
    paused: bool
    paused_engines: Sequence[str]


def check_teacher(requester: Requester) -> None:
    """Raise Refusal unless the sender is a teacher."""
    if not requester.person.sees_all:
        raise Refusal("teacher_required")


def whose(requester: Requester, wanted: Filters) -> str | None:
    """Return whose tasks are selected; None = everyone's. Raises Refusal if not allowed."""
    if wanted.person is None or wanted.person == shown_name(requester.owner):
        return requester.owner
    check_teacher(requester)
    if wanted.person == EVERYBODY:
        return None
    return OWNER.name if wanted.person == OWNER_NAME else wanted.person


def shown_name(owner: str) -> str:
    """Return the display name of a task's owner."""
    return OWNER_NAME if owner == OWNER.name else owner


async def overview(gateway: Gateway, requester: Requester) -> list[Work]:
    """Return everyone's tasks by status: the people in the file, and others with tasks.

    Raises:
        Refusal: the sender is not a teacher.
    """
    check_teacher(requester)
    tallies, spent = await gateway.store.by_person()
    people = {person.name: person for person in [OWNER, *gateway.people.everybody()]}
    for name in [*tallies, *spent]:
        people.setdefault(name, gateway.people.named(name))
    found = [Work(p, tallies.get(name, {}), spent.get(name, [])) for name, p in people.items()]
    return [work for work in found if work.person is not OWNER or work.tasks or work.spent]


def queue_state(gateway: Gateway) -> QueueState:
    """Return the queue's length and pauses, without names."""
    waiting, paused = gateway.runner.waiting(), gateway.runner.gate.paused
    running = gateway.unfinished() - waiting
    return QueueState(waiting, running, ALL in paused, sorted(paused - {ALL}))


async def set_paused(
    gateway: Gateway, requester: Requester, engine: str | None, *, paused: bool
) -> QueueState:
    """Pause or resume the queue, or one engine; running tasks continue.

    Raises:
        Refusal: the sender is not a teacher. BadParameter: the engine is unknown.
    """
    check_teacher(requester)
    if engine is not None and engine not in gateway.runner.gate.paused:
        gateway.registry.known(engine)
    await gateway.store.set_paused(engine or ALL, paused=paused)
    gateway.runner.gate.paused = frozenset(await gateway.store.paused())
    gateway.runner.gate.changed()
    return queue_state(gateway)


async def sheet(gateway: Gateway, requester: Requester, wanted: Filters) -> bytes:
    """Return a contact sheet (JPEG) of matching videos, at most the newest 400.

    Raises:
        Refusal: no videos match, or the sender may not see them.
    """
    from ..files.contact_sheet import MOST, contact_sheet  # decoders: megabytes, seldom needed

    records = (await _made(gateway, requester, wanted))[-MOST:]
    videos = [(gateway.video_files.poster(record.video), _caption(record)) for record in records]
    return await in_thread(contact_sheet, videos)


async def archive(gateway: Gateway, requester: Requester, wanted: Filters) -> Iterator[bytes]:
    """Yield the pieces of a zip of matching videos, with a folder for each person.

    Raises:
        Refusal: no videos match, or the sender may not see them.
    """
    files: list[Zipped] = []
    for record in await _made(gateway, requester, wanted):
        place = f"{shown_name(record.owner)}/{video_name(record.prompt, record.message_id)}"
        video = gateway.video_files.video(record.video)
        files.append((place, video, record.sha256, _facts_beside(video, record)))
    return zipped(files, gateway.video_files.originals.check)


def _facts_beside(video: Path, record: TaskRecord) -> Callable[[], bytes]:
    """Return a function that reads the facts for a video's sidecar when it is needed."""
    return lambda: with_facts_beside(video, {**record.origin, "sha256": record.sha256})


async def _made(gateway: Gateway, requester: Requester, wanted: Filters) -> list[TaskRecord]:
    wanted = replace(wanted, statuses=(TaskStatus.COMPLETED,))
    records = await gateway.store.matching(whose(requester, wanted), wanted)
    if not records:
        raise Refusal("no_videos")
    return records


def _caption(record: TaskRecord) -> str:
    return f"{shown_name(record.owner)} · {record.title or record.prompt}"
