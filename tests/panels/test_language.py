"""Both languages in every panel: nothing of the one is left when the other is chosen."""

from __future__ import annotations

import re

import pytest

from tests.panels.conftest import Page, strings, until
from videogen_nb.panels import Studio

#: Names, addresses and choices that are the same in both languages.
_SAME = re.compile(
    r"https?://\S+|\{\w+\}|\d+p|[\d:]+|JPG|PNG|WEBP|HEIC|MiB|Ctrl|Enter|Esc|\W|English|videogen|nb|Seedance|v1|videos?|gen"
    r"|gateway|openai|diffusers|ComfyUI|Comfy Router"
    r"|fal|Luma Dream Machine|MiniMax|Replicate|Runway|Google Veo|Gemini API|Vidu|WaveSpeedAI"
    r"|xAI Grok Imagine|CogVideoX"
)
#: What a page is told and does not show.
_INNER = {
    "part",
    "language",
    "tab",
    "name",
    "accept",
    "example",
    "showing",
    "shown",
    "whole",
    "poster",
    "posters",
    "detail_part",
    "groups",
    "marks",
    "query",
}


def said(value, key=""):
    """All that a person reads of plain values."""
    if isinstance(value, dict):
        return [one for name, inner in value.items() for one in said(inner, name)]
    if key in ("choices", "filters"):  # pairs of what is shown and what is meant
        return [shown for shown, _ in value]
    if isinstance(value, list):
        return [one for inner in value for one in said(inner, key)]
    return [] if key in _INNER else strings(value)


def english(state) -> list[str]:
    """What is still said in English."""
    shown = {name: value for name, value in state.items() if name[0] in "/t"}
    bare = {text: _SAME.sub("", text) for text in said(shown)}
    return [text for text, rest in bare.items() if re.search(r"[A-Za-z]{3,}", rest)]


@pytest.mark.parametrize("tab", ["image", "url", "text", "gallery"])
def test_chinese_has_no_english_left(link, tab):
    studio = Studio(tab, link)
    page = Page(studio)
    studio.restored.result(20)
    assert english(page.state)
    for panel in studio.videos.panels:
        studio.videos.remove(panel.task)
    if tab == "gallery":
        studio.gallery.query = "nothing that anybody would have asked for"
    link.speak("zh")
    until(lambda: link.engines)
    until(lambda: not english(page.state), 5)
    studio.close()
