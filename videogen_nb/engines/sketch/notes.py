"""The sentences in which the sketch engine says what it chose, and why, and what it changed."""

from __future__ import annotations

from collections.abc import Sequence

from ...i18n import Text
from .camera import MOVES
from .mood import Mood
from .reading import Reading
from .vocabulary import SCENES

SKETCH = Text(
    "This is a procedural sketch, drawn by formulas. No video model was used.",
    "这是由公式绘制的程序化草图，没有使用视频生成模型。",
)
_WEATHER = {
    "snow": Text("snow", "下雪"),
    "rain": Text("rain", "下雨"),
    "mist": Text("mist", "雾气"),
    "wind": Text("wind", "有风"),
    "flowers": Text("flowers", "花"),
}
_TIMES = {
    "day": Text("by day", "白天"),
    "dusk": Text("with the sun low", "日出日落时分"),
    "night": Text("at night", "夜晚"),
}
_DIRECTIONS = {
    (-1, -1): Text("the upper left", "左上方"),
    (0, -1): Text("the upper part", "上方"),
    (1, -1): Text("the upper right", "右上方"),
    (-1, 0): Text("the left", "左侧"),
    (0, 0): Text("the middle", "中央"),
    (1, 0): Text("the right", "右侧"),
    (-1, 1): Text("the lower left", "左下方"),
    (0, 1): Text("the lower part", "下方"),
    (1, 1): Text("the lower right", "右下方"),
}


def scene_chosen(reading: Reading, scene: str, asked: bool) -> Text:
    """Which scene, and from which words; ``asked`` = a parameter named it."""
    title = SCENES[scene].title
    if asked:
        return Text("Scene: {title}, as asked.", "场景：{title}（按参数指定）。")(title=title)
    if not reading.scene_words:
        return Text(
            "No scene was recognised in these words, so this is an abstract motion; "
            "its colours come from the words.",
            "没有从提示词中识别出已知场景，因此绘制抽象动态画面，色彩取自提示词。",
        )
    said = Text("Scene: {title}{mood}, from {words}.", "场景：{title}{mood}，依据{words}。")
    return said(title=title, mood=_mood(reading.mood), words=quoted(reading.scene_words))


def _mood(mood: Mood) -> Text:
    parts = [_TIMES[mood.time]] if mood.time else []
    parts += [text for name, text in _WEATHER.items() if getattr(mood, name)]
    if not parts:
        return Text.same("")
    return Text(
        ", " + ", ".join(part.en for part in parts), "（" + "、".join(p.zh for p in parts) + "）"
    )


def quoted(words: Sequence[str]) -> Text:
    """The prompt's own words, in each language's quotation marks."""
    english = [f"“{word}”" for word in words]
    listed = english[0] if len(english) == 1 else ", ".join(english[:-1]) + " and " + english[-1]
    noun = "the word " if len(english) == 1 else "the words "
    return Text("{words}", "{said}")(
        words=noun + listed, said="提示词中的" + "".join(f"“{word}”" for word in words)
    )


def move_from_words(move: str, words: Sequence[str]) -> Text:
    return Text("Camera: {title}, from {words}.", "镜头：{title}，依据{words}。")(
        title=MOVES[move].title, words=quoted(words)
    )


def move_asked(move: str) -> Text:
    return Text("Camera: {title}, as asked.", "镜头：{title}（按参数指定）。")(
        title=MOVES[move].title
    )


def move_from_shape(move: str) -> Text:
    """A picture longer than the frame is best seen by moving along it."""
    return Text(
        "Camera: {title}, because the picture is longer that way than the frame.",
        "镜头：{title}，因为图片在该方向上比画面更长。",
    )(title=MOVES[move].title)


def move_from_seed(move: str) -> Text:
    return Text(
        "Camera: {title}; the words name no move, so the seed chose one. "
        "Say for example “{example}” to choose.",
        "镜头：{title}。提示词没有指定运镜，由随机种子选择；可以写“{example}”等来指定。",
    )(title=MOVES[move].title, example=MOVES["push_in"].example)


def aims_at(focus: tuple[float, float]) -> Text:
    """Where most of the detail is, which the camera keeps in view."""
    x, y = (-1 if place < 0.42 else 1 if place > 0.58 else 0 for place in focus)
    return Text(
        "The camera keeps to {place} of the picture, where most of its detail is.",
        "镜头对准图片{place}，那里的细节最多。",
    )(place=_DIRECTIONS[x, y])


def move_unused(words: Sequence[str]) -> Text:
    return Text(
        "Camera moves such as {words} are for films made from a picture; "
        "a scene has its own motion.",
        "运镜（{said}）只用于由图片生成的视频，文字场景有自己的动态。",
    )(words=quoted(words), said="、".join(words))


def duration_from_words(seconds: float) -> Text:
    return Text("Length: {seconds:g} s, as the words say.", "时长：{seconds:g} 秒，依据提示词。")(
        seconds=seconds
    )


def duration_snapped(asked: float, seconds: float, allowed: tuple[float, float]) -> Text:
    return Text(
        "The words ask for {asked:g} s; this engine makes {low} to {high} s, "
        "so it is {seconds:g} s.",
        "提示词要求 {asked:g} 秒；本引擎支持 {low}–{high} 秒，因此为 {seconds:g} 秒。",
    )(asked=asked, seconds=seconds, low=allowed[0], high=allowed[1])


def ratio_nearest(ratio: str) -> Text:
    return Text(
        "Frame: {ratio}, the nearest to the picture's own shape.",
        "画面比例：{ratio}，最接近图片本身的形状。",
    )(ratio=ratio)


def shape_from_words(value: str) -> Text:
    return Text("Frame: {value}, as the words say.", "画面：{value}，依据提示词。")(value=value)


def smaller_by_default(resolution: str) -> Text:
    return Text(
        "Size: {resolution}, at which this scene renders in about real time on two cores; "
        "ask for 720p or 1080p to get more.",
        "尺寸：{resolution}，该场景在双核上大致可实时渲染的尺寸；想更清晰可指定 720p 或 1080p。",
    )(resolution=resolution)


def pictures_unused(count: int) -> Text:
    return Text(
        "Only the first picture is used; {count} more (last frame or reference) are not used "
        "by this engine.",
        "只使用第一张图片；本引擎不使用其余 {count} 张（尾帧或参考图）。",
    )(count=count)
