"""A saved video is a clone or a copy, or a hard link where that was asked for; never half a one."""

from __future__ import annotations

import errno
import os
import stat
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest

from videogen_nb.client import VideoClient
from videogen_nb.errors import GatewayError, VideoChanged
from videogen_nb.gateway.files import originals
from videogen_nb.protocol.models import VideoTask
from videogen_nb.settings import Settings

from ..old_and_new_gateway import Lossy
from .conftest import BASE, Api


class Saving:
    """A client of the gateway that counts what it downloads, and a finished task."""

    def __init__(self, api: Api, home: Path) -> None:
        self.between = Lossy(httpx.ASGITransport(api.app), lambda *_: None)
        self.home = home

    def client(self, *, hard_links: bool = False, home: Path | None = None) -> VideoClient:
        settings = Settings(hard_links=hard_links, home=home or self.home)
        return VideoClient(BASE, transport=self.between, settings=settings)

    @property
    def downloads(self) -> int:
        return sum("/videos/" in request.url.path for request in self.between.seen)

    def stored(self, task: VideoTask) -> Path:
        return self.home / "videos" / task.video_urls[0].rpartition("/")[2]


@pytest.fixture
async def saving(api: Api, gateway_home: Path) -> Saving:
    return Saving(api, gateway_home)


@pytest.fixture
async def task(saving: Saving) -> VideoTask:
    async with saving.client() as videos:
        return await videos.wait(await videos.create_task("quick", engine="trial"))


@pytest.fixture
def cloning(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A file system that can clone: the real call's arguments, its effect by copying."""
    asked = []

    def ioctl(target: int, request: int, source: int) -> int:
        asked.append(request)
        os.sendfile(target, source, 0, os.fstat(source).st_size)
        return 0

    monkeypatch.setattr("fcntl.ioctl", ioctl)
    return asked


async def test_a_clone_is_made_where_the_file_system_can_and_else_a_copy(
    saving: Saving,
    task: VideoTask,
    cloning: list[int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    told: list[Any] = []
    async with saving.client() as videos:
        video = await videos.download(
            task, tmp_path / "a.mp4", on_progress=lambda *at: told.append(at)
        )
        assert (await videos.download(task, tmp_path / "a.mp4")).path == video.path
    stored = saving.stored(task)
    assert cloning == [0x40049409]  # FICLONE of linux/fs.h
    assert saving.downloads == 0
    assert video.path.read_bytes() == stored.read_bytes()
    assert not video.path.samefile(stored)
    assert told == [(stored.stat().st_size,) * 2]
    video.path.write_bytes(b"edited")
    async with saving.client() as videos:
        assert (await videos.download(task, tmp_path / "b.mp4")).path.stat().st_size > 6
    await _download(saving, task, monkeypatch, tmp_path / "copies")


async def test_a_hard_link_is_read_only_and_is_not_served_once_edited(
    saving: Saving, task: VideoTask, api: Api, tmp_path: Path
) -> None:
    link, stored = tmp_path / "a.mp4", saving.stored(task)
    async with saving.client(hard_links=True) as videos:
        for path in (link, tmp_path / "b.mp4"):
            assert (await videos.download(task, path)).path.samefile(stored)
        assert not stat.S_IMODE(link.stat().st_mode) & 0o222
        assert saving.downloads == 0
        assert (await api.http.get(task.video_urls[0])).status_code == 200
        edited = _edit(link)
        for path in (tmp_path / "c.mp4", link):
            with pytest.raises(VideoChanged, match="changed by another program"):
                await videos.download(task, path)
        with pytest.raises(GatewayError) as refused:
            await videos.create_task("quick", engine="trial", after=task)
        assert refused.value.code == "video_changed"
        for url in (task.video_urls[0], f"/v1/videos/{task.id}/content"):
            assert (await api.http.get(url)).status_code == 410
        poster = task.video_urls[0].replace(".mp4", ".jpg")
        assert (await api.http.get(poster)).status_code == 200
        assert await _zip(api) == ["CHANGED.txt"]
        await videos.delete(task)
    assert not stored.exists()
    assert link.read_bytes() == edited
    assert sorted(path.name for path in tmp_path.glob("*.mp4")) == ["a.mp4", "b.mp4"]


def _edit(path: Path) -> bytes:
    """Change a byte of a read-only file and keep its time, as some programs do."""
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    path.chmod(0o600)
    path.write_bytes(edited := path.read_bytes()[:-1] + b"!")
    os.utime(path, ns=times)
    return edited


async def _zip(api: Api) -> list[str]:
    answer = await api.http.get("/api/video-gen/zip")
    return zipfile.ZipFile(BytesIO(answer.content)).namelist()


def test_a_file_is_read_again_only_when_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(originals, "_REMEMBERED", 2)
    known = originals.Originals()
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_bytes(b"video")
        assert known.check(path, None)
    assert [known.known(path) for path in paths] == [None, True, True]
    assert not known.check(paths[0], "0" * 64)
    assert known.known(paths[0]) is False
    paths[0].write_bytes(b"other")
    assert known.known(paths[0]) is None


def _refuse(number: int) -> Any:
    def refuse(*_: object) -> NoReturn:
        raise OSError(number, os.strerror(number))

    return refuse


async def _download(
    saving: Saving, task: VideoTask, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """Neither can be had: the file system does not clone, or is another one, or the gateway is."""
    monkeypatch.setattr("fcntl.ioctl", _refuse(errno.EOPNOTSUPP))
    async with saving.client() as videos:
        video = await videos.download(task, folder / "a.mp4")
    async with saving.client(hard_links=True, home=folder / "other") as videos:
        other = await videos.download(task, folder / "b.mp4")
    monkeypatch.setattr(os, "link", _refuse(errno.EXDEV))
    async with saving.client(hard_links=True) as videos:
        third = await videos.download(task, folder / "c.mp4")
    assert saving.downloads == 3
    for saved in (video, other, third):
        assert saved.path.stat().st_nlink == 1
        assert os.access(saved.path, os.W_OK)
    assert sorted(path.name for path in folder.glob("*.*4")) == ["a.mp4", "b.mp4", "c.mp4"]
    assert not list(folder.glob(".videogen*"))
