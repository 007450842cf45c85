"""Scripts written for older gateways, with plain ``requests``, run against ours unchanged."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import requests

from .conftest import image_bytes
from .test_restart import served


def upload_image(base: str, data: bytes, name: str) -> dict[str, Any]:
    response = requests.post(
        f"{base}/api/file/upload",
        params={"file_type": "2", "file_name": name},
        data=data,
        headers={"Content-Type": "application/octet-stream"},
        timeout=30,
    )
    response.raise_for_status()
    attachment: dict[str, Any] = response.json()
    return attachment


def create_video_task(base: str, prompt: str, **body: Any) -> dict[str, Any]:
    response = requests.post(
        f"{base}/api/video-gen/generate",
        json={"prompt": prompt, "guest": False, "engine": "trial", **body},
        timeout=30,
    )
    response.raise_for_status()
    result: dict[str, Any] = response.json()
    return result


def wait_for_video(base: str, conversation_id: str, message_id: str) -> list[str]:
    for _ in range(600):
        response = requests.get(
            f"{base}/api/video-gen/status",
            params={"conversation_id": conversation_id, "message_id": message_id},
            timeout=30,
        )
        task = response.json()["task"]
        if task["status"] == "completed":
            urls: list[str] = task["video_urls"]
            return urls
        assert task["status"] in ("pending", "processing"), task["error"]
        time.sleep(0.02)
    raise AssertionError("it took too long")


def test_the_scripts_of_tutorials_run(gateway_home: Path):
    with served(gateway_home) as (http, _):
        base = str(http.base_url).rstrip("/")
        attachment = upload_image(base, image_bytes(), "image.jpg")
        assert (attachment["type"], attachment["name"]) == ("vlm_image", "image.jpg")
        made = [
            create_video_task(base, "quick 将这张图片生成视频", image_attachment=attachment),
            create_video_task(base, "quick 生成视频", image_url=f"{base}/samples/lake.jpg"),
            create_video_task(base, "quick 生成一个海边日落的5秒视频", image_url=None),
            create_video_task(base, "quick 生成星空视频", image_url="", image_attachment=None),
        ]
        for result in made:
            assert result["message"] == "视频生成任务已创建，正在处理中..."
            urls = wait_for_video(base, result["conversation_id"], result["message_id"])
            video = requests.get(urls[0], timeout=30)
            assert video.headers["Content-Type"] == "video/mp4"
            assert video.content[4:8] == b"ftyp"
        listed = requests.get(f"{base}/api/video-gen/list", timeout=30).json()
        assert (listed["success"], listed["total"]) == (True, 4)


def test_an_upload_that_is_too_large_gets_its_answer_over_a_socket(gateway_home: Path):
    """Most senders read no answer before all is sent: a connection closed early loses it."""
    with served(gateway_home) as (http, _):
        base = str(http.base_url).rstrip("/")
        url = f"{base}/api/file/upload?file_name=a.jpg"
        response = requests.post(url, data=bytes(11 * 2**20), timeout=30)
        assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
        assert "10 MiB" in response.json()["detail"]
