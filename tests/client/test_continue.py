"""``after=``: from the last frame of another video, at gateways that can take it or cannot."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.media.editing.clips import make_clip, numbers
from videogen_nb.errors import BadInput, BadParameter
from videogen_nb.media.probe import probe
from videogen_nb.media.video import Video, VideoFile
from videogen_nb.protocol import requests as wire
from videogen_nb.protocol.models import VideoTask

from ..old_and_new_gateway import QUICK, image_bytes, older_world, our_world

TASK = VideoTask.model_validate(
    {"conversation_id": "1", "message_id": "98765432109876543", "status": "completed"}
)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", 6, first=1)


class Recorder:
    """A client whose uploads are looked at."""

    def __init__(self, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.images: list[Image.Image] = []
        real = wire.upload

        def upload(data: bytes, name: str) -> Any:
            self.images.append(Image.open(io.BytesIO(data)))
            return real(data, name)

        monkeypatch.setattr(wire, "upload", upload)


def shown(image: Image.Image, folder: Path) -> int:
    """The number that a frame shows."""
    import av

    path = folder / "shown.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = *image.size, "yuv420p"
        frame = av.VideoFrame.from_image(image.convert("RGB"))
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return numbers(path)[0]


async def test_a_video_is_continued_at_our_gateway(tmp_path: Path):
    async with our_world(output=tmp_path) as videos:
        first = await videos.generate("a lake", **QUICK)
        for after in (first, first.task, str(first.task.id)):
            request = await videos.prepare_request("on", after=after)
            assert request.to_wire()["images"] == [
                {
                    "task": {
                        "conversation_id": first.task.conversation_id,
                        "message_id": first.task.message_id,
                    },
                    "frame": "last",
                    "role": "first",
                }
            ]
        second = await videos.generate("slow push in", after=first, at=0.5, **QUICK)
        third = await videos.create_task("slow push in", images=[first.task], **QUICK)
    assert second.task.parent == third.parent == str(first.task.id)
    from videogen_nb.media.provenance import provenance

    assert provenance(second)["parent"] == str(first.task.id)


async def test_a_video_or_task_is_taken_wherever_an_image_is(tmp_path: Path):
    async with our_world(output=tmp_path) as videos:
        first = await videos.generate("a lake", **QUICK)
        second = await videos.generate("slow push in", first, **QUICK)
        request = await videos.prepare_request("on", images=[image_bytes(), first])
    assert second.task.parent == str(first.task.id)
    assert request.images is not None
    assert request.images[1].task is not None
    assert request.images[1].role == "reference"


@pytest.mark.parametrize(("at", "number"), [(None, 6), (0.2, 3)])
async def test_an_older_gateway_gets_the_frame_of_the_saved_file(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: float | None, number: int
):
    video = Video(clip, probe(clip), TASK)
    async with older_world() as world:
        sent = Recorder(world.client, monkeypatch)
        await world.client.create_task("on", after=video, at=at)
        request = world.gateway.tasks[0].request
    assert "image_attachment" in request
    assert "images" not in request
    assert shown(sent.images[0], tmp_path) == number


async def test_a_file_of_one_s_own_is_uploaded_as_its_frame(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with our_world() as videos:
        sent = Recorder(videos, monkeypatch)
        for after in (clip, str(clip), VideoFile(clip, probe(clip))):
            request = await videos.prepare_request("on", after=after)
            assert request.images is not None
            assert request.images[0].attachment is not None
    assert [shown(image, tmp_path) for image in sent.images] == [6, 6, 6]


async def test_an_older_gateway_s_task_that_is_not_saved_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("VIDEOGEN_OUTPUT", str(tmp_path))
    async with older_world() as world:
        with pytest.raises(BadInput, match="Download it first"):
            await world.client.create_task("on", after=TASK)
        assert not world.gateway.tasks


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"at": 1.0}, "requires after="),
        ({"after": "clip", "at": -1}, "number of seconds"),
        ({"after": "clip", "image_url": "https://example.com/a.png"}, "one of them"),
        ({"after": 7}, "Invalid task"),
        ({"after": "gone.mp4"}, r"gone\.mp4"),
    ],
)
async def test_what_does_not_fit_is_told_before_anything_is_sent(
    clip: Path, arguments: dict[str, Any], words: str
):
    given: dict[str, Any] = {
        name: clip if value == "clip" else value for name, value in arguments.items()
    }
    async with older_world() as world:
        with pytest.raises((BadInput, BadParameter), match=words):
            await world.client.create_task("on", **given)
        assert not world.gateway.tasks


def test_the_frames_of_a_file(clip: Path, tmp_path: Path):
    from videogen_nb.media.editing.frames.stills import frame_at, frames_of

    taken = [frame_at(clip, n / 12 + 0.01) for n in range(6)]
    assert [shown(image, tmp_path) for image in taken] == [1, 2, 3, 4, 5, 6]
    assert shown(frame_at(clip), tmp_path) == 6
    assert np.array_equal(np.asarray(frame_at(clip)), np.asarray([*frames_of(clip)][-1]))
    assert len([*frames_of(clip, every=0.25)]) == 2
    for at, says in ((0.5, r"0\.50 s long"), (9, r"0\.50 s long"), (-1, "Invalid time -1")):
        with pytest.raises(BadInput, match=says):
            frame_at(clip, at)
