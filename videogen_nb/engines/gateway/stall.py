"""Detecting stalled tasks, which older gateways leave in "processing" forever."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ...protocol import tells_all
from ...protocol.models import VideoTask
from ...protocol.polling import PollingPolicy, unmoved_for


class Moving:
    """Remembers when each task last changed."""

    def __init__(
        self,
        policy: PollingPolicy | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._policy = policy or PollingPolicy()
        self._monotonic = monotonic
        self._now = now
        self._seen: dict[str, tuple[Any, float]] = {}

    def stalled(self, task: VideoTask) -> bool:
        """Record a task's state; return whether it has not changed for too long."""
        if task.status.finished:
            self._seen.pop(task.message_id, None)
            return False
        state = (task.status, task.updated_at, task.retry_count, task.error)
        before, since = self._seen.get(task.message_id, (None, 0.0))
        if state != before:
            since = self._monotonic()
            self._seen[task.message_id] = (state, since)
        if tells_all(task):
            return False  # ours takes up after a restart what it had begun
        still_s = unmoved_for(self._monotonic() - since, task.updated_at, self._now())
        return still_s > self._policy.quiet_s + self._policy.stalled_s
