"""``join``, ``export`` and ``timeline`` in a terminal."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.media.editing.clips import make_clip, numbers
from videogen_nb.cli import cli
from videogen_nb.media.editing import export as exporting
from videogen_nb.media.probe import probe


def run(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, words, env={"VIDEOGEN_LANG": "en"})
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "lake.mp4", 6, first=1)


def test_join(clip: Path, tmp_path: Path):
    target = tmp_path / "all.mp4"
    code, out, _ = run("join", str(clip), str(clip), "-o", str(target), "--title", "Lakes")
    assert code == 0
    assert "all.mp4" in out
    assert numbers(target)[24:] == [1, 2, 3, 4, 5, 6] * 2


def test_export_as_json(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exporting, "_told", [])
    target = str(tmp_path / "{name}-square.mp4")
    code, out, _ = run("export", str(clip), "--crop", "1:1", "--strip", "-o", target, "--json")
    told = json.loads(out)
    assert code == 0
    assert Path(told["path"]).name == "lake-square.mp4"
    assert (told["width"], told["height"]) == (90, 90)
    assert "label" in told["warnings"][0]
    assert probe(told["path"]).frames == 6


def test_timeline(clip: Path, tmp_path: Path):
    target = tmp_path / "all.otio"
    words = [str(clip), str(clip), "--title", "Lakes", "--transition", "crossfade"]
    code, out, _ = run("timeline", *words, "--seconds", "0.1", "-o", str(target), "--json")
    told = json.loads(out)
    assert code == 0
    assert told == {"path": str(target), "media": str(tmp_path / "all media")}
    assert {path.name for path in Path(told["media"]).iterdir()} == {"01-title.mp4", "02-lake.mp4"}
    video = json.loads(target.read_text("utf-8"))["tracks"]["children"][0]
    kinds = [one["OTIO_SCHEMA"] for one in video["children"]]
    assert kinds == ["Clip.1", "Transition.1", "Clip.1", "Transition.1", "Clip.1"]
    code, _, err = run("timeline", str(clip), "-o", str(tmp_path / "all.mp4"))
    assert (code, ".otio" in err) == (2, True)


def test_what_does_not_fit_is_a_usage_error(clip: Path):
    code, out, err = run("export", str(clip), "--preset", "vine")
    assert (code, out) == (2, "")
    assert "youtube" in err
    assert run("join", "gone.mp4")[0] == 2
