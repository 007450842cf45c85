"""Signs of life during work without progress reports, such as loading a model."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Self

from ...i18n import Text
from ..base import Report

EVERY_S: Final = 1.0


class Pulse:
    """Reports a stage repeatedly until the block ends."""

    def __init__(
        self, report: Report, stage: Text, progress: Callable[[], float | None] = lambda: None
    ) -> None:
        self._report = report
        self._stage = stage
        self._progress = progress
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="pulse")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while True:
            self._report(self._progress(), self._stage)
            if self._over.wait(EVERY_S):
                return
