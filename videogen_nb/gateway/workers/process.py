"""The gateway's side of a worker process: started on demand, replaced when it dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import psutil

from ...i18n import Text
from .messages import Request, frame

LINE_LIMIT: Final = 4 << 20
STOP_S: Final = 2.0
BUSY: Final = 0.5  # of the time it was given, a process that was kept by its work has worked

OnReport = Callable[[float | None, Text | None], None]


class WorkerDied(Exception):
    """The process ended unexpectedly; ``text`` says how."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class WorkerSilent(WorkerDied):
    """The process exceeded its time limit and was killed: the work took too long."""


class WorkerStopped(Exception):
    """The work was stopped on request."""


class WorkerGone(Exception):
    """The worker on another machine is gone: the machine or the connection was lost.

    ``counts`` is false if no worker could be reached, which says nothing about the task.
    """

    def __init__(self, text: Text, *, counts: bool) -> None:
        super().__init__(text.en)
        self.text = text
        self.counts = counts


class WorkFailed(Exception):
    """The work failed with an error."""

    def __init__(self, code: str, text: Text, bad_input: bool) -> None:
        super().__init__(text.en)
        self.code = code
        self.text = text
        self.bad_input = bad_input


class WorkerProcess:
    """A process that handles one request at a time. Its crash does not affect the gateway."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._asked_to_stop = False
        self._busy = False

    @property
    def pid(self) -> int | None:
        """The process id while it is running."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def ask(
        self, request: Request, *, silence_s: float, on_report: OnReport | None = None
    ) -> dict[str, Any]:
        """Execute a request.

        Args:
            silence_s: the process is killed if it reports nothing for this long.
            on_report: called with progress and stage.

        Raises:
            WorkerDied: it ended or was killed; the next call starts a new one.
            WorkerSilent: it was killed because the work took too long.
            WorkerStopped: :meth:`stop` was called.
            WorkFailed: the work itself failed.
        """
        self._asked_to_stop = False
        self._busy = True
        try:
            process = await self._started()
            assert process.stdin is not None
            assert process.stdout is not None
            if self._asked_to_stop:  # while it was being started
                raise WorkerStopped
            worked_s = self._worked_s()
            process.stdin.write(frame(request))
            await process.stdin.drain()
            while True:
                async with asyncio.timeout(silence_s):
                    line = await process.stdout.readline()
                if not line.endswith(b"\n"):
                    raise await self._death()
                message = json.loads(line)
                if "progress" not in message:
                    return _result(message)
                if on_report is not None:
                    on_report(message["progress"], _text(message["stage"]))
        except TimeoutError:
            busy = self._worked_s() - worked_s >= silence_s * BUSY
            await self.kill()
            kind = WorkerSilent if busy else WorkerDied  # else a crowded machine is what kept it
            raise kind(_SILENT(seconds=round(silence_s))) from None
        except ConnectionError:
            raise await self._death() from None
        except asyncio.CancelledError:
            await self.kill()
            raise
        finally:
            self._busy = False
            if self._ending is not None:
                self._ending.cancel()
                self._ending = None

    def stop(self, grace_s: float = STOP_S) -> None:
        """Stop the current work; kill the process after ``grace_s``."""
        self._asked_to_stop = self._busy
        if not self._busy or self.pid is None or self._ending is not None:
            return
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(frame(None))
        self._ending = asyncio.get_running_loop().call_later(grace_s, self._kill_now)

    async def kill(self) -> None:
        """Kill the process and its children."""
        self._kill_now()
        if self._process is not None:
            await self._process.wait()
            self._process = None

    def _worked_s(self) -> float:
        """Return the CPU time of the process."""
        try:
            times = psutil.Process(self.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    async def _started(self) -> asyncio.subprocess.Process:
        if self.pid is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "videogen_nb.gateway.workers.worker",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                limit=LINE_LIMIT,
                start_new_session=True,  # so that what it starts can be ended with it
                env={**os.environ, "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path)},
            )
        assert self._process is not None
        return self._process

    def _kill_now(self) -> None:
        if self.pid is None or self._process is None:
            return
        try:
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it was quicker

    async def _death(self) -> Exception:
        assert self._process is not None
        self._kill_now()  # its output has ended; nothing of it may live on
        status = await self._process.wait()
        self._process = None
        return WorkerStopped() if self._asked_to_stop else WorkerDied(_how(status))


def _result(message: Mapping[str, Any]) -> dict[str, Any]:
    if "done" in message:
        done: dict[str, Any] = message["done"]
        return done
    if "cancelled" in message:
        raise WorkerStopped
    raise WorkFailed(message["code"], Text.from_json(message["text"]), message["bad_input"])


def _text(stage: Mapping[str, str] | None) -> Text | None:
    return Text.from_json(stage) if stage else None


def _how(status: int) -> Text:
    if sys.platform != "win32" and status == -signal.SIGKILL:
        return _KILLED
    return _ENDED(status=status)


_KILLED = Text(
    "The worker process was killed, most likely because memory ran out. Try a lower resolution "
    "or a shorter video.",
    "工作进程被系统终止，通常是内存不足。请降低分辨率或缩短时长后重试。",
)
_ENDED = Text(
    "The worker process exited unexpectedly (exit status {status}).",
    "工作进程意外结束（退出状态 {status}）。",
)
_SILENT = Text(
    "The worker process did not respond for {seconds} s and was stopped.",
    "工作进程 {seconds} 秒内没有任何响应，已被终止。",
)
