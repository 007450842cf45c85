"""Draw a sample of mutants (cosmic-ray's operators), the same one for a seed."""

from __future__ import annotations

import ast
import random
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from .parts import ROOT, modules

#: Operators whose mutants nobody could tell from the code as it is, or that need arguments.
_LEFT_OUT = {
    "core/RemoveDecorator", "core/VariableReplacer", "core/VariableInserter",
    *(f"core/ReplaceComparisonOperator_{a}_{b}" for a, b in (
        ("Is", "Eq"), ("Eq", "Is"), ("IsNot", "NotEq"), ("NotEq", "IsNot"))),
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the ``occurrence``-th place in ``file`` where ``operator`` can be applied."""

    file: str
    line: int
    operator: str
    occurrence: int
    part: str

    @property
    def id(self) -> str:
        return f"{self.file}:{self.line}:{self.operator}:{self.occurrence}"

    def source(self) -> str | None:
        """Return the changed module; None where the change is no program or has no effect."""
        before = (ROOT / self.file).read_text("utf-8")
        try:
            after = mutate_code(before, get_operator(self.operator)(), self.occurrence)
        except AttributeError:  # cosmic-ray cannot replace exceptions such as "httpx.HTTPError"
            return None
        if after is None or not _is_another_program(after, before) or _warned_of(after):
            return None
        return str(after)


def draw(seed: int, sample: int, only: str) -> list[Mutant]:
    """Draw places evenly from all parts' modules, and one mutant of each; sort them by part."""
    places = [
        place
        for file, part in modules().items()
        if only in str(file)
        for place in _mutants_of(file, part)
    ]
    chance = random.Random(seed)
    chosen = chance.sample(places, min(sample, len(places)))
    return sorted((chance.choice(place) for place in chosen), key=lambda mutant: mutant.part)


def _mutants_of(file: Path, part: str) -> Iterator[list[Mutant]]:
    """Yield all mutants of a module, those of one place together."""
    source = file.read_text("utf-8")
    nodes, unseen = list(ast_nodes(get_ast(source))), _annotations(source)
    places: dict[tuple[int, int], list[Mutant]] = defaultdict(list)
    for name in sorted(set(operator_names()) - _LEFT_OUT):
        operator = get_operator(name)()
        positions = (p for node in nodes for p in operator.mutation_positions(node))
        for occurrence, (start, _) in enumerate(positions):
            if not any(first <= start < last for first, last in unseen):
                path = file.relative_to(ROOT).as_posix()
                places[start].append(Mutant(path, start[0], name, occurrence, part))
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


def _is_another_program(after: str, before: str) -> bool:
    try:
        return ast.dump(ast.parse(after)) != ast.dump(ast.parse(before))
    except SyntaxError:
        return False  # such as an operator in the place of a "/" among parameters


def _warned_of(source: str) -> bool:
    """Whether Python itself tells of the change, such as ``is not "a"``."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            compile(source, "mutant", "exec")
        except SyntaxError:  # what a SyntaxWarning becomes
            return True
    return False
