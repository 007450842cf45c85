"""The info file of a running gateway, by which clients find it."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from ..._version import __version__
from ...local.folder_lock import beat
from ...local.info_file import (
    GatewayInfo,
    info_path,
    process_started,
    read_info,
    remove_info,
    this_machine,
    write_info,
)


class Registration:
    """Maintains a gateway's info file while it accepts requests."""

    def __init__(
        self,
        data_folder: Path,
        *,
        url: str,
        port: int,
        token: str | None,
        kind: Literal["embedded", "serve"],
        instance: str,
        settings: dict[str, str] | None = None,
    ) -> None:
        self.path = info_path(data_folder)
        self._data_folder = data_folder
        self.info = GatewayInfo(
            url=url,
            machine=this_machine(),
            port=port,
            pid=os.getpid(),
            process_started=process_started(os.getpid()),
            version=__version__,
            environment=os.fsencode(sys.prefix).decode("utf-8", "replace"),
            token=token,
            started_at=datetime.now(UTC),
            kind=kind,
            instance=instance,
            settings=settings or {},
        )
        self._shown = False

    def show(self) -> None:
        """Write the file: the gateway can now be found."""
        self._shown = True
        write_info(self.path, self.info)

    def beat(self) -> None:
        """Touch the file as a sign of life, or restore it if it was deleted."""
        beat(self._data_folder)
        if self._shown and read_info(self.path) is None:
            with contextlib.suppress(OSError):  # a full disk is told elsewhere
                write_info(self.path, self.info)

    def hide(self) -> None:
        """Remove the file: the gateway is about to stop."""
        self._shown = False
        remove_info(self.path, self.info)
