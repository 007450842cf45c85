"""How long a task took or takes, where its gateway does not tell queue and work apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from videogen_nb.protocol.models import VideoTask
from videogen_nb.protocol.status_texts import numbers_of


def said(**values) -> list[str]:
    task = VideoTask(**{"conversation_id": "1", "message_id": "2", **values})
    return [part.render("en") for part in numbers_of(task)]


@pytest.mark.parametrize(
    ("told", "took"),
    [
        pytest.param({"finished_at": "2026-01-01T00:02:05"}, "took 2 min 5 s", id="ended"),
        pytest.param({"updated_at": "2026-01-01T00:00:40"}, "took 40 s", id="older-gateway"),
        pytest.param({"updated_at": "2025-12-31T23:00:00"}, "took 0 s", id="clock-set-back"),
    ],
)
def test_what_has_ended_says_how_long_it_took(told, took):
    assert said(status="failed", created_at="2026-01-01T00:00:00", **told) == [took]


def test_what_runs_says_when_it_began():
    began = datetime.now(UTC) - timedelta(minutes=2)
    assert said(status="processing", created_at=began)[0].startswith("started 2 min")
    gone = began - timedelta(days=3)
    assert said(status="completed", created_at=gone) == ["started 3 days ago"]


def test_no_time_is_told_where_none_is_known():
    assert said(status="processing") == []
    assert said(status="processing", created_at="2026-01-01T00:00:00") == []  # of which zone?


@pytest.mark.parametrize("status", ["pending", "failed", "cancelled", "completed"])
def test_progress_is_told_only_while_a_task_runs(status):
    assert said(status="processing", progress=0.42) == ["42%"]
    assert said(status=status, progress=0.42) == []
