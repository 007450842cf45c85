"""The sound of a joined video: what is heard when, how loud, and how it gives way."""

from fractions import Fraction
from typing import Any

import av
import numpy as np
import pytest

from videogen_nb.errors import BadInput
from videogen_nb.media.editing.join import join
from videogen_nb.media.editing.sound.filters import ducked, levelled, loudness
from videogen_nb.media.editing.sound.mixing import music
from videogen_nb.media.editing.sound.reading import Samples, read_sound, silence
from videogen_nb.media.editing.sources import clip
from videogen_nb.media.editing.titles_and_subtitles.titles import title

from .clips import RATE, make_clip, rms, sound, strength

SECOND = RATE


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="module")
def low(folder):
    return make_clip(folder / "low.mp4", 24, tone=300)


@pytest.fixture(scope="module")
def high(folder):
    return make_clip(folder / "high.mp4", 24, tone=2000)


@pytest.fixture(scope="module")
def mute(folder):
    return make_clip(folder / "mute.mp4", 24)


def tune(path, seconds, tone=700, level=0.3, rate=44_100):
    """A WAV file of one tone."""
    time = np.arange(round(seconds * rate)) / rate
    wave = (level * np.sin(2 * np.pi * tone * time)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray((wave[None] * 32767).astype(np.int16), "s16", "mono")
        frame.sample_rate = rate
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return path


def test_the_own_sound_is_kept(low, mute, high, tmp_path):
    heard = sound(join([low, mute, high], path=tmp_path / "a.mp4", loudness=None).path)
    assert strength(heard[: 2 * SECOND], 300) == pytest.approx(0.1, abs=0.01)
    assert rms(heard[2 * SECOND + 4800 : 4 * SECOND - 4800]) < 0.002
    assert strength(heard[4 * SECOND : 6 * SECOND], 2000) == pytest.approx(0.1, abs=0.01)
    assert strength(heard[: 2 * SECOND], 2000) < 0.01
    assert abs(len(heard) - 6 * SECOND) < 2048


def test_sound_is_crossfaded_with_equal_power(low, high, tmp_path):
    joined = join(
        [low, high], transition="crossfade", seconds=1, path=tmp_path / "a.mp4", loudness=None
    )
    heard = sound(joined.path)
    middle = heard[int(1.4 * SECOND) : int(1.6 * SECOND)]
    assert rms(middle) == pytest.approx(rms(heard[:SECOND]), rel=0.1)
    for tone in (300, 2000):
        assert strength(middle, tone) == pytest.approx(0.0707, abs=0.012)
    assert strength(heard[:SECOND], 2000) < 0.005


def test_a_clip_can_be_turned_down_or_off(low, tmp_path):
    joined = join([clip(low, volume=0.5)], path=tmp_path / "a.mp4", loudness=None)
    assert strength(sound(joined.path), 300) == pytest.approx(0.05, abs=0.006)
    with av.open(str(join([clip(low, volume=0)], path=tmp_path / "b.mp4").path)) as container:
        assert not container.streams.audio


def test_without_any_sound_there_is_no_sound_track(mute, tmp_path):
    joined = join([mute, title("x", 0.5)], path=tmp_path / "a.mp4")
    with av.open(str(joined.path)) as container:
        assert not container.streams.audio


def test_music_fades_in_and_out_and_begins_again(mute, tmp_path):
    short = tune(tmp_path / "tune.wav", 1.0)
    joined = join(
        [mute, mute],
        audio=music(short, volume=1, fade_in=1, fade_out=1),
        path=tmp_path / "a.mp4",
        loudness=None,
    )
    heard = sound(joined.path)
    tenth = SECOND // 10
    loud = [rms(heard[n * tenth : (n + 1) * tenth]) for n in range(40)]
    assert loud[0] < 0.03
    assert loud[39] < 0.03
    assert loud[5] == pytest.approx(loud[20] * 0.55, rel=0.15)
    assert min(loud[11:29]) > 0.9 * max(loud), "a gap where it begins again"


def test_music_that_is_not_looped_fades_where_it_ends(mute, tmp_path):
    short = tune(tmp_path / "tune.wav", 1.0)
    bed = music(short, volume=1, fade_in=0, fade_out=0.5, loop=False)
    heard = sound(join([mute], audio=bed, path=tmp_path / "a.mp4", loudness=None).path)
    assert rms(heard[: SECOND // 2]) > 0.14
    assert rms(heard[int(0.95 * SECOND) : SECOND]) < 0.05
    assert rms(heard[int(1.1 * SECOND) :]) < 0.002


def test_music_can_begin_later_in_its_file(mute, tmp_path):
    path = tune(tmp_path / "tune.wav", 3.0)
    first = next(iter(read_sound(path, 2.5)))
    assert first.shape[0] == 2
    total = sum(block.shape[1] for block in read_sound(path, 2.5))
    assert abs(total - SECOND // 2) < 100


def test_music_gives_way_to_a_voice(mute, tmp_path):
    bed = tune(tmp_path / "tune.wav", 6, tone=700)
    voice = tune(tmp_path / "voice.wav", 1.5, tone=2500)
    heard = {}
    for duck in (True, False):
        joined = join(
            [mute, mute, mute],
            audio=music(bed, volume=1, fade_in=0, fade_out=0, duck=duck),
            narration=[(2.0, voice)],
            path=tmp_path / f"{duck}.mp4",
            loudness=None,
        )
        heard[duck] = sound(joined.path)
    during = slice(int(2.5 * SECOND), int(3.4 * SECOND))
    after = slice(int(5 * SECOND), int(5.8 * SECOND))
    assert strength(heard[True][during], 700) < 0.4 * strength(heard[False][during], 700)
    assert strength(heard[True][after], 700) > 0.9 * strength(heard[False][after], 700)
    assert strength(heard[True][during], 2500) == pytest.approx(0.212, abs=0.02)


def test_ducking_keeps_every_sample_in_its_place():
    time = np.arange(3 * SECOND) / RATE
    wave = np.stack([0.01 * np.sin(2 * np.pi * 440 * time)] * 2).astype(np.float32)
    blocks = np.array_split(wave, 7, axis=1)
    out = np.concatenate([*ducked((silence(b.shape[1]), b) for b in blocks)], axis=1)
    assert out.shape == wave.shape
    assert abs(out - wave).max() < 1e-4


def test_a_voice_begins_at_its_second(mute, tmp_path):
    voice = tune(tmp_path / "voice.wav", 0.5, tone=900)
    joined = join([mute], narration=[(1.25, voice)], path=tmp_path / "a.mp4", loudness=None)
    begins = int(np.argmax(abs(sound(joined.path)) > 0.1))
    assert begins / RATE == pytest.approx(1.25, abs=0.005)
    whole = join([mute], narration=voice, path=tmp_path / "b.mp4", loudness=None)
    assert np.argmax(abs(sound(whole.path)) > 0.1) < 500


def test_the_meter_reads_what_the_standard_says():
    """EBU Tech 3341, case 1: a stereo tone of 1 kHz at -23 dBFS is -23 LUFS."""
    time = np.arange(20 * SECOND) / RATE
    wave = np.stack([10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * time)] * 2).astype(np.float32)
    assert loudness([wave]) == pytest.approx(-23, abs=0.1)
    assert loudness([silence(SECOND)]) is None


@pytest.mark.parametrize("level", [0.03, 0.1, 0.9])
def test_the_whole_has_the_loudness_that_was_asked_for(level, folder, tmp_path):
    path = make_clip(folder / f"level{level}.mp4", 36, tone=1000, level=level)
    joined = join([path], path=tmp_path / "a.mp4")
    assert loudness(read_sound(joined.path)) == pytest.approx(-14, abs=0.5)
    quiet = join([path], path=tmp_path / "b.mp4", loudness=-23)
    assert loudness(read_sound(quiet.path)) == pytest.approx(-23, abs=0.5)


def test_hiss_is_not_made_into_sound():
    time = np.arange(3 * SECOND) / RATE
    hiss = np.stack([1e-3 * np.sin(2 * np.pi * 1000 * time)] * 2).astype(np.float32)
    out = np.concatenate([*levelled([hiss], loudness([hiss]), -14.0)], axis=1)
    assert rms(out[0]) == pytest.approx(rms(hiss[0]) * 10 ** (24 / 20), rel=0.02)


def test_peaks_are_limited_and_silence_stays_silence():
    beats = silence(2 * SECOND)
    beats[:, ::4800] = 0.9
    out = np.concatenate([*levelled([beats], -30.0, -14.0)], axis=1)
    assert out.shape == beats.shape
    assert abs(out).max() < 0.85
    still = np.concatenate([*levelled([silence(SECOND)], None, -14.0)], axis=1)
    assert not still.any()


def test_sound_that_begins_late_stays_late(tmp_path):
    path = tmp_path / "late.mp4"
    source = make_clip(tmp_path / "clip.mp4", 24, tone=500)
    with av.open(str(source)) as given, av.open(str(path), "w") as container:
        video = container.add_stream_from_template(given.streams.video[0])
        audio = container.add_stream_from_template(given.streams.audio[0])
        for packet in given.demux():
            if packet.dts is None or packet.pts is None:
                continue
            if packet.stream.type == "audio":
                packet.pts += RATE // 2
                packet.dts += RATE // 2
            packet.stream = video if packet.stream.type == "video" else audio
            container.mux(packet)
    heard = sound(join([path], path=tmp_path / "a.mp4", loudness=None).path)
    assert np.argmax(abs(heard) > 0.05) / RATE == pytest.approx(0.5, abs=0.01)


def test_samples_can_be_taken_in_any_number():
    blocks = [np.full((2, n), n, np.float32) for n in (3, 1, 4)]
    samples = Samples(blocks)
    assert [samples.take(n)[0].tolist() for n in (2, 5, 0, 3)] == [
        [3, 3], [3, 1, 4, 4, 4], [], [4, 0, 0],
    ]  # fmt: skip


@pytest.mark.parametrize("field", ["volume", "start", "fade_in", "fade_out"])
def test_negative_numbers_are_refused(field, low):
    given: dict[str, Any] = {field: -1}
    with pytest.raises(BadInput, match=f"{field} must be a number from 0"):
        music(low, **given)


def test_music_without_sound_is_told(mute, low, tmp_path):
    with pytest.raises(BadInput, match="no sound"):
        join([low], audio=mute, path=tmp_path / "a.mp4")
    (tmp_path / "tune.mp3").write_bytes(b"<html>")
    with pytest.raises(BadInput, match=r"tune\.mp3"):
        join([low], audio=tmp_path / "tune.mp3", path=tmp_path / "a.mp4")


def test_odd_frame_rates_do_not_drift(folder, tmp_path):
    fps = Fraction(24000, 1001)
    path = make_clip(folder / "ntsc.mp4", 48, fps=fps, flash=40, rate=44_100)
    heard = sound(join([path] * 6, path=tmp_path / "a.mp4", loudness=None).path)
    last = (5 * 48 + 40) * float(1 / fps)
    begins = int(last * RATE) - 4800
    found = begins + int(np.argmax(abs(heard[begins:]) > 0.2))
    assert found / RATE == pytest.approx(last, abs=0.005)
