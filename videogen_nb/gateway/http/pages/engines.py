"""``GET /engines``: engines that can do more than the built-in one, and how to set them up."""

from __future__ import annotations

from html import escape
from typing import Final, NamedTuple

from fastapi import Request
from starlette.responses import HTMLResponse

from ....i18n import Text
from ..access.auth import language_of
from .reference import POLICY, STYLE


class _Engine(NamedTuple):
    who: Text
    needs: Text
    begin: str


async def engines_page(request: Request) -> HTMLResponse:
    """Return the web page. Needs no token and reveals nothing about this gateway."""
    language = language_of(request.headers)
    heads = "".join(f"<th>{escape(text.render(language))}</th>" for text in _HEADS)
    rows = "".join(_row(name, engine, language) for name, engine in _ENGINES.items())
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f"<title>{escape(_TITLE.render(language))}</title>"
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style>'
        f"<body><h1>{escape(_TITLE.render(language))}</h1><p>{escape(_WHY.render(language))}</p>"
        f"<table><tr>{heads}</tr>{rows}</table>"
        f"<p>{escape(_THEN.render(language))}</p></body></html>"
    )
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(page, headers=headers)


def _row(name: str, engine: _Engine, language: str) -> str:
    who, needs = (escape(text.render(language)) for text in (engine.who, engine.needs))
    cells = (f"<code>{name}</code>", who, needs, f"<code>{escape(engine.begin)}</code>")
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


_TITLE: Final = Text("Real video models", "真正的视频模型")
_WHY: Final = Text(
    "The built-in engine draws a few scenes with formulas and adds camera moves to images. These "
    "engines use real video models; nothing else in your notebook changes.",
    "内置引擎用公式绘制少量场景，并让图片动起来。下列引擎使用真正的视频模型，笔记本中的其他内容无"
    "需改动。",
)
_HEADS: Final = (
    Text("engine", "引擎"),
    Text("what generates the video", "由谁生成"),
    Text("what it needs", "需要什么"),
    Text("first step", "第一步"),
)
_ENGINES: Final = {
    "ark": _Engine(
        Text("Doubao Seedance on Volcengine Ark", "火山方舟上的豆包 Seedance"),
        Text("a key, a model id", "密钥、模型 ID"),
        "videogen-nb key ark",
    ),
    "openai": _Engine(
        Text("a server that speaks /v1/videos", "支持 /v1/videos 的服务"),
        Text("its address, sometimes a key", "服务地址，有时需要密钥"),
        "VIDEOGEN_ENGINE_OPENAI_URL=http://…/v1",
    ),
    "diffusers": _Engine(
        Text("an open model on your own GPU", "你自己 GPU 上的开源模型"),
        Text(
            "the extra [diffusers], a model folder or id", "可选依赖 [diffusers]、模型文件夹或 ID"
        ),
        'pip install -e ".[diffusers]"',
    ),
    "gateway": _Engine(
        Text("another video-gen gateway", "其他 video-gen 网关"),
        Text("its address", "网关地址"),
        "VIDEOGEN_ENGINE_GATEWAY_URL=http://…",
    ),
}
_THEN: Final = Text(
    'Then choose the engine in a panel, or pass engine="ark". `videogen-nb engines` '
    "shows what each one still needs; docs/engines in the repository has a page for each.",
    '然后在面板中选择引擎，或传入 engine="ark"。`videogen-nb engines` 会列出各引擎还缺什么，'
    "仓库的 docs/engines 中有每个引擎的说明。",
)
