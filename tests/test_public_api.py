"""The public face: named, sorted, lazy, and real."""

import subprocess
import sys
from pathlib import Path

import pytest

import videogen_nb


def test_all_is_sorted_and_complete():
    assert videogen_nb.__all__ == sorted(videogen_nb.__all__)
    assert set(videogen_nb.__all__) == {*videogen_nb._HOMES, "__version__"}


@pytest.mark.parametrize("name", videogen_nb.__all__)
def test_every_public_name_can_be_had_and_says_what_it_is(name):
    value = getattr(videogen_nb, name)
    assert name == "__version__" or (value.__doc__ or "").strip()


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = videogen_nb.nothing


def test_importing_loads_nothing_heavy():
    heavy = {"av", "cv2", "numpy", "PIL", "fastapi", "uvicorn", "pydantic", "ipywidgets", "httpx"}
    code = "import sys, videogen_nb; print(*sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not heavy & set(out.stdout.split())


def test_no_public_function_hides_behind_a_module_of_its_name():
    """Importing ``videogen_nb.x`` would put the module in the place of the function ``x``."""
    modules = {path.stem for path in Path(videogen_nb.__file__).parent.iterdir()}
    assert not modules & set(videogen_nb.__all__)
