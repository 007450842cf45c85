"""``people``: manage who may use this machine's gateway."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from ...errors import LocalGatewayError
from ...i18n import Text
from ...local.discovery import find_gateway
from ...people.edit_file import add_person, import_tokens, limit_person, revoke_person
from ...people.people_file import BLANK, FILE, read_roster
from ...people.person import ROLES, Person, Role
from ..framework.commands import Command, Group, option
from ..framework.exit_codes import Exit
from ..framework.session import Session, shared, shared_except, with_session
from .classroom import save, show
from .limits import changes, limit_options, words

_TOKEN = Text(
    "Token for {name} (shown only once; share it privately):",
    "{name} 的令牌（仅显示这一次，请私下转交）：",
)
_USE = Text(
    "They need to set VIDEOGEN_URL and VIDEOGEN_TOKEN.",
    "对方需设置 VIDEOGEN_URL 和 VIDEOGEN_TOKEN。",
)
_RESTART = Text(
    "The gateway at {url} was started without a list of people and requires no token. Restart it: "
    "stop `videogen-nb serve` and run it again.",
    "网关 {url} 启动时还没有名单，不要求令牌。请停止 `videogen-nb serve` 后重新运行。",
)
_REVOKED = Text(
    "{name}'s token no longer works. Tasks and videos are kept.",
    "{name} 的令牌已失效，任务和视频会保留。",
)
_HAD_NONE = Text("{name} had no token.", "{name} 没有令牌。")
_LIMITED = Text("Saved in {file}; it takes effect immediately.", "已保存到 {file}，立即生效。")
_NO_LIMIT = Text(
    "Pass at least one limit, such as --running 2.", "请至少给出一项限制，如 --running 2。"
)
_IMPORTED = Text(
    "Imported {n}: {names}. Their tokens stay the same. The file {source} is no longer used; "
    "delete it and unset VIDEOGEN_TOKENS_FILE.",
    "已导入 {n} 人：{names}，令牌不变。文件 {source} 不再使用，"
    "请删除它并取消设置 VIDEOGEN_TOKENS_FILE。",
)
_NOBODY_NEW = Text("Everyone in {source} already exists.", "{source} 中的人都已在名单中。")
_NOBODY = Text(
    "No people yet. Add one:  videogen-nb people add NAME",
    "名单为空。添加：videogen-nb people add 名称",
)
_ROLES = {
    "teacher": Text("teacher", "教师"),
    "student": Text("student", "学生"),
    "service": Text("service", "服务"),
}
_ROLE = Text(
    "student (the default), teacher (sees and stops everything) or service (a program)",
    "student（学生，默认）、teacher（教师，可查看和取消所有人的任务）或 "
    "service（服务，供程序使用）",
)


@click.group(
    cls=Group,
    invoke_without_command=True,
    text=Text(
        "Show everyone's tasks, or manage who shares the gateway on this machine.\n\nEach person "
        "has a token and sees only their own tasks; a teacher sees everyone's.",
        "查看每个人的任务，或管理共用本地网关的人。\n\n"
        "每人有自己的令牌，只能看到自己的任务；教师可以看到所有人的任务。",
    ),
)
@shared
@click.pass_context
def people(context: click.Context) -> None:
    """Show everyone's tasks, or run a subcommand."""
    if context.invoked_subcommand is None:
        show(context.ensure_object(Session))


@people.command(
    cls=Command,
    text=Text(
        "Add a person and show their token, once.\n\nIf their token was revoked, issues a new "
        "token.",
        "添加一人并显示其令牌（仅一次）。\n\n如果此人的令牌已被撤销，则重新发放。",
    ),
)
@click.argument("name", metavar="NAME")
@option("--role", type=click.Choice(ROLES), text=_ROLE)
@limit_options
@shared_except("url", "token")
@with_session
def add(session: Session, name: str, role: Role | None, **limits: Any) -> int:
    """Add one person."""
    token = add_person(_file(session), name, role, changes(limits))
    session.note(_TOKEN(name=name))
    session.say(token, whole=True)
    session.note(_USE)
    session.answer({"name": name, "token": token})
    _tell_restart(session)
    return Exit.OK


@people.command(
    "list",
    cls=Command,
    text=Text("List the people, their roles and limits.", "列出名单及每个人的角色与限制。"),
)
@shared_except("url", "token")
@with_session
def list_(session: Session) -> int:
    """Show the people, or the error in the file."""
    file = _file(session)
    roster = read_roster(file) if file.exists() else None
    known = list(roster.people.values()) if roster else []
    session.answer({"file": str(file), "people": [_document(person) for person in known]})
    session.rows((person.name, _line(person)) for person in known)
    if roster and words(roster.total):
        session.rows([(Text("together", "合计"), words(roster.total))])
    if not known:
        session.note(BLANK(file=file) if roster and roster.blank else _NOBODY)
    return Exit.OK


@people.command(
    cls=Command,
    text=Text(
        "Revoke a person's token immediately.\n\nTheir tasks, videos and limits are kept.",
        "使某人的令牌立即失效。\n\n其任务、视频和限制都会保留。",
    ),
)
@click.argument("name", metavar="NAME")
@shared_except("url", "token")
@with_session
def revoke(session: Session, name: str) -> int:
    """Revoke one person."""
    had = revoke_person(_file(session), name)
    session.say((_REVOKED if had else _HAD_NONE)(name=name))
    session.answer({"name": name, "revoked": had})
    return Exit.OK


@people.command(
    cls=Command,
    text=Text(
        "Change a person's limits; `none` removes one.\n\nNAME may also be `defaults` (every "
        "student without limits of their own) or `total` (everyone together).",
        "修改某人的限制；`none` 表示取消。\n\n"
        "NAME 也可以是 `defaults`（没有单独限制的学生）或 `total`（所有人合计）。",
    ),
)
@click.argument("name", metavar="NAME")
@limit_options
@shared_except("url", "token")
@with_session
def limit(session: Session, name: str, **limits: Any) -> int:
    """Change limits."""
    told = changes(limits)
    if not told:
        raise click.UsageError(str(_NO_LIMIT))
    limit_person(_file(session), name, told)
    session.say(_LIMITED(file=_file(session)))
    session.answer({"name": name, "changed": told})
    return Exit.OK


@people.command(
    "import",
    cls=Command,
    text=Text(
        "Import people from the tokens file of earlier versions.\n\nThey become students and "
        "keep their tokens.",
        "导入旧版本的令牌文件。\n\n导入的人均为学生，令牌不变。",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@shared_except("url", "token")
@with_session
def import_(session: Session, file: Path) -> int:
    """Convert a file."""
    names = import_tokens(_file(session), file.expanduser())
    told = _IMPORTED(n=len(names), names=", ".join(names), source=file)
    session.say(told if names else _NOBODY_NEW(source=file))
    session.answer({"imported": names})
    _tell_restart(session)
    return Exit.OK


people.add_command(save)


def _file(session: Session) -> Path:
    return session.settings.data_folder / FILE


def _tell_restart(session: Session) -> None:
    """Say that a gateway started without a list of people still requires no token."""
    try:
        running = find_gateway(session.settings)
    except LocalGatewayError:
        return
    if running is not None and not running.token:
        session.note(_RESTART(url=running.url), style="yellow")


def _line(person: Person) -> str:
    role = str(_ROLES[person.role])
    revoked = str(Text("revoked", "已撤销")) if person.revoked else ""
    return " · ".join(filter(None, [role, revoked, words(person.limits)]))


def _document(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "role": person.role,
        "revoked": person.revoked,
        "limits": asdict(person.limits),
    }
