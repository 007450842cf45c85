"""The still image that a saved notebook shows instead of a live panel."""

from __future__ import annotations

import base64
from functools import cache
from html import escape
from importlib.resources import files
from typing import Final

#: Plain HTML with inline styles: GitHub, nbviewer and nbconvert keep no style sheet of ours.
_STILL: Final = (
    '<figure style="margin:0;max-width:560px;font-family:system-ui,sans-serif">'
    '<img src="data:{kind};base64,{data}" alt="{title}" width="560" '
    'style="display:block;width:100%;height:auto;border-radius:10px">'
    '<figcaption style="padding:6px 2px;line-height:1.5">'
    "<strong>{title}</strong><br>{live}</figcaption></figure>"
)


def still(title: str, live: str, poster: bytes | None) -> str:
    """Return HTML with the panel's title, an explanation, and the poster or a drawing.

    Args:
        title: the kind of panel.
        live: how to get the live panel.
        poster: a JPEG of what the panel shows; None = a drawing of an empty panel.
    """
    kind, image = ("image/jpeg", poster) if poster else ("image/png", _drawing())
    return _STILL.format(
        kind=kind,
        data=base64.b64encode(image).decode("ascii"),
        title=escape(title, quote=True),
        live=escape(live),
    )


@cache
def _drawing() -> bytes:
    return files("videogen_nb.panels").joinpath("static", "still.png").read_bytes()
