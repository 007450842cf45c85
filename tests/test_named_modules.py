"""Modules that docs, scripts and programs within strings name, which no import checks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
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


def test_enough_is_read():
    assert len(READ) > 300
    assert not is_there("videogen_nb.gateway.runner")
