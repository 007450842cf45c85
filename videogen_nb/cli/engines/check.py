"""``engine check``: check a provider's table at no cost."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ...engines.rest.check import Sample, samples
from ...engines.rest.table import BadTable, Problem
from ...engines.rest.table_files import load_preset, table_files
from ...errors import BadParameter
from ...i18n import Text
from ..framework.commands import Command, Group
from ..framework.exit_codes import Exit
from ..framework.session import Session, shared_except, with_session

_SOUND = Text("{path} is valid.", "{path} 没有问题。")
_PROBLEM = Text("{path}, line {line}: {what}", "{path} 第 {line} 行：{what}")
_WHOLE = Text("{path}: {what}", "{path}：{what}")
_SENDS = Text("{case}: POST {url}", "{case}：POST {url}")
_REFUSES = Text("{case}: refused. {why}", "{case}：不支持。{why}")
_UNKNOWN = Text(
    "There is no provider table named {name!r}. Available: {names}. Put your own into {folder}.",
    "没有名为 {name!r} 的服务商配置。现有：{names}；自己的配置请放入 {folder}。",
)


@click.group(
    cls=Group,
    text=Text("Inspect a provider's engine.", "检查服务商引擎。"),
)
@shared_except("token")
def engine() -> None:
    """Group the commands for one engine."""


@engine.command(
    cls=Command,
    text=Text(
        "Check a provider's table.\n\nReads NAME's table (or a TOML file), reports errors by "
        "line, and shows the requests it would send. Sends nothing and costs nothing.",
        "检查服务商的配置表。\n\n"
        "读取 NAME 的配置（或一个 TOML 文件），按行指出错误，并显示将要发送的请求。"
        "不联网，不产生费用。",
    ),
)
@click.argument("name", metavar="NAME")
@shared_except("token")
@with_session
def check(session: Session, name: str) -> int:
    """Check one table and print the result."""
    path = _path(session, name)
    try:
        preset = load_preset(path.stem, path)
    except BadTable as error:
        for problem in error.problems:
            session.say(_told(path, problem), style="red")
        told = [{"line": problem.line, "what": problem.what} for problem in error.problems]
        session.answer({"ok": False, "path": str(path), "problems": told})
        return Exit.FAILED
    session.say(_SOUND(path=path), style="green")
    found = list(samples(preset))
    for sample in found:
        _show(session, sample)
    sent = [
        {"case": str(one.case), "url": one.url, "body": one.body, "refused": _words(one.refused)}
        for one in found
    ]
    session.answer({"ok": True, "path": str(path), "problems": [], "requests": sent})
    return Exit.OK


def _path(session: Session, name: str) -> Path:
    if name.endswith(".toml"):
        return Path(name)
    folder = session.settings.data_folder
    files = table_files(folder)
    if name not in files:
        names, place = ", ".join(files), folder / "providers"
        raise BadParameter(
            _UNKNOWN(name=name[:60], names=names, folder=place), code="unknown_engine"
        )
    return files[name]


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
