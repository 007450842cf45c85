"""Imports point down only, along the floors of docs/design.md."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "videogen_nb"
FLOORS = {
    "_version": 0,
    "errors": 0,
    "settings": 0,
    "i18n": 0,
    "polling": 0,
    "spans": 0,
    "infofile": 1,
    "claim": 1,
    "neighbour": 2,
    "schemas": 1,
    "images": 1,
    "films": 1,
    "imprint": 1,
    "wire": 2,
    "engines": 2,
    "receipt": 2,
    "film": 3,
    "client": 3,
    "gateway": 3,
    "standin": 3,
    "loop": 4,
    "sync": 4,
    "spawn": 4,
    "revive": 4,
    "local": 4,
    "panels": 5,
    "magic": 5,
    "showing": 5,
    "examples": 5,
    "cli": 5,
    "doctor": 5,
    "__main__": 5,
}


def part_of(module: str) -> str:
    return module.split(".")[0]


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        if parts:
            found[".".join(parts)] = path
    return found


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports(module: str, path: Path) -> set[str]:
    """The parts of the package that a module imports when it runs."""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    found = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text("utf-8"))]
    while waiting:
        node = waiting.pop()
        if is_type_checking(node):
            continue
        waiting.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            target = [*base, *(node.module or "").split(".")] if node.module else base
            names = [".".join(target)] if target else [a.name for a in node.names]
            found |= {part_of(n) for n in names if n}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("videogen_nb."):
            found.add(part_of((node.module or "").removeprefix("videogen_nb.")))
        elif isinstance(node, ast.ImportFrom) and node.module == "videogen_nb":
            found |= {part_of(a.name) for a in node.names}
    return found


@pytest.mark.parametrize("module", modules())
def test_imports_point_down(module):
    own = part_of(module)
    assert own in FLOORS, f"{own} has no floor: add it to docs/design.md and here"
    for other in imports(module, modules()[module]) - {own}:
        assert FLOORS[other] <= FLOORS[own], f"{module} (floor {FLOORS[own]}) imports {other} above"


@pytest.mark.parametrize("module", modules())
def test_client_and_panels_never_import_the_gateway_nor_the_reverse(module):
    client_side = {"client", "film", "loop", "sync", "panels", "magic"}
    used = imports(module, modules()[module])
    if part_of(module) in client_side:
        assert "gateway" not in used
    if part_of(module) == "gateway":
        assert not used & client_side
