"""Finding providers' tables: included ones, and those in a data folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from ...text.encoding import read_config
from ..keys import NAME
from ..registry import TABLES
from .table import BadTable, Problem, Table, read_table

SHIPPED: Final = Path(__file__).parent / "tables"


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider's table by name; ``shipped`` with this package, or the user's own."""

    name: str
    table: Table
    shipped: bool


def table_files(folder: Path | None) -> dict[str, Path]:
    """Return the files of all tables by name; names of included ones are reserved."""
    return dict(_files(folder / TABLES if folder else None)) | dict(_files(SHIPPED))


def load_preset(name: str, path: Path) -> Preset:
    """Load a provider from a file.

    Raises:
        BadTable: it is invalid.
    """
    shipped = path.parent == SHIPPED
    return Preset(name, _shipped(path) if shipped else _read(path), shipped)


@cache
def _shipped(path: Path) -> Table:
    return _read(path)


def _read(path: Path) -> Table:
    try:
        return read_table(read_config(path))
    except (OSError, UnicodeError) as error:
        raise BadTable([Problem(0, str(error)[:200])]) from None


def _files(folder: Path | None) -> Iterator[tuple[str, Path]]:
    if folder is not None and folder.is_dir():
        for path in sorted(folder.glob("*.toml")):
            if NAME.fullmatch(path.stem):
                yield path.stem, path
