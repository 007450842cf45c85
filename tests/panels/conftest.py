"""Panels driven without a browser, against a real gateway process."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
import pytest
from PIL import Image

from tests.processes import end_gateway, settings_in
from videogen_nb import Connection, connect, set_language
from videogen_nb.local.discovery import ensure_gateway
from videogen_nb.panels.link import Link
from videogen_nb.settings import Settings

#: What keeps a video short: a second at 480p is made in about a second.
QUICK = {"duration": "1", "resolution": "480p"}


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A gateway process of this test session's own; its settings."""
    settings = settings_in(tmp_path_factory.mktemp("gateway"))
    address = ensure_gateway(settings)
    yield Settings(url=address.url, token=address.token, output=settings.output, home=settings.home)
    end_gateway(settings)


@pytest.fixture
def videos(gateway: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """The connection to it; videos are saved in its own folder."""
    monkeypatch.setenv("VIDEOGEN_OUTPUT", str(gateway.output))
    set_language("en")
    yield connect(gateway.url, gateway.token, settings=gateway)
    set_language(None)


@pytest.fixture
def link(videos: Connection) -> Link:
    """A link of the test's own, so that a change of language stays in it."""
    return Link(videos)


@pytest.fixture
def image_bytes() -> bytes:
    """A small PNG."""
    return make_image()


def make_image(width: int = 320, height: int = 180, kind: str = "PNG") -> bytes:
    """An image with something to see in it."""
    out = io.BytesIO()
    Image.radial_gradient("L").resize((width, height)).convert("RGB").save(out, kind)
    return out.getvalue()


def quick(options: Any) -> None:
    """Set the options of a prompt panel so that its videos are short."""
    for name, value in QUICK.items():
        setattr(options, name, value)


def until(what: Callable[[], Any], seconds: float = 30) -> Any:
    """Wait for something that another thread brings about; its value."""
    import time

    deadline = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
    return value


def markup(widget: Any) -> list[str]:
    """Everything below a widget that a browser would read as HTML."""
    found = []
    if isinstance(widget, ipywidgets.HTML) and "vnb-style" not in widget._dom_classes:
        found.append(widget.value)
    for child in getattr(widget, "children", ()):
        found += markup(child)
    return found


def words(widget: Any) -> str:
    """All that a panel says, as one text (HTML not taken apart)."""
    return "\n".join(markup(widget))


def shown(widget: Any) -> bool:
    """Whether a widget takes part in the layout."""
    return bool(widget.layout.display != "none")
