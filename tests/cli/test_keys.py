"""``videogen-nb key``: kept for its owner, shown nowhere."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.processes import environment, settings_in
from videogen_nb.cli import cli
from videogen_nb.engines.keys import Keyring
from videogen_nb.settings import Settings

SECRET = "ark-4f1d-secret"


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "place")


def invoke(settings: Settings, *words: str, typed: str = "", **more: str) -> Result:
    ours = {k: v for k, v in environment(settings, **more).items() if k.startswith("VIDEOGEN_")}
    return CliRunner().invoke(cli, words, input=typed, env=ours)


def test_a_key_is_kept_and_removed(here: Settings):
    result = invoke(here, "key", "ark", typed=f"{SECRET}\n")
    assert result.exit_code == 0, result.output
    assert SECRET not in result.output
    assert Keyring(here.data_folder, {}).read("ark") == SECRET
    assert "Removed" in invoke(here, "key", "ark", "--remove").output
    assert Keyring(here.data_folder, {}).read("ark") is None
    assert "No key" in invoke(here, "key", "ark", "--remove").output


def test_one_document_for_a_program(here: Settings):
    told = json.loads(invoke(here, "key", "ark", "--json", typed=SECRET).stdout)
    assert told == {"engine": "ark", "kept": str(here.data_folder / "keys" / "ark")}


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        pytest.param("arc", SECRET, "Engines that do:", id="no-such-engine"),
        pytest.param("sketch", SECRET, "ark", id="needs-none"),
        pytest.param("ark", "two words\n", "not a key", id="not-a-key"),
        pytest.param("ark", "\n", "not a key", id="nothing"),
    ],
)
def test_what_cannot_be_kept_is_told(here: Settings, name: str, typed: str, words: str):
    result = invoke(here, "key", name, typed=typed)
    assert result.exit_code != 0
    assert words in result.output
    assert not (here.data_folder / "keys").exists()


def test_an_instance_of_the_settings_has_its_own(here: Settings):
    here.data_folder.mkdir(parents=True)
    (here.data_folder / "engines.toml").write_text('[ark-cn]\nengine = "ark"\n')
    assert invoke(here, "key", "ark-cn", typed=SECRET).exit_code == 0
    assert Keyring(here.data_folder, {}).read("ark-cn") == SECRET


def test_what_goes_before_it_is_told(here: Settings):
    result = invoke(
        here, "key", "ark", typed=SECRET, VIDEOGEN_KEY_ARK="other", VIDEOGEN_URL="http://far:8000"
    )
    assert "VIDEOGEN_KEY_ARK is set" in result.output
    assert "http://far:8000" in result.output


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")
def test_a_terminal_shows_nothing_of_it(here: Settings):
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "videogen_nb", "key", "ark"],
        stdin=side,
        stdout=side,
        stderr=side,
        env=environment(here),
        start_new_session=True,
    )
    os.close(side)
    shown = b""
    deadline = time.monotonic() + 60
    while b"hidden while you type" not in shown:
        assert time.monotonic() < deadline
        shown += os.read(main, 1024)
    time.sleep(0.2)  # the prompt stands before echoing is off
    os.write(main, f"{SECRET}\n".encode())
    try:
        while part := os.read(main, 1024):
            shown += part
    except OSError:
        pass  # how a pseudo-terminal ends
    os.close(main)
    assert process.wait(30) == 0, shown
    assert SECRET.encode() not in shown
    assert Keyring(here.data_folder, {}).read("ark") == SECRET
