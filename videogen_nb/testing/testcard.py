"""The simulated gateway's video: a plain one-second test card, as a real MP4."""

from __future__ import annotations

import io
from functools import cache

_WIDTH, _HEIGHT, _FPS = 320, 180, 12


@cache
def video() -> bytes:
    """Return an H.264 MP4 of 320×180: a grey gradient with a light bar moving across."""
    import av  # 30 MB, and only who serves a video needs it
    import numpy as np

    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=_FPS, options={"crf": "30"})
        stream.width, stream.height, stream.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
        slope = np.linspace(40, 160, _WIDTH, dtype=np.uint8)
        for n in range(_FPS):
            image = np.repeat(slope[None, :], _HEIGHT, axis=0)
            start = n * (_WIDTH // _FPS)
            image[:, start : start + _WIDTH // _FPS] = 230
            frame = av.VideoFrame.from_ndarray(image, format="gray")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return out.getvalue()
