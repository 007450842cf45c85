"""FFmpeg's audio filters on streams of blocks: ducking, loudness, limiting."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from fractions import Fraction
from typing import Final, cast

import av
import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext

from ..frame_timing import SAMPLE_RATE
from .reading import Block

#: The music goes down by up to some 14 dB while there is speech above -34 dB, and comes back.
_DUCKING: Final = "threshold=0.02:ratio=6:attack=30:release=500:makeup=1"
_PEAK: Final = 0.84  # -1.5 dB: what AAC makes of it stays below full scale
_QUIETEST: Final = -69.0  # LUFS below which the meter heard nothing
_MOST_DB: Final = 24.0  # hiss is not made into sound
_FORMAT: Final = "sample_fmts=fltp:channel_layouts=stereo:sample_rates=48000"


def ducked(pairs: Iterable[tuple[Block, Block]]) -> Generator[Block]:
    """Mix pairs of (speech, music) blocks; the music gets quieter during speech."""
    graph = Graph()
    speech, music = _source(graph, "speech"), _source(graph, "music")
    split, duck = graph.add("asplit", "2"), graph.add("sidechaincompress", _DUCKING)
    mix = graph.add("amix", "inputs=2:normalize=0")
    speech.link_to(split)
    music.link_to(duck, 0, 0)
    split.link_to(duck, 0, 1)
    split.link_to(mix, 1, 0)
    duck.link_to(mix, 0, 1)
    sink = _sink(graph, mix)
    for at, (first, second) in _numbered(pairs):
        speech.push(_frame(first, at))
        music.push(_frame(second, at))
        yield from _pulled(sink)
    speech.push(None)
    music.push(None)
    yield from _pulled(sink)


def loudness(blocks: Iterable[Block]) -> float | None:
    """Return the integrated loudness in LUFS (EBU R 128); None for silence."""
    graph = Graph()
    source = _source(graph, "in")
    meter = graph.add("ebur128", "metadata=1")
    source.link_to(meter)
    sink = graph.add("abuffersink")
    meter.link_to(sink)
    graph.configure()
    heard = _QUIETEST
    for pushed in _ended(blocks):
        source.push(pushed)
        for frame in _frames(sink):
            heard = float(frame.metadata.get("lavfi.r128.I", heard))
    return heard if heard > _QUIETEST else None


def levelled(blocks: Iterable[Block], heard: float | None, wanted: float) -> Generator[Block]:
    """Change the loudness of blocks from ``heard`` to ``wanted``, without clipping."""
    gain_db = 0.0 if heard is None else min(_MOST_DB, wanted - heard)
    graph = Graph()
    source = _source(graph, "in")
    limiter = graph.add("alimiter", f"limit={_PEAK}:level=0:latency=1")
    source.link_to(limiter)
    sink = _sink(graph, limiter)
    for frame in _ended(block * np.float32(10 ** (gain_db / 20)) for block in blocks):
        source.push(frame)
        yield from _pulled(sink)


def _source(graph: Graph, name: str) -> FilterContext:
    return graph.add_abuffer(
        sample_rate=SAMPLE_RATE,
        format="fltp",
        layout="stereo",
        name=name,
        time_base=Fraction(1, SAMPLE_RATE),
    )


def _sink(graph: Graph, end: FilterContext) -> FilterContext:
    form, sink = graph.add("aformat", _FORMAT), graph.add("abuffersink")
    end.link_to(form)
    form.link_to(sink)
    graph.configure()
    return sink


def _numbered(
    pairs: Iterable[tuple[Block, Block]],
) -> Generator[tuple[int, tuple[Block, Block]]]:
    at = 0
    for pair in pairs:
        yield at, pair
        at += pair[0].shape[1]


def _ended(blocks: Iterable[Block]) -> Generator[av.AudioFrame | None]:
    """Yield blocks as frames, then the end."""
    at = 0
    for block in blocks:
        yield _frame(block, at)
        at += block.shape[1]
    yield None


def _frame(block: Block, at: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, at, Fraction(1, SAMPLE_RATE)
    return frame


def _pulled(sink: FilterContext) -> Generator[Block]:
    for frame in _frames(sink):
        yield np.asarray(frame.to_ndarray(), np.float32)


def _frames(sink: FilterContext) -> Generator[av.AudioFrame]:
    while True:
        try:
            yield cast(av.AudioFrame, sink.pull())
        except (av.BlockingIOError, av.EOFError):
            return
