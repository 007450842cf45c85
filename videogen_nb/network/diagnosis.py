"""A report about proxies and certificates in the environment, for ``doctor``."""

from __future__ import annotations

import os
from dataclasses import dataclass

from .proxy_selection import SCHEMES, UnusableVariable, check_exceptions, named_proxy, variable
from .trust import trust


@dataclass(frozen=True, slots=True)
class Report:
    """Which variables are set, and which of them are invalid."""

    said: tuple[str, ...]
    unusable: tuple[UnusableVariable, ...]


def report() -> Report:
    """Read all the variables. Opens no connection."""
    said: list[str] = []
    unusable: list[UnusableVariable] = []
    for scheme in SCHEMES:
        try:
            if proxy := named_proxy(scheme):
                said.append(f"{proxy.variable}={proxy.place}")
        except UnusableVariable as error:
            unusable.append(error)
    try:
        check_exceptions()
        if excepted := variable("no"):
            said.append(f"{excepted[0]}={excepted[1][:200]}")
    except UnusableVariable as error:
        unusable.append(error)
    try:
        trust()
    except UnusableVariable as error:
        unusable.append(error)
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    said += [f"{name}={value}" for name in names if (value := os.environ.get(name, "").strip())]
    return Report(tuple(said), tuple(unusable))
