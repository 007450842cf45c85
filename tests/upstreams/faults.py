"""What an upstream can do wrong at a create, before or after it has acted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send


class Fault(StrEnum):
    """One way for a create to go wrong."""

    ERROR_500 = "error_500"
    TIMEOUT_504 = "timeout_504"
    PAGE_502 = "page_502"
    BUSY_429 = "busy_429"  # in the provider's own words
    BARE_429 = "bare_429"  # a proxy's
    CONFLICT_409 = "conflict_409"
    CUT = "cut"  # the answer breaks off
    GARBAGE = "garbage"  # 200, but nothing readable
    NO_ID = "no_id"  # 200 and JSON, but no task in it
    SEE_OTHER_303 = "see_other_303"
    MOVED_307 = "moved_307"
    STALL = "stall"  # nothing comes for a while


#: After these it is certain that nothing was made, if the server is honest.
DEFINITE = frozenset({Fault.BUSY_429, Fault.MOVED_307})


@dataclass(frozen=True)
class Planned:
    """A fault to come; ``acts``: the create is carried out all the same."""

    fault: Fault
    acts: bool


class CutResponse(Response):
    """Announces a body and breaks off in it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"200"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id": "', "more_body": False})


async def spoilt(fault: Fault, request: Request) -> Response:
    """The answer of a fault."""
    if fault is Fault.STALL:
        await asyncio.sleep(0.5)
    error = {"error": {"code": "InternalServiceError", "message": "fault", "type": "error"}}
    busy = {"error": {"code": "RateLimitExceeded", "message": "slow down", "type": "error"}}
    answers: dict[Fault, Response] = {
        Fault.ERROR_500: JSONResponse(error, 500),
        Fault.STALL: JSONResponse(error, 504),
        Fault.TIMEOUT_504: JSONResponse({}, 504),
        Fault.PAGE_502: HTMLResponse("<title>502 Bad Gateway</title>", 502),
        Fault.BUSY_429: JSONResponse(busy, 429, {"Retry-After": "1"}),
        Fault.BARE_429: Response(b"", 429),
        Fault.CONFLICT_409: JSONResponse(error, 409),
        Fault.CUT: CutResponse(),
        Fault.GARBAGE: Response(b"\xff{", media_type="application/json"),
        Fault.NO_ID: JSONResponse({"ok": True}),
        Fault.SEE_OTHER_303: RedirectResponse(str(request.url) + "/1", 303),
        Fault.MOVED_307: RedirectResponse(str(request.url) + "/elsewhere", 307),
    }
    return answers[fault]
