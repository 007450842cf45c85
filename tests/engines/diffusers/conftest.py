"""A tiny pipeline on the disk, made once; skipped where the extra is not installed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.engines.diffusers.engine import PACKAGES

LACKED = [name for name in PACKAGES if find_spec(name) is None]


def _tiny() -> Any:
    """Import what makes the pipelines; what the libraries warn of meanwhile is theirs."""
    if LACKED:
        pytest.skip(f"not installed: {', '.join(LACKED)} (pip install -e '.[diffusers]')")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return import_module(f"{__package__}.tiny")


@pytest.fixture(scope="session")
def tiny_ltx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of another family."""
    made = _tiny()
    return Path(made.save_tiny_ltx(tmp_path_factory.mktemp("models") / "tiny-ltx"))


@pytest.fixture(scope="session")
def tiny_ltx2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of one that makes sound."""
    made = _tiny()
    return Path(made.save_tiny_ltx2(tmp_path_factory.mktemp("models") / "tiny-ltx2"))


@pytest.fixture(scope="session")
def tiny_wan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a pipeline of random weights."""
    made = _tiny()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")  # of workers too: tests run side by side
        yield Path(made.save_tiny_wan(tmp_path_factory.mktemp("models") / "tiny-wan"))


@pytest.fixture(scope="session")
def tiny_lora(tiny_wan: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA for the tiny Wan."""
    made = _tiny()
    return Path(made.save_tiny_lora(tiny_wan, tmp_path_factory.mktemp("loras") / "ink.safetensors"))


@pytest.fixture(scope="session")
def tiny_gguf(tiny_wan: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another transformer for the tiny Wan, in one file."""
    made = _tiny()
    return Path(made.save_tiny_gguf(tiny_wan, tmp_path_factory.mktemp("ggufs") / "tiny-Q8_0.gguf"))
