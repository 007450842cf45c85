"""The notebooks keep the form in which readers find them; nbval runs them (see notebooks/)."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
ENGLISH = sorted(NOTEBOOKS.glob("*.ipynb"))
CHINESE = sorted((NOTEBOOKS / "zh").glob("*.ipynb"))
EACH = pytest.mark.parametrize(
    "path", [*ENGLISH, *CHINESE], ids=lambda p: str(p.relative_to(NOTEBOOKS))
)
#: A class or a function written to a file, or a loop shown whole, may be longer than other cells.
LONG_CELLS = {
    "01_image_to_video_local": 12,
    "05_behind_the_scenes": 12,
    "06_write_your_own_engine": 40,
    "07_real_generators": 20,
}
HAN = re.compile(r"[\u4e00-\u9fff]")


def read(path: Path) -> nbformat.NotebookNode:
    notebook: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def code(path: Path) -> list[str]:
    return code_with(read(path))


def test_each_notebook_has_both_languages():
    assert [p.name for p in ENGLISH] == [p.name for p in CHINESE]
    assert len(ENGLISH) >= 5


@pytest.mark.parametrize("path", ENGLISH, ids=lambda p: p.stem)
def test_the_code_is_the_same_in_both_languages(path):
    chinese = code(NOTEBOOKS / "zh" / path.name)
    assert [structure(c) for c in code(path)] == [structure(c) for c in chinese]


@pytest.mark.parametrize("path", ENGLISH, ids=lambda p: p.stem)
def test_english_notebooks_are_english(path):
    """But for the original prompts, which may stand in a comment, and an engine's two titles."""
    for cell in read(path).cells:
        if cell.cell_type == "code":
            told = "".join(str(o.get("text", "")) + str(o.get("data", "")) for o in cell.outputs)
            assert not HAN.search(told), told
            lines = [line.partition("#")[0] for line in cell.source.splitlines()]
            assert not [one for one in lines if HAN.search(one) and "Text(" not in one]
        else:
            assert not HAN.search(cell.source), cell.source


@pytest.mark.parametrize("path", CHINESE, ids=lambda p: p.stem)
def test_chinese_notebooks_have_chinese_prompts_and_comments(path):
    for source in code(path):
        for text in (
            *re.findall(r"^PROMPT = (.*)", source, re.MULTILINE),
            *re.findall(r"prompt\.value = (\".*)", source),
            *re.findall(r"  # (.*)", source),
        ):
            assert HAN.search(text), text


@EACH
def test_markdown_is_drawn_as_it_is_meant(path):
    """Markdown takes no ``**`` between a full stop and a letter, and makes line breaks spaces."""
    for cell in read(path).cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)
            assert not re.search(r"\*\*[^*\n]+[^\w\s`*]\*\*\w", text)
            assert not re.search(r"[\u3000-\u9fff\uff00-\uffef]\n[\u4e00-\u9fff]", text)


@EACH
def test_diagrams_bring_their_colours_and_are_narrow(path):
    """JupyterLab draws a diagram once: it is read after a change of theme, and at 400 px."""
    for cell in read(path).cells:
        for diagram in re.findall(r"```mermaid\n(.*?)```", cell.source, re.DOTALL):
            assert diagram.startswith('%%{init: {"theme": "base", ')
            assert "LR" not in diagram


@EACH
def test_papermill_can_set_the_prompt(path):
    """``papermill -p PROMPT …``: its cell comes after the defaults and before they are used."""
    sources = code_with(
        parameterize_notebook(load_notebook_node(str(path)), {"PROMPT": "northern lights"})
    )
    given = sources.index('# Parameters\nPROMPT = "northern lights"\n')
    assert re.search(r"^PROMPT = ", sources[given - 1], re.MULTILINE)
    assert not any("PROMPT" in source for source in sources[: given - 1])
    assert any("PROMPT" in source for source in sources[given + 1 :])


def code_with(notebook: nbformat.NotebookNode) -> list[str]:
    return [c.source for c in notebook.cells if c.cell_type == "code"]


def test_learners_see_notebooks_and_the_sample_image_only():
    tracked = {p.name for p in NOTEBOOKS.iterdir() if not p.name.startswith((".", "_"))}
    assert tracked - {"videos"} == {p.name for p in ENGLISH} | {"zh", "lake.jpg"}


def structure(source: str) -> str:
    """A cell's code without its comments and without what its strings say."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        elif isinstance(node, ast.JoinedStr):
            values = [v for v in node.values if isinstance(v, ast.FormattedValue)]
            node.values = sorted(values, key=ast.dump)  # word order differs
    return ast.unparse(tree)


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
def test_a_video_that_a_reader_does_not_have_is_a_poster_that_says_how_to_play_it(path):
    pages = [
        output.data["text/html"]
        for cell in read(path).cells
        for output in cell.get("outputs", [])
        if "videogen-receipt" in output.get("data", {}).get("text/html", "")
    ]
    run = "运行此单元格即可播放。" if path.parent.name == "zh" else "Run this cell to play it."
    for page in pages:
        assert "<video" not in page
        assert re.search(rf'<img src="data:image/jpeg[^>]*><div>{run}</div>', page)


@EACH
def test_links_between_notebooks_lead_somewhere(path):
    texts = "\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")
    for link in re.findall(r"\]\(([^)#:]+)\)", texts):
        assert (path.parent / link).exists(), link
        assert (path.parent / link).resolve().is_relative_to(NOTEBOOKS.parent)  # the lab's root
