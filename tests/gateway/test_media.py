"""Videos and posters as files: ranges, fixed types, names that lead nowhere else."""

from __future__ import annotations

from email.message import Message
from pathlib import Path

import httpx
import pytest

from videogen_nb.client import VideoClient
from videogen_nb.protocol.models import TaskId

from .conftest import BASE, Api, ids

VIDEOS = "/api/video-gen/videos"


@pytest.fixture
async def video(api: Api) -> str:
    task = await api.finished(await api.create("quick"))
    url: str = task["video_urls"][0]
    return url


async def test_a_video_is_served_so_that_nothing_runs(api: Api, video: str):
    for url, kind in ((video, "video/mp4"), (video.replace(".mp4", ".jpg"), "image/jpeg")):
        answer = await api.http.get(url)
        assert answer.headers["content-type"] == kind
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "sandbox"
        assert answer.headers["content-disposition"].startswith("inline;")


PROMPTS = (
    "quick sunset",
    'quick "海边" 的日落; filename=evil.exe',
    "quick caf\u00e9 \u00b2 ../../etc/passwd\\x%0d%0aSet-Cookie: a=b",
    "quick " + "长" * 100,
    "quick \U00020000",
    "quick …",
)


async def test_a_browser_saves_a_video_under_the_name_that_all_others_give_it(
    api: Api, tmp_path: Path
):
    for created in [await api.create(prompt) for prompt in PROMPTS]:
        url = (await api.finished(created))["video_urls"][0]
        task = TaskId(**ids(created))
        async with VideoClient(BASE, transport=httpx.ASGITransport(api.app)) as videos:
            saved = (await videos.download(task, f"{tmp_path}/saved/")).path.name
        second = await api.http.get(f"/v1/videos/{task}/content")
        for answer in (await api.http.get(url), await api.http.head(url), second):
            assert disposition(answer) == ("inline", saved)
        poster = await api.http.get(url.replace(".mp4", ".jpg"))
        assert disposition(poster) == ("inline", saved.removesuffix(".mp4") + ".jpg")


def disposition(answer: httpx.Response) -> tuple[str, str | None]:
    """How a browser is to show it, and the name it saves it under, as RFC 6266 reads them."""
    message = Message()
    message["Content-Disposition"] = answer.headers["content-disposition"]
    assert answer.headers["content-disposition"].isascii()
    return str(message.get_content_disposition()), message.get_filename()


async def test_a_file_whose_task_was_deleted_meanwhile_has_no_name(
    api: Api, video: str, gateway_home: Path
):
    name = f"{'0' * 32}.mp4"
    (gateway_home / "videos" / name).write_bytes((await api.http.get(video)).content)
    answer = await api.http.get(f"{video.rpartition('/')[0]}/{name}")
    assert answer.status_code == 200
    assert "content-disposition" not in answer.headers


async def test_parts_of_a_video_are_served(api: Api, video: str):
    whole = (await api.http.get(video)).content
    size = len(whole)
    for asked, part in (
        ("bytes=0-9", whole[:10]),
        ("bytes=10-", whole[10:]),
        ("bytes=-5", whole[-5:]),
        (f"bytes=5-{size * 9}", whole[5:]),
    ):
        answer = await api.http.get(video, headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.content == part
        assert answer.headers["content-range"].endswith(f"/{size}")
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_range_beyond_the_end_is_told(api: Api, video: str):
    answer = await api.http.get(video, headers={"Range": "bytes=99999999-"})
    assert answer.status_code == 416


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("bytes=" + ",".join("0-" for _ in range(2000)), id="many"),
        pytest.param("bytes=0-1,5-6", id="two"),
        pytest.param("bytes=5-1", id="backwards"),
        pytest.param("lines=1-2", id="other-unit"),
        pytest.param("bytes=a-b", id="letters"),
        pytest.param("bytes=" + "9" * 5000 + "-", id="huge-number"),
        pytest.param("bytes=-", id="empty"),
    ],
)
async def test_odd_ranges_cost_nothing(api: Api, video: str, asked: str):
    size = len((await api.http.get(video)).content)
    answer = await api.http.get(video, headers={"Range": asked})
    assert answer.status_code in (200, 400, 416)
    assert len(answer.content) <= size


async def test_head_tells_the_size(api: Api, video: str):
    size = len((await api.http.get(video)).content)
    answer = await api.http.head(video)
    assert answer.status_code == 200
    assert (answer.headers["content-length"], answer.content) == (str(size), b"")


@pytest.mark.parametrize(
    "path",
    [
        f"{VIDEOS}/{'0' * 32}.mp4",
        f"{VIDEOS}/../../../tasks.sqlite3",
        f"{VIDEOS}/..%2f..%2ftasks.sqlite3",
        f"{VIDEOS}/%2e%2e%2ftasks.mp4",
        f"{VIDEOS}/..%5c..%5cgateway.json",
        f"{VIDEOS}/unfinished/x.mp4",
        f"{VIDEOS}/gateway.json",
        f"{VIDEOS}/{'A' * 32}.mp4",
        f"{VIDEOS}/{'0' * 32}.html",
        f"{VIDEOS}/{'0' * 32}.mp4%00.jpg",
        f"{VIDEOS}/%00.mp4",
        "/samples/..%2fapp.py",
        "/samples/../app.py",
        "/samples/lake.jpg/x",
        "/samples/",
    ],
)
async def test_no_other_file_is_served(api: Api, video: str, path: str):
    answer = await api.http.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] in ("video_not_found", "not_found")


async def test_nor_one_of_another_name_in_the_same_folder(api: Api, video: str, gateway_home: Path):
    for name in ("notes.mp4", f"{'A' * 32}.mp4", f"{'a' * 31}.jpg"):
        (gateway_home / "videos" / name).write_bytes(b"private")
        answer = await api.http.get(f"{video.rpartition('/')[0]}/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "video_not_found")


async def test_a_video_whose_file_is_gone_is_told(api: Api, video: str, gateway_home: Path):
    for path in (gateway_home / "videos").glob("*.mp4"):
        path.unlink()
    assert (await api.http.get(video)).status_code == 404


async def test_names_cannot_be_guessed_from_another(api: Api, video: str):
    other = (await api.finished(await api.create("quick")))["video_urls"][0]
    one, two = (url.rpartition("/")[2].removesuffix(".mp4") for url in (video, other))
    assert len(one) == len(two) == 32
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 16


async def test_the_sample_is_an_image_of_ours(api: Api):
    answer = await api.http.get("/samples/lake.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert answer.headers["x-content-type-options"] == "nosniff"
