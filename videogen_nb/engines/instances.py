"""Named instances of engines, each configured by a table in ``engines.toml``.

::

    [gpu1]
    engine = "openai"
    url = "http://gpu1:30000/v1"

A table named after an installed engine sets up that one. A table with ``pool``, a list of other
tables' names, puts these engines under one name. Every text or number can also come from the
environment: ``VIDEOGEN_ENGINE_GPU1_URL``. Documented in docs/engines/README.md.
"""

from __future__ import annotations

import json
import math
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from ..errors import BadParameter
from ..i18n import Text
from ..security.redaction import url_words
from ..text.encoding import read_config
from .keys import NAME, Keyring
from .prices import PER, Price

FILE: Final = "engines.toml"
POOL: Final = "pool"  # the kind of an instance that has members


@dataclass(frozen=True, slots=True)
class Instance:
    """The configuration of one engine. None = the engine's default."""

    name: str
    kind: str
    keyring: Keyring = field(default_factory=Keyring)
    url: str | None = None
    model: str | None = None
    title: str | None = None
    key_variable: str | None = None
    at_once: int | None = None
    paid: bool | None = None
    price: Price | None = None
    budget: float | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    workflow: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    members: tuple[str, ...] = ()

    def variable(self, setting: str) -> str:
        """Return the environment variable for one of its settings."""
        return _variable(self.name, setting)


def read_instances(
    folder: Path, kinds: Iterable[str], environment: Mapping[str, str] | None = None
) -> dict[str, Instance | BadParameter]:
    """Return all instances by name: one of each kind, and those in ``engines.toml``.

    An invalid table is replaced by its error, so that the others work.

    Args:
        folder: the data folder with ``engines.toml`` and the keys.
        kinds: engines that have settings.
    """
    environment = os.environ if environment is None else environment
    keyring = Keyring(folder, environment)
    kinds = list(kinds)
    found: dict[str, Instance | BadParameter] = {}
    try:
        tables = _tables(folder / FILE)
    except BadParameter as error:
        tables = {}
        found[FILE] = error
    for name in dict.fromkeys([*kinds, *tables]):
        try:
            found[name] = _instance(name, tables.get(name, {}), kinds, keyring, environment)
        except BadParameter as error:
            found[name] = error
    return found


def workflow_files(folder: Path) -> list[str]:
    """Return the names of the files in the data folder itself that tables use as workflows."""
    try:
        tables = _tables(folder / FILE)
    except BadParameter:
        return []
    told = [table.get("workflow") for table in tables.values() if isinstance(table, dict)]
    return sorted({name for name in told if isinstance(name, str) and Path(name).name == name})


def _tables(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_config(path))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadParameter(_UNREADABLE(path=path, why=str(error)[:200])) from None


def _instance(
    name: str,
    table: Any,
    kinds: list[str],
    keyring: Keyring,
    environment: Mapping[str, str],
) -> Instance:
    if not (NAME.fullmatch(name) and isinstance(table, dict)):
        raise BadParameter(_TABLE(name=name[:60]))
    if POOL in table:
        return _pool(name, table, keyring)
    given = {**table, **_from_environment(name, environment)}
    kind = given.pop("engine", name)
    if kind not in kinds:
        known = ", ".join(kinds)
        wrong = _KIND(kind=str(kind)[:60], known=known)
        raise BadParameter(in_table(name, wrong, "engine"))
    price = _price(name, given)
    if given.get("budget") is not None and price is None:
        raise BadParameter(in_table(name, _BUDGET, "budget"))
    for setting, value in given.items():
        _check(name, setting, value)
    return Instance(name, kind, keyring, price=price, **given)


def _pool(name: str, table: dict[str, Any], keyring: Keyring) -> Instance:
    members, title = table[POOL], table.get("title")
    further = next((setting for setting in table if setting not in (POOL, "title")), None)
    if further is not None:
        raise BadParameter(in_table(name, _OF_POOL(setting=further), further))
    fits = isinstance(members, list) and members and all(isinstance(one, str) for one in members)
    if not fits or len({*members}) < len(members):
        raise _unfit(name, POOL, members)
    if title is not None:
        _check(name, "title", title)
    return Instance(name, POOL, keyring, title=title, members=tuple(members))


def _from_environment(name: str, environment: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for setting, kind in _KINDS.items():
        raw = environment.get(_variable(name, setting), "").strip()
        if raw and kind in (str, int, float):
            try:
                found[setting] = kind(raw)
            except ValueError:
                raise _unfit(name, setting, raw) from None
    return found


def _price(name: str, given: dict[str, Any]) -> Price | None:
    """Take the three price settings out of ``given``."""
    amount = given.pop("price", None)
    per, currency = given.pop("per", "video"), given.pop("currency", "CNY")
    if amount is None:
        return None
    _check(name, "price", amount)
    _check(name, "currency", currency)
    if per not in PER:
        raise _unfit(name, "per", per)
    return Price(float(amount), currency, per)


def _check(name: str, setting: str, value: Any) -> None:
    if setting not in _KINDS:
        near = get_close_matches(setting, _KINDS, n=1)
        hint = near[0] if near else ", ".join(_KINDS)
        wrong = _UNKNOWN(name=name, setting=setting, hint=hint)
        raise BadParameter(in_table(name, wrong, setting))
    kind = _KINDS[setting]
    fits = isinstance(value, (int, float) if kind is float else kind)
    if kind in (int, float):
        fits = fits and not isinstance(value, bool) and 0 < value < math.inf
    if setting == "url":
        fits = fits and _is_url(value)
    if not fits:
        is_number = isinstance(value, (int, float))
        shown = value if setting != "url" or is_number else url_words(str(value))
        raise _unfit(name, setting, shown)


def as_written(value: Any) -> str:
    """Return a value roughly as it is written in TOML, so that text and numbers differ."""
    if isinstance(value, float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)[:100]


def in_table(name: str, what: Text, setting: str | None = None) -> Text:
    """Return what is wrong with the table ``name`` of engines.toml, and in which setting."""
    return _WRONG(name=name, what=what, setting=setting)


def _unfit(name: str, setting: str, value: Any) -> BadParameter:
    allowed = _ALLOWED.get(setting) or _ALLOWED_KIND[_KINDS[setting]]
    wrong = _FIT(setting=setting, value=as_written(value), allowed=allowed)
    return BadParameter(in_table(name, wrong, setting))


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0  # reading it raises ValueError for one that is no port
            and not (parts.username or parts.password or parts.query or parts.fragment)
        )
    except ValueError:
        return False


def _variable(name: str, setting: str) -> str:
    return f"VIDEOGEN_ENGINE_{name}_{setting}".upper().replace("-", "_")


#: What a table may hold, and of what kind each is.
_KINDS: Final[Mapping[str, type]] = {
    "engine": str,
    "url": str,
    "model": str,
    "title": str,
    "key_variable": str,
    "at_once": int,
    "paid": bool,
    "price": float,
    "per": str,
    "currency": str,
    "budget": float,
    "parameters": dict,
    "workflow": str,
    "inputs": dict,
    POOL: list,
}
_UNREADABLE = Text("{path} cannot be read: {why}", "无法读取 {path}：{why}")
_TABLE = Text(
    "Invalid entry {name!r} in engines.toml: it must be a table named with lowercase letters, "
    "digits and hyphens, such as [gpu1].",
    "engines.toml 中的 {name!r} 应为一个表，名称仅可使用小写字母、数字和连字符，例如 [gpu1]。",
)
_WRONG = Text("[{name}] in engines.toml: {what}", "engines.toml 的 [{name}]：{what}")
_KIND = Text(
    "unknown engine {kind!r}. Choose one of {known}.",
    "没有名为 {kind!r} 的引擎，可用：{known}。",
)
_UNKNOWN = Text(
    "unknown setting {setting!r}. Choose one of {hint}. Settings for the model itself belong under "
    "[{name}.parameters].",
    "未知设置 {setting!r}，可用：{hint}。模型的参数请写在 [{name}.parameters] 中。",
)
_FIT = Text(
    "invalid value {setting} = {value}. {allowed}",
    "{setting} = {value} 无效。{allowed}",
)
_OF_POOL = Text(
    "a pool has only the settings pool and title. Set {setting!r} on its members.",
    "引擎池只能设置 pool 和 title；请在其成员的表中设置 {setting!r}。",
)
_BUDGET = Text(
    "a budget needs a price. Set price, per and currency.",
    "有 budget 但没有 price，无法计算。请补充 price、per、currency。",
)
_ALLOWED_KIND: Final[Mapping[type, Text]] = {
    str: Text("Use text in quotes.", "应为带引号的文本。"),
    int: Text("Use a whole number above 0, without quotes.", "应为大于 0 的整数，不加引号。"),
    float: Text("Use a number above 0, without quotes.", "应为大于 0 的数，不加引号。"),
    bool: Text("Use true or false, without quotes.", "应为 true 或 false，不加引号。"),
    dict: Text("Use a table of names and values.", "应为由名称和值组成的表。"),
}
_ALLOWED: Final[Mapping[str, Text]] = {
    "url": Text(
        "Use an http or https address without a user name, password, query or fragment.",
        "应为 http 或 https 地址，不含用户名、密码、查询参数和片段。",
    ),
    "per": Text("Use one of {known}.", "可用：{known}。")(known=", ".join(PER)),
    POOL: Text(
        'Use a list of different engines, such as ["gpu1", "gpu2"].',
        '应为互不相同的引擎的列表，例如 ["gpu1", "gpu2"]。',
    ),
}
