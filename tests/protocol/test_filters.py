"""Filters: words of a query and of Python alike, and moments in every form."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from videogen_nb.errors import BadParameter
from videogen_nb.protocol.filters import Filters, read_filters
from videogen_nb.protocol.models import TaskStatus, VideoTask

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def read(**given: Any) -> Filters:
    return read_filters(given, NOW)


def test_words_and_values_are_read_alike():
    assert read(starred="true", status="failed") == read(starred=True, status=TaskStatus.FAILED)
    assert read(starred="false").starred is False
    assert read(group=None, text="", status=None) == Filters()
    assert read(status="failed, cancelled").statuses == (TaskStatus.FAILED, TaskStatus.CANCELLED)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("7d", NOW - timedelta(days=7)),
        ("1.5h", NOW - timedelta(minutes=90)),
        ("30m", NOW - timedelta(minutes=30)),
        ("2w", NOW - timedelta(weeks=2)),
        (timedelta(days=1), NOW - timedelta(days=1)),
        ("2026-11-26T08:00+08:00", datetime(2026, 11, 26, tzinfo=UTC)),
        (NOW, NOW),
        (date(2026, 11, 1), datetime(2026, 11, 1).astimezone()),
        ("2026-11-01", datetime(2026, 11, 1).astimezone()),
    ],
)
def test_a_moment_is_one_or_how_long_ago(given, moment):
    assert read(since=given).since == moment.timestamp()
    assert read(until=given).until == moment.timestamp()


@pytest.mark.parametrize(
    "given",
    [
        {"colour": "red"},
        {"status": "done"},
        {"since": "long ago"},
        {"since": 7},
        {"until": "99999999w"},
        {"until": "9999-12-31T23:59:59-12:00"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"starred": 2},
        {"text": 7},
        {"group": "x" * 201},
    ],
)
def test_what_does_not_fit_is_told(given):
    with pytest.raises(BadParameter):
        read(**given)


@pytest.mark.parametrize("name", ["starred", "text"])
def test_what_does_not_fit_is_shown_up_to_80_characters(name):
    with pytest.raises(BadParameter, match=r"(?<!x)x{80}(?!x)"):
        read(**{name: "x" * 300})


def test_a_query_is_read_as_it_was_meant():
    wanted = read(
        status="pending,processing", starred=True, since="7d", text="sea", batch="b", label="l"
    )
    assert read_filters(wanted.to_query(), NOW) == wanted


def test_what_an_older_gateway_tells_is_searched_here():
    told = {"conversation_id": "1", "message_id": "23", "status": "failed", "prompt": "Calm sea"}
    task = VideoTask.model_validate({**told, "created_at": "2026-11-26T10:00:00+00:00"})
    for given, found in (
        ({"text": "calm SEA"}, True),
        ({"text": "storm"}, False),
        ({"text": "1-23"}, True),
        ({"status": "completed"}, False),
        ({"since": "1h"}, False),
        ({"since": "3h"}, True),
        ({"until": "3h"}, False),
        ({"conversation_id": "2"}, False),
    ):
        assert read(**given).match(task) is found, given
