"""What a gateway keeps is for its owner alone: made private where it is not, or refused."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.processes import end_gateway, settings_in
from videogen_nb.errors import LocalGatewayError
from videogen_nb.local.discovery import ensure_gateway
from videogen_nb.security.private_files import is_private, make_private

from .conftest import Opener, image_bytes

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows keeps a person's folders from others by itself"
)
OTHER = 65534
as_root = pytest.mark.skipif(
    sys.platform != "win32" and os.geteuid() != 0, reason="only root can give files away"
)


def modes(home: Path) -> dict[str, int]:
    kept = [home, *(home / name for name in ("tasks.sqlite3", "uploads", "videos"))]
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in kept}


PRIVATE = {"home": 0o700, "tasks.sqlite3": 0o600, "uploads": 0o700, "videos": 0o700}


async def test_a_new_data_folder_is_private(opened: Opener, gateway_home: Path):
    before = os.umask(0)
    try:
        async with opened():
            assert modes(gateway_home) == PRIVATE
            assert is_private(gateway_home / "tasks.sqlite3-wal")
    finally:
        os.umask(before)


async def test_one_that_others_could_use_is_made_private(opened: Opener, gateway_home: Path):
    async with opened() as api:
        await api.upload(image_bytes())
    for path in (gateway_home, gateway_home / "uploads", gateway_home / "videos"):
        path.chmod(0o777)
    (gateway_home / "tasks.sqlite3").chmod(0o666)
    async with opened():
        assert modes(gateway_home) == PRIVATE


def test_what_a_gateway_process_writes_is_private(tmp_path: Path):
    settings = settings_in(tmp_path)
    try:
        ensure_gateway(settings)
        files = [path for path in settings.data_folder.rglob("*") if path.is_file()]
        assert files
        assert [path for path in files if not is_private(path) and path.suffix != ".lock"] == []
    finally:
        end_gateway(settings)


@as_root
async def test_a_folder_of_another_user_is_refused(
    opened: Opener, gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    gateway_home.mkdir()
    os.chown(gateway_home, OTHER, OTHER)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)  # root may use the volumes of containers
    with pytest.raises(LocalGatewayError, match="belongs to another user"):
        async with opened():
            pass


async def test_a_file_system_without_permissions_is_told(
    opened: Opener, monkeypatch: pytest.MonkeyPatch, caplog: Any, gateway_home: Path
):
    gateway_home.mkdir()
    gateway_home.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    async with opened():
        assert "does not support permissions" in caplog.text
        assert "VIDEOGEN_HOME" in caplog.text


@as_root
def test_what_is_anothers_is_not_made_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "a"
    file.touch(0o644)
    os.chown(file, OTHER, OTHER)
    assert make_private(file)  # as root
    file.chmod(0o644)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(PermissionError):
        make_private(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
