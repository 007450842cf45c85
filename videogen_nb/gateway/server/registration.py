"""How a running gateway can be found: its info file, kept in place while it runs."""

from __future__ import annotations

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
from ...settings import Settings


class Registration:
    """One gateway's info file, from being ready to beginning to end."""

    def __init__(
        self,
        settings: Settings,
        *,
        url: str,
        port: int,
        token: str | None,
        kind: Literal["embedded", "serve"],
        instance: str,
    ) -> None:
        self.path = info_path(settings)
        self._data_folder = settings.data_folder
        self.info = GatewayInfo(
            url=url,
            machine=this_machine(),
            port=port,
            pid=os.getpid(),
            process_started=process_started(os.getpid()),
            version=__version__,
            environment=str(Path(sys.prefix)),
            data_folder=str(settings.data_folder),
            token=token,
            started_at=datetime.now(UTC),
            kind=kind,
            instance=instance,
        )
        self._shown = False

    def show(self) -> None:
        """From now on the gateway can be found."""
        self._shown = True
        write_info(self.path, self.info)

    def beat(self) -> None:
        """A sign of life; also puts the file back where a cleaner of old files has been."""
        beat(self._data_folder)
        if not self._shown or read_info(self.path) is not None:
            return
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_info(self.path, self.info)
        except OSError:
            return  # a session's runtime folder may be gone for good; the claim still names us

    def hide(self) -> None:
        """From now on the gateway is not found any more; it is about to end."""
        self._shown = False
        remove_info(self.path, self.info)
