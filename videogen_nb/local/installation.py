"""Detecting that the package was deleted while it is running."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ..i18n import Text

#: The package's folder: a clone or an environment may be deleted while a gateway runs.
PACKAGE: Final = Path(__file__).parents[1]


def is_gone() -> bool:
    """Return whether the package was deleted or moved."""
    return not (PACKAGE / "__init__.py").is_file()


GONE: Final = Text(
    "The installation of this gateway, {folder}, was deleted or moved, so the gateway is "
    "stopping. Tasks are kept. Start a gateway from an existing installation; notebooks do "
    "this automatically at the next request.",
    "该网关的安装位置 {folder} 已被删除或移走，网关即将停止，任务会保留。"
    "请在现有的安装环境中重新启动网关；笔记本在下一次请求时会自动启动。",
)(folder=PACKAGE)
