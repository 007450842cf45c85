"""The notebooks keep the form in which readers find them; nbval runs them (see notebooks/)."""

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
ENGLISH = sorted(NOTEBOOKS.glob("*.ipynb"))
CHINESE = sorted((NOTEBOOKS / "zh").glob("*.ipynb"))
EACH = pytest.mark.parametrize(
    "path", [*ENGLISH, *CHINESE], ids=lambda p: str(p.relative_to(NOTEBOOKS))
)
#: A class or a function written to a file, or a loop shown whole, may be longer than other cells.
LONG_CELLS = {"06_write_your_own_engine": 40}


def read(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def code(path: Path) -> list[str]:
    return [c.source for c in read(path).cells if c.cell_type == "code"]


def test_each_notebook_has_both_languages():
    assert [p.name for p in ENGLISH] == [p.name for p in CHINESE]
    assert len(ENGLISH) >= 5


@pytest.mark.parametrize("path", ENGLISH, ids=lambda p: p.stem)
def test_the_code_is_the_same_in_both_languages(path):
    assert code(path) == code(NOTEBOOKS / "zh" / path.name)


@EACH
def test_it_begins_with_one_title_and_a_promise(path):
    texts = [c.source for c in read(path).cells if c.cell_type == "markdown"]
    titles = [line for t in texts for line in t.splitlines() if line.startswith("# ")]
    assert len(titles) == 1
    assert texts[0].startswith("# ")
    assert len(texts[0].splitlines()) >= 3


@EACH
def test_cells_are_short_and_none_is_empty(path):
    longest = LONG_CELLS.get(path.stem, 9)
    for cell in read(path).cells:
        assert cell.source.strip()
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= longest, cell.source


@EACH
def test_it_is_saved_executed_and_clean(path):
    notebook = read(path)
    assert "widgets" not in notebook.metadata
    assert path.stat().st_size < 400_000
    counts = [c.execution_count for c in notebook.cells if c.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})


@EACH
def test_links_between_notebooks_lead_somewhere(path):
    texts = "\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")
    for link in re.findall(r"\]\(([^)#:]+)\)", texts):
        assert (path.parent / link).exists(), link
