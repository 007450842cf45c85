"""Find the tests that execute a line: each test file is run once, what it executed is kept."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import coverage
import pytest

from .child import log_of, passes
from .draw import Mutant
from .parts import PACKAGE, ROOT, files_of_tests

_MEASURING_S = 1_200
_WHOLE_PROGRAM = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)


@dataclass
class Executed:
    """What a test file executed: for each module, each test's lines as bits of a number."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[str, int]] = field(default_factory=dict)


class _Recorder:
    """A plugin of pytest's that measures each test, and the processes that it starts."""

    def __init__(self, data: Path) -> None:
        self._seconds: dict[str, float] = defaultdict(float)
        self._failed: set[str] = set()
        self._data = data
        self._coverage = coverage.Coverage(
            data_file=str(data / "data"), config_file="pyproject.toml", branch=False
        )
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        self._switch(item.nodeid)
        try:
            return (yield)
        finally:
            self._switch("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration
        if not report.passed:
            self._failed.add(report.nodeid)

    def pytest_unconfigure(self) -> None:
        self._coverage.stop()
        self._coverage.save()
        passed = {i: s for i, s in self._seconds.items() if i not in self._failed}
        (self._data / "seconds.json").write_text(json.dumps(passed))

    def _switch(self, test: str) -> None:
        """Book what follows to a test, in this process and in those that are started from now."""
        self._coverage.switch_context(test)
        self._coverage.config.context = test
        os.environ["COVERAGE_PROCESS_CONFIG"] = self._coverage.config.serialize()


class Chosen:
    """A plugin of pytest's that runs some tests only, in their order, until one fails."""

    def __init__(self, tests: Iterable[str]) -> None:
        self._order = {test: n for n, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        config.option.maxfail = 1
        items[:] = [item for item in items if item.nodeid in self._order]
        items.sort(key=lambda item: self._order[item.nodeid])


class Index:
    """Which tests execute what; measured where it is not known, and kept in a folder."""

    def __init__(self, folder: Path, copy: Path) -> None:
        self._folder, self._copy = folder, copy
        folder.mkdir(exist_ok=True)

    def tests_of(self, mutant: Mutant) -> tuple[list[str], float]:
        """Return the tests that may notice a mutant, fastest first, and their seconds in all."""
        measured = self._measured(files_of_tests(mutant.part))
        seconds = {test: s for one in measured for test, s in one.seconds.items()}
        executing: set[str] = set()
        for module, lines in _places(mutant).items():
            executing |= _executing(measured, module, lines)
        touching = _executing(measured, mutant.file, -1)
        tests = [test for test in executing or seconds if test in seconds]
        tests.sort(key=lambda test: (test not in touching, seconds[test]))
        return tests, sum(seconds[test] for test in tests)

    def _measured(self, files: list[str]) -> list[Executed]:
        if unknown := [file for file in files if not self._kept(file).exists()]:
            self._measure(unknown)
        return [_read(self._kept(file)) for file in files]

    def _kept(self, file: str) -> Path:
        text = _package() + (ROOT / file).read_text("utf-8")
        key = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:12]
        return self._folder / f"{file.replace('/', '-')}-{key}.json"

    def _measure(self, files: list[str]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            if not passes(self._copy, files, lambda: _Recorder(data), _MEASURING_S):
                print(f"What fails as it is does not count:\n{log_of(self._copy)[-3000:]}")
            seconds = json.loads((data / "seconds.json").read_text())
            lines = self._lines_of_tests(data)
        for file in files:
            found = Executed({t: s for t, s in seconds.items() if t.split("::")[0] == file})
            for module, executed in lines.items():
                found.lines[module] = {t: n for t, n in executed.items() if t in found.seconds}
            self._kept(file).write_text(json.dumps(vars(found)))
            print(f"measured {len(found.seconds)} tests: {file}", flush=True)

    def _lines_of_tests(self, data: Path) -> dict[str, dict[str, int]]:
        whole = coverage.Coverage(data_file=str(data / "data"), config_file=False)
        whole.combine([str(data)])
        read = whole.get_data()
        found: dict[str, dict[str, int]] = {}
        for module in read.measured_files():
            lines: dict[str, int] = defaultdict(int)
            for line, tests in read.contexts_by_lineno(module).items():
                for test in tests:
                    lines[test] |= 1 << line
            found[Path(module).relative_to(self._copy).as_posix()] = lines
        return found


@cache
def _read(file: Path) -> Executed:
    return Executed(**json.loads(file.read_text()))


@cache
def _package() -> str:
    return "".join(file.read_text("utf-8") for file in sorted(PACKAGE.rglob("*.py")))


def _executing(measured: Iterable[Executed], module: str, lines: int) -> set[str]:
    """Return the tests that executed any of some lines of a module."""
    return {
        test
        for one in measured
        for test, executed in one.lines.get(module, {}).items()
        if executed & lines
    }


def _places(mutant: Mutant) -> dict[str, int]:
    """Return what a test must execute to notice a mutant: modules, and lines as bits of a number.

    That is its statement; for a default value its function; for a module's constant what names it.
    It is nothing for what runs at import only, such as a class's fields: then any test may notice.
    """
    tree = ast.parse((ROOT / mutant.file).read_text("utf-8"))
    statement, within = _innermost(tree, mutant.line)
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return {mutant.file: _bits(statement.body[0].lineno, statement.end_lineno)}
    if isinstance(within, ast.Module) and isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return _naming([node.id for node in targets if isinstance(node, ast.Name)])
    if isinstance(within, ast.Module | ast.ClassDef):
        return {}
    body = getattr(statement, "body", None)
    last = body[0].lineno - 1 if body else statement.end_lineno
    return {mutant.file: _bits(statement.lineno, last) | 1 << mutant.line}


def _innermost(tree: ast.Module, line: int) -> tuple[ast.stmt, ast.AST]:
    """Return the smallest statement with a line, and the function, class or module it is in."""
    found: ast.stmt = tree.body[0]
    within: ast.AST = tree
    inside: ast.AST | None = tree
    while inside:
        node, inside = inside, None
        for child in ast.walk(node):
            if child is node or not isinstance(child, ast.stmt):
                continue
            first = min([child.lineno, *(d.lineno for d in getattr(child, "decorator_list", []))])
            if first <= line <= (child.end_lineno or line):
                within = node if isinstance(node, _WHOLE_PROGRAM) else within
                found = inside = child
                break
    return found, within


def _naming(names: list[str]) -> dict[str, int]:
    """Return all lines of the package with one of some names."""
    named = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
    found: dict[str, int] = {}
    for file in PACKAGE.rglob("*.py"):
        for n, text in enumerate(file.read_text("utf-8").splitlines(), 1):
            if named.search(text):
                path = file.relative_to(ROOT).as_posix()
                found[path] = found.get(path, 0) | 1 << n
    return found


def _bits(first: int, last: int | None) -> int:
    return sum(1 << line for line in range(first, (last or first) + 1))
