"""The providers' pages say what their tables say."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from tests.upstreams.rest import PROVIDERS
from videogen_nb.engines.instances import Instance, read_instances

from . import pages, test_sdks
from .conftest import FILES, NAMES, engine_on


@pytest.mark.parametrize("path", pages.files(), ids=lambda path: path.name)
def test_a_page_is_the_one_that_its_table_makes(path: Path):
    assert path.read_text("utf-8") == pages.files()[path], "run: python -m tests.engines.rest.pages"


def test_what_is_said_to_be_shown_by_an_sdk_is():
    assert pages.SDKS == test_sdks.DRIVEN


@pytest.mark.parametrize("name", NAMES)
def test_who_copies_a_page_line_by_line_can_stay_within_its_budget(name: str, tmp_path: Path):
    """A budget refuses what cannot be counted in advance: a price per second needs a duration."""
    page = (pages.FOLDER / f"{name}.md").read_text("utf-8")
    settings = re.search(rf"```toml\n(\[{name}\].*?)```", page, re.DOTALL)
    assert settings is not None
    (tmp_path / "engines.toml").write_text(settings[1], "utf-8")
    instance = read_instances(tmp_path, FILES, {})[name]
    assert isinstance(instance, Instance)
    priced: Any = {"price": instance.price, "budget": instance.budget}
    engine = engine_on(name, PROVIDERS[name](), **priced)
    calls = re.findall(r"await videos\.generate\((.*)\)", page)
    assert calls
    for call in calls:
        parsed = ast.parse(f"f({call})", mode="eval").body
        assert isinstance(parsed, ast.Call)
        given = {one.arg: ast.literal_eval(one.value) for one in parsed.keywords if one.arg}
        requested = {n: v for n, v in given.items() if n not in ("engine", "image")}
        assert engine.expected_cost(engine.plan("boat", requested, ())) is not None, call
