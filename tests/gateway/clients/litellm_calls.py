"""LiteLLM's calls for videos against the gateway at argv[1]; prints what came of it as JSON."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import litellm

url, token, png = sys.argv[1:]
here: dict[str, Any] = {"api_base": f"{url}/v1", "api_key": token}
told: dict[str, Any] = {}


def create(**asked: Any) -> Any:
    return litellm.video_generation(prompt="a paper boat", seconds="1", **here, **asked)


def ended(video: Any) -> Any:
    while (now := litellm.video_status(video_id=video.id, **here)).status not in _ENDS:
        time.sleep(0.1)
    return now


def refused(call: Callable[[], object]) -> str:
    try:
        call()
    except Exception as error:  # noqa: BLE001  # its kind is what is told
        return type(error).__name__
    return "nothing"


_ENDS = ("completed", "failed")
video = create(model="openai/sketch", size="640x360")
told["created"] = video.status
told["ended"] = ended(video).status
told["mp4"] = litellm.video_content(video_id=video.id, **here)[4:8].decode()
poster = litellm.video_content(video_id=video.id, variant="thumbnail", **here)
told["poster"] = poster[:3].hex()
more = {"seed": 5, "fps": 12, "labels": ["a", "b"]}
with_image = create(
    model="openai/sketch",
    size="480x854",
    input_reference=io.BytesIO(bytes.fromhex(png)),
    user="customer-7",
    extra_body=more,
)
told["image"] = [ended(with_image).status, with_image.size]
told["hosted_name"] = ended(create(model="openai/sora-2")).model
listed = litellm.video_list(custom_llm_provider="openai", **here)
told["listed"] = len(listed["data"])
told["models"] = litellm.get_valid_models(
    check_provider_endpoint=True, custom_llm_provider="openai", **here
)
told["refused"] = {
    "unknown engine": refused(lambda: create(model="openai/nobody")),
    "wrong token": refused(
        lambda: litellm.video_status(video_id=video.id, api_base=here["api_base"], api_key="no")
    ),
    "unknown video": refused(lambda: litellm.video_status(video_id="video_1-2", **here)),
    "remix": refused(lambda: litellm.video_remix(video_id=video.id, prompt="again", **here)),
    "edit": refused(lambda: litellm.video_edit(video_id=video.id, prompt="again", **here)),
    "extension": refused(
        lambda: litellm.video_extension(video_id=video.id, prompt="on", seconds="4", **here)
    ),
}
print(json.dumps(told))
