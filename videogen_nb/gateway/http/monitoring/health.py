"""Routes that report whether the gateway is alive and can accept tasks. Neither needs a token."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from ...._version import __version__
from ...service.monitoring.readiness import problem
from ..access.auth import language_of
from ..context import gateway_of
from ..tasks import json_answer

router = APIRouter(tags=["gateway"])


@router.get("/healthz")
async def healthz(request: Request) -> Response:
    """Report that the gateway is alive, and which one. Needs no token; no machine details."""
    gateway = gateway_of(request)
    notice = gateway.database.notice
    return json_answer(
        {
            "status": "ok",
            "service": "videogen-nb",
            "version": __version__,
            "instance": gateway.instance,
            "started_at": datetime.fromtimestamp(gateway.started_at, UTC).isoformat(),
            "unfinished": gateway.unfinished(),
            "notice": notice and notice.render(language_of(request.headers)),
        }
    )


@router.get("/livez")
async def livez(request: Request) -> Response:
    """Report that requests are answered. If not, restart the gateway: no task is lost."""
    return json_answer({"status": "ok"})


@router.get("/readyz", responses={503: {"description": "It cannot; `problem` says why."}})
async def readyz(request: Request) -> Response:
    """Report whether tasks can be accepted: the database is writable, the disk has space."""
    why = await problem(gateway_of(request))
    if why is None:
        return json_answer({"status": "ok"})
    told = {"status": "unavailable", "problem": why.render(language_of(request.headers))}
    return json_answer(told, 503)
