"""Mutation tests change all modules of the core, and know the tests of each."""

import pytest

from .mutants.parts import PACKAGE, PARTS, ROOT, files_of_tests, modules

AREAS = (
    "protocol", "client", "local", "panels",
    *(f"gateway/{name}" for name in ("jobs", "storage", "files", "outgoing")),
)  # fmt: skip


def test_every_module_of_the_core_is_in_one_part_and_no_part_is_empty():
    core = {file for area in AREAS for file in (PACKAGE / area).rglob("*.py")}
    readers = set((PACKAGE / "engines").glob("*/responses.py"))  # of providers' errors
    assert core | readers <= set(modules())
    assert all(file.is_file() for file in modules())
    assert set(modules().values()) == set(PARTS)


@pytest.mark.parametrize("part", PARTS)
def test_the_tests_of_each_part_exist(part):
    files = files_of_tests(part)
    assert files
    assert all((ROOT / file).is_file() for file in files)
    assert len(files) == len(set(files))
