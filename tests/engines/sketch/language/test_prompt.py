"""What the sketch engine reads in a prompt, in both languages."""

import pytest

from videogen_nb.engines.sketch.camera.moves import MOVES
from videogen_nb.engines.sketch.catalogue import SCENE_NAMES, SCENES
from videogen_nb.engines.sketch.language.phrases import vocabulary
from videogen_nb.engines.sketch.language.prompt import read

#: prompt → scene, and what of the mood is said.
SAID = {
    "生成一个海边日落的5秒视频": "sea dusk",
    "海边日落": "sea dusk",
    "sunset over the sea": "sea dusk",
    "Sunset": "sea dusk",
    "夕阳": "sea dusk",
    "日出东方": "sea dusk",
    "a quiet beach in the morning": "sea day",
    "夜晚的大海": "sea night",
    "月光下的海面": "sea night",
    "ocean waves crashing": "sea",
    "湖面上的小船": "sea",
    "海上下雨": "sea rain",
    "stormy sea": "sea wind storm",
    "生成星空视频": "stars night",
    "星空": "stars night",
    "A starry night sky, slowly turning": "stars night",
    "the milky way over a valley": "stars night",
    "城市上空的银河": "stars night",
    "流星雨": "stars night",
    "月亮": "stars night",
    "极光": "aurora night",
    "aurora over mountains": "aurora night",
    "雪山上空的极光": "aurora night snow",
    "Northern lights above a frozen lake": "aurora night snow",
    "蓝天白云": "clouds",
    "云海": "clouds",
    "White clouds drifting across a blue sky": "clouds",
    "天空": "clouds",
    "乌云密布的阴天": "clouds storm",
    "没有云的天空": "clouds",
    "a rainbow": "clouds",
    "雪山夜晚": "mountains night snow",
    "雪山": "mountains snow",
    "snow in the mountains at night": "mountains night snow",
    "Mountains in the morning mist": "mountains day mist",
    "晨雾中的群山": "mountains mist",
    "sunset in the Alps": "mountains dusk",
    "云雾缭绕的黄山": "mountains mist",
    "foggy valley": "mountains mist",
    "雾": "mountains mist",
    "no rain, only mountains": "mountains",
    "mountains without any snow": "mountains",
    "下雪": "snow snow",
    "Snow falling in a quiet forest": "snow snow",
    "安静的森林里下着雪": "snow snow",
    "暴风雪": "snow snow wind",
    "雪夜": "snow night snow",
    "winter": "snow snow winter",
    "下雨的窗边": "rain rain",
    "Rain on a window": "rain rain",
    "雨打窗户": "rain rain",
    "雨夜": "rain night rain",
    "thunderstorm": "rain rain wind storm",
    "thunderstorm over the ocean": "sea rain wind storm",
    "the calm sea at noon": "sea day noon calm",
    "风平浪静的大海": "sea calm",
    "乌云压城": "city storm",
    "spring": "leaves flowers spring",
    "autumn": "leaves autumn",
    "a winter evening in the mountains": "mountains dusk snow winter",
    "篝火": "fire",
    "A campfire at night": "fire night",
    "沙滩上的篝火": "fire",
    "campfire under the stars": "fire night",
    "cozy fireplace": "fire",
    "城市夜景": "city night",
    "city lights at night": "city night",
    "City lights at dusk": "city dusk",
    "上海外滩的夜晚": "city night",
    "rain in the city": "city rain",
    "雨中的霓虹街道": "city night rain",
    "neon Tokyo": "city night",
    "星空下的城市": "city night",
    "a city under the stars": "city night",
    "雪中的城市": "city snow",
    "落叶": "leaves",
    "风中的落叶": "leaves wind",
    "Autumn leaves in the wind": "leaves wind autumn",
    "秋天的森林": "leaves autumn",
    "樱花": "leaves flowers",
    "樱花飘落": "leaves flowers",
    "cherry blossoms in spring rain": "leaves rain flowers spring",
    "petals drifting in the breeze": "leaves wind flowers",
    "森林": "leaves",
    "夏天": "sea day summer",
    "抽象的渐变色": "abstract",
    "Slow waves of abstract colour": "abstract",
    "一只可爱的小猫": "abstract",
    "a robot dancing": "abstract",
    "🙂🙂🙂": "abstract",
    "火车": "abstract",
    "火锅": "abstract",
    "fireworks": "abstract",
    "movie star": "abstract",
    "seafood": "abstract",
    "今天天气": "abstract",
    "ＳＵＮＳＥＴ　ＯＶＥＲ　ＴＨＥ　ＳＥＡ": "sea dusk",
}


WEATHER = ("snow", "rain", "mist", "wind", "flowers")
SEASONS = ("spring", "summer", "autumn", "winter")


@pytest.mark.parametrize(("prompt", "expected"), SAID.items(), ids=list(SAID))
def test_scene_and_mood(prompt, expected):
    reading = read(prompt)
    mood = reading.mood
    said: list[str] = [mood.time] if mood.time else []
    said += [w for w in (*WEATHER, "noon", "storm", "calm") if getattr(mood, w)]
    said += [mood.season] if mood.season else []
    assert " ".join([reading.scene, *said]) == expected
    assert mood.prompt == prompt


@pytest.mark.parametrize(
    ("prompt", "falling"),
    [
        ("Let it snow", {"snow"}),
        ("下雪吧", {"snow"}),
        ("rain and fog", {"rain", "mist"}),
        ("落叶纷飞", {"leaf_fall"}),
        ("let the leaves fall", {"leaf_fall"}),
        ("樱花飘落", {"petal_fall"}),
        ("a thunderstorm breaks", {"rain", "wind", "storm"}),
        ("a woman with flowers in an autumn forest, push in", set()),
        ("snowy mountains", set()),
    ],
)
def test_what_shall_fall_over_an_image(prompt, falling):
    assert set(read(prompt).falling) == falling


@pytest.mark.parametrize("name", SCENE_NAMES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_scenes_own_example_gives_it(name, language):
    assert read(SCENES[name].example.render(language)).scene == name


MOVED = {
    "镜头缓慢推进": "push_in",
    "推近": "push_in",
    "The camera slowly pushes in": "push_in",
    "slow zoom in on the house": "push_in",
    "镜头缓缓拉远": "pull_out",
    "slowly zoom out": "pull_out",
    "pull back to reveal the valley": "pull_out",
    "pan left": "pan_left",
    "镜头向左平移": "pan_left",
    "从右向左移动": "pan_left",
    "Pan slowly to the right": "pan",
    "pan right": "pan_right",
    "从左到右": "pan_right",
    "tilt up": "pan_up",
    "镜头向上摇": "pan_up",
    "镜头下移": "pan_down",
    "the camera tilts down": "pan_down",
    "平移": "pan",
    "环绕": "orbit",
    "orbit around the statue": "orbit",
    "3D 立体效果": "orbit",
    "手持": "handheld",
    "handheld look": "handheld",
    "固定镜头": "still",
    "static shot": "still",
    "镜头不动": "still",
    "将这张图片生成视频": None,
    "make a video of this": None,
    "不要推进": None,
}


@pytest.mark.parametrize(("prompt", "move"), MOVED.items(), ids=list(MOVED))
def test_camera_move(prompt, move):
    reading = read(prompt)
    assert reading.move == move
    assert bool(reading.move_words) == (move is not None)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_moves_own_example_gives_it(move, language):
    assert read(MOVES[move].example.render(language)).move == move


LASTING = {
    "生成一个海边日落的5秒视频": 5,
    "请将这张图片生成一个5秒的视频": 5,
    "十秒": 10,
    "十五秒钟的雪景": 15,
    "两秒": 2,
    "三十秒": 30,
    "8 秒": 8,
    "2.5秒": 2.5,
    "半分钟": 30,
    "一分钟的星空": 60,
    "1分钟": 60,
    "一分半": None,
    "一分钟半": 90,
    "a 10-second clip": 10,
    "a ten second clip": 10,
    "5s": 5,
    "5 sec of rain": 5,
    "3.5 seconds": 3.5,
    "half a minute": 30,
    "a minute of waves": 60,
    "a five-second video": 5,
    "retro 80s city": None,
    "the 1990s": None,
    "24 frames per second": None,
    "几秒": None,
    "3秒后下雨": None,
    "no number": None,
}


@pytest.mark.parametrize(("prompt", "seconds"), LASTING.items(), ids=list(LASTING))
def test_duration(prompt, seconds):
    assert read(prompt).duration_s == seconds


@pytest.mark.parametrize(
    ("prompt", "ratio", "resolution"),
    [
        ("竖屏的星空", "9:16", None),
        ("9:16 ocean, 1080p", "9:16", "1080p"),
        ("横屏 16：9", "16:9", None),
        ("a square video of rain in 480P", "1:1", "480p"),
        ("a landscape with mountains", None, None),
        ("at 9:30 in the morning", None, None),
        ("3:4", "3:4", None),
    ],
)
def test_shape(prompt, ratio, resolution):
    reading = read(prompt)
    assert (reading.ratio, reading.resolution) == (ratio, resolution)


def test_the_words_that_led_there_are_told():
    assert read("Sunset over the sea, please").scene_words == ("sunset", "sea")
    assert read("夜晚的雪山").scene_words == ("夜晚", "雪山")
    assert read("a robot").scene_words == ()


def test_long_and_odd_prompts_are_read_quickly():
    assert read("海" * 4000).scene == "sea"
    assert read("no " * 1333).scene == "abstract"
    assert read("9" * 4000).duration_s is None


@pytest.mark.parametrize("section", ["scenes", "moods", "moves", "nouns"])
def test_tables_name_only_what_there_is_and_no_phrase_twice(section):
    table = vocabulary(section)
    known = {*SCENE_NAMES, *(f"~{name}" for name in SCENE_NAMES), *MOVES, "pan", "snowy"}
    known |= {"noun", "mood", "day", "noon", "dusk", "night", "storm", "calm", *WEATHER, *SEASONS}
    phrases = [phrase for entry in table for phrase in entry.phrases]
    assert {tag for entry in table for tag in entry.tags} <= known
    assert len(phrases) == len(set(phrases))
    assert all(phrase and phrase == phrase.casefold() for phrase in phrases)
