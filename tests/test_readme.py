"""The READMEs are true: both say the same, their code runs, their links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import end_gateway, environment, settings_in

ROOT = Path(__file__).parents[1]
ENGLISH = (ROOT / "README.md").read_text("utf-8")
CHINESE = (ROOT / "README.zh-CN.md").read_text("utf-8")
LAKE = ROOT / "videogen_nb" / "gateway" / "samples" / "lake.jpg"


def blocks(text: str, marker: str = "") -> list[str]:
    """The fenced code blocks, comments left out, that stand behind ``marker``."""
    found = re.findall(marker + r"```[a-z]+\n(.*?)```", text, re.DOTALL)
    return [re.sub(r" +#.*", "", block) for block in found]


def test_both_languages_have_the_same_code():
    """But for the prompts, which each has in its own language."""

    def without_strings(text: str) -> list[str]:
        return [re.sub(r'"[^"\n]*"', '""', block) for block in blocks(text)]

    assert without_strings(ENGLISH) == without_strings(CHINESE)
    assert not re.search("[\u4e00-\u9fff]", "".join(blocks(ENGLISH)))


def test_there_are_exactly_two_set_up_commands():
    commands = [b for b in blocks(ENGLISH) if "venv" in b and "pip install" in b]
    assert len(commands) == 2
    assert all(len(c.strip().splitlines()) == 1 for c in commands)


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_links_lead_somewhere(text):
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert links
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link


@pytest.mark.timeout(300)  # four videos of default size and length
def test_the_marked_code_runs(tmp_path, request):
    """One process runs them all, as a reader would who pastes one after the other."""
    code = blocks(ENGLISH, "<!-- run -->\n")
    assert len(code) == 4
    settings = settings_in(tmp_path / "person")
    request.addfinalizer(lambda: end_gateway(settings))
    (tmp_path / "image.jpg").write_bytes(LAKE.read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)],
        cwd=tmp_path,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    assert len(list(settings.output.glob("*.mp4"))) >= 1
