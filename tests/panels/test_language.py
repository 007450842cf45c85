"""Both languages in every panel: nothing of the one is left when the other is chosen."""

from __future__ import annotations

import re

import ipywidgets
import pytest

from tests.panels.conftest import until
from videogen_nb.panels import Studio

#: Names, addresses and choices that are the same in both languages.
_SAME = re.compile(
    r"https?://\S+|\d+p|[\d:]+|JPG|PNG|WEBP|MiB|Ctrl|Enter|\W+|V|English|videogen|nb"
)


def said(widget):
    """All that a person reads on a widget and below."""
    if "vnb-style" in getattr(widget, "_dom_classes", ()) or widget.layout.display == "none":
        return []
    found = [getattr(widget, name, "") for name in ("description", "placeholder", "tooltip")]
    if isinstance(widget, ipywidgets.HTML):
        found.append(widget.value)
    for child in getattr(widget, "children", ()):
        found += said(child)
    return [text for text in found if text]


def english(widget) -> list[str]:
    """What is still said in English."""
    bare = {text: _SAME.sub("", re.sub(r"<[^>]*>", "", text)) for text in said(widget)}
    return [text for text, rest in bare.items() if re.search(r"[A-Za-z]{3,}", rest)]


@pytest.mark.parametrize("tab", ["image", "url", "words", "gallery"])
def test_chinese_has_no_english_left(link, tab):
    studio = Studio(tab, link)
    studio.restored.result(20)
    studio.videos.close()
    studio.videos.fill()
    link.speak("zh")
    until(lambda: link.engines)
    until(lambda: not english(studio.widget), 5)
    studio.close()
