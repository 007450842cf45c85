"""How a running gateway can be found: its info file, kept in place while it runs."""

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
    """One gateway's info file, from being ready to beginning to end."""

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
        """From now on the gateway can be found."""
        self._shown = True
        write_info(self.path, self.info)

    def beat(self) -> None:
        """Give a sign of life, and put the file back where a cleaner of old files has been."""
        beat(self._data_folder)
        if self._shown and read_info(self.path) is None:
            with contextlib.suppress(OSError):  # a full disk is told elsewhere
                write_info(self.path, self.info)

    def hide(self) -> None:
        """From now on the gateway is not found any more; it is about to end."""
        self._shown = False
        remove_info(self.path, self.info)
