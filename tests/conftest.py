"""What all tests share: a cleaned environment in which nothing touches the person's own folders."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import hypothesis
import pytest

#: A machine that is busy with other tests is slow, which says nothing about what is tested.
hypothesis.settings.register_profile(
    "busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("busy")

_NETWORK = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In CI a test that fails is tried once more: it shares two cores with servers and browsers.

    The closing line tells how many were. Each of them is a fault, of the test at least.
    """
    if os.environ.get("CI"):
        for item in items:
            if item.path.suffix == ".py":  # a notebook's cells build on each other
                item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_sessionfinish() -> None:
    """Save what was covered, if anybody measures: a test worker may be ended before it does."""
    if (coverage := sys.modules.get("coverage")) and (current := coverage.Coverage.current()):
        current.save()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No setting of the person's own; folders below ``tmp_path``; texts in English."""
    for name in list(os.environ):
        if name.startswith("VIDEOGEN_") or name.upper() in (*_NETWORK, "ARK_API_KEY"):
            monkeypatch.delenv(name)
    for folder in ("home", "runtime", "output"):
        monkeypatch.setenv(f"VIDEOGEN_{folder.upper()}", str(tmp_path / folder))
    monkeypatch.setenv("VIDEOGEN_LANG", "en")
    return tmp_path
