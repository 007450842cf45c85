"""``check`` says what an answer lacks; every solution that stands in a notebook passes."""

import ast
import asyncio
import inspect
import re
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import CodeType
from typing import Any

import nbformat
import pytest

from videogen_nb.i18n import Text, set_language
from videogen_nb.local.discovery import find_gateway, stop_gateway
from videogen_nb.settings import Settings
from videogen_nb.teaching import Feedback, check
from videogen_nb.teaching.exercises import EXERCISES

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
LANGUAGES = {"en": NOTEBOOKS, "zh": NOTEBOOKS / "zh"}
_SOLUTION = re.compile(r"<details>.*?```python\n(.*?)\n```", re.DOTALL)


def notebook(number: str, language: str) -> nbformat.NotebookNode:
    (path,) = LANGUAGES[language].glob(f"{number}_*.ipynb")
    found: nbformat.NotebookNode = nbformat.read(path, as_version=4)
    return found


def exercises(number: str, language: str) -> list[tuple[str, str]]:
    """(solution, call of check) of each exercise of a notebook."""
    found, call = [], ""
    for cell in notebook(number, language).cells:
        if "exercise" in cell.metadata.get("tags", []):
            call = cell.source.splitlines()[-1]
        elif solution := _SOLUTION.search(cell.source):
            found.append((solution[1], call))
    return found


def setting(number: str, language: str) -> list[str]:
    """The cells that an exercise may need: all before it that show no panel."""
    cells = []
    for cell in notebook(number, language).cells:
        if "exercise" in cell.metadata.get("tags", []):
            break
        if cell.cell_type == "code" and "tudio" not in cell.source.partition("import")[0]:
            cells.append(cell.source)
    return cells


async def run(source: str, names: dict[str, Any]) -> Any:
    """Run a cell as IPython does: ``await`` at the top, the last expression's value given back."""
    tree = ast.parse(source)
    if isinstance(tree.body[-1], ast.Expr):
        tree.body[-1] = ast.Assign([ast.Name("_", ast.Store())], tree.body[-1].value)
        ast.fix_missing_locations(tree)
    code: CodeType = compile(tree, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if inspect.iscoroutine(running := eval(code, names)):
        await running
    return names.get("_")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_notebook_has_two_exercises_and_each_has_a_solution(language):
    listed = [call for n in range(1, 6) for _, call in exercises(f"{n:02}", language)]
    assert [re.findall(r'"(.*?)"', call)[0] for call in listed] == list(EXERCISES)


@pytest.fixture(autouse=True)
def language_of_its_own() -> Iterator[None]:
    """The notebooks choose a language for the whole process."""
    yield
    set_language(None)


@pytest.fixture
def gateway_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VIDEOGEN_IDLE_MINUTES", "0.5")
    yield
    if address := find_gateway(Settings.from_environment()):
        stop_gateway(address, force=True)


NEEDED = {
    "01": ("IMAGE =", "again ="),
    "02": ("URL", "web ="),
    "03": ("PROMPT =",),
    "04": ("PROMPT =", "result ="),
    "05": ("PROMPT =", "older =", "web =", "older.resume()", "client ="),
}


@pytest.mark.parametrize("number", NEEDED)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_solutions_pass(number, language, gateway_of_its_own, monkeypatch):
    monkeypatch.chdir(LANGUAGES[language])
    monkeypatch.setenv("VIDEOGEN_LANG", language)
    names: dict[str, Any] = {}
    cells = setting(number, language)
    for source in (cells[0], *(c for c in cells[1:] if any(n in c for n in NEEDED[number]))):
        await run(source, names)
    try:
        for solution, call in exercises(number, language):
            await run(solution, names)
            feedback = await run(call, names)
            assert feedback.solved, feedback
            assert feedback.score == 1
    finally:
        if web := names.get("web"):
            web.close()
        if running := names.get("running"):
            await names["client"].aclose()
            running.close()


def test_dots_are_no_answer():
    feedback = check("03.2", ...)
    assert not feedback.solved
    assert feedback.score == 0
    assert "three dots" in repr(feedback)
    assert "1 second long" in repr(feedback)


def test_a_made_up_ticket_is_none():
    assert not check("04.1", "123-456").solved
    assert check("04.1", "12345678901234567-9876543210987654").solved


async def test_a_forgotten_await_is_named():
    async def generate() -> None:
        raise AssertionError("nobody awaits it")

    assert "“await”" in repr(check("01.1", generate()))
    assert "“await”" in repr(check("04.2", Future())), "what videos.wait gives"
    together = asyncio.gather(asyncio.sleep(0))
    assert "“await”" in repr(check("03.1", together)), "what gather gives"
    await together


def test_what_is_missing_is_told_and_the_rest_counts():
    feedback = check("05.1", 40)
    assert [met for met, _ in feedback.lines] == [True, False]
    assert feedback.score == 0.5
    assert repr(feedback).splitlines()[1:] == [
        "✓ It is the number of requests.",
        "○ There are at most 20.",
    ]


def test_an_answer_of_another_kind_meets_nothing_and_breaks_nothing():
    for name, requirements in EXERCISES.items():
        takes = 2 if name == "01.2" else 1
        feedback = check(name, *(["nonsense"] * takes))
        assert not feedback.solved
        assert len(feedback.lines) == len(requirements)


def test_it_speaks_chinese(monkeypatch):
    monkeypatch.setenv("VIDEOGEN_LANG", "zh")
    assert repr(check("05.1", 3)).splitlines()[0] == "练习 05.1：完成"


def test_the_page_shows_words_as_words():
    feedback = Feedback("<b>", ((False, Text.same("<script>")),))
    assert "<script>" not in feedback._repr_html_()
    assert "&lt;script&gt;" in feedback._repr_html_()


def test_an_unknown_exercise_lists_the_known():
    with pytest.raises(ValueError, match=r"01\.1"):
        check("9.9", 1)
