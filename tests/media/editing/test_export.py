"""Exporting: sizes, crops, codecs, animated images, covers; what is kept and what is told."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from videogen_nb.errors import BadInput, EditCancelled, EditWarning
from videogen_nb.media.editing import export as exporting
from videogen_nb.media.editing.edit_provenance import labels
from videogen_nb.media.editing.frames.crop import crop_box
from videogen_nb.media.editing.presets import PRESETS
from videogen_nb.media.editing.sources import inspect, sha256
from videogen_nb.media.probe import probe
from videogen_nb.media.provenance import describe, metadata, provenance
from videogen_nb.media.video import VideoFile

from .clips import grey, make_clip, numbers, sound, strength


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def clip(folder) -> VideoFile:
    facts = describe(engine="sketch", prompt="a lake, 5 s", parameters={}, seed=7)
    path = make_clip(
        folder / "lake.mp4", 24, first=1, tone=440, metadata={**metadata(facts), "AIGC": "{}"}
    )
    return VideoFile(path, probe(path))


@pytest.fixture(scope="module")
def mover(folder) -> Path:
    """A wide video in which a small square moves up and down in the right quarter."""
    path: Path = folder / "mover.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 320, 90, "yuv420p"
        for index in range(24):
            image = np.full((90, 320), 80, np.uint8)
            image[10 + 2 * index : 30 + 2 * index, 250:270] = 230
            frame = av.VideoFrame.from_ndarray(image, format="gray")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return path


def test_an_export_keeps_frames_sound_and_facts(clip, tmp_path):
    made = clip.export(tmp_path / "out.mp4")
    assert numbers(made.path) == [*range(1, 25)]
    assert strength(sound(made.path), 440) == pytest.approx(0.1, abs=0.01)
    facts = provenance(made)
    assert (facts["edit"], facts["parents"][0]["sha256"]) == ("export", sha256(clip.path))
    assert facts["parents"][0]["prompt"] == "a lake, 5 s"
    assert labels(made.path) == "{}"


@pytest.mark.parametrize(
    ("ratio", "size"), [("9:16", (50, 90)), ("1:1", (90, 90)), ("21:9", (160, 68))]
)
def test_a_crop_has_the_aspect_ratio(clip, tmp_path, ratio, size):
    made = clip.export(tmp_path / "out.mp4", crop=ratio)
    assert (made.facts.width, made.facts.height) == size


def test_the_middle_is_kept_where_that_is_wanted(clip, tmp_path):
    made = clip.export(tmp_path / "out.mp4", crop="1:1", focus="centre")
    whole, part = grey(clip.path)[5].astype(int), grey(made.path)[5].astype(int)
    assert abs(part - whole[:, 34:124]).mean() < 4


def test_the_part_where_it_moves_is_kept(mover, tmp_path):
    left, top, width, height = crop_box(inspect(mover), Fraction(1))
    assert left <= 250
    assert left + width >= 270
    assert (top, width, height) == (0, 90, 90)
    assert crop_box(inspect(mover), Fraction(1), "centre") == (114, 0, 90, 90)


def test_a_video_without_any_interest_is_cropped_in_the_middle(tmp_path):
    path = tmp_path / "plain.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for _ in range(6):
            frame = av.VideoFrame.from_ndarray(np.full((90, 160), 90, np.uint8), format="gray")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    left, *_ = crop_box(inspect(path), Fraction(1))
    assert abs(left - 35) <= 3


def test_a_preset_has_its_size(clip, tmp_path):
    made = clip.export(tmp_path / "{name}-{preset}-{seed}-{prompt}.mp4", preset="square")
    assert made.path.name == "lake-square-7-a-lake-5-s.mp4"
    assert (made.facts.width, made.facts.height) == (1080, 1080)
    assert all(p.width % 2 == p.height % 2 == 0 for p in PRESETS.values())


@pytest.mark.parametrize("size", ["640x480", (640, 481), (640, None), 640, (640, 480, 3)])
def test_what_is_no_size_is_told(clip, tmp_path, size):
    with pytest.raises(BadInput, match="Invalid size"):
        clip.export(tmp_path / "out.mp4", size=size)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), "1", -1, True])
def test_what_is_no_moment_is_told(clip, tmp_path, number):
    with pytest.raises(BadInput):
        clip.cover(tmp_path / "cover.jpg", at=number)
    with pytest.raises(BadInput):
        next(clip.frames(number))
    with pytest.raises(BadInput):
        clip.gif(tmp_path / "a.gif", fps=number)


def test_a_size_may_be_filled_with_bars(clip, tmp_path):
    made = clip.export(tmp_path / "out.mp4", size=(90, 90), fit="contain")
    shown = grey(made.path)[3]
    assert shown[:15].max() < 12
    assert shown[30:40].max() > 150


@pytest.mark.parametrize(
    ("codec", "name", "suffix"),
    [("h264", "h264", ".mp4"), ("h265", "hevc", ".mp4"), ("vp9", "vp9", ".webm")],
)
def test_every_codec_can_be_decoded_again(clip, tmp_path, codec, name, suffix):
    made = clip.export(tmp_path / f"out{suffix}", codec=codec, fps=6)
    assert (made.facts.codec, made.facts.frames) == (name, 12)
    assert numbers(made.path)[:2] == [1, 3] or numbers(made.path)[:2] == [2, 4]
    assert strength(sound(made.path), 440) > 0.08


def test_stripping_leaves_nothing_and_mentions_the_law_once(clip, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "_told", [])
    with pytest.warns(EditWarning, match="label"):
        made = clip.export(tmp_path / "one.mp4", strip=True)
    clip.export(tmp_path / "two.mp4", strip=True)  # a second warning would be an error
    with pytest.raises(BadInput):
        provenance(made)
    assert labels(made.path) is None


def test_without_a_name_it_lies_beside_the_video(clip):
    made = clip.export(crop="1:1", focus="centre")
    assert made.path == clip.path.with_name("lake-90x90.mp4")


def test_progress_is_told_and_cancelling_leaves_nothing(clip, tmp_path):
    seen: list[int] = []
    with pytest.raises(EditCancelled):
        clip.export(
            tmp_path / "out.mp4",
            on_progress=lambda done, total: seen.append(done / total),
            cancelled=lambda: len(seen) > 3,
        )
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"preset": "vine"}, "youtube"),
        ({"codec": "divx"}, "h265"),
        ({"crop": "wide"}, "9:16"),
        ({"crop": "1:9"}, "9:16"),
        ({"crop": "1:1", "focus": "left"}, "smart, centre"),
        ({"preset": "reels", "size": (90, 90)}, "not both"),
        ({"size": (91, 90)}, "even"),
        ({"fps": 1000}, "1 to 120"),
        ({"fit": "squeeze"}, "cover"),
        ({"path": "out.avi"}, r"\.mp4"),
        ({"path": "{nothing}.mp4"}, "seed"),
        ({"path": "{.mp4"}, "Invalid name"),
        ({"codec": "vp9", "path": "out.mp4"}, r"\.webm"),
    ],
)
def test_what_does_not_fit_is_told(clip, how, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=words):
        clip.export(**{"path": "out.mp4", **how})
    assert not [*tmp_path.iterdir()]


def test_the_video_is_never_written_over(clip):
    before = clip.path.read_bytes()
    with pytest.raises(BadInput, match="original files"):
        clip.export(clip.path)
    assert clip.path.read_bytes() == before


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_animated_images(clip, tmp_path, kind):
    path: Any = getattr(clip, kind)(tmp_path / f"a.{kind}", width=80, fps=6)
    with Image.open(path) as image:
        assert image.size == (80, 46) or image.size == (80, 44)
        frames = getattr(image, "n_frames", 1)
        image.load()
        assert image.info["duration"] in (160, 167, 170)
        assert image.info["loop"] == 0
        shown = []
        for index in range(frames):
            image.seek(index)
            row = np.asarray(image.convert("L"))[10]
            bars = [row[int((bit + 0.5) * 10)] > 128 for bit in range(8)]
            shown.append(sum(1 << bit for bit, on in enumerate(bars) if on))
    assert shown == [*range(shown[0], shown[0] + 24, 2)]
    with pytest.raises(BadInput, match="16 to 4096"):
        getattr(clip, kind)(tmp_path / "b", width=8)


def test_stills(clip, tmp_path):
    assert len([*clip.frames()]) == 24
    assert len([*clip.frames(every=0.5)]) == 4
    assert clip.last_frame().size == (160, 90)
    cover = clip.cover(tmp_path / "cover.jpg", at=0)
    with Image.open(cover) as image:
        assert (image.format, image.size) == ("JPEG", (160, 90))
    assert clip.cover() == clip.path.with_suffix(".jpg")
    with pytest.raises(BadInput, match="no frame"):
        clip.cover(tmp_path / "x.jpg", at=9)
