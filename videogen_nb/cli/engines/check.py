"""``engine check``: check an engine's table at no cost."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import click

from ...engines.base import Engine
from ...engines.instances import FILE, Instance
from ...engines.pool import PoolEngine
from ...engines.registry import TABLES, load_engines
from ...engines.rest.check import Sample, samples
from ...engines.rest.engine import RestEngine
from ...engines.rest.table import BadTable, Problem
from ...engines.rest.table_files import load_preset, table_files
from ...engines.rest.toml_lines import line_of
from ...errors import BadParameter
from ...i18n import Text, current_language
from ...protocol.models import PoolMember
from ...text.encoding import read_config
from ..framework.commands import Command, Group
from ..framework.exit_codes import Exit
from ..framework.session import Session, shared_except, with_session
from .reachable import members_of, unreachable

_SOUND = Text("{path} is valid.", "{path} 没有问题。")
_PROBLEM = Text("{path}, line {line}: {what}", "{path} 第 {line} 行：{what}")
_WHOLE = Text("{path}: {what}", "{path}：{what}")
_TABLE = Text("[{name}]: {what}", "[{name}]：{what}")
_SENDS = Text("{case}: POST {url}", "{case}：POST {url}")
_REFUSES = Text("{case}: refused. {why}", "{case}：不支持。{why}")
_UNKNOWN = Text(
    "There is no engine or provider table named {name!r}. Available: {names}. To add a "
    "provider, put its table in {folder}.",
    "没有名为 {name!r} 的引擎或服务商配置表。现有：{names}；服务商配置表请放入 {folder}。",
)
_READY = Text("{name} is ready: {title}", "{name} 可用：{title}")
_UNREADY = Text("{name} is not ready: {why}", "{name} 未就绪：{why}")
_MEMBER = Text("  {name}: ready", "  {name}：可用")
_NO_MEMBER = Text("  {name}: not ready. {why}", "  {name}：未就绪。{why}")
_NOBODY = Text("none of its members is ready", "没有可用的成员")


@click.group(
    cls=Group,
    text=Text("Inspect an engine.", "检查引擎。"),
)
@shared_except("token")
def engine() -> None:
    """Group the commands for one engine."""


@engine.command(
    cls=Command,
    text=Text(
        "Check an engine's table.\n\nReads NAME's table (or a TOML file), reports errors by "
        "line, and shows the requests that a provider's table would send. Connects to your own "
        "servers to see whether they are there, but sends nothing and costs nothing.",
        "检查引擎的配置表。\n\n"
        "读取 NAME 的配置（或一个 TOML 文件），按行指出错误；如果是服务商，还会显示将要发送的请求。"
        "会试连你自己的服务器，但不发送任何请求，不产生费用。",
    ),
)
@click.argument("name", metavar="NAME")
@shared_except("token")
@with_session
def check(session: Session, name: str) -> int:
    """Check one table and print the result."""
    if name.endswith(".toml"):
        return _provider(session, Path(name), Instance(Path(name).stem, Path(name).stem))
    folder = session.settings.data_folder
    files, (engines, broken) = table_files(folder), load_engines(folder)
    if wrong := broken.pop(FILE, None):
        return _told_all(session, folder / FILE, [_unreadable(wrong)])
    if wrong := broken.get(f"[{name}]", broken.get(name)):
        if name in files and (problems := _in_table(name, files[name])):
            return _told_all(session, files[name], problems)
        path = folder / FILE
        return _told_all(session, path, [_in_settings(name, path, wrong)])
    if name not in engines:
        names = ", ".join(dict.fromkeys([*engines, *(one.strip("[]") for one in broken)]))
        told = _UNKNOWN(name=name[:60], names=names, folder=folder / TABLES)
        raise BadParameter(told, code="unknown_engine")
    engine = engines[name]
    if isinstance(engine, RestEngine):
        return _provider(session, files[engine.kind], engine.instance)
    return _engine(session, name, engine)


def _engine(session: Session, name: str, engine: Engine) -> int:
    """Check an engine that has its settings in engines.toml, and print the result."""
    path = session.settings.data_folder / FILE
    source = _source(path)
    mistakes = engine.mistakes()
    problems = [Problem(line_of(source, (name, *place)), str(what)) for place, what in mistakes]
    if problems:
        return _told_all(session, path, problems)
    info = engine.info(current_language())
    members = members_of(engine) if isinstance(engine, PoolEngine) else []
    missing = info.missing
    if missing is None and (why := _unusable(engine, members)) is not None:
        missing = str(why)
    if missing is None:
        session.say(_READY(name=name, title=info.title), style="green")
    else:
        session.say(_UNREADY(name=name, why=missing), style="red")
    for one in members:
        session.say((_MEMBER if one.available else _NO_MEMBER)(name=one.name, why=one.why))
    told = {"ok": missing is None, "path": str(path), "problems": []}
    told |= {"missing": missing} if missing else {}
    told |= {"members": [one.model_dump(mode="json") for one in members]} if members else {}
    session.answer(told)
    return Exit.OK if missing is None else Exit.FAILED


def _unusable(engine: Engine, members: Sequence[PoolMember]) -> Text | None:
    """Return why an engine that is set up cannot be used now."""
    if isinstance(engine, PoolEngine):
        return None if any(one.available for one in members) else _NOBODY
    return unreachable(engine)


def _provider(session: Session, path: Path, instance: Instance) -> int:
    """Check a provider's table and print the result, with what ``instance`` would send."""
    try:
        preset = load_preset(path.stem, path)
    except BadTable as error:
        return _told_all(session, path, error.problems)
    session.say(_SOUND(path=path), style="green")
    found = list(samples(preset.table, instance))
    for sample in found:
        _show(session, sample)
    sent = [
        {"case": str(one.case), "url": one.url, "body": one.body, "refused": _words(one.refused)}
        for one in found
    ]
    session.answer({"ok": True, "path": str(path), "problems": [], "requests": sent})
    return Exit.OK


def _told_all(session: Session, path: Path, problems: Sequence[Problem]) -> int:
    for problem in problems:
        session.say(_told(path, problem), style="red")
    told = [{"line": problem.line, "what": problem.what} for problem in problems]
    session.answer({"ok": False, "path": str(path), "problems": told})
    return Exit.FAILED


def _unreadable(wrong: Text) -> Problem:
    """Return why engines.toml cannot be read, with the line that the parser names."""
    why = str(wrong.values["why"])
    line = re.search(r"\(at line (\d+)", why)
    return Problem(int(line[1]) if line else 0, why)


def _in_settings(name: str, path: Path, wrong: Text) -> Problem:
    """Return what is wrong with an engine's table in engines.toml, with its line."""
    setting = wrong.values.get("setting")
    place = (name,) if setting is None else (name, setting)
    what = _TABLE(name=name, what=wrong.values.get("what", wrong))
    return Problem(line_of(_source(path), place), str(what))


def _in_table(name: str, path: Path) -> Sequence[Problem]:
    """Return what is wrong with a provider's table."""
    try:
        load_preset(name, path)
    except BadTable as error:
        return error.problems
    return ()


def _source(path: Path) -> str:
    return read_config(path) if path.is_file() else ""


def _told(path: Path, problem: Problem) -> Text:
    if not problem.line:
        return _WHOLE(path=path, what=problem.what)
    return _PROBLEM(path=path, line=problem.line, what=problem.what)


def _show(session: Session, sample: Sample) -> None:
    if sample.refused is not None:
        session.say(_REFUSES(case=sample.case, why=sample.refused))
        return
    session.say(_SENDS(case=sample.case, url=sample.url))
    session.say("  " + json.dumps(sample.body, ensure_ascii=False))


def _words(text: Text | None) -> str | None:
    return None if text is None else str(text)
