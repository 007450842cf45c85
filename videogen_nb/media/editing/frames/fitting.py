"""Fitting frames of any size to one size: upright, square pixels, yuv420p in BT.709."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, cast

from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

from ....errors import BadInput
from ....i18n import Text
from ...yuv import BT709, LIMITED, tagged
from ..frame_timing import is_within

FITS: Final = ("cover", "contain", "blur")
_HD = 720  # lines from which players take BT.709 where a file does not say
_UNSPECIFIED = 2
_TURNS: Final = {90: ("transpose", "cclock"), -90: ("transpose", "clock")}


@dataclass(frozen=True, slots=True)
class Canvas:
    """The output size and how other sizes are fitted into it; both sides even.

    ``crop`` is the part of the image to keep before fitting: left, top, width, height.
    """

    width: int
    height: int
    fit: str = "cover"
    crop: tuple[int, int, int, int] | None = None


def check_fit(fit: str) -> str:
    """Return ``fit``. Raises BadInput if it is unknown."""
    if fit not in FITS:
        raise BadInput(_NO_FIT(fit=fit, known=", ".join(FITS)))
    return fit


def check_size(size: Any) -> tuple[int, int]:
    """Return a size as integers. Raises BadInput if it is not a valid video size."""
    pair = size if isinstance(size, tuple | list) and len(size) == 2 else (0, 0)
    if not all(is_within(side, 16, 8192) and side % 2 == 0 for side in pair):
        raise BadInput(_BAD_SIZE(size=size))
    width, height = pair
    return int(width), int(height)


class Fitter:
    """Fits the frames of one video into a canvas.

    Args:
        canvas: what they fit into.
        shown: the video's displayed width and height.
        turn: the rotation that players apply, in degrees counterclockwise.
    """

    def __init__(self, canvas: Canvas, shown: tuple[int, int], turn: int) -> None:
        self._canvas, self._shown, self._turn = canvas, shown, turn
        self._graph: Graph | None = None
        self._made_for: tuple[object, ...] = ()

    def fit(self, frame: VideoFrame) -> VideoFrame:
        """Return the frame fitted into the canvas; the frame itself if it already fits."""
        if self._fits(frame):
            return tagged(frame)
        about = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range)
        if self._graph is None or about != self._made_for:
            self._graph, self._made_for = self._filters(frame), about
        self._graph.push(frame)
        return tagged(cast(VideoFrame, self._graph.pull()))

    def _fits(self, frame: VideoFrame) -> bool:
        size = (self._canvas.width, self._canvas.height)
        return (
            (frame.width, frame.height) == self._shown == size
            and self._turn == 0
            and self._canvas.crop is None
            and frame.format.name == "yuv420p"
            and frame.colorspace == BT709
            and frame.color_range == LIMITED
        )

    def _filters(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        end = graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=frame.time_base or Fraction(1, 1000),
        )
        for name, arguments in self._steps(frame):
            end = _then(graph, end, name, arguments)
        if self._canvas.fit == "blur":
            end = self._over_blur(graph, end)
        end = _then(graph, end, "format", "yuv420p")
        end.link_to(graph.add("buffersink"))
        graph.configure()
        return graph

    def _steps(self, frame: VideoFrame) -> list[tuple[str, str]]:
        """Return the filters that fit a decoded frame, and their arguments."""
        canvas, (width, height) = self._canvas, self._shown
        steps = _upright(self._turn)
        colours = _colours(frame)
        if canvas.crop is not None:
            left, top, width, height = canvas.crop
            steps.append(("scale", f"{self._shown[0]}:{self._shown[1]}:{colours}"))
            steps.append(("crop", f"{width}:{height}:{left}:{top}"))
            colours = ""
        w, h = scaled(width, height, canvas)
        steps.append(("scale", f"{w}:{h}:{colours}flags=bicubic+accurate_rnd"))
        if canvas.fit == "cover":
            steps.append(("crop", f"{canvas.width}:{canvas.height}"))
        elif canvas.fit == "contain":
            steps.append(("pad", f"{canvas.width}:{canvas.height}:(ow-iw)/2:(oh-ih)/2"))
        return steps

    def _over_blur(self, graph: Graph, end: FilterContext) -> FilterContext:
        """Return filters that put the whole image over a blurred and enlarged copy."""
        w, h = self._canvas.width, self._canvas.height
        both = _then(graph, end, "split", "2")
        fill, size = both, f"{w // 8}:{h // 8}"
        for name, arguments in (
            ("scale", f"{size}:force_original_aspect_ratio=increase"),
            ("crop", size),
            ("gblur", "sigma=3"),
            ("scale", f"{w}:{h}:flags=bilinear"),
        ):
            fill = _then(graph, fill, name, arguments)
        over = graph.add("overlay", "(W-w)/2:(H-h)/2")
        fill.link_to(over, 0, 0)
        both.link_to(over, 1, 1)
        return over


def scaled(width: int, height: int, canvas: Canvas) -> tuple[int, int]:
    """Return the size of an image that fills the canvas ("cover") or fits within it; both even."""
    across, down = Fraction(canvas.width, width), Fraction(canvas.height, height)
    if canvas.fit == "cover":
        factor = max(across, down)
        return max(canvas.width, _even(width * factor)), max(canvas.height, _even(height * factor))
    factor = min(across, down)
    return min(canvas.width, _even(width * factor)), min(canvas.height, _even(height * factor))


def _even(length: Fraction) -> int:
    return max(2, 2 * round(length / 2))


def _upright(turn: int) -> list[tuple[str, str]]:
    if turn in _TURNS:
        return [_TURNS[turn]]
    return [("hflip", ""), ("vflip", "")] if abs(turn) == 180 else []


def _colours(frame: VideoFrame) -> str:
    """Return the input and output colour spaces for the scaler."""
    source = ""
    if frame.colorspace == _UNSPECIFIED and frame.format.name.startswith("yuv"):
        source = "in_color_matrix=bt709:" if frame.height >= _HD else "in_color_matrix=bt601:"
    return f"{source}out_color_matrix=bt709:out_range=tv:"


def _then(graph: Graph, end: FilterContext, name: str, arguments: str) -> FilterContext:
    added = graph.add(name, arguments or None)
    end.link_to(added)
    return added


_NO_FIT = Text(
    "Unknown fit {fit!r}. Valid values: {known}.", "没有名为 {fit!r} 的适配方式。可用：{known}。"
)
_BAD_SIZE = Text(
    "Invalid size {size!r}: use width and height, such as (1280, 720), both even and 16 to 8192 "
    "pixels.",
    "尺寸 {size!r} 无效：应为宽和高，例如 (1280, 720)，且都是 16 到 8192 之间的偶数像素。",
)
