"""Which sentence stands where, so that a change of language says all of them anew."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets

from ..i18n import Text


class Wording:
    """Sentences bound to places. A place is a widget's trait, or one entry of a dict trait."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._said: dict[tuple[int, str], tuple[Any, str, Text | dict[str, Text]]] = {}

    def say(self, widget: Any, trait: str, text: Text | dict[str, Text]) -> None:
        """Put ``text`` there, now and after every change of language.

        In an ``HTML`` widget's value it is escaped: nothing that is said is ever markup.
        """
        self._said[id(widget), trait] = (widget, trait, text)
        self._put(widget, trait, text)

    def forget(self, widget: Any, trait: str) -> None:
        """Something else stands there from now on."""
        self._said.pop((id(widget), trait), None)

    def speak(self, language: str) -> None:
        """Say everything in ``language``."""
        self._language = language
        for widget, trait, text in list(self._said.values()):
            self._put(widget, trait, text)

    def render(self, text: Text) -> str:
        """One sentence in the present language."""
        return text.render(self._language)

    def _put(self, widget: Any, trait: str, text: Text | dict[str, Text]) -> None:
        value: Any
        if isinstance(text, dict):
            value = {name: template(one, self._language) for name, one in text.items()}
        else:
            value = text.render(self._language)
            if isinstance(widget, ipywidgets.HTML) and trait == "value":
                value = escape(value)
        setattr(widget, trait, value)


def template(text: Text, language: str) -> str:
    """The sentence with its ``{fields}`` left open, for scripts that fill them in the browser."""
    return text.render(language) if text.values else (text.zh if language == "zh" else text.en)
