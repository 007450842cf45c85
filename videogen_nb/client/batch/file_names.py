"""File names of a batch, rendered from a template and checked before any task is created."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from string import Formatter
from typing import TYPE_CHECKING, Any, Final

from ...errors import BadParameter
from ...i18n import Text
from ...media.names import slug
from ...protocol.parameters import NAMES
from ..video_files import check_place
from .rows import Row
from .table import whole

if TYPE_CHECKING:
    from ...protocol.models import VideoTask

DEFAULT: Final = "{row:03}-{prompt:.20}-{seed}.mp4"
#: What a name may be made of, beside the columns of the table.
FIELDS: Final = ("row", "key", "prompt", "batch", "id", *NAMES)
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f<>:"\\|?*]')  # on one platform or another


class FileNames:
    """The file names for the videos of a batch.

    Args:
        path: a template such as ``"ads/{row:03}-{prompt:.20}.mp4"``, or a folder; None = a folder
            in ``output`` named after the batch.

    Raises:
        BadParameter: the template has an unknown field, or two rows would get the same file.
        DownloadError: a file could not be saved there.
    """

    def __init__(
        self, path: str | Path | None, output: Path, batch: str, rows: Sequence[Row]
    ) -> None:
        self._batch = batch
        self._folder, self._template = _split(path, output, batch)
        self._rows = {row.number: row for row in rows}
        known = {*FIELDS, *(name for row in rows for name in row.cells)}
        _check_template(self._template, known)
        self._check_all(rows)

    def of(self, row: Row, task: VideoTask | None = None) -> Path:
        """Return the file of a row; fields that need its task stay as they are until it exists."""
        words = _Words().vformat(self._template, (), self._values(row, task))
        parts = [part for part in PurePosixPath(words).parts if part not in ("/", "..")]
        names = [re.sub(r"-+(?=\.mp4$)|^-+", "", part) for part in parts]
        return self._folder.joinpath(*names)  # what an empty cell leaves leads out of no folder

    def _values(self, row: Row, task: VideoTask | None) -> dict[str, Any]:
        asked = {name: row.arguments.get(name) for name in NAMES}
        told = {} if task is None else _told(task)
        values = {**row.cells, **asked, **{k: v for k, v in told.items() if v is not None}}
        values |= {"row": row.number, "batch": self._batch, "prompt": row.prompt}
        values["key"] = row.key or ""
        values["id"] = f"{row.number:017}" if task is None else task.message_id
        return values

    def _check_all(self, rows: Sequence[Row]) -> None:
        taken: dict[str, int] = {}
        for row in rows:
            path = self.of(row)
            check_place(path, self._folder)
            other = taken.setdefault(str(path).casefold(), row.number)
            if other != row.number:
                raise BadParameter(_TWICE(name=path.name, row=row.number, other=other))


def _told(task: VideoTask) -> dict[str, Any]:
    told = {name: (task.parameters or {}).get(name) for name in NAMES}
    return {**told, "engine": task.engine, "seed": task.seed}


def _split(path: str | Path | None, output: Path, batch: str) -> tuple[Path, str]:
    """Split into the folder and the template below it."""
    if path is None:
        return output / slug(batch), DEFAULT
    words = str(path)
    if "{" not in words and not words.lower().endswith(".mp4"):
        return Path(words).expanduser(), DEFAULT
    fixed = words.partition("{")[0].rpartition("/")[0]
    template = words[len(fixed) :].lstrip("/") if fixed or words.startswith("/") else words
    folder = Path(fixed or ("/" if words.startswith("/") else "."))
    return folder.expanduser(), template if template.lower().endswith(".mp4") else f"{template}.mp4"


def _check_template(template: str, known: set[str]) -> None:
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise BadParameter(_BAD(template=template, why=str(error))) from None
    for literal, name, spec, conversion in parts:
        if _FORBIDDEN.search(literal) or ".." in literal.split("/"):
            raise BadParameter(_LITERAL(template=template))
        if name is not None and (name not in known or conversion or "{" in (spec or "")):
            raise BadParameter(_NO_FIELD(name=name or "", known=", ".join(sorted(known))))


class _Words(Formatter):
    """Formats values for names: text becomes letters and digits joined by dashes."""

    def get_value(self, key: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key))

    def format_field(self, value: Any, format_spec: str) -> str:
        if value is None:
            return ""
        if isinstance(value, float) and not format_spec:
            value = whole(value)
        try:
            words = format(value, format_spec)
        except (ValueError, TypeError):
            raise BadParameter(_SPEC(spec=format_spec, value=str(value)[:80])) from None
        return words if isinstance(value, int) else slug(words)


_BAD = Text("Invalid template {template!r}: {why}.", "无法解析模板 {template!r}：{why}。")
_LITERAL = Text(
    "The template {template!r} has characters that not every system allows in a file name, or "
    "points outside its folder.",
    "模板 {template!r} 含有某些系统不允许在文件名中使用的字符，或指向所在文件夹之外。",
)
_NO_FIELD = Text(
    "Unknown template field {name!r}. Available: {known}.",
    "模板中的字段 {name!r} 不存在。可用：{known}。",
)
_SPEC = Text(
    "The format {spec!r} cannot be applied to {value!r}.", "格式 {spec!r} 不适用于值 {value!r}。"
)
_TWICE = Text(
    "Rows {other} and {row} would both be saved as {name}. Add {{row}} or {{key}} to the template.",
    "第 {other} 行与第 {row} 行会保存为同一文件 {name}。请在模板中加入 {{row}} 或 {{key}}。",
)
