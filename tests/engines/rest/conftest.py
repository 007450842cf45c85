"""A provider's stand-in and our engine on its table, in this process."""

from __future__ import annotations

from typing import Any

import httpx

from tests.upstreams.rest import PROVIDERS, Provider
from videogen_nb.engines.instances import Instance
from videogen_nb.engines.keys import Keyring
from videogen_nb.engines.rest import RestEngine
from videogen_nb.engines.rest.table_files import load_preset, table_files

NAMES = sorted(PROVIDERS)
FILES = table_files(None)


def engine_on(
    name: str, upstream: Provider, *, url: str | None = None, **settings: Any
) -> RestEngine:
    """The engine of a table, asking the stand-in; with ``url`` over a real connection."""
    key = settings.pop("key", upstream.key)
    keyring = Keyring(None, {"VIDEOGEN_KEY_IT": key} if key else {})
    base = (url or "http://upstream") + upstream.base
    instance = Instance("it", name, keyring, url=base, **settings)
    transport = None if url else httpx.ASGITransport(upstream.app)
    return RestEngine(load_preset(name, FILES[name]), instance, transport=transport)
