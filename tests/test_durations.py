"""Lengths of time as a person would say them."""

import pytest

from videogen_nb.durations import span


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        pytest.param(-5, "a moment", "片刻", id="clock-went-back"),
        pytest.param(0.4, "a moment", "片刻", id="moment"),
        pytest.param(1, "1 second", "1 秒", id="one"),
        pytest.param(59.9, "59 seconds", "59 秒", id="rounded-down"),
        pytest.param(60, "1 minute", "1 分钟", id="minute"),
        pytest.param(7_199, "1 hour", "1 小时", id="hour"),
        pytest.param(200_000, "2 days", "2 天", id="days"),
    ],
)
def test_the_largest_unit_that_fits(seconds, english, chinese):
    assert span(seconds).render("en") == english
    assert span(seconds).render("zh") == chinese
