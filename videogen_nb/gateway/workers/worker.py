"""The worker process: generates videos and checks media, one at a time.

``python -m videogen_nb.gateway.workers.worker``. Requests arrive as length-prefixed pickles on
standard input; responses are JSON lines on the original standard output; engines' prints go to
standard error. When standard input ends, the gateway is gone, and the process exits.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import queue
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Final

from ...engines import ComputeEngine, Job, Rendered, load_engine
from ...errors import BadInput, EngineCancelled, EngineError, VideogenError
from ...i18n import Text
from ..storage.database import disk_is_full
from .messages import (
    HEADER,
    FrameRequest,
    ImageRequest,
    RenderRequest,
    Request,
    SequenceRequest,
    VideoRequest,
)

REPORT_EVERY_S: Final = 0.1
IMAGE_MEMORY: Final = 320 << 20  # what decoding a stranger's image may take on top of idling


class Worker:
    """Reads and executes requests, one at a time."""

    def __init__(self, requests: BinaryIO, answers: BinaryIO) -> None:
        self._requests = requests
        self._answers = answers
        self._waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._writing = threading.Lock()
        self._reported = 0.0
        self._stage: Text | None = None
        self._engines: dict[str, ComputeEngine] = {}

    def serve(self) -> None:
        """Handle requests until the gateway is gone, then exit."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            request = self._waiting.get()
            self._stage = None
            self._send(self._outcome(request))

    def _listen(self) -> None:
        while header := self._requests.read(HEADER.size):
            request = pickle.loads(self._requests.read(*HEADER.unpack(header)))  # noqa: S301 — our own gateway's pipe
            if request is None:
                self._stop.set()
            else:
                self._stop.clear()
                self._waiting.put(request)
        os._exit(0)

    def _outcome(self, request: Request) -> dict[str, Any]:
        try:
            if isinstance(request, ImageRequest):
                return {"done": check_image(request)}
            if isinstance(request, VideoRequest):
                return {"done": check_video(request)}
            if isinstance(request, FrameRequest):
                return {"done": take_frame(request)}
            if isinstance(request, SequenceRequest):
                return {"done": make_sequence(request)}
            return {"done": self._render(request)}
        except EngineCancelled:
            return {"cancelled": True}
        except VideogenError as error:
            return _failure(error.code, error.text, bad_input=isinstance(error, BadInput))
        except MemoryError:
            return _failure("out_of_memory", _OUT_OF_MEMORY)
        except Exception as error:  # noqa: BLE001 — the boundary: an engine's fault is its task's alone
            if disk_is_full(error):
                return _failure("disk_full", _DISK_FULL)
            traceback.print_exc()
            return _failure(
                "engine_fault",
                _FAULT(kind=type(error).__name__, message=_without_folders(str(error))),
            )

    def _render(self, request: RenderRequest) -> dict[str, Any]:
        engine = self._engines.get(request.engine)
        if engine is None:
            loaded = load_engine(request.engine)
            if not isinstance(loaded, ComputeEngine):
                raise EngineError(_NOT_HERE(name=request.engine))
            engine = self._engines[request.engine] = loaded
        rendered = engine.run(request.job, self._report, self._stop.is_set)
        self._report(None, _CHECKING)
        return finish_video(request.job, rendered)

    def _report(self, progress: float | None, stage: Text | None) -> None:
        now = time.monotonic()
        if stage == self._stage and now - self._reported < REPORT_EVERY_S:
            return
        self._reported, self._stage = now, stage
        self._send({"progress": progress, "stage": stage and stage.to_json()})

    def _send(self, message: Mapping[str, Any]) -> None:
        with self._writing:  # an engine may report from several threads
            # An engine's facts may hold anything; what JSON does not know is written as words.
            self._answers.write(json.dumps(message, default=str).encode() + b"\n")
            self._answers.flush()


def finish_video(job: Job, rendered: Rendered) -> dict[str, Any]:
    """Decode, hash and sync a rendered video; add a poster if it has none.

    Raises:
        NotAVideo: the engine wrote no decodable video.
    """
    from ...media.probe import poster_jpeg, probe  # heavy: decoders

    facts = probe(job.output, whole=False, name=_VIDEO)
    if not job.poster.exists():
        job.poster.write_bytes(poster_jpeg(job.output))
    for path in (job.output, job.poster):
        sync(path)
    return {
        "sha256": sha256(job.output),
        "video": {**asdict(facts), "bytes": job.output.stat().st_size},
        "facts": dict(rendered.facts),
        "notes": [note.to_json() for note in rendered.notes],
    }


def check_video(request: VideoRequest) -> dict[str, Any]:
    """Decode a downloaded video, without changing it.

    Raises:
        NotAVideo: it is not a video, or truncated.
    """
    from ...media.probe import poster_jpeg, probe  # heavy: decoders

    facts = probe(request.video, whole=request.whole, name=_VIDEO)
    request.poster.write_bytes(poster_jpeg(request.video))
    if request.last_frame is not None:
        as_png(request.last_frame)
    for path in (request.video, request.poster):
        sync(path)
    return {
        "sha256": sha256(request.video),
        "video": {**asdict(facts), "bytes": request.video.stat().st_size},
    }


def take_frame(request: FrameRequest) -> dict[str, Any]:
    """Write a frame of a video as a PNG.

    Raises:
        BadInput: the video is too short. NotAVideo: it cannot be decoded.
    """
    from ...media.editing.frames.stills import frame_at  # heavy: decoders

    image = frame_at(request.video, "last" if request.at is None else request.at, _VIDEO)
    image.save(request.target, "PNG")
    return {}


def make_sequence(request: SequenceRequest) -> dict[str, Any]:
    """Make a video from images.

    Raises:
        NotAVideo: a file is not an image, or there are fewer than two frames.
    """
    from ...media.video_from_images import write_sequence  # heavy: decoders

    write_sequence(request.images, request.video, request.fps)
    return {}


def as_png(path: Path) -> None:
    """Convert an image to PNG; remove the file if it is not an image."""
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as image:
            image.load()
            if image.format != "PNG":
                image.convert("RGB").save(path, "PNG")
        sync(path)
    except (OSError, ValueError, Image.DecompressionBombError):
        path.unlink(missing_ok=True)


def check_image(request: ImageRequest) -> dict[str, Any]:
    """Normalise an image from one file to another.

    Raises:
        BadImage: it is not acceptable; nothing is left at the target.
    """
    from ...media.images import normalise  # heavy: decoders
    from ...media.images.memory_limit import limit_memory

    limit_memory(IMAGE_MEMORY)
    made = normalise(request.source.read_bytes())
    request.target.write_bytes(made.data)
    sync(request.target)
    return {
        "sha256": made.sha256,
        "width": made.width,
        "height": made.height,
        "format": made.format,
    }


def sync(path: Path) -> None:
    """Sync a file."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sha256(path: Path) -> str:
    """Return the SHA-256 hash of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _failure(code: str, text: Text, *, bad_input: bool = False) -> dict[str, Any]:
    return {"code": code, "text": text.to_json(), "bad_input": bad_input}


def main() -> None:
    """Set up the pipes, redirect prints, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the gateway's to handle
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    Worker(sys.stdin.buffer, answers).serve()


def _without_folders(words: str) -> str:
    """Return an error message without paths of this machine."""
    return _FOLDERS.sub("…/", words)


_FOLDERS: Final = re.compile(r"(?<![\w/.:])(?:[A-Za-z]:)?(?:[\\/][^\s'\"\\/:]+)+[\\/]")
_VIDEO = Text("The video", "视频")
_CHECKING = Text("Checking the video", "正在检查视频")
_OUT_OF_MEMORY = Text(
    "Out of memory. Try a lower resolution or a shorter video.",
    "内存不足，请降低分辨率或缩短时长后重试。",
)
_DISK_FULL = Text(
    "The gateway's disk is full. Delete videos that you no longer need and try again.",
    "网关磁盘已满，请删除不需要的视频后重试。",
)
_FAULT = Text(
    "The engine failed unexpectedly ({kind}: {message}). See the gateway's log for details.",
    "引擎意外出错（{kind}：{message}），详情见网关日志。",
)
_NOT_HERE = Text(
    "The engine {name!r} does not run on this machine.", "引擎 {name!r} 不在本机计算。"
)


if __name__ == "__main__":
    main()
