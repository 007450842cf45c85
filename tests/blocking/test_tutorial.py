"""Connections and the functions tutorials use: in scripts, in cells, against real servers."""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime

import httpx
import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from videogen_nb import (
    check_video_status,
    connect,
    create_video_task,
    download_image_from_url,
    generate,
    set_language,
    upload_image,
    wait_for_video,
)
from videogen_nb.blocking import Connection, tutorial
from videogen_nb.client import VideoClient
from videogen_nb.errors import BadParameter, TaskNotFound
from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings
from videogen_nb.testing import Fate, OlderGateway
from videogen_nb.testing.serving import served

from ..fake_time import FakeTime
from ..old_and_new_gateway import QUICK, client_in, image_bytes


@pytest.fixture
def chinese():
    set_language("zh")
    yield
    set_language(None)


@pytest.fixture
def older(monkeypatch):
    """The tutorials' functions on a stand-in, in a time that passes only while they sleep."""
    fake = FakeTime()
    gateway = OlderGateway(1, clock=fake.wall, sleep=fake.sleep)
    transport = httpx.ASGITransport(app=gateway.app)
    videos = Connection(lambda: client_in(fake, transport))
    monkeypatch.setattr(tutorial, "connect", lambda: videos)
    yield gateway, fake
    videos.close()


@pytest.fixture
def ours(monkeypatch):
    """A real server of ours on a loopback port, which ``connect()`` is set to use."""
    with served(create_app(Settings.from_environment())) as url:
        monkeypatch.setenv("VIDEOGEN_URL", url)
        yield url
        connect().close()


# Connections


def _methods() -> list[str]:
    return [
        name
        for name, _ in inspect.getmembers(VideoClient, inspect.iscoroutinefunction)
        if not name.startswith("_")
    ]


@pytest.mark.parametrize("name", sorted(set(_methods()) - {"aclose", "begin", "prepare_request"}))
def test_every_method_of_the_client_has_its_door(name):
    theirs, ours = getattr(VideoClient, name), getattr(Connection, name)
    signature = inspect.signature(ours)
    parameters = dict(signature.parameters)
    parameters.pop("progress", None)  # what waits shows its progress here
    assert f":meth:`VideoClient.{name}`" in ours.__doc__ or ours.__doc__ == theirs.__doc__
    assert parameters == dict(inspect.signature(theirs).parameters)
    assert str(signature.return_annotation).startswith(("Call[", "Job", "BatchRun"))


def test_one_connection_an_address(ours):
    assert connect() is connect()
    assert connect(ours + "/") is connect()
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: connect(), range(32)))) == 1
    before = connect()
    before.close()
    assert connect() is not before


def test_the_token_of_the_setting_is_for_the_gateway_of_the_setting(ours, monkeypatch):
    monkeypatch.setenv("VIDEOGEN_TOKEN", "secret")
    assert connect().headers == {"Authorization": "Bearer secret"}
    elsewhere = connect("http://127.0.0.1:9")
    assert elsewhere.headers == {}
    elsewhere.close()
    connect().close()


def test_a_bad_address_is_said():
    with pytest.raises(BadParameter, match="Invalid gateway URL"):
        connect("ftp://somewhere")


def test_from_words_to_a_video_in_a_script(ours, tmp_path):
    video = generate("海边日落", **QUICK)
    assert video.path.parent == tmp_path / "output"
    assert video.facts.duration_s == 1
    again = generate("pan left", image_bytes(), path=video.path, **QUICK)
    assert again.path == video.path
    assert again.task.id != video.task.id


async def test_in_a_cell_by_await_and_several_at_once(ours):
    videos = connect()
    first, second = await asyncio.gather(
        videos.create_task("海边日落", **QUICK), videos.create_task("星空", **QUICK)
    )
    assert (await videos.list_tasks()).total == 2
    seen = [task.status async for task in videos.watch(first)]
    assert seen[-1] == "completed"
    assert (await videos.wait(second)).status == "completed"
    assert videos.get_task(first).result().status == "completed", "and blocking, in the same cell"


# The functions that tutorials use, on an older gateway


def _lines(text: str) -> list[str]:
    return text.splitlines()


def test_they_print_what_tutorials_show(older, chinese, capsys):
    gateway, _ = older
    gateway.plan(Fate(video_at=2))
    attachment = upload_image(image_bytes(kind="JPEG"), "image.jpg")
    result = create_video_task("请将这张图片生成一个5秒的视频", attachment)
    urls = wait_for_video(result["conversation_id"], result["message_id"]) or []
    said = _lines(capsys.readouterr().out)
    ticks = [line for line in said if line.startswith("⏳ 等待中")]
    assert all(
        re.fullmatch(r"⏳ 等待中... \d+\.\d分钟 \| 状态: (排队中|生成中)", tick) for tick in ticks
    )
    assert len(ticks) >= 3
    assert [line for line in said if line not in ticks] == [
        "📤 上传图片到豆包服务器...",
        "✅ 上传成功!",
        f"   Key: {attachment['key']}",
        "   Type: vlm_image",
        "",
        "🎬 创建图生视频任务...",
        "   提示词: 请将这张图片生成一个5秒的视频",
        "✅ 任务创建成功!",
        f"   会话ID: {result['conversation_id']}",
        f"   消息ID: {result['message_id']}",
        "   预计3-15分钟完成",
        "",
        "⏳ 等待视频生成...",
        "   提示：首次尝试在3分钟后开始",
        "",
        "📊 状态更新: 生成中 (重试 1/5)",
        "📊 状态更新: 生成中 (重试 2/5)",
        "",
        "✅ 视频生成完成!",
        "   获取到 1 个视频链接:",
        f"   1. {urls[0]}",
        "",
    ]


def test_the_same_in_english(older, capsys):
    result = create_video_task("a sunset over the sea")
    wait_for_video(result["conversation_id"], result["message_id"])
    said = capsys.readouterr().out
    for line in (
        "🎬 Creating a task from text...",
        "✅ Task created!",
        "⏳ Waiting for the video...",
        "📊 Status: Generating (attempt 1/5)",
        "✅ The video is ready!",
    ):
        assert line in _lines(said)
    assert not re.search("[\u4e00-\u9fff]", said.replace("预计3-15分钟完成", ""))


def test_they_take_and_give_the_wires_own_dictionaries(older):
    attachment = upload_image(image_bytes(), "a.png")
    assert attachment["file_parse_state"] == 3
    assert attachment["md5"] is None
    result = create_video_task("x", attachment, guest=True)
    assert result["success"] is True
    assert result["task_status"] == "pending"
    gateway, _ = older
    assert gateway.tasks[0].request["image_attachment"] == attachment
    assert gateway.tasks[0].request["guest"] is True
    status = check_video_status(result["conversation_id"], result["message_id"])
    assert status["status"] == "pending"
    assert status["max_retries"] == 5
    assert datetime.fromisoformat(status["created_at"]).tzinfo is not None, "known by now"


def test_links_come_as_a_list_and_ids_may_be_numbers(older):
    result = create_video_task("x")
    urls = wait_for_video(int(result["conversation_id"]), int(result["message_id"])) or []
    assert [url.split("?")[0].rpartition("/")[2] for url in urls] == [f"{result['message_id']}.mp4"]


def test_after_a_failure_there_are_no_links_and_why_is_said(older, capsys):
    gateway, _ = older
    gateway.plan(Fate(video_at=None))
    result = create_video_task("x")
    assert wait_for_video(result["conversation_id"], result["message_id"]) is None
    assert re.search("❌ No video: .*found none", capsys.readouterr().out)


def test_a_task_that_was_lost_is_a_failure_too(older, capsys):
    gateway, _ = older
    result = create_video_task("x")
    gateway.restart()
    assert wait_for_video(result["conversation_id"], result["message_id"]) is None
    assert "❌ No video: Task" in capsys.readouterr().out


def test_the_deadline_ends_the_waiting_only(older, capsys):
    result = create_video_task("x")
    ids = result["conversation_id"], result["message_id"]
    assert wait_for_video(*ids, max_wait_minutes=1) is None
    assert "⏰ Stopped waiting after 1 min; the task continues." in capsys.readouterr().out
    _, fake = older
    assert fake.passed_s < 180, "the video was not there yet"
    assert wait_for_video(*ids)


def test_an_unknown_task_is_said(older):
    with pytest.raises(TaskNotFound):
        wait_for_video("1", "2")
    with pytest.raises(TaskNotFound):
        check_video_status("1", "2")


def test_an_image_is_downloaded(capsys):
    data = image_bytes(kind="JPEG")

    async def send(request: Request) -> Response:
        return Response(data, media_type="image/jpeg")

    with served(Starlette(routes=[Route("/a.jpg", send)])) as url, connected(url):
        assert download_image_from_url(f"{url}/a.jpg") == data
    assert _lines(capsys.readouterr().out) == [
        f"📥 Downloading the image from {url}/a.jpg...",
        f"✅ Downloaded, {len(data)} bytes",
    ]


@contextmanager
def connected(url: str):
    videos = Connection(lambda: VideoClient(url))
    patch = pytest.MonkeyPatch()
    patch.setattr(tutorial, "connect", lambda: videos)
    try:
        yield videos
    finally:
        patch.undo()
        videos.close()


def test_ctrl_c_ends_the_waiting_and_says_how_to_come_back(capsys):
    gateway = OlderGateway(speed=1)
    with gateway.serve() as url, connected(url):
        result = create_video_task("x")
        timer = threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            wait_for_video(result["conversation_id"], result["message_id"])
        assert set(gateway.log) == {"list", "generate", "status"}, "nothing was cancelled there"
    said = capsys.readouterr().err
    ids = f'"{result["conversation_id"]}", "{result["message_id"]}"'
    assert f"Resume with: wait_for_video({ids})" in said


def test_ctrl_c_in_generate_says_how_to_get_the_video_later(capsys):
    gateway = OlderGateway(speed=1)
    with gateway.serve() as url, connected(url):
        timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            generate("x")
    assert f'-{gateway.tasks[0].message_id}", connect("{url}")' in capsys.readouterr().err


def test_ctrl_c_before_there_is_a_task_is_nothing_but_that(capsys):
    gateway = OlderGateway(speed=1)
    with gateway.serve() as url, connected(url) as videos:

        def interrupt(*_, **__):
            raise KeyboardInterrupt

        patch = pytest.MonkeyPatch()
        patch.setattr(videos, "generate", interrupt, raising=False)
        with pytest.raises(KeyboardInterrupt):
            generate("x")
        patch.undo()
    assert capsys.readouterr().out == ""


def test_what_may_be_ignored_is_printed(older, capsys):
    create_video_task("x", duration=5)
    assert "may ignore: duration." in capsys.readouterr().out
    create_video_task("x")
    assert "ignore" not in capsys.readouterr().out


#: A script as it is written for older gateways' own client: its names, its flow.
SCRIPT = """
image_data = download_image_from_url(image_url=URL)
attachment = upload_image(image_data=image_data, filename="image.jpg")
for prompt, image_attachment in [("把图片变成视频", attachment), ("失败", None), ("星空", None)]:
    result = create_video_task(prompt=prompt, image_attachment=image_attachment)
    status = check_video_status(
        conversation_id=result["conversation_id"], message_id=result["message_id"]
    )
    print("状态:", status["status"], status.get("retry_count", 0), status["max_retries"])
    video_urls = wait_for_video(result["conversation_id"], result["message_id"])
    if video_urls:
        print("好:", len(video_urls), video_urls[0])
    else:
        print("没有视频")
"""


def test_a_script_for_older_gateways_own_client_runs_unchanged(chinese, capsys):
    data = image_bytes(kind="JPEG")

    async def send(request: Request) -> Response:
        return Response(data, media_type="image/jpeg")

    fake = FakeTime()
    gateway = OlderGateway(1, clock=fake.wall, sleep=fake.sleep)
    gateway.plan(Fate(), Fate(video_at=None), Fate(video_at=2))
    videos = Connection(lambda: client_in(fake, _both(gateway.app, send)))
    names = {name: getattr(tutorial, name) for name in tutorial.__all__}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tutorial, "connect", lambda: videos)
        exec(SCRIPT, {**names, "URL": "http://localhost:8000/a.jpg"})
    videos.close()
    said = capsys.readouterr().out
    assert said.count("状态: pending 0 5") == 3
    assert re.findall(r"^(好: 1 http|没有视频)", said, re.MULTILINE) == [
        "好: 1 http",
        "没有视频",
        "好: 1 http",
    ]
    assert gateway.tasks[0].request["image_attachment"]["name"] == "image.jpg"


def _both(app, send):
    """The gateway, and an image beside it."""
    beside = Starlette(routes=[Route("/a.jpg", send), Mount("/", app)])
    return httpx.ASGITransport(app=beside)


# Scripts that know nothing of us


def test_a_script_with_requests_runs_against_ours(ours):
    sample = requests.get(f"{ours}/samples/lake.jpg", timeout=10).content
    attachment = requests.post(
        f"{ours}/api/file/upload",
        params={"file_type": "2", "file_name": "image.jpg"},
        data=sample,
        headers={"Content-Type": "application/octet-stream"},
        timeout=30,
    ).json()
    assert attachment["type"] == "vlm_image"
    asked = [
        {"prompt": "将这张图片生成视频", "image_attachment": attachment},
        {"prompt": "将这张图片生成视频", "image_url": f"{ours}/samples/lake.jpg"},
        {"prompt": "生成一个海边日落的1秒视频"},
    ]
    results = []
    for body in asked:
        response = requests.post(
            f"{ours}/api/video-gen/generate",
            json={**body, "guest": False, **QUICK},
            timeout=60,
        )
        response.raise_for_status()
        results.append(response.json())
    for result in results:
        assert result["success"] is True
        ids = {k: result[k] for k in ("conversation_id", "message_id")}
        task = _poll(ours, ids)
        video = requests.get(task["video_urls"][0], timeout=30)
        assert video.headers["content-type"] == "video/mp4"
        assert video.content[4:8] == b"ftyp"
    listed = requests.get(f"{ours}/api/video-gen/list", timeout=10).json()
    assert listed["total"] == 3


def _poll(url, ids):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = requests.get(f"{url}/api/video-gen/status", params=ids, timeout=10).json()
        if answer["task"]["status"] in ("completed", "failed"):
            return answer["task"]
        time.sleep(0.1)
    pytest.fail("no video came")


def test_the_tutorials_functions_on_ours(ours, chinese, capsys):
    image_data = download_image_from_url(f"{ours}/samples/lake.jpg")
    attachment = upload_image(image_data, "image.jpg")
    result = create_video_task("生成视频", attachment, **QUICK)
    urls = wait_for_video(result["conversation_id"], result["message_id"]) or []
    assert len(urls) == 1
    said = _lines(capsys.readouterr().out)
    assert "📤 上传图片到网关..." in said, "no word of servers that are not asked"
    assert "   提示：首次尝试在3分钟后开始" not in said
    assert "✅ 视频生成完成!" in said
