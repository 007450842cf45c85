"""The protocol's requests as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .batches import Which
from .filters import ANY, Filters
from .models import TaskId

if TYPE_CHECKING:
    from .models import GenerateRequest


class _Paths(NamedTuple):
    upload: str = "/api/file/upload"
    generate: str = "/api/video-gen/generate"
    status: str = "/api/video-gen/status"
    list: str = "/api/video-gen/list"
    cancel: str = "/api/video-gen/cancel"
    retry: str = "/api/video-gen/retry"
    task: str = "/api/video-gen/task"
    groups: str = "/api/video-gen/groups"
    cancel_all: str = "/api/video-gen/cancel_all"
    prune: str = "/api/video-gen/prune"
    usage: str = "/api/video-gen/usage"
    queue: str = "/api/video-gen/queue"
    people: str = "/api/video-gen/people"
    pause: str = "/api/video-gen/pause"
    resume: str = "/api/video-gen/resume"
    contact_sheet: str = "/api/video-gen/contact_sheet"
    zip: str = "/api/video-gen/zip"
    backup: str = "/api/video-gen/backup"
    spending: str = "/api/video-gen/spending"
    collect: str = "/api/video-gen/collect"
    batch: str = "/api/video-gen/batch"
    batch_again: str = "/api/video-gen/batch/again"
    batch_cancel: str = "/api/video-gen/batch/cancel"
    engines: str = "/api/video-gen/engines"
    health: str = "/healthz"
    fresh_links: str = "/api/video/get_url"


#: Where each request goes, below the gateway's base URL.
PATHS = _Paths()

#: What kind of exchange it is: how long it may take depends on it.
Sent = Literal["answer", "create", "upload", "batch"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to send. At most one of ``json`` and ``content`` is given."""

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, Any] | None = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: Sent = "answer"


def upload(data: bytes, name: str) -> Request:
    """Upload raw bytes. ``name`` must have an extension (required by older gateways)."""
    return Request(
        "POST",
        PATHS.upload,
        params={"file_type": "2", "file_name": name},
        content=data,
        headers={"Content-Type": "application/octet-stream"},
        kind="upload",
    )


def generate(request: GenerateRequest, idempotency_key: str) -> Request:
    """Create a task. Older gateways ignore the key."""
    return Request(
        "POST",
        PATHS.generate,
        json=request.to_wire(),
        headers={"Idempotency-Key": idempotency_key},
        kind="create",
    )


def status(task: TaskId) -> Request:
    """Request a task."""
    return Request("GET", PATHS.status, params=task._asdict())


def list_tasks(
    wanted: Filters = ANY,
    limit: int | None = None,
    offset: int | None = None,
    after: TaskId | None = None,
) -> Request:
    """Request a page of tasks, newest first."""
    asked = {"limit": limit, "offset": offset, "after": after and after.message_id}
    pages = {name: str(value) for name, value in asked.items() if value is not None}
    return Request("GET", PATHS.list, params={**wanted.to_query(), **pages})


def annotate(task: TaskId, values: Mapping[str, Any]) -> Request:
    """Star, title, label or group a task (idempotent)."""
    return Request("PATCH", PATHS.task, params=task._asdict(), json=values)


def groups() -> Request:
    """Request the groups of tasks."""
    return Request("GET", PATHS.groups)


def cancel_all(wanted: Filters) -> Request:
    """Cancel all matching tasks (idempotent)."""
    return Request("POST", PATHS.cancel_all, json=wanted.to_query(), kind="batch")


def prune(wanted: Filters, *, dry_run: bool) -> Request:
    """Delete matching finished tasks (idempotent)."""
    body = {**wanted.to_query(), "dry_run": dry_run}
    return Request("POST", PATHS.prune, json=body, kind="batch")


def usage() -> Request:
    """Request the disk space of your tasks on the gateway."""
    return Request("GET", PATHS.usage)


def spending(by: Sequence[str], period: Filters) -> Request:
    """Request the spending in a period."""
    params = {"by": ",".join(by), **period.to_query()}
    return Request("GET", PATHS.spending, params=params)


def collect(task: TaskId, upstream: str | None) -> Request:
    """Look up a task at the provider (idempotent)."""
    named = {} if upstream is None else {"upstream": upstream}
    return Request("POST", PATHS.collect, params={**task._asdict(), **named}, kind="batch")


def queue() -> Request:
    """Request the length of the queue."""
    return Request("GET", PATHS.queue)


def people() -> Request:
    """Request everyone's tasks by status."""
    return Request("GET", PATHS.people)


def pause(engine: str | None) -> Request:
    """Pause the queue or an engine (idempotent)."""
    return Request("POST", PATHS.pause, json={"engine": engine})


def resume(engine: str | None) -> Request:
    """Undo a pause (idempotent)."""
    return Request("POST", PATHS.resume, json={"engine": engine})


def cancel(task: TaskId) -> Request:
    """Cancel a task (idempotent)."""
    return Request("POST", PATHS.cancel, params=task._asdict())


def retry(task: TaskId) -> Request:
    """Retry a failed task as a new one. Not idempotent."""
    return Request("POST", PATHS.retry, params=task._asdict(), kind="create")


def delete(task: TaskId) -> Request:
    """Delete a finished task and its files."""
    return Request("DELETE", PATHS.task, params=task._asdict())


def batch(
    name: str, rows: Sequence[Mapping[str, Any]], *, dry_run: bool = False, notify: Any = None
) -> Request:
    """Create a task for every row, or for none. Idempotent: existing tasks are returned."""
    body = {"name": name, "rows": rows, "dry_run": dry_run}
    body |= {} if notify is None else {"notify": notify}
    return Request("POST", PATHS.batch, json=body, kind="batch")


def batch_state(name: str, changed_since: str | None = None) -> Request:
    """Request the state of a batch, or its changes since a previous response's cursor."""
    asked = {"name": name, "changed_since": changed_since}
    return Request("GET", PATHS.batch, params={k: v for k, v in asked.items() if v is not None})


def batch_again(name: str, which: Which, keys: Sequence[str]) -> Request:
    """Retry rows that ended without a video. Not idempotent."""
    body = {"name": name, "which": which, "keys": keys}
    return Request("POST", PATHS.batch_again, json=body, kind="batch")


def batch_cancel(name: str, keys: Sequence[str]) -> Request:
    """Cancel the unfinished rows (idempotent)."""
    return Request("POST", PATHS.batch_cancel, json={"name": name, "keys": keys}, kind="batch")


def engines() -> Request:
    """Request the list of engines."""
    return Request("GET", PATHS.engines)


def fresh_links(task: TaskId) -> Request:
    """Request fresh links to a conversation's videos from an older gateway."""
    return Request("GET", PATHS.fresh_links, params={"conversation_id": task.conversation_id})


def health() -> Request:
    """Request the gateway's health."""
    return Request("GET", PATHS.health)
