"""How much one person may have: told in words when it is enough, and nothing is made."""

from __future__ import annotations

import asyncio
import errno
import shutil
from pathlib import Path
from typing import Any, Literal

import pytest

from videogen_nb.gateway.refusals import Refusal
from videogen_nb.people.edit_file import limit_person

from .conftest import Api, Opener, ids, image_bytes, write_people

GENERATE = "/api/video-gen/generate"
UPLOAD = "/api/file/upload"
BODY = {"prompt": "quick", "engine": "trial"}


def as_(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_tasks_of_one_person_are_counted_and_anothers_are_not(opened: Opener, tmp_path: Path):
    write_people(tmp_path / "home", {"anna": "a" * 20, "ben": "b" * 20})
    gate = tmp_path / "open"
    body = {"prompt": "gate", "engine": "trial", "extra": {"gate": str(gate)}}
    async with opened(max_tasks=2) as api:
        made = [await api.http.post(GENERATE, json=body, headers=as_("a" * 20)) for _ in range(3)]
        assert [answer.status_code for answer in made] == [200, 200, 429]
        refusal = made[2].json()
        assert refusal["code"] == "too_many_tasks"
        assert "2 unfinished tasks" in refusal["detail"]
        assert int(made[2].headers["retry-after"]) > 0
        assert (await api.http.post(GENERATE, json=BODY, headers=as_("b" * 20))).is_success
        gate.touch()
        api.http.headers.update(as_("a" * 20))
        await api.finished(made[0].json())
        assert (await api.http.post(GENERATE, json=BODY)).is_success


async def test_requests_at_the_same_time_get_no_more_than_is_left(opened: Opener, tmp_path: Path):
    people = write_people(tmp_path / "home", {"anna": "a" * 20, "ben": "b" * 20})
    limit_person(people, "total", {"queued": 3})
    body = {"prompt": "gate", "engine": "trial", "extra": {"gate": str(tmp_path / "never")}}
    table = {"name": "one", "rows": [{**body, "key": "a"}, {**body, "key": "b"}]}
    async with opened(max_tasks=2) as api:
        calls = [
            api.http.post(GENERATE, json=body, headers=as_(token * 20)) for token in "ab" * 4
        ] + [
            api.http.post("/api/video-gen/batch", json=table, headers=as_(token * 20))
            for token in "ab"
        ]
        codes = {answer.json().get("code") for answer in await asyncio.gather(*calls)}
        assert codes == {None, "too_many_tasks", "queue_full"} or codes == {None, "queue_full"}
        counts = [api.gateway.store.unfinished(owner) for owner in ("anna", "ben")]
        assert max(counts) <= 2
        assert sum(counts) <= 3


async def test_trying_anew_counts_too(opened: Opener, tmp_path: Path):
    async with opened(max_tasks=1) as api:
        failed = await api.finished(await api.create("error"))
        await api.create("gate", extra={"gate": str(tmp_path / "never")})
        answer = await api.http.post("/api/video-gen/retry", params=ids(failed))
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tasks")


async def test_images_of_one_person_are_weighed(opened: Opener, gateway_home: Path):
    noise = [image_bytes(1200, 900 + n, "PNG", compress_level=0) for n in range(2)]  # 3 MB each
    async with opened(max_upload_mb=4) as api:
        kept = await api.upload(noise[0], "a.png")
        # What is kept is smaller than what came: gradients pack well.
        path = api.gateway.uploads.path(kept["key"])
        path.write_bytes(path.read_bytes() + bytes(3_000_000))
        answer = await api.http.post(UPLOAD, params={"file_name": "b.png"}, content=noise[1])
        assert (answer.status_code, answer.json()["code"]) == (413, "uploads_full")
        assert "4 MB" in answer.json()["detail"]
        assert (await api.upload(noise[0], "again.png"))["key"] == kept["key"]
        assert len([p for p in (gateway_home / "uploads").rglob("*") if p.is_file()]) == 1


async def test_the_last_of_the_disk_is_kept_for_what_is_under_way(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    gate = tmp_path / "open"
    running = await api.create("gate", extra={"gate": str(gate)})
    usage = shutil.disk_usage(tmp_path)
    nearly_full: Any = usage._replace(free=50 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: nearly_full)
    for answer in (
        await api.http.post(GENERATE, json=BODY),
        await api.http.post(UPLOAD, content=image_bytes()),
    ):
        assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    gate.touch()
    assert (await api.finished(running))["status"] == "completed"


async def test_videos_that_are_stored_at_the_same_time_share_what_is_left(
    opened: Opener, tmp_path: Path
):
    async with opened(max_upload_mb=1) as api:
        uploads, facts = api.gateway.uploads, {"width": 64, "height": 48}
        videos = [tmp_path / f"{n}.mp4" for n in range(4)]
        for video in videos:
            video.write_bytes(bytes(400_000))
        storing = [uploads.add_video("anna", one, one.name, facts) for one in videos]
        stored = await asyncio.gather(*storing, return_exceptions=True)
        refused = [one for one in stored if isinstance(one, Refusal)]
        assert [one.code for one in refused] == ["uploads_full"] * 2
        assert await uploads.kept("anna") == 800_000


async def test_a_video_that_cannot_be_stored_whole_leaves_nothing(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def half(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:1000])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", half)
    (video := tmp_path / "a.mp4").write_bytes(bytes(2000))
    async with opened() as api:
        with pytest.raises(OSError, match="No space"):
            await api.gateway.uploads.add_video("anna", video, "a", {"width": 64, "height": 48})
        left = [path for path in api.gateway.uploads.path("").rglob("*") if path.is_file()]
        assert left == []


class Noticed(asyncio.Lock):
    """A lock that is held by somebody else; ``wanted`` once it is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted = asyncio.Event()

    async def acquire(self) -> Literal[True]:
        if self.locked():
            self.wanted.set()
        return await super().acquire()


async def test_who_waits_for_a_video_to_be_stored_occupies_nobody_else(opened: Opener):
    async with opened() as api:
        uploads, image = api.gateway.uploads, image_bytes()
        locks = {"ben": Noticed(), "carl": Noticed()}
        uploads._storing.update(locks)
        async with locks["ben"], locks["carl"]:
            waiting = [asyncio.create_task(uploads.add(one, image)) for one in locks]
            await asyncio.gather(*(lock.wanted.wait() for lock in locks.values()))
            assert (await uploads.add("anna", image)).owner == "anna"
            assert not any(one.done() for one in waiting)
        assert [one.owner for one in await asyncio.gather(*waiting)] == ["ben", "carl"]
