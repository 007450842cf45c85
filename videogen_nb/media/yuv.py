"""Video frames as arrays: yuv420p, BT.709, limited range.

Source of the matrix: ITU-R BT.709-6, item 3. Chroma is sited in the middle of each 2×2 block.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

BT709 = 1  # FFmpeg's number for it as colour space, primaries and transfer curve
LIMITED = 1
#: uint8 RGB → uint8 Y, Cb, Cr of BT.709 in limited range.
RGB_TO_YUV709 = np.array(
    [
        [0.2126 * 219 / 255, 0.7152 * 219 / 255, 0.0722 * 219 / 255, 16],
        [-0.2126 / 1.8556 * 224 / 255, -0.7152 / 1.8556 * 224 / 255, 0.5 * 224 / 255, 128],
        [0.5 * 224 / 255, -0.7152 / 1.5748 * 224 / 255, -0.0722 / 1.5748 * 224 / 255, 128],
    ],
    np.float32,
)


def plane(frame: VideoFrame, index: int) -> NDArray[Any]:
    """Return a writable view of one plane of a yuv420p frame: ``(height, width)`` uint8."""
    p = frame.planes[index]
    return np.frombuffer(memoryview(p), np.uint8).reshape(-1, p.line_size)[: p.height, : p.width]


def tagged(frame: VideoFrame) -> VideoFrame:
    """Return the frame, tagged as BT.709 in limited range."""
    frame.colorspace, frame.color_range = BT709, LIMITED
    return frame


def from_rgb(rgb: NDArray[np.uint8]) -> VideoFrame:
    """Return a tagged frame from ``(height, width, 3)`` uint8 RGB with even sides."""
    height, width = rgb.shape[:2]
    yuv = cv2.transform(rgb, RGB_TO_YUV709)
    half = cv2.resize(yuv, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    frame = tagged(VideoFrame(width, height, "yuv420p"))
    plane(frame, 0)[:] = yuv[..., 0]
    plane(frame, 1)[:], plane(frame, 2)[:] = half[..., 1], half[..., 2]
    return frame
