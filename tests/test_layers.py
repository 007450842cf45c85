"""Imports point down, layer by layer; no module is part of a cycle; docs/design.md has the table.

python -m tests.test_layers        # prints the table of docs/design.md
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "videogen_nb"
MAX_MODULES = 14  # in one folder, its ``__init__`` not counted
MAX_SKETCH_LINES = 9_500  # of the built-in engine: what is added there replaces something
TOO_FULL: set[str] = set()  # being taken apart

#: From the bottom up. A unit is a module or a folder with all that is below it, except where a
#: longer name stands elsewhere. A unit imports only units of layers below its own.
LAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("text in and out", ("text",)),
    ("secrets", ("security",)),
    ("version, languages", ("_version", "i18n")),
    ("wire models, durations", ("protocol.models", "durations")),
    ("errors", ("errors",)),
    ("settings, wire protocol, network", ("settings", "protocol", "network")),
    ("people", ("people",)),
    ("videos and images as files", ("media",)),
    ("what every engine is made of", (
        "engines.base", "engines.keys", "engines.prices", "engines.authentication",
        "engines.result_addresses",
    )),
    ("an engine's settings, calling providers", (
        "engines.instances", "engines.http_client", "engines.upstream_images", "engines.sizes",
        "engines.rendering",
    )),
    ("pools of engines", ("engines.pool",)),
    ("finding engines", ("engines.registry",)),
    ("providers' errors", ("engines.error_codes",)),
    ("engines that call a server", ("engines", "engines.remote")),
    ("engines", (
        "engines.sketch", "engines.diffusers", "engines.ark", "engines.openai", "engines.gateway",
        "engines.comfy", "engines.rest",
    )),
    ("the client; the local gateway", ("client", "local", "testing")),
    ("gateway: requests, refusals, threads", (
        "gateway.requester", "gateway.refusals", "gateway.threads",
    )),
    ("gateway: limits", ("gateway.limits", "gateway")),
    ("gateway: connections to user-given addresses", ("gateway.outgoing",)),
    ("gateway: storage", ("gateway.storage",)),
    ("gateway: worker processes", ("gateway.workers",)),
    ("gateway: files", ("gateway.files",)),
    ("gateway: webhooks", ("gateway.notify",)),
    ("gateway: jobs", ("gateway.jobs",)),
    ("gateway: service", ("gateway.service",)),
    ("gateway: HTTP", ("gateway.http",)),
    ("gateway: server", ("gateway.server",)),
    ("gateway: process", ("gateway.__main__",)),
    ("blocking calls", ("blocking",)),
    ("storyboards", ("storyboard",)),
    ("panels, terminal, exercises", ("panels", "cli", "teaching")),
    ("magics", ("magic",)),
    ("the public names", ("", "__main__")),
)  # fmt: skip
CLIENT_SIDE = {"client", "blocking", "storyboard", "panels", "magic"}


@cache
def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(module: str) -> frozenset[str]:
    """The modules of the package that a module imports, inside functions and for types as well."""
    path = modules()[module]
    package = [] if module == "" else module.split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= set(_targets(node, package))
    return frozenset(found - {module})


def _targets(node: ast.ImportFrom, package: list[str]) -> Iterator[str]:
    if node.level:
        base = package[: len(package) - node.level + 1]
    elif (node.module or "").split(".")[0] == "videogen_nb":
        base = []
    else:
        return
    words = (node.module or "").removeprefix("videogen_nb").split(".") if node.module else []
    base = [*base, *(word for word in words if word)]
    for name in node.names:
        inner = ".".join([*base, name.name])
        yield inner if inner in modules() else ".".join(base)


def unit_of(module: str) -> str:
    """The longest unit that the module belongs to."""
    units = [unit for _, names in LAYERS for unit in names]
    fitting = [u for u in units if module == u or (u and module.startswith(f"{u}."))]
    assert fitting, f"{module} belongs to no layer: add it to LAYERS in {Path(__file__).name}"
    return max(fitting, key=len)


def layer_of(unit: str) -> int:
    return next(i for i, (_, names) in enumerate(LAYERS) if unit in names)


@pytest.mark.parametrize("module", modules())
def test_imports_point_down(module):
    own = unit_of(module)
    for other in imports(module):
        unit = unit_of(other)
        if unit != own:
            assert layer_of(unit) < layer_of(own), f"{module} imports {other}, which is above it"


@pytest.mark.parametrize("module", modules())
def test_client_and_panels_never_import_the_gateway_nor_the_reverse(module):
    used = {other.split(".")[0] for other in imports(module)}
    if module.split(".")[0] in CLIENT_SIDE:
        assert "gateway" not in used
    if module.split(".")[0] == "gateway":
        assert not used & CLIENT_SIDE


def test_no_module_is_part_of_a_cycle():
    """Also not by an import inside a function or for types only."""
    rest = {module: set(imports(module)) for module in modules()}
    while free := {module for module, needs in rest.items() if not needs & rest.keys()}:
        rest = {module: needs for module, needs in rest.items() if module not in free}
    assert not rest, f"among these: {sorted(rest)}"


@pytest.mark.parametrize("folder", sorted({path.parent for path in modules().values()}), ids=str)
def test_no_folder_holds_more_than_one_subject(folder):
    count = sum(path.name != "__init__.py" for path in folder.glob("*.py"))
    assert count <= MAX_MODULES or folder.name in TOO_FULL, f"{folder.name} holds {count} modules"


def test_the_sketch_engine_stays_small():
    files = (PACKAGE / "engines" / "sketch").rglob("*.py")
    lines = sum(path.read_bytes().count(b"\n") for path in files)
    assert lines <= MAX_SKETCH_LINES, f"{lines} lines: share layers, or take something out"


def table() -> str:
    """The layers as a Markdown table, the top one first."""
    rows = ["| layer | modules and folders |", "|---|---|"]
    for title, names in reversed(LAYERS):
        shown = " ".join(f"`{name}`" for name in names if name)
        rows.append(f"| {title} | {shown} |")
    return "\n".join(rows)


def test_the_table_in_the_docs_is_this_one():
    text = (ROOT / "docs" / "design.md").read_text("utf-8")
    assert table() in text, f"docs/design.md needs this table:\n\n{table()}"


if __name__ == "__main__":
    print(table())
