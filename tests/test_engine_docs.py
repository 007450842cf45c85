"""The engines' pages are true: links lead somewhere, settings and variables are the real ones."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from videogen_nb.engines.instances import _KINDS, Instance, read_instances
from videogen_nb.engines.registry import engine_names
from videogen_nb.engines.rest.table_files import table_files

FOLDER = Path(__file__).parents[1] / "docs" / "engines"
PAGES = sorted(FOLDER.glob("*.md"))
KINDS = [*engine_names(), *table_files(None)]
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def test_every_engine_and_provider_has_its_page():
    overview = (FOLDER / "README.md").read_text("utf-8")
    for name in KINDS:
        assert f"`{name}`" in overview, name
        assert name == "sketch" or (FOLDER / f"{name}.md").exists(), name


def test_every_setting_is_explained():
    overview = (FOLDER / "README.md").read_text("utf-8")
    for setting in _KINDS:
        assert re.search(rf"^\| .*`{setting}`", overview, re.MULTILINE), setting


@EACH
def test_links_lead_somewhere(page: Path):
    for link in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link


@EACH
def test_the_settings_shown_are_read(page: Path, tmp_path: Path):
    for text in blocks(page, "toml"):
        if "[project." in text:
            continue
        (tmp_path / "engines.toml").write_text(text, "utf-8")
        found = read_instances(tmp_path, KINDS, {})
        assert set(tomllib.loads(text)) <= found.keys()
        for name, instance in found.items():
            assert isinstance(instance, Instance), (name, instance)


@EACH
def test_the_variables_shown_are_read(page: Path, tmp_path: Path):
    for name, value in re.findall(r"export (VIDEOGEN_ENGINE_\w+)=(\S+)", page.read_text("utf-8")):
        plain = read_instances(tmp_path, KINDS, {})
        assert read_instances(tmp_path, KINDS, {name: value}) != plain, name


@EACH
def test_the_code_shown_is_python(page: Path):
    for text in blocks(page, "python"):
        body = "\n".join(f"    {line}" for line in text.splitlines())
        compile(f"async def cell():\n{body}\n", str(page), "exec")
