"""Patching the kernel's loop for code that calls ``asyncio.run`` in a cell."""

from __future__ import annotations

import importlib
import importlib.metadata
import warnings

from ..errors import VideogenError
from ..i18n import Text

_OLD_NEST = Text(
    "nest_asyncio {version} with ipykernel {kernel}: clicks and queued cells can be lost while a "
    "nested run blocks. Install its successor: pip install nest_asyncio2",
    "nest_asyncio {version} 与 ipykernel {kernel} 一起使用时，"
    "嵌套运行期间的点击和排队的单元格可能会丢失。请改用其后续项目：pip install nest_asyncio2",
)
_NO_NEST = Text(
    "Neither nest_asyncio2 nor nest_asyncio is installed: pip install nest_asyncio2",
    "未安装 nest_asyncio2 或 nest_asyncio，请运行：pip install nest_asyncio2",
)
_NO_PATCH = Text(
    "This event loop cannot be patched ({reason}). Use await or .result(); they need no patch.",
    "无法为当前事件循环打补丁（{reason}）。请使用 await 或 .result()，两者都不需要补丁。",
)


def enable_nested_asyncio() -> str:
    """Allow code in a cell to call ``asyncio.run`` although the kernel's loop is running.

    This package does not need it; your own code might. Prefers ``nest_asyncio2``, the maintained
    successor of ``nest_asyncio``. Do not combine it with a uvicorn server in the same process on
    Python 3.12 or later: it breaks uvicorn's own ``asyncio.run`` call.

    Returns:
        The name of the package that was used.

    Raises:
        VideogenError: neither package is installed, or this loop cannot be patched (uvloop, for
            example).
    """
    for name in ("nest_asyncio2", "nest_asyncio"):
        try:
            nest = importlib.import_module(name)
        except ImportError:
            continue
        if name == "nest_asyncio":
            _warn_of_old_nest()
        try:
            nest.apply()
        except ValueError as error:
            raise VideogenError(_NO_PATCH(reason=str(error)), code="loop") from error
        return name
    raise VideogenError(_NO_NEST, code="loop")


def _warn_of_old_nest() -> None:
    try:
        kernel = importlib.metadata.version("ipykernel")
    except importlib.metadata.PackageNotFoundError:
        return
    if tuple(int(part) for part in kernel.split(".")[:2]) >= (7, 2):
        text = _OLD_NEST(version=importlib.metadata.version("nest_asyncio"), kernel=kernel)
        warnings.warn(str(text), RuntimeWarning, stacklevel=3)
