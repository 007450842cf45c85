"""Exit codes, and error messages as text or JSON."""

from __future__ import annotations

import sys
from enum import IntEnum

import click
from rich.text import Text as Styled

from ...errors import (
    BadInput,
    DownloadError,
    GatewayTimeout,
    GatewayUnreachable,
    LinkExpired,
    LocalGatewayError,
    VideoChanged,
    VideogenError,
    WaitTimeout,
    evidence,
)
from ...i18n import Text
from ...protocol.models import TaskId
from .printing import console, document


class Exit(IntEnum):
    """The exit codes."""

    OK = 0  # it is done
    FAILED = 1  # the task failed or was cancelled, or anything else went wrong
    USAGE = 2  # the command or what was given to it does not fit
    UNREACHABLE = 3  # no gateway answers, or none could be started
    UNDERWAY = 4  # the waiting ended, the task goes on
    INTERRUPTED = 130  # Ctrl-C


MEANINGS = {
    Exit.OK: Text("done", "完成"),
    Exit.FAILED: Text("the task failed, or another error", "任务失败或其他错误"),
    Exit.USAGE: Text("invalid command or input", "命令或输入有误"),
    Exit.UNREACHABLE: Text("no gateway is reachable", "网关无法访问"),
    Exit.UNDERWAY: Text("still running (timed out waiting)", "任务仍在进行（等待超时）"),
    Exit.INTERRUPTED: Text("Ctrl-C", "Ctrl-C 中断"),
}


_STILL_THERE = Text(
    "The video is still on the gateway:\n  videogen-nb download {id} -o FILE",
    "视频仍在网关中：\n  videogen-nb download {id} -o 文件",
)
_STOPPED = Text("Stopped.", "已停止。")


class UnknownCommand(click.UsageError):
    """An unknown command; ``near`` are similar commands."""

    def __init__(self, name: str, near: list[str], ctx: click.Context) -> None:
        super().__init__(name, ctx)
        self.name = name
        self.near = near


class ExtraWords(click.UsageError):
    """Too many arguments."""

    def __init__(self, words: list[str], ctx: click.Context) -> None:
        super().__init__(" ".join(words), ctx)


class UnusedOption(click.UsageError):
    """A global option that the command does not use."""

    def __init__(self, name: str, ctx: click.Context) -> None:
        super().__init__(name, ctx)


class Interrupted(VideogenError):
    """Ctrl-C, with a message about the task that was waited for."""

    code = "interrupted"

    def __init__(self, text: Text, task: TaskId | None = None) -> None:
        super().__init__(text)
        self.task_id = task


def exit_code(error: BaseException) -> Exit:
    """Return the exit code for an error."""
    match error:
        case Interrupted() | KeyboardInterrupt() | click.Abort():
            return Exit.INTERRUPTED
        case BadInput() | click.UsageError():
            return Exit.USAGE
        case GatewayUnreachable() | GatewayTimeout() | LocalGatewayError(code="local_gateway"):
            return Exit.UNREACHABLE
        case WaitTimeout():
            return Exit.UNDERWAY
        case _:
            return Exit.FAILED


def tell(error: BaseException, *, as_json: bool) -> None:
    """Print an error to stderr."""
    told = facts(error)
    if as_json:
        sys.stderr.write(document({"error": told}, sys.stderr) + "\n")
        return
    err = console(stderr=True)
    err.soft_wrap = not err.is_terminal
    mark = ("■ ", "bold yellow") if told["code"] == "interrupted" else ("✗ ", "bold red")
    err.print(Styled.assemble(mark, f"{told['message']}{_rescue(error)}"))


def _rescue(error: BaseException) -> str:
    """Return how to get a video that is ready but could not be saved."""
    if not isinstance(error, DownloadError) or isinstance(error, LinkExpired | VideoChanged):
        return ""
    return f"\n{_STILL_THERE(id=error.task.id)}" if error.task is not None else ""


def facts(error: BaseException) -> dict[str, object]:
    """Return an error as plain values: ``code``, ``message``, ``task`` (its id, or null)."""
    match error:
        case Interrupted():
            task = str(error.task_id) if error.task_id else None
            return {"code": error.code, "message": str(error), "task": task}
        case KeyboardInterrupt() | click.Abort():
            return {"code": "interrupted", "message": str(_STOPPED), "task": None}
        case click.UsageError():
            return {"code": "usage", "message": _usage_words(error), "task": None}
        case click.ClickException():
            return {"code": "error", "message": error.format_message(), "task": None}
        case OSError():
            return {"code": "system", "message": str(_system_words(error)), "task": None}
    told = evidence(error)
    return {**told, "task": str(told["task"]) if told["task"] else None}


def _system_words(error: OSError) -> Text:
    """Return a message for an operating system error."""
    reason = error.strerror or str(error)
    if error.filename is None:
        return Text(
            "The operating system reported an error: {reason}.", "操作系统报告错误：{reason}。"
        )(reason=reason)
    return Text("{path}: {reason}.", "{path}：{reason}。")(path=error.filename, reason=reason)


def _usage_words(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "videogen-nb"
    hint = Text("Run `{path} --help` for usage.", "用法见 `{path} --help`。")(path=path)
    return f"{_usage(error)} {hint}"


def _usage(error: click.UsageError) -> Text:
    match error:
        case UnknownCommand():
            told = Text("Unknown command {name}.{near}", "没有命令 {name}。{near}")(
                name=error.name, near=_near(error.near)
            )
        case ExtraWords():
            told = Text(
                "Unexpected argument {words!r}. Put text with spaces in quotes.",
                "{words!r} 是多余的。含空格的内容请加引号。",
            )(words=error.message)
        case UnusedOption():
            told = Text("This command does not accept {name}.", "该命令不支持 {name}。")(
                name=error.message
            )
        case click.NoSuchOption():
            told = Text("Unknown option {name}.{near}", "没有选项 {name}。{near}")(
                name=error.option_name, near=_near(error.possibilities)
            )
        case click.MissingParameter():
            told = Text("Missing {name}.", "缺少 {name}。")(name=_named(error))
        case click.BadParameter():
            told = Text("Invalid {name}: {why}", "{name} 无效：{why}")(
                name=_named(error), why=_expected(error)
            )
        case click.BadOptionUsage():
            told = Text("Invalid {name}: {why}", "{name} 无效：{why}")(
                name=error.option_name, why=error.message
            )
        case _:
            told = Text("Cannot parse the command: {why}", "无法理解该命令：{why}")(
                why=error.message
            )
    return told


def _named(error: click.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "?")
    return error.param.get_error_hint(error.ctx).strip("'")


def _near(names: list[str] | None) -> Text | str:
    return Text(" Did you mean {n}?", "是否想输入 {n}？")(n=", ".join(names)) if names else ""


def _range(kind: click.IntRange | click.FloatRange) -> Text:
    if kind.max is not None:
        told = Text("expected a number from {low} to {high}.", "需要 {low} 到 {high} 的数字。")
    elif kind.min_open:
        told = Text("expected a number above {low}.", "需要大于 {low} 的数字。")
    else:
        told = Text("expected a number no lower than {low}.", "需要不小于 {low} 的数字。")
    return told(low=kind.min, high=kind.max)


def _expected(error: click.BadParameter) -> Text | str:
    """Return what a type of option expects."""
    kind = error.param.type if error.param else None
    match kind:
        case click.Choice():
            return Text("choose one of {all}.", "可选值为 {all}。")(all=", ".join(kind.choices))
        case click.IntRange() | click.FloatRange():
            return _range(kind)
    if kind in (click.INT, click.FLOAT):
        return Text("expected a number.", "需要数字。")
    return error.message
