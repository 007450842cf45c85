"""Change one operator or constant of the core at a time, and see whether a test notices.

    python -m tests.hardening.mutants --seed 1 --sample 100 [--seconds 240] [--results FILE]

Draws a sample of mutants (cosmic-ray's operators), the same one for a seed, and runs for each the
tests of its part in a copy of the repository. What was tried stands in the results file, a line a
mutant, so that an interrupted or time-limited run goes on where it stopped. Prints the survivors
and the score. POSIX only: each mutant is a fork, so that only what is ours is imported anew.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import itertools
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[2]
PACKAGE = "videogen_nb"
GATEWAY = "tests/gateway"
ENGINES = "tests/engines"
PROVIDERS = tuple(f"{ENGINES}/{name}" for name in ("test_openai.py", "test_ark.py", "rest"))

#: The modules that are changed, and the tests that should notice; a later pattern wins.
PARTS: dict[str, tuple[str, ...]] = {
    "protocol/**/*.py": ("tests/protocol",),
    "protocol/status_texts.py": ("tests/panels/test_task.py",),
    "client/**/*.py": ("tests/client",),
    "client/batch/*.py": ("tests/client/test_batch.py", "tests/client/test_variations.py"),
    "local/*.py": ("tests/local",),
    "gateway/jobs/*.py": (f"{GATEWAY}/test_tasks.py", f"{GATEWAY}/test_restart.py"),
    "gateway/jobs/local/*.py": (
        f"{GATEWAY}/test_queue.py", f"{GATEWAY}/test_tasks.py", f"{GATEWAY}/test_workers.py",
        f"{GATEWAY}/test_restart.py",
    ),
    "gateway/jobs/remote/*.py": (
        f"{GATEWAY}/test_remotes.py", f"{GATEWAY}/test_true_ends.py",
        f"{GATEWAY}/test_at_most_once.py", f"{GATEWAY}/test_money.py",
    ),
    "gateway/storage/*.py": (
        f"{GATEWAY}/test_store.py", "tests/hardening/test_store_machine.py",
        f"{GATEWAY}/test_private.py", f"{GATEWAY}/test_upgrade.py", f"{GATEWAY}/test_money.py",
        f"{GATEWAY}/test_tasks.py",
    ),
    "gateway/files/*.py": (
        f"{GATEWAY}/test_media.py", f"{GATEWAY}/test_checking.py", f"{GATEWAY}/test_requests.py",
        f"{GATEWAY}/test_continue.py", f"{GATEWAY}/test_limits.py",
    ),
    "gateway/outgoing/*.py": (
        f"{GATEWAY}/test_fetcher.py", f"{GATEWAY}/test_fetch_by_proxy.py",
        f"{GATEWAY}/test_notify.py",
    ),
    "engines/error_codes.py": (f"{ENGINES}/test_error_codes.py", *PROVIDERS),
    "engines/*/responses.py": PROVIDERS,
    "panels/**/*.py": ("tests/panels",),
}  # fmt: skip

#: Operators whose mutants nobody could tell from the code as it is, or that need arguments.
_LEFT_OUT = {
    "core/RemoveDecorator", "core/VariableReplacer", "core/VariableInserter",
    *(f"core/ReplaceComparisonOperator_{a}_{b}" for a, b in (
        ("Is", "Eq"), ("Eq", "Is"), ("IsNot", "NotEq"), ("NotEq", "IsNot"))),
}  # fmt: skip
#: What is imported once, before the forks.
_PRELOADED = (
    "pytest", "httpx", "pydantic", "fastapi", "uvicorn", "numpy", "PIL.Image", "av",
    "rich.progress", "click", "ipywidgets", "anywidget", "psutil",
)  # fmt: skip
_PLUGINS = (
    "pytest_asyncio.plugin", "pytest_timeout", "xdist.plugin", "nbval.plugin",
    "_hypothesis_pytestplugin",
)  # fmt: skip
_CPU_S = 120  # a mutant that computes for longer runs for ever
_WALL_S = 900
_BROKEN = 70  # an exit code that pytest has not


@dataclass(frozen=True)
class Mutant:
    """One change: the ``occurrence``-th place in ``file`` where ``operator`` can be applied."""

    file: str
    line: int
    operator: str
    occurrence: int
    tests: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.file}:{self.line}:{self.operator}:{self.occurrence}"


def mutants_of(file: Path, tests: tuple[str, ...]) -> Iterator[list[Mutant]]:
    """Yield all mutants of a module, those of one place together."""
    source = file.read_text("utf-8")
    tree, unseen = get_ast(source), _annotations(source)
    places: dict[tuple[int, int], list[Mutant]] = defaultdict(list)
    for name in sorted(set(operator_names()) - _LEFT_OUT):
        operator = get_operator(name)()
        positions = (p for node in ast_nodes(tree) for p in operator.mutation_positions(node))
        for occurrence, (start, _) in enumerate(positions):
            if not any(first <= start < last for first, last in unseen):
                path = str(file.relative_to(ROOT))
                places[start].append(Mutant(path, start[0], name, occurrence, tests))
    yield from places.values()


def _annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where types stand, which nothing evaluates."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.returns)
    return [
        ((e.lineno, e.col_offset), (e.end_lineno or 0, e.end_col_offset or 0)) for e in found if e
    ]


def draw(seed: int, sample: int, only: str) -> list[Mutant]:
    """Draw places evenly from all parts' modules, and one mutant of each."""
    files = {
        file: tests
        for pattern, tests in PARTS.items()
        for file in sorted((ROOT / PACKAGE).glob(pattern))
        if only in str(file)
    }
    places = [p for file, tests in files.items() for p in mutants_of(file, _sorted(file, tests))]
    chance = random.Random(seed)
    chosen = chance.sample(places, min(sample, len(places)))
    return [chance.choice(place) for place in chosen]


def _sorted(file: Path, tests: tuple[str, ...]) -> tuple[str, ...]:
    """Put the tests that are named as the module first: they notice soonest."""
    named = (ROOT / test / f"test_{file.stem}.py" for test in tests)
    first = [str(path.relative_to(ROOT)) for path in named if path.exists()]
    return (*first, *tests)


def _is_another_program(after: str, before: str) -> bool:
    try:
        return ast.dump(ast.parse(after)) != ast.dump(ast.parse(before))
    except SyntaxError:
        return False  # such as an operator in the place of a "/" among parameters


def survives(mutant: Mutant, copy: Path, n: int) -> bool | None:
    """Run the tests against a mutant; None where the change is no program or none at all."""
    file = copy / mutant.file
    before = file.read_text("utf-8")
    after = mutate_code(before, get_operator(mutant.operator)(), mutant.occurrence)
    if after is None or not _is_another_program(after, before) or _warned_of(after):
        return None
    try:
        _write(file, after, 2 * n)
        return _passes(copy, mutant.tests)
    finally:
        _write(file, before, 2 * n + 1)


def _warned_of(source: str) -> bool:
    """Whether Python itself tells of the change, such as ``is not "a"``."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(source, "mutant", "exec")
        except SyntaxError:  # what a SyntaxWarning becomes
            return True
    return False


def _write(file: Path, text: str, n: int) -> None:
    """Write a module with a time of its own, so that no cached bytecode passes for it."""
    file.write_text(text, "utf-8")
    moment = time.time() + 10 * n
    os.utime(file, (moment, moment))


def _passes(copy: Path, tests: tuple[str, ...]) -> bool:
    code = _run(copy, tests)
    if code not in (0, 1, 2) and code > 0:  # passed, failed, not even importable; killed: below 0
        raise SystemExit(f"pytest ended with {code}:\n{(copy / 'log.txt').read_text()[-3000:]}")
    return code == 0


def _run(copy: Path, tests: tuple[str, ...]) -> int:
    child = os.fork()
    if child == 0:
        code = _BROKEN
        try:
            code = _in_child(copy, tests)
        except BaseException:  # noqa: BLE001 - the boundary of this process
            traceback.print_exc()
        finally:  # nothing of the parent's is to be cleaned up here
            os._exit(code)
    deadline = time.monotonic() + _WALL_S
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            os.killpg(child, 9)
        time.sleep(0.05)


def _in_child(copy: Path, tests: tuple[str, ...]) -> int:
    import pytest

    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S + 5))
    log = os.open(copy / "log.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for name in [n for n in sys.modules if n.split(".")[0] in ("tests", PACKAGE)]:
        del sys.modules[name]
    sys.path[:] = [str(copy), *(p for p in sys.path if Path(p or ".").resolve() != ROOT)]
    os.environ["PYTHONPATH"] = str(copy)
    os.chdir(copy)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # some were preloaded, and would complain
    plugins = [word for name in _PLUGINS for word in ("-p", name)]
    options = ["-x", "-q", "-p", "no:cacheprovider", "--timeout=120"]
    return int(pytest.main([*plugins, *options, *tests]))


def _copy(folder: Path) -> Path:
    copy = folder / "copy"
    left_out = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in (PACKAGE, "tests", "docs", "notebooks"):  # tests read what is promised as well
        shutil.copytree(ROOT / name, copy / name, ignore=left_out)
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copyfile(ROOT / name, copy / name)
    return copy


def try_all(mutants: list[Mutant], results: Path, seconds: float) -> None:
    """Try what is not in the results yet, until the time is over."""
    known = {row["id"] for row in read(results)}
    left = [mutant for mutant in mutants if mutant.id not in known]
    sound = {row["tests"][-1] for row in read(results)}
    end = time.monotonic() + seconds
    for name in _PRELOADED:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KeyboardInterrupt):
        copy = _copy(Path(folder))
        for n, mutant in enumerate(itertools.takewhile(lambda _: time.monotonic() < end, left)):
            began = time.monotonic()
            if mutant.tests[-1] not in sound and not _passes(copy, mutant.tests):
                log = (copy / "log.txt").read_text("utf-8")[-3000:]
                raise SystemExit(f"{mutant.tests} fail as they are:\n{log}")
            sound.add(mutant.tests[-1])
            survived = survives(mutant, copy, n)
            word = {True: "survived", False: "caught", None: "none"}[survived]
            row = {"id": mutant.id, "outcome": word, "s": round(time.monotonic() - began)}
            if survived is False:
                row["by"] = _noticed(copy / "log.txt")
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row | asdict(mutant)) + "\n")
            print(f"{word:8} {row['s']:4} s  {mutant.id}", flush=True)


def _noticed(log: Path) -> str:
    """The test that failed, and its error's first line."""
    lines = log.read_text("utf-8", "replace").splitlines()
    found = [line for line in lines if line.startswith(("FAILED", "ERROR", "E  "))]
    return " | ".join(dict.fromkeys([*found[-1:], *found[:1]]))[:300]


def read(results: Path) -> list[dict[str, str]]:
    """Read the rows of a results file; none where there is no such file."""
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text("utf-8").splitlines()]


def report(mutants: list[Mutant], results: Path) -> None:
    """Print the survivors and the score."""
    outcomes = {row["id"]: row["outcome"] for row in read(results)}
    counted = [outcomes[m.id] for m in mutants if outcomes.get(m.id) in ("caught", "survived")]
    for mutant in mutants:
        if outcomes.get(mutant.id) == "survived":
            line = (ROOT / mutant.file).read_text("utf-8").splitlines()[mutant.line - 1].strip()
            print(f"survived: {mutant.file}:{mutant.line} {mutant.operator[5:]}: {line}")
    if counted:
        caught = counted.count("caught")
        print(f"{caught} of {len(counted)} caught ({caught / len(counted):.0%})")


def main() -> None:
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--sample", type=int, default=100)
    words.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    words.add_argument("--only", default="", help="only files with this in their path")
    words.add_argument("--results", type=Path, default=Path("mutants.jsonl"))
    given = words.parse_args()
    mutants = draw(given.seed, given.sample, given.only)
    try_all(mutants, given.results, given.seconds)
    report(mutants, given.results)


if __name__ == "__main__":
    main()
