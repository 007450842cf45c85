"""Lengths of time and moments as a person would say them."""

from datetime import UTC, datetime, timedelta

import pytest

from videogen_nb.durations import ago, since, span


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        pytest.param(-5, "0 s", "0 秒", id="clock-went-back"),
        pytest.param(0.0, "0 s", "0 秒", id="nothing"),
        pytest.param(0.4, "0.4 s", "0.4 秒", id="less than a second"),
        pytest.param(59.4, "59 s", "59 秒", id="seconds"),
        pytest.param(59.6, "1 min", "1 分钟", id="rounded-to-a-minute"),
        pytest.param(125, "2 min 5 s", "2 分 5 秒", id="both"),
        pytest.param(1_200, "20 min", "20 分钟", id="whole-minutes"),
        pytest.param(3_599, "59 min 59 s", "59 分 59 秒", id="nearly-an-hour"),
        pytest.param(3_600, "1 h", "1 小时", id="hour"),
        pytest.param(4_859, "1 h 20 min", "1 小时 20 分钟", id="hours-and-minutes"),
        pytest.param(172_799, "47 h 59 min", "47 小时 59 分钟", id="nearly-two-days"),
        pytest.param(200_000, "2 days", "2 天", id="days"),
    ],
)
def test_spans(seconds, english, chinese):
    assert span(seconds).render("en") == english
    assert span(seconds).render("zh") == chinese


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        pytest.param(-5, "just now", "刚刚", id="clock-went-back"),
        pytest.param(59, "just now", "刚刚", id="now"),
        pytest.param(60, "1 min ago", "1 分钟前", id="minute"),
        pytest.param(3_599, "59 min ago", "59 分钟前", id="minutes"),
        pytest.param(3_600, "1 h ago", "1 小时前", id="hour"),
        pytest.param(86_399, "23 h ago", "23 小时前", id="hours"),
        pytest.param(86_400, "1 day ago", "1 天前", id="day"),
        pytest.param(200_000, "2 days ago", "2 天前", id="days"),
    ],
)
def test_moments(seconds, english, chinese):
    assert ago(seconds).render("en") == english
    assert ago(seconds).render("zh") == chinese


def test_since_a_moment():
    assert since(datetime.now(UTC) - timedelta(hours=3)).render("en") == "3 h ago"
