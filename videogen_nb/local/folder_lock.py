"""Who has a data folder: one gateway at a time, told in the folder itself.

A data folder may lie in a home that several machines share, or that outlives the machine it was
mounted on. So its gateway holds a lock in it, names itself beside the lock, and touches that name
every few seconds: a claim that no longer moves is nobody's.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import LocalGatewayError
from ..i18n import Text
from .info_file import this_machine

#: Seconds between two signs of life.
BEAT_S = 5.0
_LONG_DEAD_S = 600.0  # more than two clocks will differ


class Claim(BaseModel):
    """The gateway that has the folder; ``info`` is the path of its info file on its machine."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    machine: str
    pid: int
    info: str


def read_claim(data_folder: Path) -> Claim | None:
    """The claim in the folder; None where there is none that can be read."""
    try:
        return Claim.model_validate_json(_claim_path(data_folder).read_bytes())
    except (OSError, ValidationError):
        return None


@contextlib.contextmanager
def claimed(data_folder: Path, info_path: Path, *, timeout_s: float) -> Iterator[None]:
    """Have the folder to oneself for the length of the block.

    Raises:
        LocalGatewayError: it cannot be written, or another gateway has it and did not leave it
            within ``timeout_s``.
    """
    lock = FileLock(data_folder / "gateway.lock", timeout=timeout_s)
    try:
        data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise _taken(data_folder) from None
    except OSError as error:
        raise LocalGatewayError(
            Text(
                "The data folder {folder} cannot be written: {reason}. "
                "Set VIDEOGEN_HOME to another one.",
                "数据文件夹 {folder} 无法写入：{reason}。请将 VIDEOGEN_HOME 设为其他文件夹。",
            )(folder=data_folder, reason=error.strerror or error)
        ) from error
    path = _claim_path(data_folder)
    try:
        claim = Claim(machine=this_machine(), pid=os.getpid(), info=str(info_path))
        path.write_text(claim.model_dump_json(), encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):  # somebody may be reading it, on Windows
            path.unlink()
        lock.release()


def beat(data_folder: Path) -> None:
    """Give a sign of life."""
    with contextlib.suppress(OSError):  # a full or absent disk is told elsewhere
        os.utime(_claim_path(data_folder))


def moves(
    data_folder: Path,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Whether the claim's holder still gives signs of life; takes up to three beats to tell.

    Two machines' clocks differ, so what counts is whether the time stamp moves.
    """
    path = _claim_path(data_folder)
    try:
        seen = path.stat().st_mtime
        if clock() - seen > _LONG_DEAD_S:
            return False
        for _ in range(15):
            sleep(BEAT_S / 5)
            if path.stat().st_mtime != seen:
                return True
    except FileNotFoundError:
        pass  # it left
    return False


def sweep(data_folder: Path) -> None:
    """Remove a claim that is nobody's."""
    _claim_path(data_folder).unlink(missing_ok=True)


def _claim_path(data_folder: Path) -> Path:
    return data_folder / "gateway.json"


def _taken(data_folder: Path) -> LocalGatewayError:
    claim = read_claim(data_folder)
    return LocalGatewayError(
        Text(
            "Another gateway has the data folder {folder}: process {pid} on {machine}. "
            "End it, or set VIDEOGEN_HOME to another folder.",
            "数据文件夹 {folder} 正由另一个网关使用：{machine} 上的进程 {pid}。"
            "请结束它，或将 VIDEOGEN_HOME 设为其他文件夹。",
        )(
            folder=data_folder,
            pid=claim.pid if claim else "?",
            machine=claim.machine if claim else "?",
        )
    )
