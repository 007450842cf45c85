"""Change one operator or constant of the core at a time, and see whether a test notices.

    python -m tests.hardening.mutants --seed 1 --sample 100 [--seconds 240] [--results FILE]

Draws a sample of mutants, the same one for a seed, and runs for each the tests of its part that
execute the changed line, fastest first, in a copy of the repository; where none was seen to execute
it, all tests of the part. What was tried stands in the results file, a line a mutant, so that an
interrupted or time-limited run goes on where it stopped. Prints the survivors and the score.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from .child import copy_of_repository, log_of, passes, preload
from .draw import Mutant, draw
from .executed import Chosen, Index
from .parts import ROOT

_LEAST_S = 60  # a mutant whose tests compute for so much longer than usual runs for ever


def try_all(mutants: list[Mutant], results: Path, seconds: float, again: bool) -> None:
    """Try what is not in the results yet, until the time is over."""
    known = {i for i, row in read(results).items() if not (again and row["outcome"] == "survived")}
    left = [mutant for mutant in mutants if mutant.id not in known]
    end = time.monotonic() + seconds
    preload()
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(KeyboardInterrupt):
        copy = copy_of_repository(Path(folder))
        index = Index(results.with_suffix(".executed"), copy)
        for n, mutant in enumerate(itertools.takewhile(lambda _: time.monotonic() < end, left)):
            row = _try(mutant, copy, index, n)
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row | asdict(mutant)) + "\n")
            print(f"{row['outcome']:8} {row['s']:4} s {row['tests']:5}  {mutant.id}", flush=True)


def _try(mutant: Mutant, copy: Path, index: Index, n: int) -> dict[str, object]:
    """Run the tests against a mutant; return what its line in the results says."""
    after = mutant.source()
    if after is None:
        return {"id": mutant.id, "outcome": "none", "s": 0, "tests": 0}
    tests, usual = index.tests_of(mutant)
    file, began = copy / mutant.file, time.monotonic()
    before = file.read_text("utf-8")
    _write(file, after, 2 * n)
    try:
        files = sorted({test.split("::")[0] for test in tests})
        survived = passes(copy, files, lambda: Chosen(tests), _LEAST_S + 3 * usual)
    finally:
        _write(file, before, 2 * n + 1)
    row: dict[str, object] = {
        "id": mutant.id,
        "outcome": "survived" if survived else "caught",
        "s": round(time.monotonic() - began),
        "tests": len(tests),
    }
    return row if survived else row | {"by": _noticed(log_of(copy))}


def _write(file: Path, text: str, n: int) -> None:
    """Write a module with a time of its own, so that no cached bytecode passes for it."""
    file.write_text(text, "utf-8")
    moment = time.time() + 10 * n
    os.utime(file, (moment, moment))


def _noticed(log: str) -> str:
    """The test that failed, and its error's first line."""
    found = [line for line in log.splitlines() if line.startswith(("FAILED", "ERROR", "E  "))]
    return " | ".join(dict.fromkeys([*found[-1:], *found[:1]]))[:300]


def read(results: Path) -> dict[str, dict[str, str]]:
    """Read a results file: the last row of each mutant; none where there is no such file."""
    lines = results.read_text("utf-8").splitlines() if results.exists() else []
    return {row["id"]: row for row in map(json.loads, lines)}


def report(mutants: list[Mutant], results: Path) -> None:
    """Print the survivors and the score."""
    outcomes = {i: row["outcome"] for i, row in read(results).items()}
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
    words.add_argument("--again", action="store_true", help="try the survivors again")
    words.add_argument("--results", type=Path, default=Path("mutants.jsonl"))
    given = words.parse_args()
    mutants = draw(given.seed, given.sample, given.only)
    try_all(mutants, given.results, given.seconds, given.again)
    report(mutants, given.results)


if __name__ == "__main__":
    main()
