"""Videos that become files: whole, decodable, under their own name, or not at all."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from videogen_nb.client import VideoClient
from videogen_nb.client.task_ids import TaskLike
from videogen_nb.client.video_files import PartFile, target, video_name
from videogen_nb.errors import (
    BadImage,
    BadInput,
    DownloadError,
    GatewayError,
    LinkExpired,
    NotAVideo,
    TaskFailed,
)
from videogen_nb.media.names import slug
from videogen_nb.media.provenance import provenance
from videogen_nb.protocol.models import TaskStatus, VideoTask
from videogen_nb.protocol.polling import Timeouts
from videogen_nb.testing import Fault, testcard

from ..fake_time import FakeTime
from ..old_and_new_gateway import BASE, client_in, image_bytes, older_world

CARD = testcard.video()


def task_of(**fields):
    known = {"conversation_id": "11", "message_id": "98765432109876543", "status": "completed"}
    return VideoTask.model_validate({**known, "video_urls": [f"{BASE}/f.mp4"], **fields})


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


class VideoServer:
    """Answers GETs of server, from anywhere, and remembers who asked with which token."""

    def __init__(self, *answers: Callable[[], httpx.Response], status_task: Any = None):
        self.answers = list(answers)
        self.asked: list[tuple[str, str | None]] = []
        self.status_task = status_task

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/status"):
            told = self.status_task.model_dump(mode="json")
            return httpx.Response(200, json={"task": told})
        self.asked.append((str(request.url), request.headers.get("authorization")))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer()


def answering(status: int = 200, body: bytes = b"", **headers: str) -> Callable[[], httpx.Response]:
    """Makes the same answer anew each time; its body is streamed, as a network's is."""
    known = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: httpx.Response(status, stream=Bytes(body), headers=known)


class Bytes(httpx.AsyncByteStream):
    def __init__(self, *pieces: bytes, pause_s: float = 0.0):
        self.pieces, self.pause_s = pieces, pause_s

    async def __aiter__(self):
        for piece in self.pieces:
            await asyncio.sleep(self.pause_s)
            yield piece


good = answering(body=CARD, content_type="video/mp4", content_length=str(len(CARD)))
# What httpx takes for whole: fewer bytes than were announced.
half = answering(body=CARD[: len(CARD) // 2], content_length=str(len(CARD)))


def client_of(server: VideoServer, **arguments):
    return client_in(FakeTime(), httpx.MockTransport(server), token="secret", **arguments)


# What becomes a video


async def test_it_is_saved_under_its_own_name_with_progress(tmp_path):
    told: list[tuple[int, int | None]] = []
    async with client_of(VideoServer(good)) as videos:
        task = task_of(prompt="海边 日落, 5秒!")
        video = await videos.download(task, on_progress=lambda *at: told.append(at))
    assert video.path == tmp_path / "output" / "海边-日落-5秒-876543.mp4"
    assert video.path.read_bytes() == CARD
    assert (video.task, video.facts.frames) == (task, 12)
    assert told[-1] == (len(CARD), len(CARD))
    assert left_in(tmp_path / "output") == [video.path.name]


async def test_where_it_goes(tmp_path):
    async with client_of(VideoServer(good)) as videos:
        in_folder = await videos.download(task_of(prompt="x"), tmp_path)
        as_file = await videos.download(task_of(), str(tmp_path / "new" / "video.mp4"))
        new_folder = await videos.download(task_of(prompt="x"), f"{tmp_path}/made/")
    assert in_folder.path == tmp_path / "x-876543.mp4"
    assert as_file.path == tmp_path / "new" / "video.mp4"
    assert new_folder.path == tmp_path / "made" / "x-876543.mp4"


async def test_an_older_gateways_expired_link_is_looked_for_anew():
    async with older_world(finds_videos=True) as older:
        done = await older.client.wait(await older.client.create_task("x"))
        older.time.passed_s += 86_400
        video = await older.client.download(done)
        assert video.path.read_bytes() == CARD
        assert older.gateway.log.count("get_url") == 1


async def test_where_there_is_no_such_way_the_link_has_expired():
    async with older_world() as older:
        done = await older.client.wait(await older.client.create_task("x"))
        older.time.passed_s += 86_400
        with pytest.raises(LinkExpired, match="no newer one"):
            await older.client.download(done)


async def test_of_several_videos_of_a_conversation_the_same_one_is_taken():
    async with older_world(finds_videos=True) as older:
        tasks = [await older.client.create_task("x", conversation_id="7") for _ in range(2)]
        done = [await older.client.wait(task) for task in tasks]
        older.time.passed_s += 86_400
        for task in done:
            await older.client.download(task)
        fetched = [name for name in older.gateway.log if name in ("get_url", "video")]
        assert fetched.count("get_url") == 2


async def test_a_video_whose_task_was_lost_with_the_process_is_found():
    async with older_world(finds_videos=True) as older:
        task = await older.client.create_task("x")
        older.gateway.restart()
        done = await older.client.wait(task)
        assert (done.status, done.prompt) == ("completed", "x")
        assert (await older.client.download(done)).path.read_bytes() == CARD


async def test_a_video_has_one_name_however_it_was_saved(tmp_path):
    """An older gateway tells no prompts: only who made a task knows the first part of its name."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    async with older_world() as older:
        made = await older.client.wait(await older.client.create_task("海边日落"))
        ways: list[TaskLike] = [made, made.id, (await older.client.list_tasks()).tasks[0]]
        names = {(await older.client.download(way, tmp_path / "a")).path.name for way in ways}
        assert names == {f"海边日落-{made.message_id[-6:]}.mp4"}
        stranger = client_in(older.time, older.between)
        for folder in ("a", "b"):
            await stranger.download(made.id, tmp_path / folder)
            await older.client.download(made, tmp_path / folder)
            assert len(left_in(tmp_path / folder)) == 1


async def test_no_message_names_a_temporary_file(tmp_path):
    async with client_of(VideoServer(answering(body=b"x" * 5000))) as videos:
        with pytest.raises(NotAVideo) as caught:
            await videos.download(task_of(prompt="x"), tmp_path)
    assert "x-876543.mp4" in str(caught.value)
    assert ".part" not in str(caught.value)


async def test_a_named_file_is_replaced_whole(tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(b"before")
    async with client_of(VideoServer(good)) as videos:
        await videos.download(task_of(), path)
    assert path.read_bytes() == CARD


async def test_another_tasks_video_is_never_overwritten(tmp_path):
    other = tmp_path / "output" / "x-876543.mp4"
    other.parent.mkdir()
    other.write_bytes(b"another video")
    async with client_of(VideoServer(good)) as videos:
        first = await videos.download(task_of(prompt="x"))
        again = await videos.download(task_of(prompt="x"))
    assert other.read_bytes() == b"another video"
    assert first.path.name == "x-11-98765432109876543.mp4"
    assert again.path == first.path


async def test_what_is_there_is_not_fetched_again():
    server = VideoServer(good)
    async with client_of(server) as videos:
        task = task_of(prompt="x", sha256=hashlib.sha256(CARD).hexdigest())
        first = await videos.download(task)
        again = await videos.download(task)
    assert again == first
    assert len(server.asked) == 1


async def test_an_unfinished_task_is_looked_at_before():
    async with older_world() as older:
        task = await older.client.create_task("x")
        with pytest.raises(DownloadError, match="is pending, so there is no video yet"):
            await older.client.download(task)
        older.time.passed_s = 300
        video = await older.client.download(str(task.id))
    assert video.task.status is TaskStatus.COMPLETED
    assert video.path.name.startswith("x-"), "the prompt is known although it is not told"


async def test_a_task_without_a_video():
    async with client_of(VideoServer(good)) as videos:
        with pytest.raises(TaskFailed, match="内容违规"):
            await videos.download(task_of(status="failed", error="内容违规"))
        with pytest.raises(DownloadError, match="provided no link to its video"):
            await videos.download(task_of(video_urls=[]))


@pytest.mark.parametrize(
    ("base", "url", "asked"),
    [
        pytest.param(BASE, "/v/f.mp4", f"{BASE}/v/f.mp4", id="path"),
        pytest.param(f"{BASE}/hub/x", "/v/f.mp4", f"{BASE}/hub/x/v/f.mp4", id="below-a-prefix"),
        pytest.param(f"{BASE}/hub/x", "v/f.mp4", f"{BASE}/hub/x/v/f.mp4", id="relative"),
        pytest.param(BASE, "//cdn.example/f", "http://cdn.example/f", id="without-scheme"),
        pytest.param(BASE, "https://cdn.example/f", "https://cdn.example/f", id="other-host"),
    ],
)
async def test_links_of_all_kinds(base, url, asked):
    server = VideoServer(good)
    time = FakeTime()
    async with VideoClient(base, transport=httpx.MockTransport(server), sleep=time.sleep) as videos:
        await videos.download(task_of(video_urls=[url]))
    assert server.asked[0][0] == asked


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a/b", "javascript:x", "http://[x"])
async def test_links_that_are_none(url, tmp_path):
    async with client_of(VideoServer(good)) as videos:
        with pytest.raises(DownloadError, match="must be http"):
            await videos.download(task_of(video_urls=[url]))
    assert left_in(tmp_path / "output") == []


# Who may see the token


async def test_the_token_goes_to_the_gateway_alone():
    server = VideoServer(good)
    urls = [
        f"{BASE}/f.mp4",
        "https://localhost:8000/f.mp4",
        "http://localhost:8001/f.mp4",
        "http://localhost.example:8000/f.mp4",
        "https://cdn.example/f.mp4",
    ]
    async with client_of(server) as videos:
        for url in urls:
            await videos.download(task_of(video_urls=[url]))
    assert server.asked[0][1] == "Bearer secret"
    assert [token for _, token in server.asked[1:]] == [None] * 4


async def test_nor_does_it_follow_a_redirect():
    away = answering(302, location="https://cdn.example/f.mp4")
    back = answering(307, location=f"{BASE}/g.mp4")
    server = VideoServer(away, back, good)
    async with client_of(server) as videos:
        await videos.download(task_of())
    assert server.asked == [
        (f"{BASE}/f.mp4", "Bearer secret"),
        ("https://cdn.example/f.mp4", None),
        (f"{BASE}/g.mp4", "Bearer secret"),
    ]


@pytest.mark.parametrize("location", [f"{BASE}/f.mp4", "file:///etc/passwd"])
async def test_redirects_that_lead_nowhere(location, tmp_path):
    server = VideoServer(answering(302, location=location))
    async with client_of(server) as videos:
        with pytest.raises(DownloadError, match=r"redirects|must be http"):
            await videos.download(task_of())
    assert left_in(tmp_path / "output") == []


# What becomes none


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(half, r"incomplete: \d+ of \d+ bytes", id="half"),
        pytest.param(answering(body=b"<h1>log in</h1>"), "not a video|video", id="page"),
        pytest.param(answering(), ".", id="empty"),
        pytest.param(answering(body=CARD[:3000]), ".", id="half-unannounced"),
        pytest.param(
            answering(body=gzip.compress(CARD), content_encoding="gzip"),
            "unexpected encoding gzip",
            id="gzip",
        ),
    ],
)
async def test_what_is_no_whole_video_leaves_nothing(answer, words, tmp_path):
    server = VideoServer(answer)
    async with client_of(server) as videos:
        with pytest.raises(NotAVideo, match=words) as caught:
            await videos.download(task_of())
    assert left_in(tmp_path / "output") == []
    assert (caught.value.url, caught.value.task) == (f"{BASE}/f.mp4", task_of())
    assert len(server.asked) == 3


async def test_another_video_than_the_gateway_described(tmp_path):
    async with client_of(VideoServer(good)) as videos:
        with pytest.raises(NotAVideo, match="sha256"):
            await videos.download(task_of(sha256="0" * 64))
    assert left_in(tmp_path / "output") == []


async def test_a_video_that_broke_off_is_fetched_again():
    def broken():
        async def pieces():
            yield CARD[:2000]
            raise httpx.ReadError("reset")

        return httpx.Response(200, content=pieces())

    server = VideoServer(broken, half, answering(503), good)
    async with client_of(server) as videos:
        video = await videos.download(task_of())
    assert video.path.read_bytes() == CARD


async def test_a_server_that_stays_broken_is_told_in_words(tmp_path):
    async with client_of(VideoServer(answering(500))) as videos:
        with pytest.raises(DownloadError, match="returned HTTP 500"):
            await videos.download(task_of())
    assert left_in(tmp_path / "output") == []


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_an_expired_link_is_asked_for_again_once(status):
    fresh = task_of(video_urls=[f"{BASE}/fresh.mp4"])
    server = VideoServer(answering(status), good, status_task=fresh)
    async with client_of(server) as videos:
        video = await videos.download(task_of())
    assert [url for url, _ in server.asked] == [f"{BASE}/f.mp4", f"{BASE}/fresh.mp4"]
    assert video.task == fresh


async def test_a_link_that_stays_expired(tmp_path):
    async with older_world() as older:
        task = await older.client.create_task("x")
        older.time.passed_s = 9000
        with pytest.raises(LinkExpired, match="returned HTTP 403"):
            await older.client.download(task)
        assert older.gateway.log.count("video") == 2
    assert left_in(tmp_path / "output") == []


async def test_an_older_gateways_renewed_link():
    async with older_world(renews_links=True) as older:
        done = await older.client.wait(await older.client.create_task("x"))
        older.gateway.fail("video", Fault.GONE)
        assert (await older.client.download(done)).facts.frames == 12


async def test_a_drip_has_a_deadline(tmp_path):
    server = VideoServer(lambda: httpx.Response(200, stream=Bytes(*[b"x"] * 500, pause_s=0.02)))
    async with client_of(server, timeouts=Timeouts(download_s=0.2)) as videos:
        with pytest.raises(DownloadError, match=r"within 0.2 s"):
            await videos.download(task_of())
    assert left_in(tmp_path / "output") == []


async def test_a_cancelled_download_leaves_nothing(tmp_path):
    server = VideoServer(lambda: httpx.Response(200, stream=Bytes(b"x", b"y", pause_s=0.05)))
    started = asyncio.Event()
    async with client_of(server) as videos:
        download = asyncio.ensure_future(
            videos.download(task_of(), on_progress=lambda *_: started.set())
        )
        await started.wait()
        assert left_in(tmp_path / "output")
        download.cancel()
        with pytest.raises(asyncio.CancelledError):
            await download
    assert left_in(tmp_path / "output") == []


async def test_a_full_disk_is_said_and_leaves_nothing(tmp_path):
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
    try:
        async with client_of(VideoServer(good)) as videos:
            with pytest.raises(DownloadError, match=r"Cannot save the video in .*output"):
                await videos.download(task_of())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        signal.signal(signal.SIGXFSZ, before)
    assert left_in(tmp_path / "output") == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes with names in folders")
def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    task = VideoTask(conversation_id="1", message_id="2", status=TaskStatus.COMPLETED)
    with pytest.raises(DownloadError, match="not a regular file"):
        target(task, tmp_path / "pipe", tmp_path)
    assert target(task, tmp_path / "new.mp4", tmp_path) == tmp_path / "new.mp4"


async def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "output").write_text("in the way")
    async with client_of(VideoServer(good)) as videos:
        with pytest.raises(DownloadError, match="output is not a folder"):
            await videos.download(task_of())


async def test_a_place_that_cannot_be_is_told_before_anything_is_asked_for(tmp_path):
    (tmp_path / "file").write_text("in the way")
    gateway = VideoServer(good)
    async with client_of(gateway) as videos:
        for path in (tmp_path / "file" / "video.mp4", f"{tmp_path}/file/deep/down/"):
            with pytest.raises(DownloadError, match="file is not a folder"):
                await videos.generate("sea", path=path)
    assert gateway.asked == []


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere, Windows has none"
)
async def test_a_locked_folder_is_told_beforehand_too(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    async with client_of(VideoServer(good)) as videos:
        with pytest.raises(DownloadError, match="locked is not writable"):
            await videos.generate("sea", path=tmp_path / "locked" / "new" / "video.mp4")


# Names


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        pytest.param("生成一个海边日落的5秒视频", "生成一个海边日落的5秒视频", id="chinese"),
        pytest.param("../../etc/passwd", "etc-passwd", id="path"),
        pytest.param('a\\b:c*d?"e<f>g|h', "a-b-c-d-e-f-g-h", id="windows"),
        pytest.param("🌊 sunset 🌅", "sunset", id="emoji"),
        pytest.param("...", "video", id="nothing-left"),
        pytest.param(None, "video", id="none"),
        pytest.param("a\nb\tc", "a-b-c", id="lines"),
        pytest.param("cafe\u0301", "caf\u00e9", id="composed"),
    ],
)
def test_a_prompt_as_a_name(prompt, name):
    assert slug(prompt) == name


@given(st.text(max_size=500), st.text(min_size=1, max_size=40))
def test_every_name_is_safe_on_every_platform(prompt, message_id):
    name = video_name(task_of(prompt=prompt, message_id=message_id), Path())
    assert len(name.encode("utf-8", "surrogatepass")) < 250
    assert not set(name) & set('\\/:*?"<>|\0')
    assert name.isprintable()
    assert not name.startswith((".", "-", " "))
    assert name.endswith(".mp4")
    assert target(task_of(prompt=prompt), None, Path("videos")).parent == Path("videos")


def test_a_name_and_its_sidecars_fit_a_file_system_of_shorter_names(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "pathconf", lambda *_: 143)  # of encrypted home folders
    task = task_of(prompt="长" * 100, conversation_id="1" * 40, message_id="2" * 40)
    assert 120 < len(f"{video_name(task, tmp_path)}.json".encode()) <= 143
    assert len(f"{name_with_ids(task, tmp_path)}.json".encode()) <= 143


def name_with_ids(task: VideoTask, folder: Path) -> str:
    """The name that a second, other video gets."""
    (folder / video_name(task, folder)).write_bytes(b"another")
    part = PartFile(target(task, None, folder))
    name = part._free_name(task).name
    part.discard()
    return name


@pytest.mark.skipif(not hasattr(os, "pathconf"), reason="the limit is not told here")
@pytest.mark.parametrize("name", ["长" * 90 + ".mp4", "a" * 252 + ".mp4"], ids=["zh", "en"])
async def test_a_name_that_is_too_long_is_told_before_anything_is_asked_for(tmp_path, name):
    gateway = VideoServer(good)
    async with client_of(gateway) as videos:
        with pytest.raises(DownloadError, match="at most 255") as caught:
            await videos.generate("sea", path=tmp_path / name)
    assert len(str(caught.value)) < 100 + len(str(tmp_path)) + 100
    assert gateway.asked == []


async def test_the_longest_name_is_saved_although_its_sidecar_has_no_room(tmp_path):
    name = "a" * 251 + ".mp4"
    async with client_of(VideoServer(good)) as videos:
        video = await videos.download(task_of(engine="ark"), tmp_path / name)
    assert left_in(tmp_path) == [name]
    with pytest.raises(BadInput):
        provenance(video.path)


@pytest.mark.parametrize("path", ["a\0b.mp4", "long/" * 1000 + "a.mp4"], ids=["null", "deep"])
async def test_a_path_that_no_system_takes_is_told(tmp_path, path):
    async with client_of(VideoServer(good)) as videos:
        with pytest.raises(DownloadError, match=r"Cannot save|too long"):
            await videos.generate("sea", path=tmp_path / path)


@pytest.mark.skipif(os.name != "posix", reason="Windows removes no folder that is in use")
async def test_a_working_folder_that_is_gone_is_told(tmp_path, monkeypatch):
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    place.rmdir()
    async with client_of(VideoServer(good)) as videos:
        with pytest.raises(BadInput, match="working folder, which no longer exists"):
            await videos.generate("sea", path="a.mp4")
        video = await videos.download(task_of(), tmp_path / "a.mp4")
    assert "data:video/mp4" in video._repr_mimebundle_()["text/html"]
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def no_text(tmp_path) -> Path:
    """A folder whose name is no text in any encoding of the system."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    try:
        path.mkdir()
    except OSError:
        pytest.skip("this file system has names of text only")
    return path


async def test_a_name_that_is_no_text_is_a_name_all_the_same(no_text):
    async with client_of(VideoServer(good)) as videos:
        video = await videos.download(task_of(), no_text / "a.mp4")
    assert video.path.exists()
    assert json.dumps(video._repr_mimebundle_()).encode("ascii")
    assert "\\udcff" in repr(video)


# Images


async def test_an_image_from_a_url():
    data = image_bytes(kind="JPEG")
    server = VideoServer(answering(body=data))
    async with client_of(server) as videos:
        assert await videos.download_image("https://images.example/a") == data
    assert server.asked == [("https://images.example/a", None)]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        pytest.param(answering(body=b"<p>hi"), BadImage, ".", id="page"),
        pytest.param(answering(404), GatewayError, "returned HTTP 404", id="missing"),
        pytest.param(answering(body=b"x" * (11 * 2**20)), BadImage, "10 MiB", id="large"),
    ],
)
async def test_an_image_that_cannot_be_had(answer, error, words):
    async with client_of(VideoServer(answer)) as videos:
        with pytest.raises(error, match=words):
            await videos.download_image("https://images.example/a.jpg")
