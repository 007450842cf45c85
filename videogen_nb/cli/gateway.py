"""Commands for the gateway: ``serve``, ``stop``, ``engines``."""

from __future__ import annotations

from contextlib import ExitStack

import click
from rich.panel import Panel
from rich.text import Text as Styled

from .._version import __version__
from ..errors import LocalGatewayError
from ..i18n import Text
from ..local.address_probe import neighbour
from ..local.discovery import find_gateway, starting, stop_gateway
from ..local.socket_owner import is_ours
from ..people.lookup import own_token
from ..people.people_file import FILE
from ..people.tokens import new_token
from ..protocol.models import EngineInfo, EngineList, PoolMember
from ..settings import LOG_FORMATS, Settings
from .framework.commands import Command, option
from .framework.exit_codes import Exit
from .framework.printing import columns
from .framework.session import Session, shared, shared_except, with_session

_ALREADY = Text(
    "A gateway is already serving this data folder at {url} (process {pid}); notebooks use it. "
    "Other programs can use it, too:\n  VIDEOGEN_URL={url}",
    "已有网关正在使用该数据文件夹：{url}（进程 {pid}），笔记本会自动使用它。"
    "其他程序也可使用：\n  VIDEOGEN_URL={url}",
)
_SILENT = Text("a program that does not respond", "没有响应的程序")
_TAKEN = Text("Port {port} is in use by {what}.", "端口 {port} 已被占用：{what}。")
_USE_THAT = Text(
    "Use it:\n  VIDEOGEN_URL={url}\nOr choose another port:\n  videogen-nb serve --port {other}",
    "可直接使用它：\n  VIDEOGEN_URL={url}\n或换一个端口：\n  videogen-nb serve --port {other}",
)
_OTHER_PORT = Text(
    "Choose another port:\n  videogen-nb serve --port {other}",
    "请换一个端口：\n  videogen-nb serve --port {other}",
)
_TAKING_OVER = Text(
    "Taking over from the local gateway (process {pid}).",
    "正在接管本地网关（进程 {pid}）。",
)
_MODES = {
    "text": Text("text", "文字"),
    "image": Text("an image", "图片"),
    "last_frame": Text("first and last frame", "首帧与尾帧"),
    "video": Text("a video", "视频"),
}
_STOPPED = Text("Stopped. No task was lost.", "已停止，任务均已保存。")


@click.command(
    cls=Command,
    text=Text(
        "Run a gateway in the foreground for scripts and other programs.\n\nTakes over from "
        "the local gateway, including its tasks. To serve other machines, pass "
        "--host 0.0.0.0 and a token.",
        "在前台运行网关，供脚本和其他程序使用。\n\n"
        "会接管本地网关及其任务。如需从其他机器访问，请使用 --host 0.0.0.0 并设置令牌。",
    ),
)
@option("--host", metavar="ADDRESS", text=Text("address to listen on", "监听的地址"))
@option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    text=Text("port; 0 picks a free one", "端口，0 表示任选空闲端口"),
)
@option(
    "--prefix",
    metavar="PATH",
    text=Text(
        "path under which a proxy serves the gateway, such as /services/videogen",
        "网关在反向代理上的路径前缀，例如 /services/videogen",
    ),
)
@option(
    "--log-format",
    type=click.Choice(LOG_FORMATS),
    text=Text("format of the log", "日志格式"),
)
@shared_except("url")
@with_session
def serve(
    session: Session,
    host: str | None,
    port: int | None,
    prefix: str | None,
    log_format: str | None,
) -> int:
    """Serve until Ctrl-C."""
    settings = Settings.from_environment(
        host=host, port=port, prefix=prefix, log_format=log_format, token=session.token
    )
    with ExitStack() as only_one:
        only_one.enter_context(starting(settings))
        _serve(session, settings, only_one)
    session.note(_STOPPED)
    return Exit.OK


def _serve(session: Session, settings: Settings, only_one: ExitStack) -> None:
    from ..gateway.http.access.jupyterhub import Hub, Service
    from ..gateway.server.listener import (  # the gateway loads only where it runs
        PortTaken,
        listen,
        urls_elsewhere,
    )
    from ..gateway.server.server import run

    hub = None
    if service := Service.from_environment():
        settings, hub = service.settings(settings), Hub(settings.hub_teachers)
    running = find_gateway(settings, say=session.note)
    if running and running.kind == "serve":
        raise LocalGatewayError(_ALREADY(url=running.url, pid=running.pid), code="already_serving")
    token = own_token(settings) or (new_token() if hub else None)
    try:
        listener = listen(settings.host, settings.port, token=token)
    except PortTaken as taken:
        raise LocalGatewayError(_who_has(taken.url, settings.port), code=taken.code) from taken
    with listener:
        if running:
            session.note(_TAKING_OVER(pid=running.pid))
            stop_gateway(running, force=True)

        def ready(url: str) -> None:
            only_one.close()  # from now on others find this one
            _welcome(session, settings, url, urls_elsewhere(listener))

        run(settings, listener, kind="serve", token=token, hub=hub, on_ready=ready)


def _scheduler(settings: Settings) -> list[str]:
    """Return the address by which workers join the cluster, if there is one."""
    from ..gateway.jobs.cluster.config import read_cluster

    cluster = read_cluster(settings.data_folder)
    return [] if cluster is None else [cluster.joined_at]


def _who_has(url: str, port: int) -> Text:
    there = neighbour(url)
    other = port + 1 if port < 65535 else port - 1
    advice = _USE_THAT if there.speaks and is_ours(port) else _OTHER_PORT
    what = _SILENT() if there.kind == "nothing" else there.describe()
    told = _TAKEN(port=port, what=what)
    return Text("{told} {advice}", "{told}{advice}")(told=told, advice=advice(url=url, other=other))


def _welcome(session: Session, settings: Settings, url: str, elsewhere: list[str]) -> None:
    session.answer({"url": url, "data_folder": str(settings.data_folder), "version": __version__})
    if session.as_json:
        return
    token = Text("required (the one you set)", "需要（你设置的令牌）")
    people = settings.data_folder / FILE
    if people.exists():
        token = Text("required (people: {file})", "需要（名单：{file}）")(file=people)
    none = Text("none required; this machine only", "无需令牌，仅限本机访问")
    rows = [
        (Text("address", "地址"), url),
        *[(Text("other machines", "其他机器"), there) for there in elsewhere],
        *[(Text("workers join", "工作节点加入"), at) for at in _scheduler(settings)],
        (Text("API docs", "文档"), f"{url}/docs"),
        (Text("token", "令牌"), str(token if settings.token or people.exists() else none)),
        (Text("tasks, videos", "任务与视频"), str(settings.data_folder)),
        (Text("use it", "使用"), f"VIDEOGEN_URL={url}"),
        (Text("stop", "停止"), "Ctrl-C"),
    ]
    title = Text("🎬 videogen-nb gateway {v}", "🎬 videogen-nb 网关 {v}")(v=__version__)
    if not session.out.is_terminal:
        session.say(title)
        session.rows(rows, indent=2)
        return
    box = Panel(columns(rows), title=str(title), title_align="left", expand=False)
    session.out.print(box, style="cyan")


@click.command(
    cls=Command,
    text=Text(
        "Stop the local gateway.\n\nRarely needed: it stops by itself when idle. Tasks are kept.",
        "停止本地网关。\n\n网关空闲时会自动停止，一般无需手动操作。任务会保留。",
    ),
)
@option(
    "--force",
    is_flag=True,
    text=Text(
        "stop even with unfinished tasks; they continue when it starts again",
        "即使有未完成的任务也停止，下次启动后继续",
    ),
)
@shared_except("url", "token")
@with_session
def stop(session: Session, force: bool) -> int:
    """Stop the local gateway."""
    settings = session.settings
    with starting(settings):
        running = find_gateway(settings, say=session.note, answering=not force)
        if running:
            stop_gateway(running, force=force)
    none = Text("No local gateway is running.", "没有正在运行的本地网关。")
    done = Text("Stopped the gateway (process {pid}).", "已停止网关（进程 {pid}）。")
    session.say(done(pid=running.pid) if running else none)
    session.answer({"stopped": running is not None, "pid": running.pid if running else None})
    return Exit.OK


@click.command(
    cls=Command,
    text=Text(
        "List the engines, what each can do, and whether it is ready.",
        "列出引擎：各自的功能以及是否可用。",
    ),
)
@shared
@with_session
def engines(session: Session) -> int:
    """Show the gateway's engines."""
    known = session.connection.engines().result()
    session.answer(known.model_dump(mode="json"))
    if not session.as_json:
        for engine in known.engines:
            session.out.print(_heading(engine, known))
            session.rows(_abilities(engine), indent=2)
    return Exit.OK


def _heading(engine: EngineInfo, known: EngineList) -> Styled:
    mark = ("✓ ", "green") if engine.ready else ("✗ ", "red")
    default = str(Text("  (default)", "（默认）")) if engine.name == known.default else ""
    return Styled.assemble(mark, (engine.name, "bold"), f"  {engine.title}", (default, "dim"))


def _standing(member: PoolMember) -> str:
    """Return the state of a pool's member."""
    if not member.available:
        return str(Text("✗ {why}", "✗ {why}")(why=member.why or "?"))
    said = Text(
        "✓ {running} of {slots} running, {waiting} waiting",
        "✓ 最多同时 {slots} 个，生成中 {running} 个，排队 {waiting} 个",
    )
    return str(said(running=member.running, slots=member.slots, waiting=member.waiting))


def _abilities(engine: EngineInfo) -> list[tuple[Text, str]]:
    lengths = ""
    if engine.durations:
        shortest, longest = engine.durations
        span = f"{shortest:g}" if shortest == longest else f"{shortest:g}–{longest:g}"
        lengths = str(Text("{span} s", "{span} 秒")(span=span))
    known = [
        (Text("needs", "缺少"), engine.missing),
        *((Text.same(one.name), _standing(one)) for one in engine.members),
        (Text("from", "输入"), ", ".join(str(_MODES.get(mode, mode)) for mode in engine.modes)),
        (Text("length", "时长"), lengths),
        (Text("sizes", "尺寸"), " · ".join([*engine.resolutions, *engine.ratios])),
        (Text("scenes", "场景"), ", ".join(choice.title for choice in engine.scenes)),
        (Text("camera", "运镜"), ", ".join(choice.title for choice in engine.moves)),
        (Text("costs", "费用"), engine.cost),
        (Text("spent", "已花费"), "; ".join(str(one.words) for one in engine.spending)),
    ]
    return [(label, value) for label, value in known if value]
