"""What a notebook shows of an error of ours, in a real IPython shell."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from videogen_nb import set_language
from videogen_nb.text import ipython

SETUP = "from videogen_nb.client.images.references import check_url"
WRONG = "check_url('lake')"
OURS = "references.py"


@pytest.fixture
def shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[[str], str]]:
    """Runs a cell and gives what it shows."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    shell.run_line_magic("colors", "nocolor")
    monkeypatch.setattr(ipython, "shell", lambda: shell)
    set_language("en")
    shell.run_cell(SETUP).raise_error()

    def run(cell: str) -> str:
        capsys.readouterr()
        shell.run_cell(cell, store_history=True)
        return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)

    yield run
    set_language(None)


def test_an_error_shows_the_cell_and_what_went_wrong_and_tb_shows_the_rest(shown):
    said = shown(WRONG)
    assert "----> 1 check_url('lake')" in said
    assert OURS not in said
    assert re.search(r"\nBadInput: .*lake", said)
    full = shown("%tb")
    assert OURS in full
    assert re.search(r"\nBadInput: .*lake", full)


def test_their_own_functions_are_shown(shown):
    said = shown(f"def mine():\n    {WRONG}\nmine()")
    assert f"----> 2     {WRONG}" in said
    assert "----> 3 mine()" in said
    assert OURS not in said


def test_raised_again_elsewhere_it_is_as_short(shown):
    shown(f"try:\n    {WRONG}\nexcept Exception as error:\n    kept = error")
    assert OURS not in shown("raise kept")
    assert OURS not in shown("raise kept")


def test_while_they_handle_another_error_both_are_shown(shown):
    said = shown(f"try:\n    1 / 0\nexcept ZeroDivisionError:\n    {WRONG}")
    assert "ZeroDivisionError: division by zero" in said
    assert OURS in said


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(f"try:\n    {WRONG}\nexcept Exception:\n    {WRONG}", id="ours-after-ours"),
        pytest.param(f"%xmode Verbose\n{WRONG}", id="asked-for"),
    ],
)
def test_the_whole_traceback_is_shown(shown, cell):
    assert OURS in shown(cell)


def test_an_error_of_ours_raised_by_them_is_theirs(shown):
    said = shown("from videogen_nb.errors import BadInput\nraise BadInput('no')")
    assert "----> 2 raise BadInput('no')" in said
    assert said.rstrip().endswith("BadInput: no")


def test_what_was_shown_can_still_be_pickled(shown):
    shown(f"try:\n    {WRONG}\nexcept Exception as error:\n    kept = error\n    raise")
    shell: Any = ipython.shell()
    kept = shell.user_ns["kept"]
    assert "_rendered" in vars(kept)
    assert str(pickle.loads(pickle.dumps(kept))) == str(kept)
