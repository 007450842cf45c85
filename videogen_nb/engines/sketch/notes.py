"""Notes on what the sketch engine chose or changed, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...i18n import Text
from .camera.moves import MOVES
from .catalogue import CARD, SCENES, Mood
from .language.prompt import Reading

SKETCH = Text(
    "This is a procedural sketch, drawn with formulas. No video model was used.",
    "这是由公式绘制的程序化草图，没有使用视频生成模型。",
)
CARD_TITLE = Text("Card", "文字卡片")
_WEATHER = {
    "snow": Text("snow", "下雪"),
    "rain": Text("rain", "下雨"),
    "mist": Text("mist", "有雾"),
    "wind": Text("wind", "有风"),
    "storm": Text("a storm", "风暴"),
    "calm": Text("calm", "平静"),
    "leaf_fall": Text("falling leaves", "落叶"),
    "petal_fall": Text("falling petals", "花瓣飘落"),
    "flowers": Text("flowers", "有花"),
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
    """Name the scene and the words it comes from; ``asked`` means that a parameter named it."""
    title = CARD_TITLE if scene == CARD else SCENES[scene].title
    if asked:
        return Text("Scene: {title}, as requested.", "场景：{title}（按参数指定）。")(title=title)
    if scene == CARD:
        return Text(
            "The prompt names no subject that this engine can draw, so its words are shown as a "
            "card, in colours taken from them. caption=False draws abstract motion instead.",
            "提示词中没有本引擎能绘制的主体，因此以文字卡片呈现，颜色取自提示词。"
            "caption=False 则改为抽象动态画面。",
        )
    if not reading.scene_words:
        return Text(
            "The prompt names no scene that this engine can draw, so it draws abstract motion "
            "in colours taken from the prompt.",
            "提示词中没有本引擎能绘制的场景，因此绘制抽象动态画面，颜色取自提示词。",
        )
    said = Text("Scene: {title}{mood}, from {words}.", "场景：{title}{mood}，依据{words}。")
    return said(title=title, mood=_mood(reading.mood), words=quoted(reading.scene_words))


def _mood(mood: Mood) -> Text:
    parts = [_TIMES[mood.time]] if mood.time else []
    parts += [text for name, text in _WEATHER.items() if getattr(mood, name)]
    if not parts:
        return Text.same("")
    english, chinese = (part.en for part in parts), (part.zh for part in parts)
    return Text(", " + ", ".join(english), "（" + "、".join(chinese) + "）")


def quoted(words: Sequence[str]) -> Text:
    """Put words of the prompt into each language's quotation marks."""
    english = [f"“{word}”" for word in words]
    listed = english[0] if len(english) == 1 else ", ".join(english[:-1]) + " and " + english[-1]
    chinese = "提示词中的" + "".join(f"“{word}”" for word in words)
    return Text("{listed} in the prompt", "{chinese}")(listed=listed, chinese=chinese)


def move_from_prompt(move: str, words: Sequence[str]) -> Text:
    """Name the camera move and the words it comes from."""
    said = Text("Camera: {title}, from {words}.", "镜头：{title}，依据{words}。")
    return said(title=MOVES[move].title, words=quoted(words))


def move_asked(move: str) -> Text:
    """Name the camera move that a parameter asked for."""
    said = Text("Camera: {title}, as requested.", "镜头：{title}（按参数指定）。")
    return said(title=MOVES[move].title)


def move_from_shape(move: str) -> Text:
    """Explain that the camera moves along an image that is longer than the frame."""
    return Text(
        "Camera: {title}, because the image is longer than the frame in that direction.",
        "镜头：{title}，因为图片在该方向上比画面更长。",
    )(title=MOVES[move].title)


def move_from_seed(move: str) -> Text:
    """Say that the seed chose the move, and how to choose one instead."""
    return Text(
        "Camera: {title}, chosen by the seed because the prompt names no camera move. "
        "To choose one, write, for example, “{example}”.",
        "镜头：{title}。提示词没有指定运镜，因此由种子选择；如需指定，可以写“{example}”等。",
    )(title=MOVES[move].title, example=MOVES["push_in"].example)


def aims_at(focus: tuple[float, float]) -> Text:
    """Say where most of the detail is; the camera keeps it in view. ``focus`` is (x, y), 0 to 1."""
    x, y = (-1 if place < 0.42 else 1 if place > 0.58 else 0 for place in focus)
    return Text(
        "The camera aims at {place} of the image, where most of the detail is.",
        "镜头对准图片{place}，那里的细节最多。",
    )(place=_DIRECTIONS[x, y])


def falls_over(names: Iterable[str]) -> Text:
    """Name the weather that is drawn over an image."""
    english, chinese = zip(*((_WEATHER[n].en, _WEATHER[n].zh) for n in names), strict=True)
    return Text(
        "Weather added to the image: {en}, from the prompt.", "为图片添加的天气：{zh}，依据提示词。"
    )(en=", ".join(english), zh="、".join(chinese))


def duration_from_prompt(seconds: float) -> Text:
    """Name the duration that the prompt asks for."""
    said = Text("Duration: {seconds:g} s, from the prompt.", "时长：{seconds:g} 秒，依据提示词。")
    return said(seconds=seconds)


def duration_snapped(asked: float, seconds: float, allowed: tuple[float, float]) -> Text:
    """Say that the prompt asks for a duration outside the supported range."""
    return Text(
        "Duration: {seconds:g} s. The prompt asks for {asked:g} s, but this engine makes "
        "videos of {low}–{high} s.",
        "时长：{seconds:g} 秒。提示词要求 {asked:g} 秒，但本引擎支持 {low}–{high} 秒。",
    )(asked=asked, seconds=seconds, low=allowed[0], high=allowed[1])


def ratio_nearest(ratio: str) -> Text:
    """Name the aspect ratio chosen for an image."""
    return Text(
        "Aspect ratio: {ratio}, the closest to the image.", "宽高比：{ratio}，最接近图片的比例。"
    )(ratio=ratio)


def frame_from_prompt(value: str) -> Text:
    """Name the aspect ratio or resolution that the prompt asks for."""
    return Text(
        "Aspect ratio or resolution: {value}, from the prompt.",
        "宽高比或分辨率：{value}，依据提示词。",
    )(value=value)


def smaller_by_default(resolution: str) -> Text:
    """Explain why the resolution is lower than 720p."""
    return Text(
        "Resolution: {resolution}, which renders at about real-time speed on two cores. "
        "For more detail, ask for 720p or 1080p.",
        "分辨率：{resolution}，在双核机器上大致可以实时渲染；如需更清晰，可指定 720p 或 1080p。",
    )(resolution=resolution)


DISSOLVES = Text(
    "From the first image to the last, as a soft transition; camera moves do not apply.",
    "从首帧柔和过渡到尾帧，不使用运镜。",
)


def images_unused(count: int) -> Text:
    """Say that only the first image is used."""
    return Text(
        "This engine uses a first and a last frame and ignores {count} further "
        "{count:image|images}.",
        "本引擎只使用首帧与尾帧，其余 {count} 张参考图不使用。",
    )(count=count)
