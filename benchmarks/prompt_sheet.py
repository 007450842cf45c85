"""Ordinary prompts on one sheet: for each the poster of the video that it gives."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from videogen_nb.engines import Job
from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.engines.sketch.drawing.noise import Array
from videogen_nb.media.typography.lines import broken, pieces_of, shortened
from videogen_nb.media.typography.typeface import Typeface

_TILE: Final = (284, 160)
_ACROSS: Final = 5
_LABEL: Final = 26  # rows under a tile
_QUICK: Final = {"duration": 1, "fps": 12, "resolution": "480p", "seed": 11}
PROMPTS: Final = {
    "en": (
        "hot air balloons at sunrise",
        "thunderstorm over the ocean",
        "a field of sunflowers",
        "desert dunes at noon",
        "ink wash painting of mountains",
        "a cat playing piano",
        "city street in the rain at night",
        "a robot chef cooks ramen in a tiny kitchen",
        "the Eiffel Tower at night",
        "a lighthouse in a blizzard",
        "an astronaut riding a horse",
        "a red dragon above an ancient temple",
        "autumn leaves in the wind",
        "whales dancing under an iceberg",
        "northern lights over a frozen lake",
        "lavender and bees",
        "a wolf by the campfire",
        "mountains in the morning mist",
        "hope",
        "a calm sea at noon",
    ),
    "zh": (
        "日出时的长城",
        "一只猫在弹钢琴",
        "雪夜里的小木屋",
        "生成一个海边日落的5秒视频",
        "生成星空视频",
        "湖面上的小船",
        "一条金色的龙在云海中飞翔",
        "春天的樱花树下，一个女孩在看书",
        "窗外下着雨，桌上放着一杯热咖啡",
        "上海外滩的夜晚",
        "熊猫在竹林里吃竹子",
        "宇航员骑着马在月球上奔跑",
        "大漠孤烟直，长河落日圆",
        "暴风雨中的大海",
        "烟花照亮夜空",
        "秋天的山林",
        "一座古老的图书馆，烛光摇曳",
        "下雪的富士山",
        "人工智能的未来",
        "篝火旁的老人在讲故事",
    ),
}


def prompts(language: str, folder: Path) -> Array:
    """The sheet, ``(height, width, 3)`` uint8; videos are made in ``folder``."""
    cells = [_cell(prompt, folder) for prompt in PROMPTS[language]]
    rows = [np.hstack(cells[k : k + _ACROSS]) for k in range(0, len(cells), _ACROSS)]
    return np.vstack(rows)


def _cell(prompt: str, folder: Path) -> Array:
    """A video's poster over its prompt."""
    engine = SketchEngine()
    plan = engine.plan(prompt, _QUICK)
    job = Job("1-1", prompt, plan, folder / "video.mp4", folder / "video.jpg")
    engine.run(job, lambda *_: None, lambda: False)
    print(prompt, "·", plan.drawn and plan.drawn.line.render("en"), flush=True)
    width, height = _TILE
    cell = Image.new("RGB", (width + 4, height + _LABEL), "white")
    with Image.open(job.poster) as poster:
        cell.paste(poster.resize(_TILE, Image.Resampling.LANCZOS), (2, 0))
    face = Typeface(12.5)
    line = shortened(broken(pieces_of(prompt), width - 8, face), 1, width - 8, face)[0]
    cover = Image.fromarray((face.draw(line) * 255).astype(np.uint8))
    ImageDraw.Draw(cell).bitmap((6 - face.pad, height + 4 - face.pad), cover, "#333")
    return np.asarray(cell)
