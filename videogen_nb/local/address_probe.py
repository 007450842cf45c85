"""Identifying what responds at an address: one of our gateways, an older one, something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import LocalGatewayError
from ..i18n import Text
from ..network import client
from ..protocol.models import TaskPage

SHUTDOWN = "/api/video-gen/shutdown"

_PATIENCE_S = 2.0


class Health(BaseModel):
    """The response of ``GET /healthz``, as far as needed to identify a gateway."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    service: Literal["videogen-nb"]
    version: str
    instance: str = ""
    unfinished: int = 0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """What responds at ``url``: one of our gateways, an older one, something else, or nothing."""

    url: str
    kind: Literal["ours", "older", "other", "nothing"]
    version: str | None = None

    def describe(self) -> Text:
        """Return a short description."""
        words = {
            "ours": Text("a videogen-nb gateway (version {v})", "videogen-nb 网关（版本 {v}）"),
            "older": Text("an older video-gen gateway", "旧版 video-gen 网关"),
            "other": Text("another program", "其他程序"),
            "nothing": Text("nothing responds there", "该地址没有响应"),
        }
        return words[self.kind](v=self.version)

    @property
    def speaks(self) -> bool:
        """Whether it can be used as ``VIDEOGEN_URL``."""
        return self.kind in ("ours", "older")


def health(url: str, *, timeout_s: float = _PATIENCE_S) -> Health | None:
    """Return the health of one of our gateways; None if none responds in time."""
    try:
        return _health(url, timeout_s)
    except httpx.HTTPError:
        return None


def neighbour(url: str, *, timeout_s: float = _PATIENCE_S) -> Neighbour:
    """Return what responds at ``url``. Older gateways are recognized by their task list."""
    try:
        if facts := _health(url, timeout_s):
            return Neighbour(url, "ours", facts.version)
        with _client(url, timeout_s) as web:
            answer = web.get("/api/video-gen/list")
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return Neighbour(url, "nothing")
    except httpx.HTTPError:
        return Neighbour(url, "other")  # it is there, but speaks something else, or not at all
    return Neighbour(url, "older" if _is_list(answer) else "other")


def lets_in(url: str, token: str | None) -> bool:
    """Return whether the gateway accepts this token."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with _client(url) as web:
            answer = web.get("/api/video-gen/list", params={"limit": 1}, headers=headers)
    except httpx.HTTPError:
        return False
    return answer.status_code not in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)


def ask_to_end(url: str, token: str | None, *, force: bool) -> int:
    """Ask a local gateway to stop.

    Returns:
        0 if it agrees or no longer responds; otherwise its number of unfinished tasks.

    Raises:
        LocalGatewayError: it refuses.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with _client(url) as web:
            answer = web.post(SHUTDOWN, params={"force": force}, headers=headers)
    except httpx.HTTPError:
        return 0
    if answer.status_code == httpx.codes.CONFLICT:
        facts = health(url)
        return max(1, facts.unfinished if facts else 1)
    if not answer.is_success:
        raise LocalGatewayError(
            Text(
                "The gateway at {url} refused to stop (HTTP {status}). If it runs in a "
                "terminal, press Ctrl-C there.",
                "{url} 的网关拒绝停止（HTTP {status}）。如果它在终端中运行，请在那里按 Ctrl-C。",
            )(url=url, status=answer.status_code)
        )
    return 0


def _health(url: str, timeout_s: float) -> Health | None:
    with _client(url, timeout_s) as web:
        answer = web.get("/healthz")
    try:
        return Health.model_validate_json(answer.content) if answer.is_success else None
    except ValidationError:
        return None


def _client(url: str, timeout_s: float = _PATIENCE_S) -> httpx.Client:
    return client(base_url=url, timeout=timeout_s)


def _is_list(answer: httpx.Response) -> bool:
    try:
        return answer.is_success and "tasks" in answer.json() and bool(TaskPage(**answer.json()))
    except (ValueError, TypeError):
        return False
