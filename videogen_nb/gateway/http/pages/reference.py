"""``/docs``: the OpenAPI document as a plain web page.

FastAPI's own page loads scripts from the internet: without a network it stays blank, and with one,
third-party code runs in the gateway's origin. This page needs no scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from starlette.responses import HTMLResponse

#: What answers consist of and no route shows by itself.
_OBJECTS: Final = ("VideoTask", "EngineInfo", "ImageRef", "ErrorAnswer")
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_CODE: Final = re.compile(r"`([^`]+)`")
STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 54rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; font-size: 1.1rem } code, pre { font-family: ui-monospace, monospace }
h2 b { padding: .1rem .5rem; border-radius: .3rem; background: #2a6f97; color: #fff }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: 1rem 0 }
caption { text-align: left; font-weight: 600; padding: .25rem .6rem }
td, th { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #8884 }
th:nth-child(-n+2) { width: 14rem }
"""


def manual(document: Mapping[str, Any]) -> HTMLResponse:
    """Return the page for an OpenAPI document."""
    info = document["info"]
    body = "\n".join(_body(document))
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(info["title"])}'
        f'</title><meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<body>{body}</body></html>"
    )
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(page, headers=headers)


def _body(document: Mapping[str, Any]) -> Iterator[str]:
    info = document["info"]
    yield f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>"
    yield f"<p>{escape(info['summary'])} <a href='openapi.json'>openapi.json</a></p>"
    yield _prose(info["description"])
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield f"<h2><b>{method.upper()}</b> <code>{escape(path)}</code></h2>"
            yield _prose(operation["description"])
            yield from _sent(document, operation)
            yield from _answered(document, operation)
    yield "<h2>Objects</h2>"
    for name in _OBJECTS:
        yield from _model(document, "", {"$ref": f"#/{name}"})


def _sent(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    parameters = operation.get("parameters", [])
    if parameters:
        yield _table(
            "Parameters",
            (
                (
                    parameter["name"],
                    _kind(parameter["schema"]),
                    parameter.get("description") or parameter["schema"].get("description", ""),
                )
                for parameter in parameters
            ),
        )
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        yield from _model(document, f"Body ({kind})", content["schema"])


def _answered(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    for kind, content in operation["responses"].get("200", {}).get("content", {}).items():
        yield from _model(document, f"Answer ({kind})", content.get("schema", {}))


def _model(document: Mapping[str, Any], title: str, schema: Mapping[str, Any]) -> Iterator[str]:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    model = document["components"]["schemas"].get(name)
    if model is None:
        yield f"<p>{escape(title)}</p>"
        return
    rows = (
        (field, _kind(about), about.get("description", ""))
        for field, about in model["properties"].items()
    )
    yield _table(f"{title}: {name}" if title else name, rows)


def _kind(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_kind(choice) for choice in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if schema.get("type") == "array" and "items" in schema:
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("type", "any"))


def _table(title: str, rows: Iterator[tuple[str, str, str]]) -> str:
    lines = "".join(
        f"<tr><td><code>{escape(name)}</code><td>{escape(kind)}<td>{escape(words)}"
        for name, kind, words in rows
    )
    return (
        f"<table><caption>{escape(title)}</caption><tr><th>Name<th>Type<th>Meaning{lines}</table>"
    )


def _prose(words: str) -> str:
    marked = _CODE.sub(r"<code>\1</code>", escape(words.strip(), quote=False))
    return "".join(f"<p>{part}</p>" for part in marked.split("\n\n"))
