"""The requirements of each exercise: ``EXERCISES[notebook.number]``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ..engines.sketch.language.prompt import read
from ..errors import BadParameter, VideogenError
from ..i18n import Text
from ..media.video import Video
from ..protocol.models import TaskId, TaskStatus, VideoTask


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of an exercise. ``met`` takes the answers.

    It is checked only if those before it are met, unless it is marked ``alone``.
    """

    wanted: Text
    met: Callable[..., bool]
    alone: bool = False


def _is(kind: type | tuple[type, ...]) -> Callable[..., bool]:
    return lambda *answers: all(isinstance(answer, kind) for answer in answers)


def _parameter(name: str, wanted: Any) -> Callable[[Video], bool]:
    return lambda video: (video.task.parameters or {}).get(name) == wanted


_DIGITS: Final = 10  # a gateway's own numbers have more


def _is_ticket(answer: str) -> bool:
    try:
        numbers = TaskId.parse(answer)
    except (BadParameter, ValueError):
        return False
    return all(len(number) >= _DIGITS for number in numbers)


def _lasts(seconds: float) -> Callable[[Any], bool]:
    return lambda video: isinstance(video, Video) and abs(video.facts.duration_s - seconds) < 0.1


def _all_videos(answer: Any) -> bool:
    return isinstance(answer, (list, tuple)) and all(isinstance(one, Video) for one in answer)


_A_VIDEO = Text("It is a video.", "结果是一段视频。")

EXERCISES: Final[dict[str, tuple[Requirement, ...]]] = {
    "01.1": (
        Requirement(_A_VIDEO, _is(Video)),
        Requirement(
            Text("It was made from an image.", "视频由图片生成。"),
            lambda video: "move" in (video.task.parameters or {}),
        ),
        Requirement(Text("The camera orbits.", "镜头环绕。"), _parameter("move", "orbit")),
        Requirement(Text("It is 3 seconds long.", "时长为 3 秒。"), _lasts(3), alone=True),
    ),
    "01.2": (
        Requirement(Text("Both are videos.", "两者都是视频。"), _is(Video)),
        Requirement(
            Text("They are two tasks, not the same one twice.", "得到的是两个任务，而不是同一个。"),
            lambda first, twin: first.task.id != twin.task.id,
        ),
        Requirement(
            Text("Both have the same seed.", "两者的种子相同。"),
            lambda first, twin: first.task.seed == twin.task.seed,
        ),
        Requirement(
            Text("The two files are identical.", "两个文件逐字节相同。"),
            lambda first, twin: first.path.read_bytes() == twin.path.read_bytes(),
        ),
    ),
    "02.1": (
        Requirement(_A_VIDEO, _is(Video)),
        Requirement(
            Text("It was made from an image.", "视频由图片生成。"),
            lambda video: "move" in (video.task.parameters or {}),
        ),
        Requirement(
            Text("It is as wide as it is high.", "宽和高相等。"),
            lambda video: video.facts.width == video.facts.height,
        ),
    ),
    "02.2": (
        Requirement(
            Text("It is the error, not its text.", "保存的是错误对象本身，而不是文字。"),
            _is(VideogenError),
        ),
        Requirement(
            Text(
                "The error is about the address: the gateway did not contact it.",
                "错误与地址有关：网关没有访问该地址。",
            ),
            lambda error: error.code == "url_not_public",
        ),
    ),
    "03.1": (
        Requirement(Text("It is a list of videos.", "结果是由视频组成的列表。"), _all_videos),
        Requirement(Text("There are three.", "共有三段。"), lambda trio: len(trio) == 3),
        Requirement(
            Text("All have the same prompt.", "提示词都相同。"),
            lambda trio: len({video.task.prompt for video in trio}) == 1,
        ),
        Requirement(
            Text("Their seeds are 1, 2 and 3, in this order.", "种子依次为 1、2、3。"),
            lambda trio: [video.task.seed for video in trio] == [1, 2, 3],
        ),
    ),
    "03.2": (
        Requirement(_A_VIDEO, _is(Video)),
        Requirement(
            Text("Its prompt asks for 5 seconds.", "提示词要求 5 秒。"),
            lambda video: read(video.task.prompt or "").duration_s == 5,
        ),
        Requirement(Text("It is 1 second long.", "时长为 1 秒。"), _lasts(1), alone=True),
    ),
    "04.1": (
        Requirement(Text("It is a string.", "结果是一个字符串。"), _is(str)),
        Requirement(
            Text(
                "It contains both numbers of the task, with a hyphen between them.",
                "其中包含任务 ID 的两个数字，中间用连字符连接。",
            ),
            _is_ticket,
        ),
    ),
    "04.2": (
        Requirement(Text("It is a task.", "结果是一个任务。"), _is(VideoTask)),
        Requirement(
            Text("Its video is ready.", "任务的视频已完成。"),
            lambda task: task.status is TaskStatus.COMPLETED,
        ),
    ),
    "05.1": (
        Requirement(
            Text("It is the number of requests.", "结果是查询的次数。"),
            lambda asked: isinstance(asked, int) and asked > 0,
        ),
        Requirement(Text("There are at most 20.", "不超过 20 次。"), lambda asked: asked <= 20),
    ),
    "05.2": (
        Requirement(Text("It is a task.", "结果是一个任务。"), _is(VideoTask)),
        Requirement(
            Text(
                "It is completed: waiting continued after the deadline.",
                "任务已完成：超过时限之后继续等待了。",
            ),
            lambda task: task.status is TaskStatus.COMPLETED,
        ),
    ),
}
