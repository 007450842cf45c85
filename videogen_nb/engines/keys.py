"""API keys: from the environment, or else from a file that only its owner can read.

They are read at each call and sent with the request; they are stored nowhere else.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..errors import BadParameter, EngineError
from ..i18n import Text
from ..security.private_files import is_private, private_folder
from ..security.redaction import clean
from ..text.encoding import read_config

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_KEY: Final = re.compile(r"[!-~]{1,4096}")


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of one data folder's engines; without a folder, only those in the environment."""

    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    def variable(self, name: str) -> str:
        """Return the variable for an engine's key: ``gpu-1`` → ``VIDEOGEN_KEY_GPU_1``."""
        return f"VIDEOGEN_KEY_{name.upper().replace('-', '_')}"

    def path(self, name: str) -> Path:
        """Return the path of an engine's key file, which may not exist."""
        if self.folder is None or not NAME.fullmatch(name):
            raise BadParameter(_NAME(name=name[:60]))
        return self.folder / "keys" / name

    def read(self, name: str, other_variable: str | None = None) -> str | None:
        """Return the key of an engine, or None.

        Args:
            other_variable: another variable that may contain it, such as the provider's own.

        Raises:
            EngineError: it is not a valid key, or others can read its file.
        """
        for variable in (self.variable(name), other_variable):
            if variable and (value := clean(self.environment.get(variable, ""))):
                return _checked(value, variable)
        if self.folder is None:
            return None
        path = self.path(name)
        try:
            if not is_private(path):
                raise EngineError(_OPEN(path=path), code="key_unsafe")
            value = clean(read_config(path))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise EngineError(_UNREADABLE(path=path, why=why), code="key_unreadable") from None
        return _checked(value, str(path))

    def write(self, name: str, key: str) -> Path:
        """Save a key in a file that only its owner can read; return the path.

        Raises:
            BadParameter: it is not a valid key. OSError: the file cannot be written.
        """
        path, key = self.path(name), clean(key)
        if not _KEY.fullmatch(key):
            raise BadParameter(_NO_KEY(where=name), code="bad_key")
        private_folder(path.parent)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(key + "\n")
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        return path

    def remove(self, name: str) -> bool:
        """Delete a saved key; return whether there was one."""
        path = self.path(name)
        there = path.exists()
        path.unlink(missing_ok=True)
        return there


def _checked(value: str, where: str) -> str:
    if not _KEY.fullmatch(value):
        raise EngineError(_NO_KEY(where=where), code="bad_key")
    return value


_NAME = Text(
    "Invalid engine name {name!r}: use lowercase letters, digits and hyphens.",
    "{name!r} 不是有效的引擎名称：仅可使用小写字母、数字和连字符。",
)
_OPEN = Text(
    "the key in {path} can be read by others. Run: chmod 600 {path}",
    "密钥文件 {path} 可被其他用户读取，请运行：chmod 600 {path}",
)
_UNREADABLE = Text("the key in {path} cannot be read ({why})", "无法读取密钥文件 {path}（{why}）")
_NO_KEY = Text(
    "The value in {where} is not a key: keys contain no spaces, line breaks or special "
    "characters. Copy it again.",
    "{where} 中的内容不是有效密钥：密钥不含空格、换行或特殊字符，请重新复制。",
)
