"""Named instances of engines, each configured by a table in ``engines.toml``.

::

    [gpu1]
    engine = "openai"
    url = "http://gpu1:30000/v1"

A table named as an installed engine sets up that one. A table with ``pool``, a list of other
tables' names, puts these engines under one name. Every text or number can also come from the
environment: ``VIDEOGEN_ENGINE_GPU1_URL``. Documented in docs/engines/README.md.
"""

from __future__ import annotations

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
        raise BadParameter(_KIND(name=name, setting="engine", kind=str(kind)[:60], known=known))
    price = _price(name, given)
    if given.get("budget") is not None and price is None:
        raise BadParameter(_BUDGET(name=name, setting="budget"))
    for setting, value in given.items():
        _check(name, setting, value)
    return Instance(name, kind, keyring, price=price, **given)


def _pool(name: str, table: dict[str, Any], keyring: Keyring) -> Instance:
    members, title = table[POOL], table.get("title")
    further = next((setting for setting in table if setting not in (POOL, "title")), None)
    if further is not None:
        raise BadParameter(_OF_POOL(name=name, setting=further))
    fits = isinstance(members, list) and members and all(isinstance(one, str) for one in members)
    if not fits or len({*members}) < len(members):
        raise BadParameter(_FIT(name=name, setting=POOL, value=str(members)[:60]))
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
                raise BadParameter(_FIT(name=name, setting=setting, value=raw[:60])) from None
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
        raise BadParameter(_FIT(name=name, setting="per", value=str(per)[:60]))
    return Price(float(amount), currency, per)


def _check(name: str, setting: str, value: Any) -> None:
    if setting not in _KINDS:
        near = get_close_matches(setting, _KINDS, n=1)
        hint = near[0] if near else ", ".join(_KINDS)
        raise BadParameter(_UNKNOWN(name=name, setting=setting, hint=hint))
    kind = _KINDS[setting]
    fits = isinstance(value, (int, float) if kind is float else kind)
    if kind in (int, float):
        fits = fits and not isinstance(value, bool) and 0 < value < math.inf
    if setting == "url":
        fits = fits and _is_url(value)
    if not fits:
        told = url_words(str(value)) if setting == "url" else str(value)
        raise BadParameter(_FIT(name=name, setting=setting, value=told))


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
_KIND = Text(
    "[{name}] in engines.toml: unknown engine {kind!r}. Choose one of {known}.",
    "engines.toml 的 [{name}] 指定了引擎 {kind!r}，可用：{known}。",
)
_UNKNOWN = Text(
    "[{name}] in engines.toml: unknown setting {setting!r}. Choose one of {hint}.",
    "engines.toml 的 [{name}] 中有未知设置 {setting!r}，可用：{hint}。",
)
_FIT = Text(
    "[{name}] in engines.toml: invalid value {setting} = {value!r}.",
    "engines.toml 的 [{name}]：{setting} = {value!r} 无效。",
)
_OF_POOL = Text(
    "[{name}] in engines.toml: a pool has only the settings pool and title. Set {setting!r} on "
    "its members.",
    "engines.toml 的 [{name}] 是引擎池，只能设置 pool 和 title；请在其成员的表中设置 {setting!r}。",
)
_BUDGET = Text(
    "[{name}] in engines.toml: a budget needs a price. Set price, per and currency.",
    "engines.toml 的 [{name}] 有 budget 但没有 price，无法计算。请补充 price、per、currency。",
)
