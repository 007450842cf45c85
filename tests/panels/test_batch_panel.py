"""A batch as a table: a thousand rows of which only those in sight are told."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from tests.panels.conftest import Page, press, type_into, until
from videogen_nb.client.batch.rows import Row
from videogen_nb.panels import BatchPanel
from videogen_nb.protocol.models import TaskStatus, VideoTask

SHORT = {"duration": 1, "resolution": "480p"}


def make_task(number: int, status: str) -> VideoTask:
    values = {"prompt": f"row {number}", "progress": 0.5 if status == "processing" else None}
    values |= {"error": "too dark"} if status == "failed" else {}
    return VideoTask(
        conversation_id="1", message_id=str(number), status=TaskStatus(status), **values
    )


class Table:
    """A batch of ``count`` rows whose tasks the test moves; a third has ended."""

    def __init__(self, count: int) -> None:
        self.name = "table"
        self.rows = [Row(n, None, f"row {n}", None, {}, {}) for n in range(1, count + 1)]
        states = ["completed", "processing", "pending"]
        self.tasks = {
            row.number: make_task(row.number, states[row.number % 3]) for row in self.rows
        }
        self.videos: dict[int, object] = {}
        self.errors: dict[int, object] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __await__(self):
        return asyncio.Event().wait().__await__()


@pytest.fixture
def table():
    return Table(1000)


@pytest.fixture
def panel(table, link):
    panel = BatchPanel(table, link)
    until(lambda: len(panel.tasks) == 1000)
    yield panel
    panel.close()


def test_only_the_rows_in_sight_are_told(panel):
    view = panel.view()
    assert (view["total"], view["first"], len(view["rows"])) == (1000, 0, 30)
    type_into(panel, "window", [500, 40])
    view = panel.view()
    assert [row["row"] for row in view["rows"]] == list(range(501, 541))
    assert view["rows"][1]["status"] == "processing"
    type_into(panel, "window", [-5, 100_000])
    assert len(panel.view()["rows"]) == 200
    type_into(panel, "window", [5000, 30])  # scrolled down while fewer match
    assert [row["row"] for row in panel.view()["rows"]] == [1000]


def test_the_filter_counts_and_leaves_out(panel, table):
    table.tasks[7] = make_task(7, "failed")
    until(lambda: panel.view()["again"])
    assert [text for text, _ in panel.view()["filters"]] == [
        *("All (1000)", "Running (666)", "Completed (333)", "Failed (1)", "Cancelled (0)"),
    ]
    type_into(panel, "status", "failed")
    [row] = panel.view()["rows"]
    assert row["row"] == 7
    assert "too dark" in row["why"]


def test_a_thousand_rows_stay_responsive(panel, table):
    """What a row's move costs does not depend on how many there are: bytes, and time."""
    page = Page(panel)
    for n in range(2, 900):
        table.tasks[n] = make_task(n, "completed")
    page.updates.clear()
    until(lambda: "898" in panel.view()["count"] or panel.counts()["completed"] > 890)
    until(lambda: page.updates)
    assert len(json.dumps(page.updates[-1])) < 20_000
    began = time.perf_counter()
    for _ in range(5):
        panel.view()
    assert (time.perf_counter() - began) / 5 < 0.25


def test_a_run_is_shown_row_by_row_and_opened(videos, link):
    rows = [{"prompt": f"batch panel sea {n}", **SHORT} for n in range(2)]
    run = videos.batch(rows, "panel")
    panel = BatchPanel(run, link)
    run.result(60)
    until(lambda: all(row["file"] for row in panel.view()["rows"]) and panel.view()["rows"])
    assert panel.view()["name"] == "panel"
    assert panel.view()["count"] == "2 of 2 completed"
    press(panel, "open", id=panel.view()["rows"][1]["id"])
    assert panel.parts[panel.view()["detail"]].ready.result(20).task.prompt == rows[1]["prompt"]
    press(panel, "close")
    assert panel.parts == {}
    panel.close()
    alone = BatchPanel(run)
    assert alone.link.url == videos.url
    alone.close()
    assert isinstance(run.panel, BatchPanel)
    run.panel.close()
