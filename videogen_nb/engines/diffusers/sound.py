"""The sound that some pipelines make beside the frames: taken from them, and put into the video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

_BLOCK: Final = 1024  # samples of an AAC frame
_RATE_NAMES: Final = ("output_sampling_rate", "sampling_rate", "sample_rate")

Samples = NDArray[np.float32]


def sound_of(made: Any, pipe: Any) -> tuple[Samples, int] | None:
    """Samples ``(channels, count)`` from -1 to 1 and their rate; None where there are none."""
    audio = getattr(made, "audio", None)
    rate = _rate(made, pipe)
    if audio is None or rate is None:
        return None
    if hasattr(audio, "detach"):
        audio = audio.detach().float().cpu().numpy()
    samples = np.asarray(audio[0], np.float32)  # of the first video
    samples = np.atleast_2d(samples)
    if samples.shape[0] > samples.shape[1]:
        samples = samples.T
    return np.ascontiguousarray(samples[:2].clip(-1, 1)), rate


def add_sound(video: Path, samples: Samples, rate: int) -> None:
    """Put AAC sound beside the frames of an MP4, which stay as they are; cut to its length."""
    target = video.with_suffix(".sound.mp4")
    try:
        with (
            av.open(str(video)) as source,
            av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as sink,
        ):
            sink.metadata.update(source.metadata)
            frames = source.streams.video[0]
            length_s = float((frames.duration or 0) * (frames.time_base or 0))
            image = sink.add_stream_from_template(frames)
            layout = "mono" if samples.shape[0] == 1 else "stereo"
            sound = sink.add_stream("aac", rate=rate, layout=layout)
            for packet in source.demux(frames):
                if packet.dts is not None:
                    packet.stream = image
                    sink.mux(packet)
            whole = samples[:, : round(length_s * rate)]
            for start in range(0, whole.shape[1], _BLOCK):
                block = np.ascontiguousarray(whole[:, start : start + _BLOCK])
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
                frame.sample_rate, frame.pts = rate, start
                frame.time_base = Fraction(1, rate)
                sink.mux(sound.encode(frame))
            sink.mux(sound.encode(None))
        target.replace(video)
    finally:
        target.unlink(missing_ok=True)


def _rate(made: Any, pipe: Any) -> int | None:
    configs = [
        getattr(getattr(pipe, part, None), "config", None) for part in ("vocoder", "audio_vae")
    ]
    for holder in (made, *configs, pipe):
        for name in _RATE_NAMES:
            rate = getattr(holder, name, None)
            if isinstance(rate, int) and rate > 0:
                return rate
    return None
