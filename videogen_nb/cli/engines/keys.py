"""``key``: save a provider's key for this machine's gateway."""

from __future__ import annotations

import os
import sys

import click

from ...engines.registry import load_engines
from ...engines.remote import RemoteEngine
from ...errors import BadParameter
from ...i18n import Text
from ...text.encoding import decode
from ..framework.commands import Command, option
from ..framework.exit_codes import Exit
from ..framework.session import Session, shared_except, with_session

_PROMPT = Text("Key for {title} (hidden while you type)", "{title} 的密钥（输入时不显示）")
_UNKNOWN = Text(
    "There is no engine named {name!r} that needs a key. Engines that do: {names}.",
    "没有名为 {name!r} 且需要密钥的引擎。可用：{names}。",
)
_KEPT = Text(
    "Saved to {path}, which only you can read. It takes effect immediately.",
    "已保存到 {path}，仅你可读取，立即生效。",
)
_REMOVED = Text("Removed the key for {name}.", "已删除 {name} 的密钥。")
_NONE = Text("No key is saved for {name}.", "没有保存 {name} 的密钥。")
_ENVIRONMENT = Text(
    "{variable} is set and overrides the saved key if the gateway's environment contains it.",
    "已设置环境变量 {variable}，网关若能读到它，会优先使用。",
)
_ELSEWHERE = Text(
    "VIDEOGEN_URL is {url}: save keys for that gateway on the machine it runs on.",
    "VIDEOGEN_URL 指向 {url}，该网关的密钥需在其所在机器上设置。",
)


@click.command(
    cls=Command,
    text=Text(
        "Save the API key of an engine, such as ark.\n\nPrompts for the key without showing it "
        "and saves it in a file that only you can read. The key never enters a notebook, log "
        "or task. In a pipe, reads it from stdin.",
        "保存引擎（例如 ark）的密钥。\n\n"
        "输入时不显示，保存在仅你可读的文件中，不会出现在笔记本、日志或任务里。"
        "在管道中则从标准输入读取。",
    ),
)
@click.argument("name", metavar="NAME")
@option("--remove", is_flag=True, text=Text("delete the saved key", "删除已保存的密钥"))
@shared_except("token")
@with_session
def key(session: Session, name: str, remove: bool) -> int:
    """Save or delete a key."""
    engine = _engine(session, name)
    keyring = engine.instance.keyring
    if remove:
        removed = keyring.remove(name)
        session.say((_REMOVED if removed else _NONE)(name=name))
        session.answer({"engine": name, "removed": removed})
        return Exit.OK
    path = keyring.write(name, _typed(engine))
    session.say(_KEPT(path=path))
    if os.environ.get(keyring.variable(name)):
        session.note(_ENVIRONMENT(variable=keyring.variable(name)))
    if session.settings.url:
        session.note(_ELSEWHERE(url=session.settings.url))
    session.answer({"engine": name, "kept": str(path)})
    return Exit.OK


def _engine(session: Session, name: str) -> RemoteEngine:
    engines, _ = load_engines(session.settings.data_folder)
    known = {n: engine for n, engine in engines.items() if isinstance(engine, RemoteEngine)}
    if name not in known:
        raise BadParameter(_UNKNOWN(name=name[:60], names=", ".join(known)), code="unknown_engine")
    return known[name]


def _typed(engine: RemoteEngine) -> str:
    if not sys.stdin.isatty():
        return decode(sys.stdin.buffer.readline())
    prompt = str(_PROMPT(title=engine.title))
    return str(click.prompt(prompt, hide_input=True, err=True))
