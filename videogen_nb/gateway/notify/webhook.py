"""Webhooks: allowed hosts, contents, and one attempt to send (Standard Webhooks).

https://github.com/standard-webhooks/standard-webhooks
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpcore
import httpx
from standardwebhooks import Webhook

from ..._version import __version__
from ...i18n import Text
from ..outgoing.connections import Guarded, httpcore_url
from ..outgoing.fetcher import read_url
from ..refusals import Refusal
from ..storage.notifications import BatchEnd, Ended
from ..storage.task_record import TaskRecord
from .secret import signing_secret

TOTAL_S: Final = 15.0  # for one try
_ON_THE_WAY: Final = (
    httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException,
)  # fmt: skip
_GONE: Final = 410  # the receiver wants no more of it

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one attempt; ``final``: do not retry."""

    arrived: bool
    final: bool
    why: str = ""


class Webhooks:
    """Sends webhooks only to hosts that the gateway's owner allows.

    Args:
        hosts: comma-separated names; ``*.example.com`` matches all subdomains.
        guarded: creates connections to checked addresses.
        folder: the folder with the secret.
    """

    def __init__(
        self, hosts: str, guarded: Guarded, folder: Path, *, total_s: float = TOTAL_S
    ) -> None:
        self._hosts = [host.strip().lower() for host in hosts.split(",") if host.strip()]
        self._guarded = guarded
        self._folder = folder
        self._total_s = total_s

    def allows(self, url: str) -> bool:
        """Return whether a URL is allowed."""
        try:
            self.check(url)
        except Refusal:
            return False
        return True

    def check(self, url: str) -> httpx.URL:
        """Return the URL of a webhook.

        Raises:
            Refusal: it is invalid, or its host is not allowed.
        """
        try:
            target = read_url(url)
        except Refusal:
            raise Refusal("notify_invalid", _INVALID) from None
        host = target.host.lower()
        if not any(_matches(host, allowed) for allowed in self._hosts):
            raise Refusal("notify_not_allowed", _NOT_ALLOWED(host=host))
        return target

    async def send(self, record: Ended, now: float) -> Outcome:
        """Send the webhook of a task or batch once."""
        try:
            target = self.check(record.notify or "")
        except Refusal as refusal:  # allowed when it was created, and no longer
            return Outcome(False, True, str(refusal))
        try:
            async with asyncio.timeout(self._total_s):
                status = await self._post(target, record, now)
        except Refusal as refusal:
            return Outcome(False, False, f"{target.host}: {refusal.code}")
        except (*_ON_THE_WAY, TimeoutError, OSError) as error:
            return Outcome(False, False, f"{target.host}: {type(error).__name__}")
        return Outcome(200 <= status < 300, status == _GONE, f"{target.host}: HTTP {status}")

    async def _post(self, target: httpx.URL, record: Ended, now: float) -> int:
        secret = await asyncio.to_thread(signing_secret, self._folder)
        body = event(record)
        headers = signed(secret, name_of(record), body, now)
        connections, guard = self._guarded.pool(record.owner)
        guard.head_for(target)
        async with (
            connections as pool,
            pool.stream(
                "POST",
                httpcore_url(target),
                headers=[(name.encode(), value.encode()) for name, value in headers.items()],
                content=body.encode(),
            ) as answer,
        ):
            return answer.status  # what else it says is not read


def name_of(record: Ended) -> str:
    """Return a webhook's id: the same for every attempt, a new one each time a batch ends."""
    return f"msg_{record.id if isinstance(record, BatchEnd) else record.message_id}"


def event(record: Ended) -> str:
    """Return the event for an ended task or batch as JSON, without links."""
    if isinstance(record, BatchEnd):
        kind, data = "batch.finished", _about_batch(record)
    else:
        kind, data = f"task.{record.status}", _about_task(record)
    told = {"type": kind, "timestamp": _iso(record.finished_at), "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _about_batch(end: BatchEnd) -> dict[str, Any]:
    total = sum(end.counts.values())
    return {
        "name": end.name,
        "total": total,
        "counts": dict(end.counts),
        "finished_at": _iso(end.finished_at),
    }


def _about_task(record: TaskRecord) -> dict[str, Any]:
    return {
        "conversation_id": record.conversation_id,
        "message_id": record.message_id,
        "status": str(record.status),
        "prompt": record.prompt,
        "engine": record.engine,
        "seed": record.seed,
        "group": record.group,
        "parent": record.parent,
        "labels": list(record.labels),
        "title": record.title,
        "error": record.error.render("en") if record.error else None,
        "error_code": record.error_code,
        "sha256": record.sha256,
        "created_at": _iso(record.created_at),
        "finished_at": _iso(record.finished_at),
    }


def signed(secret: str, name: str, body: str, now: float) -> dict[str, str]:
    """Return the headers of a webhook: its id and signature."""
    moment = datetime.fromtimestamp(int(now), UTC)
    return {
        "Content-Type": "application/json",
        "User-Agent": f"videogen-nb/{__version__}",
        "webhook-id": name,
        "webhook-timestamp": str(int(now)),
        "webhook-signature": Webhook(secret).sign(name, moment, body),
    }


def _matches(host: str, allowed: str) -> bool:
    if allowed.startswith("*."):
        return host.endswith(allowed[1:])
    return host == allowed


def _iso(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()


_INVALID: Final = Text(
    "Invalid notify: use the URL of a webhook, such as https://example.com/hook.",
    "notify 应为 webhook 的地址，例如 https://example.com/hook。",
)
_NOT_ALLOWED: Final = Text(
    "The gateway is not allowed to notify {host}. Add the host to VIDEOGEN_NOTIFY_HOSTS where the "
    "gateway runs, or omit notify.",
    "网关不允许向 {host} 发送通知。请在网关的环境变量 VIDEOGEN_NOTIFY_HOSTS 中加入该主机，或去掉"
    " notify。",
)
