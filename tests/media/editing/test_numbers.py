"""Numbers for editing, as tables have them: NumPy's work, empty cells are told."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from videogen_nb import clip, join, title
from videogen_nb.errors import BadInput
from videogen_nb.media.editing.export import export
from videogen_nb.media.editing.frames.animation import gif, webp
from videogen_nb.media.editing.frames.stills import frame_at, frames_of
from videogen_nb.media.editing.sound.mixing import music
from videogen_nb.storyboard import Shot

from .clips import make_clip

EMPTY: list[Any] = [math.nan, math.inf, np.float32("nan"), pd.NA, pd.NaT, "x"]

#: All that takes a number; the video has sound.
TAKERS: dict[str, Callable[[Path, Any], object]] = {
    "clip": lambda video, cell: clip(video, cell),
    "end": lambda video, cell: clip(video, 0, cell),
    "volume": lambda video, cell: clip(video, volume=cell),
    "title": lambda video, cell: title("t", cell),
    "transition": lambda video, cell: join(
        [video, video], transition="crossfade", seconds=cell, path="o.mp4"
    ),
    "fps": lambda video, cell: join([video], fps=cell, path="o.mp4"),
    "loudness": lambda video, cell: join([video], loudness=cell, path="o.mp4"),
    "burn_in": lambda video, cell: join([video], burn_in=cell, path="o.mp4"),
    "narration": lambda video, cell: join([video], narration=[(cell, video)], path="o.mp4"),
    "music": lambda video, cell: music(video, volume=cell),
    "music's start": lambda video, cell: music(video, start=cell),
    "fade": lambda video, cell: music(video, fade_in=cell),
    "duck": lambda video, cell: music(video, duck=cell),
    "export": lambda video, cell: export(video, "o.mp4", fps=cell),
    "gif": lambda video, cell: gif(video, Path("o.gif"), fps=cell),
    "width": lambda video, cell: gif(video, Path("o.gif"), width=cell),
    "webp": lambda video, cell: webp(video, Path("o.webp"), quality=cell),
    "cover": lambda video, cell: frame_at(video, cell),
    "frames": lambda video, cell: list(frames_of(video, cell)),
}


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    return make_clip(tmp_path_factory.mktemp("numbers") / "video.mp4", 12, tone=300)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("taker", TAKERS)
def test_an_empty_cell_is_told_and_nothing_is_written(video, taker):
    for cell in EMPTY:
        with pytest.raises(BadInput):
            TAKERS[taker](video, cell)
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("cell", [cell for cell in EMPTY if not isinstance(cell, str)])
def test_so_is_one_for_a_shot(cell):
    with pytest.raises(BadInput):
        Shot("sea", cell)


def test_numpys_numbers_make_what_pythons_own_make(video):
    def made(name: str, half: Any, one: Any, true: Any) -> bytes:
        parts: list[Any] = [
            clip(video, half, one, volume=half),
            title("t", half),
            clip(video, end=one),
        ]
        how: Any = {"transition": "crossfade", "seconds": half / 2, "fps": 12 * one}
        bed = music(video, volume=half, fade_in=half, loop=true, duck=true)
        joined = join(parts, audio=bed, narration=[(half, video)], path=name, **how)
        gif(video, Path(f"{name}.gif"), width=64 * one, fps=12 * one)
        frame_at(video, half)
        assert len(list(frames_of(video, half))) == 2
        return joined.path.read_bytes() + Path(f"{name}.gif").read_bytes()

    numpys = made("a.mp4", np.float32(0.5), np.int64(1), np.bool_(True))
    assert numpys == made("b.mp4", 0.5, 1, True)
