"""The providers' pages say what their tables say."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import pages, test_sdks


@pytest.mark.parametrize("path", pages.files(), ids=lambda path: path.name)
def test_a_page_is_the_one_that_its_table_makes(path: Path):
    assert path.read_text("utf-8") == pages.files()[path], "run: python -m tests.engines.rest.pages"


def test_what_is_said_to_be_shown_by_an_sdk_is():
    assert pages.SDKS == test_sdks.DRIVEN
