"""The gateway as an ASGI application."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ..._version import __version__
from ...errors import BadInput
from ...i18n import Text
from ...local.installation import is_gone
from ...people.lookup import People
from ...people.people_file import FILE
from ...protocol.models import GenerateRequest
from ...settings import Settings
from ..outgoing.resolver import Lookup, system_lookup
from ..refusals import SENTENCES, Refusal, installation_gone
from ..service.batches import Batches
from ..service.gateway import Gateway
from ..storage.database import disk_is_full
from ..storage.task_writer import Sleep
from . import (
    backup,
    batches,
    collect_paid,
    files,
    openai,
    organizing,
    spending,
    tasks,
    uploads,
)
from .access.auth import Guard, Known, TokenGate, language_of, names
from .access.local_users import LocalUsers
from .errors import answer, respond
from .mcp.endpoint import PATH, Endpoint
from .monitoring import health, metrics
from .pages.engines import engines_page
from .pages.reference import manual
from .pages.root import root
from .people import classroom
from .prefix import Prefix, check_prefix
from .responses import ENGINES_PAGE

logger = logging.getLogger(__name__)


def create_app(
    settings: Settings,
    *,
    token: str | None = None,
    hub: Known | None = None,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Sleep = asyncio.sleep,
    lookup: Lookup = system_lookup,
) -> FastAPI:
    """Return the application; its store and runner are opened by the app's lifespan.

    Args:
        settings: the data folder (``home``), parallel videos (``workers``), access.
        token: required except for videos, samples, docs and health; None = only tokens of
            ``people.toml`` in the data folder, if it exists.
        hub: another source of tokens.
        clock: UTC seconds.
        monotonic: seconds for :meth:`Gateway.idle_s`.
        sleep: used by tasks of remote engines.
        lookup: resolves names in an ``image_url``.

    Raises:
        BadParameter: a setting is invalid.
        LocalGatewayError: the people file is invalid.
    """
    settings = replace(settings, prefix=check_prefix(settings.prefix))
    people = People(settings.data_folder / FILE, token)
    gateway = Gateway(
        settings, people, clock=clock, monotonic=monotonic, sleep=sleep, lookup=lookup
    )
    agents = Endpoint()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await gateway.open()
        try:
            yield
        finally:
            await agents.close()
            await gateway.close()

    app = FastAPI(
        title="videogen-nb gateway",
        version=__version__,
        summary="From a sentence or an image to a video, over the video-gen protocol.",
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": tasks.ErrorAnswer}},
    )
    app.state.gateway = gateway
    app.state.batches = Batches(gateway)
    app.include_router(tasks.router)
    app.include_router(uploads.router)
    app.include_router(batches.router)
    app.include_router(organizing.router)
    app.include_router(spending.router)
    app.include_router(collect_paid.router)
    app.include_router(backup.router)
    app.include_router(classroom.router)
    app.include_router(files.router)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(openai.videos)
    app.include_router(openai.models)
    _add_refusals(app)
    _add_middleware(app, settings, gateway, hub)
    app.router.routes.append(Route(PATH, agents, methods=["GET", "POST", "DELETE"]))
    app.add_api_route("/", root, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_api_route(ENGINES_PAGE, engines_page, methods=["GET"], include_in_schema=False)
    app.add_api_route("/docs", lambda: manual(app.openapi()), include_in_schema=False)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


class _Touch:
    """Records that the gateway is in use, at every request."""

    def __init__(self, app: ASGIApp, gateway: Gateway) -> None:
        self._app = app
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._gateway.touch()
        await self._app(scope, receive, send)


def _add_middleware(app: FastAPI, settings: Settings, gateway: Gateway, hub: Known | None) -> None:
    """Add middleware, the innermost first: the prefix is removed before access is checked."""
    app.add_middleware(_Touch, gateway=gateway)
    if gateway.people.asks:
        app.add_middleware(TokenGate, people=gateway.people, hub=hub)
    else:
        app.add_middleware(LocalUsers, registry=gateway.registry)
    origins = names(settings.allowed_origins)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sorted(origins),
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
        )
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(Prefix, prefix=settings.prefix)


def _add_refusals(app: FastAPI) -> None:
    @app.exception_handler(BadInput)
    @app.exception_handler(Refusal)
    async def refused(request: Request, error: BadInput | Refusal) -> Response:
        return _refuse(request, error)

    @app.exception_handler(HTTPException)
    async def by_framework(request: Request, error: HTTPException) -> Response:
        known = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code)
        text = SENTENCES[known] if known else Text.same(str(error.detail))
        code = known or f"http_{error.status_code}"
        language, path = language_of(request.headers), request.url.path
        return answer(error.status_code, code, text, language, path, error.headers)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = str(first["loc"][-1])
        return _refuse(request, Refusal("malformed", where=where, what=first["msg"]))

    @app.exception_handler(sqlite3.Error)
    @app.exception_handler(OSError)
    async def disk(request: Request, error: sqlite3.Error | OSError) -> Response:
        if disk_is_full(error):
            return _refuse(request, Refusal("disk_full"))
        if is_gone():
            return _refuse(request, installation_gone())
        logger.error("The data folder cannot be used", exc_info=error)
        return _refuse(request, Refusal("store_unavailable", retry_after_s=5))

    @app.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> Response:
        if is_gone():
            return _refuse(request, installation_gone())
        return _refuse(request, Refusal("internal_error"))


def _refuse(request: Request, error: BadInput | Refusal) -> Response:
    return respond(error, language_of(request.headers), request.url.path)


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            routes=app.routes,
        )
        # A create's body is read by hand, in bounds, so FastAPI does not know its model.
        place = "#/components/schemas/{model}"
        order = GenerateRequest.model_json_schema(ref_template=place)
        schemas = document["components"]["schemas"]
        schemas.update(order.pop("$defs", {}))
        schemas["GenerateRequest"] = order
        app.openapi_schema = document
    return app.openapi_schema


_DESCRIPTION = """
Create a task, poll its status until it is `completed`, then download the video from `video_urls`.

Ids are decimal strings of 17 digits: never parse them as JavaScript numbers.

Errors are `{"detail": …, "code": …}`; `detail` follows `Accept-Language` (English, 中文).

If the gateway requires a token, send `Authorization: Bearer <token>`.
"""
