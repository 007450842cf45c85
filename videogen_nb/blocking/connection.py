"""``connect()`` and ``Connection``: the client on the private loop, usable from anywhere."""

from __future__ import annotations

import functools
import inspect
import os
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine
from dataclasses import replace
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Literal,
    ParamSpec,
    TypeVar,
    Unpack,
    overload,
)

from ..client import TaskLike, VideoClient
from ..client.batch import Estimate
from ..client.tasks import OnChange
from ..client.transport import OnProgress
from ..protocol.parameters import CreateArguments, expand
from ..protocol.polling import PollingPolicy
from ..settings import Settings
from ..text import console
from .batch import BatchRun
from .call import Call, generation, iterate_async, submit
from .callbacks import Inbox
from .job import Job
from .progress import WhileWaiting

if TYPE_CHECKING:
    from ..local.discovery import GatewayAddress, Say
    from ..local.reconnect import LocalTransport
    from ..protocol.models import VideoTask

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


#: Arguments that are called where the work is done, and belong to whoever gave them.
_CALLBACKS = frozenset({"on_change", "on_progress"})


def _door(
    method: Callable[Concatenate[VideoClient, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Connection, P], Call[T]]:
    """Make a method that starts on the private loop and immediately returns a :class:`Call`."""

    @functools.wraps(method)
    def call(self: Connection, /, *args: P.args, **kwargs: P.kwargs) -> Call[T]:
        inbox = Inbox()
        given: dict[str, Any] = dict(kwargs)
        for name in _CALLBACKS & given.keys():
            given[name] = given[name] and inbox.taking(given[name])

        async def run() -> T:
            return await method(self.client, *args, **given)

        return Call(run(), inbox=inbox if _CALLBACKS & kwargs.keys() else None)

    signature = inspect.signature(method)
    given = f"Call[{signature.return_annotation}]"
    vars(call)["__signature__"] = signature.replace(return_annotation=given)  # for help()
    return call


def _run(
    method: Callable[..., Any], given: str = "BatchRun", *, documented: bool = True
) -> Callable[[F], F]:
    """Copy the signature and docstring of the client's method, for ``help()``."""

    def decorate(function: F) -> F:
        signature = inspect.signature(method).replace(return_annotation=given)
        vars(function)["__signature__"] = signature
        if documented:
            function.__doc__ = method.__doc__
        return function

    return decorate


class Connection:
    """A :class:`VideoClient` on the private loop.

    Each method immediately returns a :class:`Call`: ``await`` it in a cell, or block with
    ``.result()``. One connection serves all threads and loops of the process.

    Args:
        make: creates the client; called again for a new private loop, in a forked child and while
            Python is shutting down.
        where: returns the current address of a local gateway, which may restart on another port.
    """

    def __init__(
        self, make: Callable[[], VideoClient], where: Callable[[], GatewayAddress] | None = None
    ) -> None:
        self._make = make
        self._where = where
        self._client = make()
        self._generation = generation()

    @property
    def client(self) -> VideoClient:
        """The client. It belongs to the private loop: see :meth:`submit`."""
        if self._generation != (now := generation()):
            self._client, self._generation = self._make(), now
        return self._client

    @property
    def url(self) -> str:
        """The gateway's current base URL."""
        return self._where().url if self._where else self.client.url

    @property
    def headers(self) -> dict[str, str]:
        """Headers for your own HTTP requests to this gateway: its token, if any."""
        if self._where and (token := self._where().token):
            return {"Authorization": f"Bearer {token}"}
        return self.client.headers

    def submit(
        self, coroutine: Coroutine[Any, Any, T], watched: WhileWaiting | None = None
    ) -> Call[T]:
        """Run a coroutine that uses :attr:`client` on the private loop.

        ``watched`` shows progress to whoever waits for the call.
        """
        return submit(coroutine, watched)

    def watched(self, on: bool | None = None, *, lines: bool = True) -> WhileWaiting:
        """Return the progress display for a task on this gateway; see :class:`WhileWaiting`."""
        return WhileWaiting(self.code_for, on, lines=lines)

    def code_for(self, task_id: str) -> str:
        """Return code that gets a task's video; it names the gateway unless it is the default."""
        usual = self._where is not None or self.url == (Settings.from_environment().url or "")
        return f'show("{task_id}")' if usual else f'show("{task_id}", connect("{self.url}"))'

    @expand
    def generate(
        self,
        /,
        prompt: str,
        image: Any = None,
        *,
        path: str | os.PathLike[str] | None = None,
        max_wait_s: float | None = None,
        on_change: OnChange | None = None,
        on_progress: OnProgress | None = None,
        progress: bool | None = None,
        **arguments: Unpack[CreateArguments],
    ) -> Job:
        """Like :meth:`VideoClient.generate`; starts immediately and shows progress while you wait.

        Args:
            progress: whether to show a bar (in a notebook) or lines (elsewhere); None = the setting
                ``VIDEOGEN_PROGRESS``.
        """
        return Job(
            self.client,
            prompt,
            image,
            path=path,
            max_wait_s=max_wait_s,
            on_change=on_change,
            on_progress=on_progress,
            arguments=arguments,
            watched=self.watched(progress),
        )

    def wait(
        self,
        task: TaskLike,
        *,
        max_wait_s: float | None = None,
        on_change: OnChange | None = None,
        progress: bool | None = None,
    ) -> Call[VideoTask]:
        """Like :meth:`VideoClient.wait`; shows progress while you wait.

        Args:
            progress: see :meth:`generate`.
        """
        watched = self.watched(progress)
        inbox = Inbox()
        noted = watched.on_change(on_change and inbox.taking(on_change))
        waiting = self.client.wait(task, max_wait_s=max_wait_s, on_change=noted)
        return Call(waiting, watched, inbox if on_change else None)

    def watch(
        self, task: TaskLike, *, max_wait_s: float | None = None
    ) -> AsyncGenerator[VideoTask, None]:
        """Yield the task immediately and at every change until it has finished.

        See :meth:`VideoClient.watch`.
        """
        return iterate_async(self.client.watch(task, max_wait_s=max_wait_s))

    @overload
    def batch(
        self, table: Any, name: str | None = None, *, dry_run: Literal[True], **given: Any
    ) -> Call[Estimate]: ...

    @overload
    def batch(
        self, table: Any, name: str | None = None, *, dry_run: Literal[False] = False, **given: Any
    ) -> BatchRun: ...

    @_run(VideoClient.batch, "BatchRun | Call[Estimate]", documented=False)
    def batch(
        self, table: Any, name: str | None = None, *, dry_run: bool = False, **given: Any
    ) -> BatchRun | Call[Estimate]:
        """Like :meth:`VideoClient.batch`; starts immediately."""
        if dry_run:
            return self.submit(self.client.batch(table, name, dry_run=True, **given))
        return BatchRun(self, lambda: self.client.batch(table, name, **given))

    @_run(VideoClient.variations)
    def variations(self, prompt: str, n: int | None = None, **axes: Any) -> BatchRun:
        return BatchRun(self, lambda: self.client.variations(prompt, n, **axes), "GridPanel")

    @_run(VideoClient.like)
    def like(self, task: TaskLike, n: int = 4, **changes: Any) -> BatchRun:
        return BatchRun(self, lambda: self.client.like(task, n, **changes), "GridPanel")

    def close(self) -> None:
        """Close the connections; ``connect()`` then opens a new one. Tasks continue."""
        _forget(self)
        self.submit(self.client.aclose()).result()

    def __repr__(self) -> str:
        return f"<Connection to {self.url}>"

    upload_image = _door(VideoClient.upload_image)
    create_task = _door(VideoClient.create_task)
    send_request = _door(VideoClient.send_request)
    get_task = _door(VideoClient.get_task)
    list_tasks = _door(VideoClient.list_tasks)
    annotate = _door(VideoClient.annotate)
    groups = _door(VideoClient.groups)
    usage = _door(VideoClient.usage)
    backup = _door(VideoClient.backup)
    spending = _door(VideoClient.spending)
    collect = _door(VideoClient.collect)
    prune = _door(VideoClient.prune)
    queue = _door(VideoClient.queue)
    people = _door(VideoClient.people)
    pause = _door(VideoClient.pause)
    resume = _door(VideoClient.resume)
    contact_sheet = _door(VideoClient.contact_sheet)
    download_zip = _door(VideoClient.download_zip)
    cancel = _door(VideoClient.cancel)
    cancel_all = _door(VideoClient.cancel_all)
    retry = _door(VideoClient.retry)
    delete = _door(VideoClient.delete)
    download = _door(VideoClient.download)
    download_image = _door(VideoClient.download_image)
    engines = _door(VideoClient.engines)
    health = _door(VideoClient.health)
    is_ours = _door(VideoClient.is_ours)
    capabilities = _door(VideoClient.capabilities)


_connections: dict[tuple[str, str | None, str | None, bool], Connection] = {}
_connecting = threading.RLock()


def _fresh_lock() -> None:
    """Replace the lock: a child forked while the parent was connecting must not wait forever."""
    global _connecting
    _connecting = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_fresh_lock)


def connect(
    url: str | None = None,
    token: str | None = None,
    *,
    settings: Settings | None = None,
    say: Say = console.say,
) -> Connection:
    """Connect to a gateway; the same address returns the same connection.

    Args:
        url: the gateway's address; None = ``VIDEOGEN_URL``, or else your own local gateway, which
            is started if none is running, and restarted if it has since stopped.
        token: the gateway's token; None = ``VIDEOGEN_TOKEN`` (only for the gateway it is set for).
        settings: None = settings from the environment.
        say: called with messages about which local gateway is used.

    Raises:
        BadParameter: ``url`` is invalid. LocalGatewayError: no gateway could be started.
    """
    settings = settings or Settings.from_environment()
    with _connecting:
        address = url or settings.url
        if address is None:
            return _local(settings, token, say)
        if token is None and address.rstrip("/") == (settings.url or address).rstrip("/"):
            token = settings.token
        return _kept(address, token, settings, lambda: _client(address, token, settings))


def _local(settings: Settings, token: str | None, say: Say) -> Connection:
    from ..local.discovery import (  # finding and starting one needs psutil
        ensure_gateway,
        find_gateway,
    )
    from ..local.reconnect import LocalTransport

    found = ensure_gateway(settings, say=say)
    token = token or found.token

    def make() -> VideoClient:
        transport = LocalTransport(found, settings, say=say)
        return _client(found.url, token, settings, transport)

    def where() -> GatewayAddress:
        return find_gateway(settings, answering=False) or found

    return _kept(found.url, token, settings, make, where)


def _client(
    url: str, token: str | None, settings: Settings, transport: LocalTransport | None = None
) -> VideoClient:
    polling = replace(PollingPolicy(), max_wait_s=60 * settings.max_wait_minutes)
    return VideoClient(
        url,
        token=token,
        polling=polling,
        settings=settings,
        engine=settings.engine,
        transport=transport,
    )


def _kept(
    url: str,
    token: str | None,
    settings: Settings,
    make: Callable[[], VideoClient],
    where: Callable[[], GatewayAddress] | None = None,
) -> Connection:
    key = (url.rstrip("/"), token, settings.engine, settings.hard_links)
    if key not in _connections:
        _connections[key] = Connection(make, where)
    return _connections[key]


def _forget(connection: Connection) -> None:
    with _connecting:
        for key in [key for key, known in _connections.items() if known is connection]:
            del _connections[key]
