"""Cards and captions as frames: words inside the safe area, uncovered in time, never a box."""

import time
from functools import partial
from importlib.resources import files

import numpy as np
import pytest

from videogen_nb.engines.rendering.encode import Reel
from videogen_nb.engines.sketch.cards.video import Captioned, CardVideo
from videogen_nb.engines.sketch.catalogue import Mood
from videogen_nb.media.typography import typeface
from videogen_nb.media.typography.lettering import Box, Style, fit
from videogen_nb.media.typography.lines import pieces_of
from videogen_nb.media.typography.typeface import Typeface
from videogen_nb.media.yuv import from_rgb, plane

PROMPTS = {
    "short": "a cat playing piano",
    "one": "猫",
    "chinese": "宇航员骑着马在月球上奔跑，身后是蓝色的地球",
    "long": "A detective follows a stranger through the abandoned library, " * 60,
    "long-chinese": "夜深了，整座小镇都睡着了，只有图书馆里还亮着一盏灯。" * 120,
    "mixed": "一只cat在“New York”的街头弹piano 🎹",
    "word": "x" * 4000,
    "arabic": "قطة تعزف على البيانو",
    "hebrew": "חתול מנגן בפסנתר",
    "emoji": "🐱🎹🌙",
    "unknown": "\U0001f9ff\U00013000",
}
SIZES = {"16:9": (854, 480), "9:16": (480, 854), "1:1": (480, 480), "21:9": (1120, 480)}


def reel(size, seconds=2.0):
    return Reel(size[0], size[1], 12, round(12 * seconds))


def _still(rgb, _index):
    return from_rgb(rgb)


def luma(frame):
    return plane(frame, 0).astype(float)


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_words_stand_inside_the_safe_area(prompt, size):
    """What differs between the first frame, without words, and a later one is within 5 %."""
    made = reel(size)
    card = CardVideo(Mood(prompt=prompt), made, 3)
    bare, full = luma(card.frame(0)), luma(card.frame(11))
    changed = np.abs(full - bare) > 40
    rows, columns = np.nonzero(changed)
    if rows.size:
        width, height = size
        assert 0.05 * width < columns.min() <= columns.max() < 0.95 * width
        assert 0.05 * height < rows.min() <= rows.max() < 0.95 * height
    if prompt not in (PROMPTS["unknown"], PROMPTS["emoji"], PROMPTS["arabic"], PROMPTS["hebrew"]):
        assert rows.size > 100, "there are words"


@pytest.mark.parametrize("seconds", [1.0, 5.0])
def test_words_are_uncovered_gently_and_are_there_when_the_poster_is_taken(seconds):
    made = reel((640, 360), seconds)
    card = CardVideo(Mood(prompt="a cat playing piano"), made, 3)
    frames = [luma(card.frame(i)) for i in range(made.frames)]
    shown = [(np.abs(frame - frames[0]) > 50).mean() for frame in frames]
    assert shown[0] == 0
    poster = int(made.frames * 0.4)
    assert shown[poster] > 0.9 * max(shown)
    assert max(np.diff(shown)) < 0.9 * max(shown), "not at once"


def test_the_same_prompt_and_seed_give_the_same_frame_and_colours_follow_the_words():
    made = reel((320, 180))

    def chroma(prompt):
        frame = CardVideo(Mood(prompt=prompt), made, 1).frame(0)
        return [plane(frame, k).mean() for k in (1, 2)]

    again = [luma(CardVideo(Mood(prompt="猫"), made, 1).frame(9)) for _ in range(2)]
    assert np.array_equal(*again)
    (blue, _), (_, red) = chroma("a whale in the blue ocean"), chroma("a heart of fire")
    assert blue > 133
    assert red > 133


def test_a_caption_is_legible_on_white_and_on_black_and_low_in_the_frame():
    made = reel((640, 360))
    for grey in (0, 255):
        rgb = np.full((360, 640, 3), grey, np.uint8)
        captioned = Captioned(partial(_still, rgb), "长城 · 骆驼", made)
        seen = luma(captioned.frame(20))
        rows, _ = np.nonzero(np.abs(seen - luma(from_rgb(rgb))) > 30)
        assert rows.min() > 360 * 0.6
        box = seen[rows.min() : rows.max() + 1]
        assert box.max() - np.percentile(box, 1) > 90 or grey == 0
        assert seen.max() > 220


def test_the_words_of_a_long_prompt_end_in_an_ellipsis():
    box = Box(50, 50, 400, 200)
    face, made = fit(pieces_of("夜深了，" * 900), box, Style(60, 20, (200, 128, 128)))
    assert face.size == 20
    assert made[-1].endswith("…")
    assert max(map(face, made)) <= 400


def test_what_no_font_has_is_left_out(monkeypatch):
    monkeypatch.setattr(typeface, "_SYSTEM", ())
    typeface._system_fonts.cache_clear()
    typeface._other.cache_clear()
    try:
        face = Typeface(41.5)
        assert face("猫🐱") == face("猫")
        assert face("حب") == 0
    finally:
        typeface._system_fonts.cache_clear()
        typeface._other.cache_clear()


def test_the_typeface_has_what_prompts_are_written_with():
    font = typeface._bundled(40.0)
    written = "AZaz09“”‘’—…，。！？、；：（）《》「」·àéîöüß璀璨涟漪氤氲潋滟"
    assert [letter for letter in written if not typeface._has(font, letter)] == []
    assert not typeface._has(font, "🐱")


def test_latin_letters_are_kerned_and_their_marks_are_narrow():
    face = Typeface(100)
    assert face("AV") < face("A") + face("V") - 8
    assert face("it’s") < face("its") + 40 < face("它’它") - face("它它") + face("its") + 41


def test_the_typeface_is_free_and_small():
    folder = files("videogen_nb.media.typography")
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text("utf-8")
    assert len((folder / "CardSerif.otf").read_bytes()) < 2_500_000


def test_a_long_prompt_is_laid_out_quickly():
    began = time.process_time()
    for prompt in (PROMPTS["long"], PROMPTS["long-chinese"]):
        CardVideo(Mood(prompt=prompt), reel((1280, 720)), 1)
    assert time.process_time() - began < 10
