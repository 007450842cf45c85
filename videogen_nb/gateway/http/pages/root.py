"""``GET /``: what this server is, for a person with a browser and for a program."""

from __future__ import annotations

from html import escape
from typing import Final

from fastapi import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from ....i18n import Text
from ..access.auth import language_of
from ..prefix import PREFIX
from .reference import POLICY, STYLE

PATHS: Final = {
    "docs": "docs",
    "openapi": "openapi.json",
    "engines": "api/video-gen/engines",
    "models": "v1/models",
}


async def root(request: Request) -> Response:
    """Say what this server is, and where to read more. Needs no token."""
    language = language_of(request.headers)
    if "text/html" in request.headers.get("accept", ""):
        return _page(language)
    what = {"service": "videogen-nb", "detail": _WHAT.render(language)}
    base = request.scope.get(PREFIX, "")
    return JSONResponse({**what, **{name: f"{base}/{path}" for name, path in PATHS.items()}})


def _page(language: str) -> HTMLResponse:
    # Relative, so that they work behind a hub's proxy.
    links = {"docs": _DOCS, "openapi.json": Text.same("OpenAPI")}
    listed = "".join(
        f'<li><a href="{path}">{escape(text.render(language))}</a>' for path, text in links.items()
    )
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>videogen-nb</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<body><h1>videogen-nb</h1><p>{escape(_WHAT.render(language))}</p><ul>{listed}</ul></body>"
        "</html>"
    )
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(page, headers=headers)


_WHAT: Final = Text(
    "This is a video-gen gateway: notebooks, scripts and the videogen-nb command use it to "
    "generate videos. It has no web page for that.",
    "这是 video-gen 网关：笔记本、脚本和 videogen-nb 命令通过它生成视频。"
    "它没有用于生成视频的网页。",
)
_DOCS: Final = Text("API reference", "接口说明")
