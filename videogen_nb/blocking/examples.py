"""The four examples from tutorials, as functions that run as they are.

    python -c "import videogen_nb as v; v.example_3_text_to_video()"

They call the functions that tutorials use, print progress, and save the videos in the output
folder.
"""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import httpx

from ..errors import BadInput
from ..i18n import Text, current_language
from ..network import client
from ..protocol import read_error
from ..protocol.models import TaskId, TaskStatus
from ..protocol.status_texts import STATES
from ..text.console import say
from . import (
    check_video_status,
    connect,
    create_video_task,
    download_image_from_url,
    upload_image,
    wait_for_video,
)

TITLES = {
    1: Text("Image to video (local image)", "图生视频（本地图片）"),
    2: Text("Image to video (image URL)", "图生视频（图片链接）"),
    3: Text("Text to video", "文生视频"),
    4: Text("Quick test", "快速测试"),
}
_BANNER = Text("Example {n}: {title}", "示例 {n}: {title}")
_READING = Text("📖 Reading the image: {path}", "📖 读取本地图片: {path}")
_WAY_1 = Text("Option 1: download the image, then upload it", "方式1: 手动下载并上传")
_WAY_2 = Text(
    "Option 2: pass image_url and let the gateway download it", "方式2: 使用 API 自动处理（推荐）"
)
_POSTING = Text("🌐 POST {url}", "🌐 POST {url}")
_IMAGE_URL = Text("   image_url: {url}", "   image_url: {url}")
_CREATED = Text("✅ Task created: {id}\n", "✅ 任务已创建: {id}\n")
_STATUS = Text("📊 Status: {status}", "📊 当前状态: {status}")
_LATER = Text(
    "💡 Check again later:  videogen-nb status {id}\n   Get the video:      videogen-nb wait {id}",
    "💡 稍后查询状态：videogen-nb status {id}\n   等待并保存视频：videogen-nb wait {id}",
)
_DONE = Text("🎉 Done! The video is ready", "🎉 完成！视频已生成")
_SAVED = Text("   Saved: {path}", "   已保存: {path}")
_NO_SAMPLE = Text(
    "This gateway has no sample image. Pass the URL of an image: "
    'example_2_image_to_video_url("https://…")',
    '该网关没有示例图片，请提供图片链接：example_2_image_to_video_url("https://…")',
)

_FROM_IMAGE = Text(
    "turn this image into a 5-second video, camera slowly pushing in",
    "请将这张图片生成一个5秒的视频，镜头缓慢推进",
)
_FROM_WORDS = Text("a sunset over the sea, 5 seconds", "生成一个海边日落的5秒视频")
_QUICK = Text("a video of a starry sky", "生成星空视频")


def example_1_image_to_video_local(path: str | Path | None = None) -> Path:
    """Turn an image on disk into a video; return the video's path.

    Args:
        path: JPG, PNG, WEBP or HEIC; None = a test image that comes with the package.
    """
    _banner(1)
    with as_file(files("videogen_nb.gateway") / "samples" / "lake.jpg") as sample:
        image = Path(path or sample)
        say(_READING(path=image.name))
        attachment = upload_image(image, image.name)
    result = create_video_task(str(_FROM_IMAGE), attachment)
    return _finish(result)


def example_2_image_to_video_url(url: str | None = None) -> list[Path]:
    """Turn the image at a URL into a video in two ways; return both videos' paths.

    Args:
        url: http(s) URL of an image; None = the gateway's own test image.
    """
    _banner(2)
    url = url or _sample_url()

    say(f"── {_WAY_1} ──\n")
    image_data = download_image_from_url(url)
    attachment = upload_image(image_data, Path(httpx.URL(url).path).name or "image.jpg")
    by_hand = _finish(create_video_task(str(_FROM_IMAGE), attachment))

    say(f"\n── {_WAY_2} ──\n")
    body = {"prompt": str(_FROM_IMAGE), "image_url": url, "guest": False}
    return [by_hand, _finish(_post("/api/video-gen/generate", body))]


def example_3_text_to_video(prompt: str | None = None) -> Path:
    """Turn a prompt into a video; return the video's path.

    Args:
        prompt: what to generate; None = a sunset over the sea.
    """
    _banner(3)
    return _finish(create_video_task(prompt or str(_FROM_WORDS)))


def example_4_quick_test(prompt: str | None = None) -> str:
    """Create a task without waiting for it; return its id.

    Args:
        prompt: what to generate; None = a starry sky.
    """
    _banner(4)
    result = create_video_task(prompt or str(_QUICK))
    task = TaskId(result["conversation_id"], result["message_id"])
    status = TaskStatus(check_video_status(*task)["status"])
    say(_STATUS(status=STATES[status]), _LATER(id=task))
    return str(task)


def _banner(n: int) -> None:
    line = "=" * 60
    say(f"{line}\n{_BANNER(n=n, title=TITLES[n])}\n{line}\n")


def _finish(result: dict[str, Any]) -> Path:
    """Wait for the task and save its video before the link expires.

    Raises:
        TaskFailed, TaskCancelled, DownloadError: there is no video.
    """
    task = TaskId(result["conversation_id"], result["message_id"])
    wait_for_video(*task)
    video = connect().download(task).result()
    say(_DONE, _SAVED(path=video.path))
    return video.path


def _sample_url() -> str:
    videos = connect()
    if not videos.is_ours().result():
        raise BadInput(_NO_SAMPLE)
    return f"{videos.url}/samples/lake.jpg"


def _post(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send one HTTP request, as any program could, and return the JSON of the response."""
    videos = connect()
    url = videos.url + path
    say(_POSTING(url=url), _IMAGE_URL(url=body["image_url"]))
    headers = {**videos.headers, "Accept-Language": current_language()}
    with client(timeout=60) as web:
        answer = web.post(url, json=body, headers=headers)
    if not answer.is_success:
        raise read_error(answer.status_code, answer.headers, answer.content, url)
    result: dict[str, Any] = answer.json()
    say(_CREATED(id=TaskId(result["conversation_id"], result["message_id"])))
    return result
