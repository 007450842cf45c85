"""Joining: every frame in its place, every sound with its frame, decoded again from real files."""

import gc
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from videogen_nb.errors import BadInput, EditCancelled, EditError, NotAVideo
from videogen_nb.media.editing.frames.transitions import TRANSITIONS
from videogen_nb.media.editing.join import join
from videogen_nb.media.editing.sources import clip
from videogen_nb.media.editing.titles_and_subtitles.titles import title
from videogen_nb.media.probe import probe
from videogen_nb.media.video import Video, VideoFile
from videogen_nb.protocol.models import VideoTask

from .clips import grey, images, make_clip, numbers, sound


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def one(folder):
    return make_clip(folder / "one.mp4", 24, first=1, tone=440)


@pytest.fixture(scope="module")
def two(folder):
    return make_clip(folder / "two.mp4", 18, first=101, tone=880)


def test_cuts_lose_and_repeat_no_frame(one, two, tmp_path):
    joined = join([one, two, one], path=tmp_path / "all.mp4")
    expected = [*range(1, 25), *range(101, 119), *range(1, 25)]
    assert numbers(joined.path) == expected
    assert joined.facts == probe(joined.path)
    assert joined.facts.frames == len(expected)


def test_a_crossfade_runs_both_videos(one, two, tmp_path):
    joined = join([one, two], transition="crossfade", seconds=0.5, path=tmp_path / "all.mp4")
    shown = numbers(joined.path)
    assert len(shown) == 24 + 18 - 6
    assert shown[:18] == [*range(1, 19)]
    assert shown[24:] == [*range(107, 119)]
    old, new = grey(one), grey(two)
    for index in range(6):  # each is the mixture of the two frames of its time
        share = (index + 1) / 7
        mixed = (1 - share) * old[18 + index] + share * new[index]
        assert abs(grey(joined.path)[18 + index] - mixed).mean() < 4


@pytest.mark.parametrize("name", [name for name in TRANSITIONS if name != "cut"])
def test_every_transition_begins_with_the_old_and_ends_with_the_new(name, one, two, tmp_path):
    joined = join([one, two], transition=name, seconds=1, path=tmp_path / "all.mp4")
    shown = grey(joined.path)
    assert len(shown) == 24 + 18 - 12
    assert numbers(joined.path)[:12] == [*range(1, 13)]
    assert numbers(joined.path)[24:] == [*range(113, 119)]
    middle = shown[17]
    if name == "dip-to-black":
        assert middle.mean() < 40
    elif name != "crossfade":
        axis = 1 if name in ("slide-left", "slide-right") else 0
        length = middle.shape[axis]
        moved = 2 * round(6 / 13 * length / 2)
        old, new = grey(one)[17].astype(int), grey(two)[5].astype(int)
        towards = name in ("slide-left", "slide-up")
        strip = np.concatenate((old, new) if towards else (new, old), axis)
        start = moved if towards else length - moved
        assert abs(middle - strip.take(range(start, start + length), axis)).mean() < 5


def test_each_join_may_have_a_transition_of_its_own(one, two, tmp_path):
    joined = join(
        [one, two, one], transition=["cut", "crossfade"], seconds=0.25, path=tmp_path / "all.mp4"
    )
    assert joined.facts.frames == 24 + 18 + 24 - 3


def test_sound_stays_with_the_image_over_40_joins(folder, tmp_path):
    """Odd lengths, and sound that is longer or shorter than whole frames."""
    clips = [
        make_clip(folder / f"beep{n}.mp4", 7 + n, fps=12, flash=3, rate=(44_100, 48_000)[n % 2])
        for n in range(4)
    ]
    parts = [clips[n % 4] for n in range(41)]
    joined = join(parts, path=tmp_path / "all.mp4", loudness=None)
    flashes = [n for n, image in enumerate(grey(joined.path)) if image[60:85].mean() > 180]
    loud = abs(sound(joined.path)) > 0.25
    begins = np.flatnonzero(loud & ~np.roll(loud, 1))
    beeps = [begins[0], *(b for a, b in pairwise(begins) if b - a > 4800)]
    assert len(flashes) == len(beeps) == 41
    apart = [beep / 48_000 - flash / 12 for beep, flash in zip(beeps, flashes, strict=True)]
    assert max(map(abs, apart)) < 0.02
    assert abs(apart[-1] - apart[0]) < 0.005, "it drifts"


@pytest.mark.parametrize("fps", [Fraction(24000, 1001), 25, 30], ids=str)
def test_frame_rates_are_brought_to_the_first_ones(fps, one, folder, tmp_path):
    other = make_clip(folder / f"rate{float(fps):.0f}.mp4", 50, first=100, fps=fps, tone=500)
    joined = join([one, other], path=tmp_path / "all.mp4")
    assert joined.facts.fps == 12
    assert joined.facts.frames == 24 + round(50 / fps * 12)
    shown = numbers(joined.path)[24:]
    wanted = [100 + round((n + 0.5) * float(fps) / 12 - 0.5) for n in range(len(shown))]
    assert np.abs(np.array(shown) - wanted).max() <= 1


def test_a_higher_rate_repeats_frames_evenly(one, tmp_path):
    joined = join([one], fps=24, path=tmp_path / "all.mp4")
    assert numbers(joined.path) == [n for n in range(1, 25) for _ in range(2)]


def test_a_part_of_a_video(one, tmp_path):
    joined = join([clip(one, 0.5, 1.25)], path=tmp_path / "all.mp4")
    assert numbers(joined.path) == [*range(7, 16)]


@pytest.mark.parametrize(
    ("fit", "edge"),
    [("cover", 230), ("contain", 0), ("blur", None)],
    ids=["cover", "contain", "blur"],
)
def test_other_shapes_fit(fit, edge, one, folder, tmp_path):
    tall = make_clip(folder / f"tall-{fit}.mp4", 4, first=252, size=(90, 160))
    joined = join([one, tall], fit=fit, path=tmp_path / "all.mp4")
    assert (joined.facts.width, joined.facts.height) == (160, 90)
    last = grey(joined.path)[-1]
    if edge is not None:
        assert abs(float(last[10:30, 2:6].mean()) - edge) < 20
    if fit != "cover":  # the whole of it is there: bars above, what is below them below
        assert last[10:30, 76:84].mean() > 200
        assert last[70:88, 76:84].mean() < 90


def test_a_size_of_ones_own(one, tmp_path):
    joined = join([one], size=(90, 160), path=tmp_path / "all.mp4")
    assert (joined.facts.width, joined.facts.height) == (90, 160)


def test_a_video_that_players_turn_is_joined_upright(one, folder, tmp_path):
    from videogen_nb.media.editing.frames.fitting import Canvas, Fitter

    frame = av.VideoFrame.from_ndarray(np.tile(np.arange(160, dtype=np.uint8), (90, 1)), "gray")
    frame = frame.reformat(format="yuv420p")
    for turn, bright in ((90, "top"), (-90, "bottom"), (180, "left")):
        shown = (90, 160) if turn != 180 else (160, 90)
        fitted = Fitter(Canvas(*shown), shown, turn).fit(frame).to_ndarray(format="gray")
        assert fitted.shape == shown[::-1]
        edges = {
            "top": fitted[:10],
            "bottom": fitted[-10:],
            "left": fitted[:, :10],
            "right": fitted[:, -10:],
        }
        assert max(edges, key=lambda name: edges[name].mean()) == bright


def test_titles_stand_for_their_time_and_say_something(one, tmp_path):
    joined = join([title("My advert", 1), one], path=tmp_path / "all.mp4")
    assert joined.facts.frames == 12 + 24
    card = images(joined.path)[5]
    assert card[30:60].max() > 200, "no letters"
    assert card[:15].max() < 60
    assert numbers(joined.path)[12:] == [*range(1, 25)]


def test_a_chinese_title_is_drawn(one, tmp_path):
    cards = [
        images(join([title(words, 0.5), one], path=tmp_path / f"{n}.mp4").path)[2]
        for n, words in enumerate(("山雨欲来", "海上日出"))
    ]
    assert abs(cards[0].astype(int) - cards[1]).mean() > 1, "boxes in place of characters"


def test_the_same_parts_give_the_same_bytes(one, two, tmp_path):
    made = [
        join(
            [title("A", 0.5), one, two],
            transition="crossfade",
            seconds=0.25,
            audio=one,
            subtitles=[(0, 1, "hello")],
            path=tmp_path / f"{n}.mp4",
        )
        for n in range(2)
    ]
    assert made[0].path.read_bytes() == made[1].path.read_bytes()


def test_a_name_is_made_of_what_it_is_made_of(one, two, tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOGEN_OUTPUT", str(tmp_path))
    paths = {join(parts).path for parts in ([one, two], [one, two], [two, one])}
    assert len(paths) == 2
    assert {path.parent for path in paths} == {tmp_path}


def test_videos_and_tasks_can_be_joined(one, two, tmp_path, monkeypatch):
    monkeypatch.setenv("VIDEOGEN_OUTPUT", str(tmp_path))
    saved = tmp_path / "a-lake-876543.mp4"
    saved.write_bytes(one.read_bytes())
    known = {"conversation_id": "1", "message_id": "98765432109876543", "status": "completed"}
    task = VideoTask.model_validate(known)
    video = Video(two, probe(two), task)
    joined = join([task, video, VideoFile(one, probe(one))], path=tmp_path / "all.mp4")
    assert joined.facts.frames == 24 + 18 + 24
    renamed = saved.rename(tmp_path / "favourite.mp4")
    from videogen_nb.media.editing.sources import sha256

    hashed = task.model_copy(update={"sha256": sha256(renamed)})
    assert join([hashed], path=tmp_path / "one.mp4").facts.frames == 24
    with pytest.raises(BadInput, match=r"Download it first"):
        join([task], path=tmp_path / "none.mp4")


def test_progress_counts_every_frame(one, two, tmp_path):
    seen = []
    join([one, two], path=tmp_path / "all.mp4", on_progress=lambda *now: seen.append(now))
    assert seen == [(n, 42) for n in range(1, 43)]


def test_cancelling_leaves_nothing(one, tmp_path):
    target = tmp_path / "all.mp4"
    target.write_bytes(b"before")
    done = []
    with pytest.raises(EditCancelled):
        join(
            [one],
            path=target,
            on_progress=lambda now, _: done.append(now),
            cancelled=lambda: len(done) == 5,
        )
    assert target.read_bytes() == b"before"
    assert [*tmp_path.iterdir()] == [target]


def test_a_name_that_cannot_be_written_is_told(one, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EditError, match="Cannot write"):
        join([one], path=tmp_path / "file" / "all.mp4")


def test_at_most_two_videos_are_open_at_a_time(one, two, tmp_path, monkeypatch):
    open_now, most = 0, 0
    real = av.open

    def counted(file, mode="r", *args, **options):
        container = real(file, mode, *args, **options)
        return container if mode == "w" else Counted(container)

    class Counted:
        def __init__(self, container):
            nonlocal open_now, most
            self._container = container
            open_now += 1
            most = max(most, open_now)

        def __getattr__(self, name):
            return getattr(self._container, name)

        def __enter__(self):
            return self

        def __exit__(self, *about):
            nonlocal open_now
            open_now -= 1
            self._container.close()

    monkeypatch.setattr(av, "open", counted)
    join([one, two] * 6, transition="crossfade", seconds=0.25, path=tmp_path / "all.mp4")
    gc.collect()
    assert open_now == 0
    assert most <= 4, "two for the frames, two for the sound"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({"parts": []}, "nothing to join", id="nothing"),
        pytest.param({"parts": ["gone.mp4"]}, r"gone\.mp4", id="missing"),
        pytest.param({"parts": [7]}, "not int", id="no-video"),
        pytest.param({"transition": "crosfade"}, "Did you mean 'crossfade'", id="transition"),
        pytest.param({"transition": ["cut"] * 3}, "3 were given", id="too-many"),
        pytest.param({"transition": "crossfade", "seconds": 1.6}, "Part 2", id="too-long"),
        pytest.param({"transition": "crossfade", "seconds": 0}, "longer than 0", id="no-time"),
        pytest.param({"fit": "squeeze"}, "cover, contain, blur", id="fit"),
        pytest.param({"size": (161, 90)}, "even", id="odd"),
        pytest.param({"size": "640x480"}, r"such as \(1280, 720\)", id="size-as-text"),
        pytest.param({"size": (640,)}, "even", id="one-side"),
        pytest.param({"size": (640.0, float("nan"))}, "even", id="no-side"),
        pytest.param({"fps": float("nan")}, "1 to 120", id="fps-nan"),
        pytest.param({"fps": "24"}, "1 to 120", id="fps-as-text"),
        pytest.param(
            {"transition": "crossfade", "seconds": float("inf")}, "longer than 0", id="for-ever"
        ),
        pytest.param({"fps": 0}, "1 to 120", id="fps"),
        pytest.param({"audio": "gone.mp3"}, r"gone\.mp3", id="no-music"),
        pytest.param({"subtitles": "gone.srt"}, r"gone\.srt", id="no-subtitles"),
        pytest.param({"subtitles": [(2, 1, "x")]}, "must end after", id="times"),
        pytest.param({"subtitles": [("x",)]}, "start, end, text", id="no-cue"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_written(arguments, words, one, two, tmp_path):
    given = {"parts": [one, two], "path": tmp_path / "all.mp4", **arguments}
    with pytest.raises(BadInput, match=words):
        join(given.pop("parts"), **given)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), "2", True, None, -1])
def test_what_is_no_length_is_told(number):
    with pytest.raises(BadInput, match="longer than 0"):
        title("x", number)
    with pytest.raises(BadInput):
        clip("a.mp4", number)
    with pytest.raises(BadInput):
        clip("a.mp4", volume=number)


def test_a_file_that_is_no_video_is_told(tmp_path, folder, one):
    thing = tmp_path / "thing.mp4"
    thing.write_bytes(b"<html>")
    with pytest.raises(NotAVideo, match=r"thing\.mp4"):
        join([one, thing], path=tmp_path / "all.mp4")


@pytest.mark.parametrize(
    "make",
    [
        lambda one: clip(one, 2, 1),
        lambda one: clip(one, volume=-1),
        lambda one: title(" "),
        lambda one: title("x", 0),
        lambda one: title("x", colour="nope"),
        lambda one: join([clip(one, 99)]),
    ],
)
def test_parts_that_cannot_be_are_told(make, one):
    with pytest.raises(BadInput):
        make(one)


def test_no_edit_replaces_what_it_is_made_of(one, two, tmp_path):
    clip_file, tune = tmp_path / "one.mp4", tmp_path / "tune.mp4"
    subtitles = tmp_path / "words.srt"
    clip_file.write_bytes(one.read_bytes())
    tune.write_bytes(two.read_bytes())
    subtitles.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n", "utf-8")
    (tmp_path / "link.mp4").symlink_to(clip_file)
    before = {path: path.read_bytes() for path in (clip_file, tune, subtitles)}
    video = VideoFile(clip_file, probe(clip_file))
    for name in ("one.mp4", "link.mp4", "tune.mp4", "words.srt"):
        with pytest.raises(BadInput, match="original files"):
            join([clip_file], path=tmp_path / name, audio=tune, subtitles=subtitles)
    for edit in (video.export, video.gif, video.webp, video.cover):
        with pytest.raises(BadInput, match="original files"):
            edit(clip_file)
    assert {path: path.read_bytes() for path in before} == before
