"""A tiny pipeline on the disk, made once; skipped where the extra is not installed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from videogen_nb.engines.diffusers.engine import PACKAGES

LACKED = [name for name in PACKAGES if find_spec(name) is None]


@pytest.fixture(scope="session")
def tiny_ltx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of another family."""
    if LACKED:
        pytest.skip(f"not installed: {', '.join(LACKED)} (pip install -e '.[diffusers]')")
    from .tiny import save_tiny_ltx

    return save_tiny_ltx(tmp_path_factory.mktemp("models") / "tiny-ltx")


@pytest.fixture(scope="session")
def tiny_ltx2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of one that makes sound."""
    if LACKED:
        pytest.skip(f"not installed: {', '.join(LACKED)} (pip install -e '.[diffusers]')")
    from .tiny import save_tiny_ltx2

    return save_tiny_ltx2(tmp_path_factory.mktemp("models") / "tiny-ltx2")


@pytest.fixture(scope="session")
def tiny_wan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a pipeline of random weights."""
    if LACKED:
        pytest.skip(f"not installed: {', '.join(LACKED)} (pip install -e '.[diffusers]')")
    from .tiny import save_tiny_wan

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # of workers too: tests run side by side
        yield save_tiny_wan(tmp_path_factory.mktemp("models") / "tiny-wan")
