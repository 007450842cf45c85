"""``videogen-nb batch``: from a CSV file to saved videos, and what it says on the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import end_gateway, settings_in
from videogen_nb.i18n import set_language
from videogen_nb.media.probe import probe
from videogen_nb.settings import Settings

from .test_cli import SMALL, document, failure, invoke


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Iterator[Settings]:
    settings = settings_in(tmp_path_factory.mktemp("batch"))
    yield settings
    end_gateway(settings)


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    yield
    set_language(None)


@pytest.fixture
def table(tmp_path) -> Path:
    path: Path = tmp_path / "ads.csv"
    path.write_text("prompt,seed,sku\ncalm sea,1,A1\nsnow,2,B2\n", "utf-8")
    return path


def test_a_csv_file_becomes_videos(here, table, tmp_path):
    words = ("batch", str(table), *SMALL, "-o", f"{tmp_path}/out/{{row}}-{{sku}}.mp4")
    told = document(invoke(here, *words, "--dry-run", "--json"))
    assert (told["batch"], told["rows"], told["new"]) == ("ads", 2, 2)
    result = invoke(here, *words, "--hard-link")
    assert result.exit_code == 0, result.output
    saved = [Path(line) for line in result.stdout.splitlines()]
    assert all(path.stat().st_nlink == 2 for path in saved)
    assert [path.name for path in saved] == ["1-A1.mp4", "2-B2.mp4"]
    assert all(probe(path).height == 480 for path in saved)
    again = document(invoke(here, *words, "--json"))
    assert (again["new"], again["existing"]) == (0, 2)
    assert [record["path"] for record in again["records"]] == [str(path) for path in saved]
    assert [record["sku"] for record in again["records"]] == ["A1", "B2"]


def test_rows_that_do_not_fit_are_all_told(here, table):
    table.write_text("prompt,duration\nsea,1\n,1\nsnow,long\n", "utf-8")
    error = failure(invoke(here, "batch", str(table), "--json"), 2)
    assert error["code"] == "rows_refused"
    assert [row["row"] for row in error["rows"]] == [2, 3]
    words = invoke(here, "batch", str(table))
    assert "Row 3: Invalid duration: 'long'" in words.stderr


def test_tasks_can_be_left_to_themselves(here, table):
    words = ("batch", str(table), "--name", "later", *SMALL)
    told = document(invoke(here, *words, "--no-wait", "--json"))
    assert told["new"] == 2
    assert all(record["task"] for record in told["records"])
    assert invoke(here, *words, "--again").exit_code == 0


def test_tasks_are_found_and_kept_in_order(here, table):
    run = document(invoke(here, "batch", str(table), "--name", "found", *SMALL, "--json"))
    one, two = (record["task"] for record in run["records"])
    told = document(
        invoke(here, "annotate", one, "--star", "--title", "Mine", "--label", "a", "--json")
    )
    assert (told["task"]["starred"], told["task"]["labels"]) == (True, ["a"])
    for words, found in (
        (("--batch", "found"), [two, one]),
        (("--batch", "found", "--after", two), [one]),
        (("--batch", "found", "--starred"), [one]),
        (("--search", "mine"), [one]),
        (("--label", "a", "--since", "1h"), [one]),
        (("--group", "found", "--status", "completed", "--until", "1h"), []),
    ):
        listed = document(invoke(here, "list", *words, "--json"))
        assert [task["id"] for task in listed["tasks"]] == found, words
    assert failure(invoke(here, "list", "--status", "done", "--json"), 2)
    groups = document(invoke(here, "groups", "--json"))["groups"]
    assert {"name": "found", "tasks": 2} in groups
    gone = document(invoke(here, "prune", "--group", "found", "--json"))
    assert (gone["tasks"], gone["bytes"] > 0) == (1, True)
    assert document(invoke(here, "usage", "--json"))["video_bytes"] > 0
    assert failure(invoke(here, "prune", "--json"), 2)


def test_many_are_cancelled(here, table):
    slow = ("--duration", "15", "--resolution", "1080p", "--no-wait")
    invoke(here, "batch", str(table), "--name", "slow", *slow)
    assert document(invoke(here, "cancel", "--group", "slow", "--json"))["cancelled"] == 2
    assert document(invoke(here, "cancel", "--all", "--json"))["cancelled"] == 0
    assert failure(invoke(here, "cancel", "--json"), 2)
