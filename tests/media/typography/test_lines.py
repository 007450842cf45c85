"""Lines break by the rules of both languages, are even, and end in an ellipsis where too many."""

import pytest

from videogen_nb.media.typography.lines import broken, pieces_of, shortened

OPENING, CLOSING = "（《「“([", "，。、；：？！）》」”…,.;:?!)]"


def width(text):
    """As wide as in a terminal: Chinese takes two."""
    return float(sum(1 if ord(c) < 0x2E80 and c not in "“”…" else 2 for c in text))


def lines(text, limit):
    return broken(pieces_of(text), limit, width)


TEXTS = {
    "english": "A detective in a long coat follows a stranger through the old library, slowly.",
    "chinese": "春江潮水连海平，海上明月共潮生。滟滟随波千万里，何处春江无月明！",
    "quoted": "他说：“今夜（或许）有雨……”，然后关上了《城市》的窗。",
    "mixed": "一只cat在New York的街头play the piano，下着雨",
    "dashes": "first-class tickets—none left; state-of-the-art trains",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("limit", [8, 13, 20, 31, 60, 200])
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text, limit):
    made = lines(text, limit)
    assert "".join(made).replace(" ", "") == text.replace(" ", ""), "nothing is lost"
    whole = [line for line in made if width(line) <= limit]
    assert len(whole) == len(made) or limit < 16, "only what cannot be broken is longer"
    if limit >= 16:
        assert not any(line[0] in CLOSING or line[-1] in OPENING for line in made)


@pytest.mark.parametrize("limit", [20, 31, 60])
def test_english_breaks_only_between_words(limit):
    words = TEXTS["english"].split()
    assert " ".join(lines(TEXTS["english"], limit)).split() == words


def test_lines_are_even_and_rather_end_with_a_clause():
    assert lines(TEXTS["chinese"], 40) == [
        "春江潮水连海平，海上明月共潮生。",
        "滟滟随波千万里，何处春江无月明！",
    ]
    assert lines("一座古老的图书馆，烛光摇曳", 20) == ["一座古老的图书馆，", "烛光摇曳"]
    assert lines("a cat playing the old piano", 24) == ["a cat playing", "the old piano"]


def test_what_is_longer_than_a_line_is_cut():
    made = lines("https://" + "x" * 80, 20)
    assert "".join(made) == "https://" + "x" * 80
    assert max(map(width, made)) <= 20


def test_too_many_lines_end_in_an_ellipsis_that_fits():
    made = lines("a quick brown fox, " * 30, 30)
    few = shortened(made, 3, 30, width)
    assert len(few) == 3
    assert few[:2] == made[:2]
    assert few[2].endswith("…")
    assert not few[2].endswith(",…")
    assert width(few[2]) <= 30
    assert shortened(made, 99, 30, width) == made


def test_nothing_gives_no_lines():
    assert lines("", 20) == []
    assert lines(" \n ", 20) == []
