"""Many videos in one file: a contact sheet, and a zip without what was changed on the disk."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from videogen_nb.gateway.files.contact_sheet import contact_sheet
from videogen_nb.gateway.files.zipping import zipped


def opened(sheet: bytes) -> Image.Image:
    return Image.open(io.BytesIO(sheet)).convert("RGB")


def test_a_contact_sheet_is_about_square(tmp_path: Path):
    one, four, five = (opened(contact_sheet([(tmp_path / "none", "a")] * n)) for n in (1, 4, 5))
    assert one.width < four.width < five.width  # columns: 1, 2, 3
    assert one.height < four.height == five.height  # rows: 1, 2, 2


def test_a_tall_poster_is_in_the_middle_of_its_place(tmp_path: Path):
    poster = tmp_path / "poster.jpg"
    Image.new("RGB", (90, 160), "red").save(poster)
    pixels = np.asarray(opened(contact_sheet([(poster, "")]))).astype(int)
    red = np.flatnonzero(((pixels[..., 0] > 200) & (pixels[..., 1] < 60)).any(axis=0))
    assert abs((red[0] + red[-1]) / 2 - pixels.shape[1] / 2) <= 1


def test_a_zip_holds_what_is_as_it_was_made_and_names_the_rest(tmp_path: Path):
    files = [tmp_path / f"{name}.mp4" for name in ("made", "changed", "gone")]
    for file in files[:2]:
        file.write_bytes(b"video")
    told = [(file.name, file, "hash", lambda: b"{}") for file in files]
    pieces = b"".join(zipped(told, lambda path, _: path.stem != "changed"))
    with zipfile.ZipFile(io.BytesIO(pieces)) as archive:
        videos = [name for name in archive.namelist() if name.endswith(".mp4")]
        [notes] = [name for name in archive.namelist() if name.endswith(".txt")]
        assert videos == ["made.mp4"]
        assert archive.read("made.mp4") == b"video"
        assert archive.read(notes).decode().split()[-1] == "changed.mp4"
