"""``videogen-nb backup`` and ``restore``, with a real gateway in a process of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.processes import environment, settings_in
from videogen_nb.cli import cli
from videogen_nb.settings import Settings

SMALL = ("--duration", "1", "--resolution", "480p")


def run(settings: Settings, *words: str) -> Result:
    ours = {k: v for k, v in environment(settings).items() if k.startswith("VIDEOGEN_")}
    return CliRunner().invoke(cli, list(words), env=ours)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Settings]:
    settings = settings_in(tmp_path / "place")
    yield settings
    run(settings, "stop", "--force")


def test_everything_is_saved_checked_and_restored_elsewhere(here: Settings, tmp_path: Path):
    made = run(here, "generate", "a sea", *SMALL, "-o", str(tmp_path / "sea.mp4"), "--json")
    assert made.exit_code == 0, made.output
    task = json.loads(made.stdout)["task"]["id"]
    file = tmp_path / "gateway.tar"
    saved = run(here, "backup", str(file))
    assert saved.exit_code == 0, saved.output
    assert "tasks: 1, videos: 1, " in " ".join(saved.stdout.split())
    assert file.stat().st_mode & 0o777 == 0o600
    twice = run(here, "backup", str(file))
    assert twice.exit_code != 0
    assert "already exists" in twice.output
    assert [path.name for path in tmp_path.glob(".videogen-*")] == []

    there = settings_in(tmp_path / "other")
    checked = run(there, "restore", str(file), "--check", "--json")
    assert json.loads(checked.stdout)["videos"] == 1
    assert run(there, "restore", str(file)).exit_code == 0
    again = tmp_path / "again.mp4"
    try:
        fetched = run(there, "download", task, "-o", str(again))
        assert fetched.exit_code == 0, fetched.output
    finally:
        run(there, "stop", "--force")
    assert again.read_bytes() == (tmp_path / "sea.mp4").read_bytes()


def test_a_restore_into_tasks_and_of_nothing_is_explained(here: Settings, tmp_path: Path):
    missing = run(here, "restore", str(tmp_path / "no.tar"))
    assert missing.exit_code == 2
    assert "Cannot restore" in missing.output
    (tmp_path / "text.tar").write_text("no backup")
    assert "is not a backup" in run(here, "restore", str(tmp_path / "text.tar")).output
    here.data_folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(__file__, here.data_folder / "tasks.sqlite3")
    taken = run(here, "restore", str(tmp_path / "text.tar"))
    assert "--replace" in taken.output
