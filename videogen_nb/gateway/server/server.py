"""Running the gateway: uvicorn on a socket, with an info file and an idle timeout."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import FastAPI, Query, Request

from ...errors import LocalGatewayError
from ...i18n import Text
from ...local import installation
from ...local.folder_lock import BEAT_S, FolderLock
from ...people.person import OWNER
from ...people.tokens import new_token
from ...settings import Settings
from ..http.access.auth import Known
from ..http.access.local_users import check_token_needed
from ..http.app import create_app
from ..http.context import person_of
from ..refusals import Refusal
from ..threads import in_thread
from .connection_limits import bounded, most_connections
from .listener import listen, url_of
from .log import write_log
from .registration import Registration

_HANDOVER_S = 20.0  # how long a predecessor may take to leave the data folder
_LOOK_S = 1.0  # how long a gateway may serve from a data folder that was removed
_GONE_S = 10.0  # how long the installation may be away: an upgrade removes it and puts it back
_GRACE_S = 5  # for answers that are being sent when the end comes
_SYSTEM = Text(
    "The gateway cannot use the data folder {folder}: {reason}. Make it writable, free some "
    "space, or set VIDEOGEN_HOME to another folder.",
    "网关无法使用数据文件夹 {folder}：{reason}。"
    "请检查写入权限与磁盘空间，或将 VIDEOGEN_HOME 设为其他文件夹。",
)
_LOST = Text(
    "The data folder {folder} was removed or replaced while the gateway was running, so the "
    "gateway stopped. A new gateway will start with the folder's current contents.",
    "数据文件夹 {folder} 在网关运行期间被删除或替换，网关已停止。新网关将从现有内容开始。",
)
_BUSY = Text(
    "The gateway has {n} unfinished {n:task|tasks}. Pass force=true to stop it anyway; unfinished "
    "tasks continue when it starts again.",
    "网关还有 {n} 个任务未完成；force=true 可强制停止，下次启动后任务会继续。",
)


class LocalServer(uvicorn.Server):
    """A uvicorn server with an info file, an idle timeout and an owner."""

    def __init__(
        self,
        config: uvicorn.Config,
        app: FastAPI,
        registration: Registration,
        lock: FolderLock,
        *,
        idle_limit_s: float | None,
        on_ready: Callable[[str], None],
    ) -> None:
        super().__init__(config)
        self._app = app
        self._registration = registration
        self._lock = lock
        self.lost_folder = False
        self.uninstalled = False
        self._idle_limit_s = idle_limit_s
        self._on_ready = on_ready
        self._watching: asyncio.Task[None] | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the gateway before serving, so that its errors are raised unchanged."""
        async with self._app.router.lifespan_context(self._app):
            await super().serve(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to :func:`run`, which shuts the gateway down cleanly.

        uvicorn would raise them again before the gateway is closed.
        """
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Register once requests are accepted."""
        await super().startup(sockets)
        if self.started:
            self._registration.show()
            self._watching = asyncio.create_task(self._watch())
            self._on_ready(self._registration.info.url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Unregister before the server stops accepting requests."""
        self._registration.hide()
        if self._watching is not None:
            self._watching.cancel()
        await super().shutdown(sockets)

    async def _watch(self) -> None:
        """Show signs of life; stop when idle or when the data folder or installation is deleted."""
        pause_s = _LOOK_S if self._idle_limit_s is None else min(_LOOK_S, self._idle_limit_s / 4)
        beaten = 0.0
        there = time.monotonic()
        while not (self.lost_folder or self.uninstalled):
            if time.monotonic() - beaten >= BEAT_S:
                await in_thread(self._registration.beat)
                beaten = time.monotonic()
            self.lost_folder = not await asyncio.to_thread(self._lock.keep)
            if not await asyncio.to_thread(installation.is_gone):
                there = time.monotonic()
            self.uninstalled = time.monotonic() - there > _GONE_S
            if self._idle_limit_s is not None and self._is_idle(self._idle_limit_s):
                self.should_exit = True
            await asyncio.sleep(pause_s)
        self.should_exit = True

    def _is_idle(self, limit_s: float) -> bool:
        gateway = self._app.state.gateway
        return bool(gateway.unfinished() == 0 and gateway.idle_s() > limit_s)


def run(
    settings: Settings,
    listener: socket.socket,
    *,
    kind: Literal["embedded", "serve"],
    token: str | None,
    hub: Known | None = None,
    on_ready: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve requests on ``listener`` until a signal, an idle timeout or a shutdown request.

    Raises:
        LocalGatewayError: the data folder is in use, not writable or removed; the installation was
            removed; or a token is required because an engine has a key.
    """
    os.umask(0o077)  # what this process and its workers write is for its owner alone
    write_log(settings.log_format, access=kind == "serve")
    folder = settings.data_folder
    settings = replace(settings, home=folder)  # absolute: the working folder may go away
    app = create_app(settings, token=token, hub=hub)
    if not app.state.gateway.people.asks:
        check_token_needed(app.state.gateway.registry)
    config = uvicorn.Config(
        app,
        http=bounded(most_connections()),
        ws="none",
        lifespan="off",  # the server opens the gateway itself
        log_config=None,
        access_log=kind == "serve",
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    url = url_of(listener)
    registration = Registration(
        folder,
        url=url,
        port=listener.getsockname()[1],
        token=token,
        kind=kind,
        instance=app.state.gateway.instance,
        settings=settings.of_the_gateway(),
    )
    idle_limit_s = settings.idle_minutes * 60 if kind == "embedded" else None
    lock = FolderLock(folder, timeout_s=_HANDOVER_S)
    server = LocalServer(
        config, app, registration, lock, idle_limit_s=idle_limit_s, on_ready=on_ready
    )
    if kind == "embedded":  # the other one is its terminal's to end
        _add_shutdown(app, server)
    try:
        with listener, lock, _led_by_signals(server, kind):
            server.run(sockets=[listener])
    except OSError as error:
        reason = error.strerror or error
        raise LocalGatewayError(_SYSTEM(folder=folder, reason=reason)) from error
    if server.uninstalled:
        raise LocalGatewayError(installation.GONE, code="installation_gone")
    if server.lost_folder:
        raise LocalGatewayError(_LOST(folder=folder), code="folder_lost")


def run_embedded(settings: Settings) -> None:
    """Run the local gateway: loopback, a free port, its own token."""
    token = new_token()
    run(settings, listen("127.0.0.1", 0, token=token), kind="embedded", token=token)


@contextlib.contextmanager
def _led_by_signals(server: LocalServer, kind: str) -> Iterator[None]:
    """Shut down on SIGINT, SIGTERM, or SIGHUP from a closed terminal; a second Ctrl-C is faster.

    Without a terminal, SIGHUP means to reload the settings, which happens anyway: see
    :meth:`Upkeep.follow_settings`.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread gets signals
        return
    named = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    numbers = [getattr(signal, name) for name in named if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    heeded = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    stays = kind == "serve" and not _has_terminal()
    for number in heeded:  # what was to be ignored (nohup) stays ignored
        hangs_up = number == getattr(signal, "SIGHUP", None)
        signal.signal(number, _stay if hangs_up and stays else server.handle_exit)
    try:
        yield
    finally:
        for number in heeded:
            signal.signal(number, before[number])


def _stay(*_: object) -> None:
    """Keep running."""


def _has_terminal() -> bool:
    """Return whether the process has a controlling terminal."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _add_shutdown(app: FastAPI, server: LocalServer) -> None:
    """Add ``POST /api/video-gen/shutdown``, which needs the server."""

    @app.post("/api/video-gen/shutdown", tags=["gateway"])
    async def shutdown(
        request: Request,
        force: Annotated[bool, Query(description="also with unfinished tasks")] = False,
    ) -> dict[str, Any]:
        """End this gateway; refused (409) while tasks are unfinished, unless forced. Owner only."""
        if person_of(request) != OWNER:
            raise Refusal("owner_only")
        unfinished = app.state.gateway.unfinished()
        if unfinished and not force:
            raise Refusal("busy", _BUSY, n=unfinished)
        server.should_exit = True
        return {"success": True, "unfinished": unfinished}
