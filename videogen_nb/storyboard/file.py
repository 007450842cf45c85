"""The file of a storyboard: its shots and takes as JSON, written atomically."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..errors import BadInput, EditError
from ..i18n import Text
from ..text.console import visible
from ..text.encoding import read_config

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Take:
    """A video of a shot: its task, and the file once it is ready."""

    task: str
    file: str | None = None
    failed: bool = False


def read(path: Path) -> dict[str, Any]:
    """Return the contents of the file; empty if it does not exist.

    Raises:
        BadInput: it is not a storyboard, or from a later version.
    """
    try:
        document = json.loads(read_config(path))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadInput(_UNREADABLE(path=path, why=error)) from error
    if not isinstance(document, dict) or document.get("storyboard") != VERSION:
        raise BadInput(_OTHER(path=path))
    return document


def read_takes(document: Mapping[str, Any]) -> dict[str, Take]:
    """Return the takes of a document by the key of their inputs."""
    return {key: Take(**take) for key, take in document.get("takes", {}).items()}


@contextmanager
def understanding(path: Path) -> Iterator[None]:
    """Convert errors while reading a document that may have been edited by hand.

    Raises:
        BadInput: its contents are invalid.
    """
    try:
        yield
    except (TypeError, ValueError, AttributeError) as error:
        raise BadInput(_UNREADABLE(path=path, why=error)) from error


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file; if this fails, the previous one stays intact.

    Raises:
        EditError: it cannot be written.
    """
    words = visible(json.dumps({"storyboard": VERSION, **document}, ensure_ascii=False, indent=1))
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as file:
            file.write(words + "\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise EditError(_UNWRITABLE(path=path, why=error.strerror or error)) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


_UNREADABLE = Text("Cannot read the storyboard {path} ({why}).", "无法读取分镜 {path}（{why}）。")
_UNWRITABLE = Text("Cannot write the storyboard {path}: {why}.", "无法写入分镜 {path}：{why}。")
_OTHER = Text(
    "{path} is not a storyboard that this version can read. Choose another name.",
    "{path} 不是此版本的分镜文件，请换一个名称。",
)
