"""Modules and files that docs, scripts and programs within strings name, which no import checks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "videogen_nb"
_FILE = re.compile(
    r"`((?:[\w-]+/)*[\w-]+/[\w-]+\.(?:css|js|md|py|toml))`(?: \(((?:`\w+`(?:, )?)+)\))?"
)
_NAMED = re.compile(r"(?:from|import|python -m) (videogen_nb(?:\.\w+)*)")
READ = [
    path
    for pattern in (
        "benchmarks/*.py",
        "docs/**/*.md",
        "notebooks/**/*.ipynb",
        "tests/**/*.py",
        "*.md",
    )
    for path in sorted(ROOT.glob(pattern))
    if "node_modules" not in path.parts
]


def is_there(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


@pytest.mark.parametrize("folder", sorted({path.parent for path in READ}), ids=lambda f: f.name)
def test_named_modules_are_there(folder):
    named = {
        (path.name, module)
        for path in READ
        if path.parent == folder
        for module in _NAMED.findall(path.read_text("utf-8"))
    }
    assert [where for where in sorted(named) if not is_there(where[1])] == []


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "architecture.md", "design.md"])
def test_named_files_are_there_and_contain_what_is_named(page):
    """`folder/file.py` (`NAME`): the file exists, in the package or else the clone, with NAME."""
    found = list(_FILE.finditer((ROOT / "docs" / page).read_text("utf-8")))
    assert len(found) >= 3
    for match in found:
        pattern = match[1].replace("NAME", "*")
        path = next((p for folder in (PACKAGE, ROOT) for p in folder.glob(pattern)), None)
        assert path is not None, match[0]
        names = set(re.findall(r"`(\w+)`", match[2] or ""))
        assert names <= set(re.findall(r"\w+", path.read_text("utf-8"))), match[0]


def test_enough_is_read():
    assert len(READ) > 300
    assert not is_there("videogen_nb.gateway.runner")
