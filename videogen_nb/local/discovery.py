"""Finding, starting and stopping the user's local gateway.

One gateway owns a data folder (see :mod:`.folder_lock`). It is a separate process that outlives the
kernel or script that started it; others find it through its info file. (TensorBoard's notebook
magic works the same way.)
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psutil

from .._version import __version__
from ..durations import since
from ..errors import LocalGatewayError
from ..i18n import Text
from ..settings import Settings
from .address_probe import Health, ask_to_end, health
from .file_lock import FileLock, NoLocks
from .folder_lock import refuse_other_machine
from .info_file import (
    GatewayInfo,
    info_path,
    lock_path,
    read_info,
    remove_info,
    same_process,
    this_machine,
    unusable,
)
from .launcher import start

#: Takes a sentence for the person; ``print`` will do.
Say = Callable[[Text], None]

_ANSWER_S = 10.0  # a busy machine may be slow, a suspended one silent
_END_S = 20.0
_LOCK_S = 90.0

_told: set[int] = set()

REUSING = Text(
    "Reusing the gateway on port {port} (process {pid}), started {ago}.",
    "沿用端口 {port} 上的网关（进程 {pid}，{ago}启动）。",
)
STARTING = Text("Starting a local gateway…", "正在启动本地网关……")
STARTED = Text("The local gateway is ready.", "本地网关已就绪。")
REPLACING = Text(
    "Replacing the idle gateway of version {theirs} with version {ours}.",
    "正在将空闲的 {theirs} 版网关替换为 {ours} 版。",
)
NOT_IN_EFFECT = Text(
    "{variable}={wanted} has no effect yet: the running gateway was started with {actual}. "
    "Run `videogen-nb stop`; the next gateway uses the new value.",
    "{variable}={wanted} 尚未生效：正在运行的网关启动时的值为 {actual}。"
    "可用 `videogen-nb stop` 停止网关，下次启动时即按新值运行。",
)
KEEPING = Text(
    "The running gateway is version {theirs} (this is {ours}) and busy with {n} {n:task|tasks}, "
    "so it is kept. Run `videogen-nb stop` to replace it when it is done.",
    "正在运行的网关版本为 {theirs}（已安装的是 {ours}），还有 {n} 个任务未完成，因此继续使用它。"
    "完成后可用 `videogen-nb stop` 停止它，之后会自动换成新版本。",
)
FOREIGN = Text(
    "The data folder {folder} seems to be used from {machine}; checking…",
    "数据文件夹 {folder} 似乎正由 {machine} 使用，正在确认……",
)


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """A gateway's address. ``token`` None = none required; ``reused``: it was already running."""

    url: str
    token: str | None = field(repr=False)
    pid: int
    started_at: datetime
    reused: bool
    kind: str = "embedded"
    version: str = __version__
    process_started: float = 0.0


def find_gateway(
    settings: Settings, *, say: Say | None = None, answering: bool = True
) -> GatewayAddress | None:
    """Return the running gateway of this data folder, or None. Does not start one.

    Args:
        answering: whether it must respond; False finds one that no longer does, to stop it.

    Raises:
        LocalGatewayError: it does not respond, or the folder is used by another machine.
    """
    if not answering:
        info = read_info(info_path(settings.data_folder))
        alive = info and same_process(info.pid, info.process_started)
        return _address(info, reused=True) if info and alive else None
    found = _find(settings, say)
    return _address(found[0], reused=True) if found else None


def ensure_gateway(settings: Settings | None = None, *, say: Say | None = None) -> GatewayAddress:
    """Return the gateway of this data folder, started if necessary. Blocks until it is ready.

    Args:
        settings: None = from the environment. ``settings.url`` is ignored.
        say: called with progress messages.

    Raises:
        LocalGatewayError: it cannot be found, started or replaced; ``log`` has its output.
    """
    settings = settings or Settings.from_environment()
    say = say or _say_nothing
    with starting(settings):
        found = _find(settings, say)
        if found and not _replaced(*found, say):
            address = _address(found[0], reused=True)
            _report_settings(found[0], settings, say)
            if address.pid not in _told:  # a kernel asks often, and needs to hear it once
                ago = since(address.started_at)
                say(REUSING(port=found[0].port, pid=address.pid, ago=ago))
            _told.add(address.pid)
            return address
        say(STARTING)
        info = start(settings)
        say(STARTED)
        _told.add(info.pid)
        return _address(info, reused=False)


def stop_gateway(address: GatewayAddress, *, force: bool = False) -> None:
    """Stop a local gateway and wait until its process is gone.

    Args:
        force: stop it even with unfinished tasks; unfinished tasks continue when it starts again.

    Raises:
        LocalGatewayError: it is busy and not forced, or could not be stopped.
    """
    if not same_process(address.pid, address.process_started):
        return
    if address.kind == "serve":
        _end_served(address, force=force)
    elif busy := ask_to_end(address.url, address.token, force=force):
        raise LocalGatewayError(
            Text(
                "The gateway has {n} unfinished {n:task|tasks}. Wait for {n:it|them}, or run "
                "`videogen-nb stop --force`: unfinished tasks continue when it starts again.",
                "网关还有 {n} 个任务未完成。请等待完成，或用 `videogen-nb stop --force` 停止："
                "下次启动后任务会继续。",
            )(n=busy)
        )
    if not _gone(address):
        raise LocalGatewayError(
            Text(
                "The gateway (process {pid}) could not be stopped.", "无法停止网关（进程 {pid}）。"
            )(pid=address.pid)
        )


def _end_served(address: GatewayAddress, *, force: bool) -> None:
    """Stop a gateway that runs in a terminal only if forced."""
    if not force:
        raise LocalGatewayError(
            Text(
                "The gateway at {url} (process {pid}) runs in a terminal: press Ctrl-C there, "
                "or run `videogen-nb stop --force`.",
                "{url} 的网关（进程 {pid}）正在终端中运行：请在那里按 Ctrl-C。"
                "也可用 `videogen-nb stop --force` 强制停止。",
            )(url=address.url, pid=address.pid)
        )
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(address.pid).terminate()


@contextlib.contextmanager
def starting(settings: Settings) -> Iterator[None]:
    """Hold the lock for starting, replacing or taking over this data folder's gateway.

    It prevents two clients from starting two gateways, one of which would have to stop again; that
    can still happen if the runtime folder does not support locks.

    Raises:
        LocalGatewayError: another process holds the lock for too long.
    """
    path = lock_path(settings)
    lock = FileLock(path)
    try:
        if not lock.acquire(_LOCK_S):
            raise _occupied()
    except NoLocks:
        pass
    except OSError as error:
        raise unusable(path.parent, error) from error
    try:
        yield
    finally:
        lock.release()


def _occupied() -> LocalGatewayError:
    return LocalGatewayError(
        Text(
            "Another program has been starting the gateway for {s:.0f} s. Stop that program and "
            "try again; run `videogen-nb doctor` for details.",
            "另一个程序正在启动网关，已超过 {s:.0f} 秒仍未完成。"
            "请停止它后重试；`videogen-nb doctor` 可查看详情。",
        )(s=_LOCK_S)
    )


def _find(settings: Settings, say: Say | None) -> tuple[GatewayInfo, Health] | None:
    folder = settings.data_folder
    found = _alive(info_path(folder))
    if found is None:
        say = say or _say_nothing
        refuse_other_machine(folder, lambda name: say(FOREIGN(folder=folder, machine=name)))
    return found


def _alive(path: Path) -> tuple[GatewayInfo, Health] | None:
    """Return the gateway described by an info file if it is alive; remove a stale file."""
    info = read_info(path)
    if info is None or info.machine != this_machine():
        return None
    deadline = time.monotonic() + _ANSWER_S
    while same_process(info.pid, info.process_started):
        answer = health(info.url)
        if answer is not None and answer.instance == info.instance:
            return info, answer
        if not path.exists():
            return None  # it is ending
        if time.monotonic() > deadline:
            raise _silent(info)
        time.sleep(0.1)
    remove_info(path, info)
    return None


def _report_settings(info: GatewayInfo, settings: Settings, say: Say) -> None:
    """Say once which settings of the environment the running gateway does not use."""
    if info.pid in _told:
        return
    for name, wanted in settings.of_the_gateway().items():
        actual = info.settings.get(name, wanted)
        if name in os.environ and actual != wanted:
            say(NOT_IN_EFFECT(variable=name, wanted=wanted, actual=actual or '""'))


def _replaced(info: GatewayInfo, answer: Health, say: Say) -> bool:
    """Replace an idle gateway of another version; return whether it was stopped."""
    if info.version == __version__ or info.kind == "serve":
        return False
    if answer.unfinished:
        say(KEEPING(theirs=info.version, ours=__version__, n=answer.unfinished))
        return False
    say(REPLACING(theirs=info.version, ours=__version__))
    stop_gateway(_address(info, reused=True))
    return True


def _address(info: GatewayInfo, *, reused: bool) -> GatewayAddress:
    return GatewayAddress(
        url=info.url,
        token=info.token,
        pid=info.pid,
        started_at=info.started_at,
        reused=reused,
        kind=info.kind,
        version=info.version,
        process_started=info.process_started,
    )


def _gone(address: GatewayAddress) -> bool:
    """Wait for the process to end, or else kill it with its workers."""
    if _ended(address, _END_S):
        return True
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(address.pid)
        for member in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
    return _ended(address, _END_S)


def _ended(address: GatewayAddress, within_s: float) -> bool:
    """Wait until it has ended; a zombie counts, since in a container it may never be reaped."""
    deadline = time.monotonic() + within_s
    while same_process(address.pid, address.process_started):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _silent(info: GatewayInfo) -> LocalGatewayError:
    return LocalGatewayError(
        Text(
            "The local gateway (process {pid}, {url}) is running but has not responded for "
            "{s:.0f} s. Try again in a moment, or stop it with `videogen-nb stop --force`.",
            "本地网关（进程 {pid}，{url}）在运行，但 {s:.0f} 秒内没有响应。"
            "请稍后再试，或用 `videogen-nb stop --force` 停止它。",
        )(pid=info.pid, url=info.url, s=_ANSWER_S)
    )


def _say_nothing(_: Text) -> None:
    """Ignore messages."""
