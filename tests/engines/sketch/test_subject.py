"""What is said to be drawn of a prompt and what not, and what stands for it: scene or card."""

import pytest

from videogen_nb.engines import Drawn
from videogen_nb.engines.sketch import SketchEngine, preview
from videogen_nb.engines.sketch.catalogue import SCENES
from videogen_nb.engines.sketch.language.phrases import vocabulary
from videogen_nb.errors import BadParameter

from .test_planning import image

#: prompt → what stands for it, what is drawn, what is not.
SAID = {
    "hot air balloons at sunrise": ("clouds", "clouds, sunrise", "hot air balloons"),
    "日出时的长城": ("mountains", "mountains, sunrise", "Great Wall"),
    "thunderstorm over the ocean": ("sea", "thunderstorm, sea", ""),
    "a field of sunflowers": ("card", "", "field, sunflowers"),
    "desert dunes at noon": ("card", "", "desert dunes"),
    "ink wash painting of mountains": ("mountains", "mountains", "ink wash painting"),
    "a cat playing piano": ("card", "", "cat, piano"),
    "一只猫在弹钢琴": ("card", "", "cat, piano"),
    "city street in the rain at night": ("city", "city, rain, night", ""),
    "雪夜里的小木屋": ("snow", "snowy night, cabin", ""),
    "生成一个海边日落的5秒视频": ("sea", "sea, sunset", ""),
    "生成星空视频": ("stars", "stars", ""),
    "A sunset over the sea, 5 seconds, 16:9, 1080p": ("sea", "sunset, sea", ""),
    "海边日落": ("sea", "sea, sunset", ""),
    "a detective in a trench coat, neon-lit city in the rain, cinematic, 4k": (
        "city",
        "city lights, rain",
        "detective, trench coat",
    ),
    "湖面上的小船": ("sea", "sea", "lake, boat"),
    "一条金色的龙在云海中飞翔": ("clouds", "clouds", "dragon"),
    "宇航员骑着马在月球上奔跑": ("card", "", "astronaut, horse, 月球"),
    "a robot chef cooks ramen in a tiny kitchen": ("card", "", "robot, chef, ramen, kitchen"),
    "The Eiffel Tower at night, fireworks, slow zoom in, 9:16": (
        "city",
        "city lights, night",
        "Eiffel Tower, fireworks",
    ),
    "春天的樱花树下，一个女孩在看书": ("leaves", "spring, flowers, tree", "girl, 看书"),
    "no people, only mountains": ("mountains", "mountains", ""),
    "the sea without any boats": ("sea", "sea", ""),
    "没有人的海滩": ("sea", "sea", ""),
    "кот играет на пианино": ("card", "", "кот играет на пианино"),
    "a quiet snowy forest": ("snow", "snowy scenery", ""),
    "雪景": ("snow", "snowy scenery", ""),
    "🐱🎹": ("card", "", "🐱🎹"),
    "人工智能的未来": ("card", "", "人工智能"),
    "一座古老的图书馆": ("card", "", "library"),
    "a rainbow": ("clouds", "clouds", "rainbow"),
    "a waterfall in a rainforest": ("mountains", "mountains", "waterfall, rainforest"),
    "two astronauts drinking coffee on the moon": ("card", "", "astronauts, coffee, moon"),
    "窗外下着雨，桌上放着一杯热咖啡": ("rain", "window, rain", "table, coffee"),
    "a full moon over the sea at night": ("sea", "moon, sea, night", ""),
    "stars over the city": ("stars", "stars", "city"),
    "fog over the sea": ("sea", "mist, sea", ""),
    "a Zorblax dancing on Quuxville station": ("card", "", "Zorblax, Quuxville station"),
    "the sea for 9 hours, vertical, 24fps": ("sea", "sea", ""),
    "slow motion waves, wide angle": ("sea", "sea", ""),
    "drone shot: mountains, bird's eye view": ("mountains", "mountains", ""),
    "8 秒竖屏视频,城市夜景,延时摄影,60帧": ("city", "city lights", ""),
    "古风美女在桃花树下跳舞": ("leaves", "flowers, tree", "woman"),
    "海底世界,五颜六色的鱼": ("card", "", "underwater, fish"),
    "沙漠中的骆驼队,日落": ("card", "", "desert, camel, sunset"),
    "a girl at night": ("card", "", "girl"),
    "night": ("stars", "starry sky, night", ""),
    "上海外滩的夜晚": ("city", "city lights, night", "the Bund"),
    "下雪的富士山": ("mountains", "mountains, snow", "Mount Fuji"),
    "slow waves of abstract colour": ("abstract", "abstract", ""),
    "城市里，机器人、人类、猫和狗在图书馆里讨论哲学": (
        "card",
        "",
        "city, robot, 人类, cat, dog, library, 讨论哲学",
    ),
}


def plan(prompt, images=(), **requested):
    made = SketchEngine().plan(prompt, requested, images)
    assert made.drawn is not None
    return made.parameters, made.drawn


def english(texts):
    return ", ".join(text.render("en") for text in texts)


@pytest.mark.parametrize(("prompt", "expected"), SAID.items(), ids=list(SAID))
def test_what_stands_for_a_prompt(prompt, expected):
    parameters, drawn = plan(prompt)
    said = (parameters["scene"], english(drawn.shown), english(drawn.missing))
    assert said == expected
    assert preview(prompt) == drawn, "while typing the same is said"


@pytest.mark.parametrize("prompt", SAID)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_line_names_everything_and_how_many_scenes_there_are(prompt, language):
    drawn = plan(prompt)[1]
    line = drawn.line.render(language)
    assert all(text.render(language) in line for text in (*drawn.shown, *drawn.missing))
    assert str(len(SCENES)) in line
    assert drawn.line.render(language) != drawn.ahead.render(language)
    assert Drawn.from_json(drawn.to_json()).to_json() == drawn.to_json()
    del (stored := drawn.to_json())["ahead"]  # as before it was kept
    assert Drawn.from_json(stored).ahead.render(language) == line


def test_names_from_the_tables_are_in_both_languages_and_others_in_the_prompts_own_words():
    drawn = plan("hot air balloons at sunrise")[1]
    assert (
        drawn.line.render("zh")
        == "已绘制：云与天空、日出。未绘制：热气球。缺少的内容以说明文字注明。"
        "内置引擎会画 11 种场景，每段视频画一种。"
    )
    assert (
        drawn.ahead.render("en") == "Will draw: clouds, sunrise. Won't draw: hot air balloons. "
        "A caption names what is missing. "
        "The built-in engine knows 11 scenes and draws one in each video."
    )
    assert [text.render("zh") for text in plan("a Zorblax")[1].missing] == ["Zorblax"]


def test_what_is_missing_stands_in_the_caption_in_the_prompts_own_words():
    assert plan("hot air balloons at sunrise")[0]["lettering"] == "hot air balloons"
    assert plan("湖面上的小船")[0]["lettering"] == "湖面 · 小船"
    assert "lettering" not in plan("sunset over the sea")[0]
    assert "lettering" not in plan("a cat playing piano")[0], "a card has the whole prompt"


def test_a_prompt_that_asks_for_longer_is_told_how_long_a_video_lasts():
    moved = preview("pan left, 60 seconds", from_image=True)
    for drawn in (plan("a campfire, 60 seconds")[1], moved):
        assert drawn is not None
        assert "Videos last at most 15 s." in drawn.line.render("en")
        assert "视频最长 15 秒。" in drawn.ahead.render("zh")
    assert "at most" not in plan("a campfire, 6 seconds")[1].line.render("en")


def test_caption_false_turns_card_and_caption_off():
    parameters, drawn = plan("a cat playing piano", caption=False)
    assert (parameters["scene"], parameters["caption"]) == ("abstract", False)
    assert english(drawn.missing) == "cat, piano"
    parameters, drawn = plan("hot air balloons at sunrise", caption=False)
    assert "lettering" not in parameters
    assert preview("hot air balloons at sunrise", caption=False) == drawn
    assert "caption" not in drawn.ahead.render("en")


def test_a_card_can_be_asked_for():
    parameters, drawn = plan("a sunset over the sea", extra={"scene": "card"})
    assert parameters["scene"] == "card"
    assert not drawn.shown
    with pytest.raises(BadParameter):
        plan("a sunset", extra={"scene": "cards"})


def test_an_image_is_moved_and_nothing_is_lettered_on_it():
    parameters, drawn = plan("the cat jumps, push in, 5 seconds", [image()])
    assert "lettering" not in parameters
    assert english(drawn.shown) == "push in"
    assert english(drawn.missing) == "cat"
    assert drawn.line.render("en").startswith("Camera move: push in. The built-in engine moves")
    assert "cat" not in drawn.line.render("en"), "it may be in the image"
    assert plan("将这张图片生成视频，镜头缓慢推进", [image()])[1].missing == ()
    hint = preview("镜头缓慢推进", from_image=True)
    assert hint is not None
    assert hint.shown == drawn.shown


def test_weather_over_an_image_is_drawn():
    drawn = plan("let it snow, push in", [image()])[1]
    assert english(drawn.shown) == "push in, snow"
    assert not drawn.missing


def test_nothing_is_said_of_an_empty_prompt():
    assert preview("  ") is None


def test_long_prompts_are_read_quickly_and_the_lists_stay_short():
    for prompt in ("a zebra and a gnu, " * 200, "长颈鹿与河马，" * 500, "x" * 4000, "，" * 4000):
        drawn = plan(prompt[:4000])[1]
        assert len(drawn.missing) <= 8
        assert all(len(text.render("en")) <= 40 for text in drawn.missing)


@pytest.mark.parametrize("section", ["scenes", "moods", "nouns"])
def test_every_thing_has_a_name_in_both_languages(section):
    for entry in vocabulary(section):
        if entry.tags:
            assert entry.name.en.isascii()
            assert not entry.name.zh.isascii()
