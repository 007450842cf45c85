"""A connection to a real gateway of the test's own, with the trial engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.trial_engine import install
from videogen_nb.blocking import Connection
from videogen_nb.client import VideoClient
from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings
from videogen_nb.testing.serving import served


@pytest.fixture
def trial_videos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.syspath_prepend(str(install(tmp_path / "site")))
    with served(create_app(Settings.from_environment(), token="t")) as url:
        connection = Connection(lambda: VideoClient(url, token="t"))
        yield connection
        connection.close()
