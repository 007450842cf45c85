import pytest

from videogen_nb import i18n
from videogen_nb.i18n import Text

GREETING = Text("Hello {name}", "你好 {name}")


def test_both_languages():
    assert GREETING(name="A").render("en") == "Hello A"
    assert GREETING(name="A").render("zh") == "你好 A"


def test_a_value_may_be_a_text_and_braces_in_values_stay():
    inner = Text("sea", "海")
    assert GREETING(name=inner).render("zh") == "你好 海"
    assert GREETING(name="{name} {0}").render("en") == "Hello {name} {0}"


@pytest.mark.parametrize(("n", "said"), [(0, "0 videos"), (1, "1 video"), (2, "2 videos")])
def test_a_word_fits_its_number(n, said):
    assert Text("{n} {n:video|videos}", "{n} 个视频")(n=n).render("en") == said


def test_json_roundtrip_keeps_the_values():
    assert Text.from_json(GREETING(name="A").to_json()).render("zh") == "你好 A"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        pytest.param(None, "en", id="none"),
        pytest.param("", "en", id="empty"),
        pytest.param("zh-CN,zh;q=0.9,en;q=0.8", "zh", id="chinese-first"),
        pytest.param("en;q=0.5, zh;q=0.9", "zh", id="by-weight"),
        pytest.param("fr, en-GB;q=0.7", "en", id="first-of-ours"),
        pytest.param("fr", "en", id="neither"),
        pytest.param("zh" * 5000, "en", id="garbage"),
    ],
)
def test_accept_language(header, language):
    assert i18n.from_accept_language(header) == language


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        pytest.param({"VIDEOGEN_LANG": "zh", "LANG": "en_US.UTF-8"}, "zh", id="named"),
        pytest.param({"LANG": "zh_CN.UTF-8"}, "zh", id="locale"),
        pytest.param({"LC_ALL": "en_GB.UTF-8", "LANG": "zh_CN.UTF-8"}, "en", id="lc-all-wins"),
        pytest.param({"LANG": "C.UTF-8"}, "en", id="plain"),
    ],
)
def test_current_language(monkeypatch, environment, language):
    for name in ("VIDEOGEN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert i18n.current_language() == language


def test_a_chosen_language_wins(monkeypatch):
    monkeypatch.setenv("VIDEOGEN_LANG", "en")
    i18n.set_language("zh")
    try:
        assert str(GREETING(name="A")) == "你好 A"
    finally:
        i18n.set_language(None)
    with pytest.raises(ValueError, match="language must be one of"):
        i18n.set_language("fr")
