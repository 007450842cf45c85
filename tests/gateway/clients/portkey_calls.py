"""Calls of portkey-ai for Python against the gateway at argv[1]; prints what came of it as JSON.

It accepts only the hosted models' lengths and sizes in an answer, except in ``create_and_poll``.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

from portkey_ai import Portkey

url, token, png = sys.argv[1:]
client = Portkey(base_url=f"{url}/v1", api_key="any", Authorization=f"Bearer {token}")
told: dict[str, Any] = {"models": [model.id for model in client.models.list().data]}

image = io.BytesIO(bytes.fromhex(png))
image.name = "boat.png"
hosted = {"seconds": "4", "size": "1280x720"}
made = client.videos.create(prompt="push in", model="sketch", input_reference=image, **hosted)
told["created"] = made.status
told["ended"] = client.videos.poll(made.id, poll_interval_ms=100).status
told["mp4"] = client.videos.download_content(made.id).read()[4:8].decode()
told["retrieved"] = client.videos.retrieve(made.id).size
told["listed"] = [video.id == made.id for video in client.videos.list(limit=1).data]
told["deleted"] = client.videos.delete(made.id).deleted
short = client.videos.create_and_poll(
    prompt="a paper boat", model="sketch", seconds="1", size="640x360", poll_interval_ms=100
)
told["short"] = [short.status, short.seconds]
for name, call in (("unknown", client.videos.retrieve), ("remix", client.videos.remix)):
    try:
        call("video_1-2", **({"prompt": "again"} if name == "remix" else {}))
    except Exception as error:  # noqa: BLE001  # its kind is what is told
        told[name] = type(error).__name__
print(json.dumps(told))
