"""A teacher at the terminal: ``people``, ``pause``, ``people save``, ``--person``."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from tests.processes import end_gateway, environment, settings_in
from videogen_nb.cli import cli
from videogen_nb.local.discovery import GatewayAddress, ensure_gateway
from videogen_nb.people.edit_file import add_person
from videogen_nb.settings import Settings


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A gateway of whoever runs the tests."""
    settings = settings_in(tmp_path_factory.mktemp("class"))
    ensure_gateway(settings)
    yield settings
    end_gateway(settings)


@pytest.fixture(scope="module")
def anna(here: Settings) -> str:
    """Her token."""
    return add_person(here.data_folder / "people.toml", "anna", "student", {"queued": 9})


def run(settings: Settings, *words: str, **more: str) -> Result:
    ours = {k: v for k, v in environment(settings, **more).items() if k.startswith("VIDEOGEN_")}
    return CliRunner().invoke(cli, words, env=ours)


def address(settings: Settings) -> GatewayAddress:
    return ensure_gateway(settings)


def make(settings: Settings, token: str, prompt: str) -> None:
    body = {"prompt": prompt, "duration": 1, "resolution": "480p", "group": "week 1"}
    url = f"{address(settings).url}/api/video-gen/generate"
    httpx.post(url, json=body, headers={"Authorization": f"Bearer {token}"}).raise_for_status()


def test_a_teacher_sees_pauses_stops_and_saves(here: Settings, anna: str, tmp_path: Path):
    assert "Paused. Resume with" in run(here, "pause").output
    make(here, anna, "a sea to be stopped")
    told = run(here, "people")
    assert "anna: waiting 1, running 0, completed 0, failed 0" in told.output
    assert "1 waiting, 0 running" in told.output
    assert "Paused" in told.output
    listed = json.loads(run(here, "list", "--person", "anna", "--json").stdout)
    assert [task["person"] for task in listed["tasks"]] == ["anna"]
    assert json.loads(run(here, "list", "--json").stdout)["total"] == 0
    stopped = json.loads(run(here, "cancel", "--person", "anna", "--json").stdout)
    assert stopped["cancelled"] == 1
    make(here, anna, "a sea to be seen")
    assert "The queue is running" in run(here, "resume").output
    task = json.loads(run(here, "list", "--person", "anna", "--limit", "1", "--json").stdout)
    done = run(
        here, "wait", f"{task['tasks'][0]['conversation_id']}-{task['tasks'][0]['message_id']}"
    )
    assert done.exit_code == 0, done.output
    for name in ("class.zip", "class.jpg"):
        saved = run(
            here, "people", "save", str(tmp_path / name), "--person", "*", "--group", "week 1"
        )
        assert f"Saved {tmp_path / name}" in saved.output.replace("\n", "")
    with zipfile.ZipFile(tmp_path / "class.zip") as archive:
        folders = {name.partition("/")[0] for name in archive.namelist()}
        assert folders == {"anna"}
    again = run(here, "people", "save", str(tmp_path / "class.zip"), "--person", "*")
    assert again.exit_code != 0
    assert "already exists" in again.output


def test_a_student_is_told_that_it_is_for_teachers(here: Settings, anna: str, tmp_path: Path):
    as_anna = {"VIDEOGEN_URL": address(here).url, "VIDEOGEN_TOKEN": anna}
    for words in (
        ["people"],
        ["pause"],
        ["list", "--person", "*"],
        ["people", "save", str(tmp_path / "a.zip"), "--person", "*"],
    ):
        result = run(here, *words, **as_anna)
        assert result.exit_code != 0
        assert "Only teachers" in " ".join(result.output.split())
    assert not list(tmp_path.iterdir())
