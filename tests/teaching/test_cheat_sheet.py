"""Every call, parameter, command and error on the cheat sheet exists."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import videogen_nb
from videogen_nb import errors
from videogen_nb.blocking import Connection
from videogen_nb.protocol.parameters import NAMES

DOCS = Path(__file__).parents[2] / "docs" / "guides"
EACH = pytest.mark.parametrize("name", ["cheat-sheet.md", "cheat-sheet.zh-CN.md"])
#: What ``generate`` takes beside the engines' parameters.
OTHER = {"image", "engine", "seed", "max_wait_s", "limit"}


def sheet(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def calls(text: str) -> list[ast.Call]:
    """The calls in the first table and the code above it."""
    first = text.split("\n## ")[0]
    lines = re.findall(r"`([^`]+)`", first.split("| |\n")[1])
    code = [*lines, re.findall(r"```python\n(.*?)```", first, re.DOTALL)[0]]
    found = []
    for line in code:
        if line == "await":
            continue
        line = f"{line} pass" if line.endswith(":") else line
        line = f"f({line})" if re.fullmatch(r"\w+=[^.(]*", line) else line
        tree = ast.parse(f"async def cell():\n{_indented(line)}")
        found += [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return found


def _indented(code: str) -> str:
    return "\n".join(f"    {line}" for line in code.splitlines())


@EACH
def test_every_call_exists(name):
    found = calls(sheet(name))
    assert len(found) > 15
    for call in found:
        called = call.func
        if isinstance(called, ast.Attribute) and ast.unparse(called.value) == "videos":
            assert hasattr(Connection, called.attr), called.attr
        elif isinstance(called, ast.Name) and called.id not in ("f", "print", "str"):
            assert called.id in videogen_nb.__all__, called.id
        for keyword in call.keywords:
            assert keyword.arg in {*NAMES, *OTHER}, keyword.arg


@EACH
def test_every_error_exists(name):
    named = set(re.findall(r"`([A-Z]\w+[a-z])`", sheet(name))) - {"Studio"}
    assert len(named) >= 8
    assert [one for one in named if not hasattr(errors, one)] == []


@EACH
def test_every_command_exists(name):
    commands = re.findall(r"^videogen-nb (\w+)", sheet(name), re.MULTILINE)
    assert len(commands) == 4
    out = subprocess.run(
        [sys.executable, "-m", "videogen_nb", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert [one for one in commands if one not in out] == []


def test_both_languages_have_the_same_lines():
    english, chinese = (sheet(n).count("\n") for n in ("cheat-sheet.md", "cheat-sheet.zh-CN.md"))
    assert english == chinese
