"""The magics, in a real IPython shell against a real gateway process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from tests.panels.conftest import make_image
from tests.processes import end_gateway, settings_in
from videogen_nb import Video, set_language
from videogen_nb.local.discovery import ensure_gateway
from videogen_nb.panels import Studio, TaskPanel
from videogen_nb.panels.gateway_link import Link

QUICK = "--duration 1 --resolution 480p"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str | None]]:
    settings = settings_in(tmp_path_factory.mktemp("gateway"))
    address = ensure_gateway(settings)
    yield address.url, address.token
    end_gateway(settings)


@pytest.fixture
def shell(gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("VIDEOGEN_URL", gateway[0])
    monkeypatch.setenv("VIDEOGEN_TOKEN", gateway[1])
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    set_language("en")
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    shell.run_cell("%load_ext videogen_nb").raise_error()
    yield shell
    Link.choose(None)
    set_language(None)


def test_words_in_a_cell_become_a_video(shell):
    result = shell.run_cell(f"%%video {QUICK} --seed 3\nthe sea in the evening")
    video = result.result
    assert isinstance(video, Video)
    assert (video.task.prompt, video.task.seed) == ("the sea in the evening", 3)
    assert video.facts.frames == 24


def test_from_an_image(shell, tmp_path):
    (tmp_path / "my lake.png").write_bytes(make_image())
    video = shell.run_cell(f"%%video --image 'my lake.png' {QUICK}\npush in").result
    assert video.facts.width / video.facts.height == pytest.approx(16 / 9, rel=0.02)


def test_from_an_address(shell, gateway):
    video = shell.run_cell(
        f"%%video --image {gateway[0]}/samples/lake.jpg {QUICK}\npan left"
    ).result
    assert isinstance(video, Video)


def test_without_waiting_there_is_a_panel_at_once(shell):
    panel = shell.run_cell(f"%%video --no-wait {QUICK}\nclouds over the sea").result
    assert isinstance(panel, TaskPanel)
    assert panel.wait(60).task.prompt == "clouds over the sea"


@pytest.mark.parametrize("magic", ["%video --help", "%%video -h\n ", "%videogen --help"])
def test_help_helps_and_makes_nothing(shell, capsys, magic):
    result = shell.run_cell(magic)
    assert result.success
    assert result.result is None
    told = capsys.readouterr().out
    assert "usage: %" in told
    assert ("--duration" in told) == ("videogen" not in magic)
    assert "%%%" not in told


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        pytest.param("%%video --legth 5\nsea", "unrecognized arguments: --legth", id="option"),
        pytest.param("%%video --duration five\nsea", "invalid float value", id="not-a-number"),
        pytest.param("%%video --image none.png\nsea", "File not found: none.png", id="no-file"),
        pytest.param("%%video --engine none\nsea", "Unknown engine", id="no-engine"),
        pytest.param("%%video --image 'x\nsea", "No closing quotation", id="quotes"),
        pytest.param("%%video\n  \n", "is empty", id="no-words"),
        pytest.param("%video the sea", "%%video\nthe sea", id="one-sign"),
        pytest.param("%videogen sing", "invalid choice", id="no-such-thing"),
        pytest.param("%videogen connect ftp://x", "http", id="no-address"),
    ],
)
def test_mistakes_are_told_in_words(shell, capsys, cell, says):
    assert not shell.run_cell(cell).success
    captured = capsys.readouterr()
    assert says in captured.out + captured.err
    assert "Traceback" not in captured.out + captured.err


def test_the_studio_opens(shell):
    studio = shell.run_cell("%videogen").result
    assert isinstance(studio, Studio)
    studio.close()


def test_a_gateway_is_chosen_and_told_of(shell, gateway, capsys, monkeypatch):
    monkeypatch.delenv("VIDEOGEN_URL")
    monkeypatch.delenv("VIDEOGEN_TOKEN")
    shell.run_cell(f"%videogen connect {gateway[0]} --token {gateway[1]}").raise_error()
    assert Link.of(None).url == gateway[0]
    shell.run_cell("%videogen status").raise_error()
    told = capsys.readouterr().out
    assert f"Now using the gateway at {gateway[0]}" in told
    assert f"Gateway {gateway[0]}" in told
