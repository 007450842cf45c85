"""Checks of the installation, gateway and engines, with suggested fixes."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .._version import __version__
from ..durations import since
from ..engines.registry import load_engines
from ..errors import BadInput, BadParameter, LocalGatewayError, VideogenError
from ..i18n import Text, current_language
from ..network import report
from ..network.base_url import check_base_url
from ..people.people_file import BLANK, read_roster
from ..people.people_file import FILE as PEOPLE
from ..security.private_files import is_private
from ..settings import Settings, absolute
from ..text.byte_sizes import size_words
from .address_probe import lets_in, neighbour
from .discovery import find_gateway
from .info_file import log_path, runtime_folder
from .socket_owner import is_ours

_LITTLE_SPACE = 1e9
_NO_SPACE = 1e8
_DATA = Text("data folder", "数据文件夹")
_FOR_NOTEBOOKS = ("jupyterlab", "notebook", "ipykernel")


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. ``note`` is informative; ``broken`` has a ``remedy``."""

    name: str
    title: Text
    state: Literal["ok", "note", "broken"]
    said: Text
    remedy: Text | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the finding as JSON, in the user's language."""
        remedy = str(self.remedy) if self.remedy else None
        return {"name": self.name, "state": self.state, "said": str(self.said), "remedy": remedy}


def examine(settings: Settings) -> Iterator[Finding]:
    """Run all checks, the most basic first. Does not start or change anything."""
    yield _python()
    yield from _packages()
    yield _notebooks()
    yield _encoder()
    try:
        folder = settings.data_folder
    except BadInput as error:  # no home folder: nothing further can be looked at
        yield Finding("data", _DATA, "broken", error.text, Text.same("VIDEOGEN_HOME=…"))
        return
    yield from _engines(settings)
    yield _folder("data", _DATA, folder, "VIDEOGEN_HOME")
    yield _folder("output", Text("videos", "视频文件夹"), settings.output, "VIDEOGEN_OUTPUT")
    yield from _private(settings)
    yield from _people(folder / PEOPLE)
    yield _runtime(settings)
    yield from _network()
    yield _named_gateway(settings.url, settings) if settings.url else _local_gateway(settings)
    yield from _last_start(settings)
    yield from _port(settings)


def _python() -> Finding:
    said = Text("{v} in {prefix} on {system}", "{v}，位于 {prefix}，系统 {system}")
    where = platform.platform(terse=True)
    return Finding(
        "python",
        Text("Python", "Python"),
        "ok",
        said(v=platform.python_version(), prefix=sys.prefix, system=where),
    )


def _packages() -> Iterator[Finding]:
    title = Text("packages", "软件包")
    try:
        required = importlib.metadata.requires("videogen-nb") or []
    except importlib.metadata.PackageNotFoundError:
        yield Finding(
            "packages",
            title,
            "broken",
            Text(
                "videogen-nb {v} runs from a folder but is not installed, so no engines are found.",
                "videogen-nb {v} 是从文件夹直接运行的，并未安装，因此找不到引擎。",
            )(v=__version__),
            Text("{python} -m pip install -e {folder}", "{python} -m pip install -e {folder}")(
                python=sys.executable, folder=Path(__file__).parents[2]
            ),
        )
        return
    names = [re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in required]
    needed = [n for n, line in zip(names, required, strict=True) if "extra ==" not in line]
    versions = {name: _version(name) for name in needed}
    listed = ", ".join(f"{n} {v}" for n, v in versions.items() if v)
    missing = [name for name, version in versions.items() if version is None]
    if missing:
        yield Finding(
            "packages",
            title,
            "broken",
            Text("missing: {names}", "缺少：{names}")(names=", ".join(missing)),
            _pip(*missing),
        )
    yield Finding(
        "versions",
        title,
        "ok",
        Text.same(f"videogen-nb {__version__}, {listed}"),
    )


def _notebooks() -> Finding:
    title = Text("notebooks", "笔记本")
    found = {name: _version(name) for name in _FOR_NOTEBOOKS}
    listed = ", ".join(f"{n} {v}" for n, v in found.items() if v)
    if found["ipykernel"] is None or (found["jupyterlab"] is None and found["notebook"] is None):
        said = Text(
            "JupyterLab is not installed ({listed}); scripts and the terminal work without it.",
            "此环境未安装 JupyterLab（{listed}）；脚本和终端不受影响。",
        )(listed=listed or "—")
        return Finding("notebooks", title, "note", said, _pip("videogen-nb[lab]"))
    return Finding("notebooks", title, "ok", Text.same(listed))


def _encoder() -> Finding:
    title = Text("H.264", "H.264")
    try:
        codec = importlib.import_module("av.codec").Codec("libx264", "w")
        importlib.import_module("cv2")
    except (ImportError, OSError, ValueError) as error:
        said = Text("videos cannot be encoded: {why}", "无法编码视频：{why}")(why=error)
        return Finding("encoder", title, "broken", said, _pip("av", "opencv-python-headless"))
    return Finding("encoder", title, "ok", Text.same(codec.long_name))


def _engines(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_folder
    engines, broken = load_engines(folder)
    for name, engine in engines.items():
        info = engine.info(current_language())
        missing = Text("not ready: {what}", "未就绪：{what}")(what=info.missing)
        ready = Text("ready: {title}", "可用：{title}")(title=info.title)
        state: Literal["ok", "note"] = "ok" if info.ready else "note"
        yield Finding(f"engine:{name}", _engine(name), state, ready if info.ready else missing)
        for one in info.members:
            if not one.available and info.ready:
                why = Text("its member {name} gets no tasks: {why}", "成员 {name} 不可用：{why}")
                said = why(name=one.name, why=one.why)
                yield Finding(f"engine:{name}:{one.name}", _engine(name), "note", said)
    for name, why in broken.items():
        remedy = Text(
            "Fix engines.toml in {folder}, or reinstall or remove the package that provides "
            "the engine.",
            "请修正 {folder} 中的 engines.toml，或重装、移除提供它的软件包。",
        )(folder=folder)
        yield Finding(f"engine:{name}", _engine(name), "broken", why, remedy)
    if settings.engine and settings.url is None and settings.engine not in {*engines, *broken}:
        said = Text(
            "VIDEOGEN_ENGINE is set to this engine, but it is not installed.",
            "VIDEOGEN_ENGINE 指定了它，但本机没有这个引擎。",
        )
        correct = Text("Set it to one of: {names}.", "请改为其中之一：{names}。")
        yield Finding(
            f"engine:{settings.engine}",
            _engine(settings.engine),
            "broken",
            said,
            correct(names=", ".join(engines)),
        )


def _engine(name: str) -> Text:
    return Text("engine {name}", "引擎 {name}")(name=name)


def _folder(name: str, title: Text, folder: Path, variable: str) -> Finding:
    remedy = Text(
        "Make it writable, or set {variable} to another folder.",
        "请检查其写入权限，或将 {variable} 设为其他文件夹。",
    )(variable=variable)
    try:
        folder = absolute(folder)
        there = next(p for p in (folder, *folder.parents) if p.exists())
        if not there.is_dir():
            raise NotADirectoryError(None, str(Text("not a folder", "不是文件夹")))
        if not os.access(there, os.W_OK):
            raise PermissionError(None, str(Text("not writable", "不可写")))
        if there == folder:
            with tempfile.TemporaryFile(dir=folder):
                pass
        free = shutil.disk_usage(there).free
    except OSError as error:
        said = Text("{folder}: {why}", "{folder}：{why}")(folder=folder, why=error.strerror)
        return Finding(name, title, "broken", said, remedy)
    except BadInput as error:
        return Finding(name, title, "broken", error.text, remedy)
    said = Text("{folder} ({free} free)", "{folder}（可用 {free}）")(
        folder=folder, free=size_words(free)
    )
    if free >= _LITTLE_SPACE:
        return Finding(name, title, "ok", said)
    space = Text(
        "Free some space, or set {variable} to a folder on another disk.",
        "请清理磁盘，或将 {variable} 设为其他磁盘上的文件夹。",
    )(variable=variable)
    return Finding(name, title, "broken" if free < _NO_SPACE else "note", said, space)


def _private(settings: Settings) -> Iterator[Finding]:
    """Check whether other users of this machine can read tasks, images, videos, keys and tokens."""
    title = Text("permissions", "访问权限")
    folder = settings.data_folder
    names = ("tasks.sqlite3", "uploads", "videos", "keys", PEOPLE)
    kept = [folder, *(folder / name for name in names)]
    there = [path for path in kept if path.exists()]
    if open_ones := [path for path in there if not is_private(path)]:
        said = Text("accessible to other users: {paths}", "其他用户可访问：{paths}")
        paths = [shlex.quote(str(path)) for path in open_ones]
        remedy = Text.same(f"chmod go-rwx {' '.join(paths)}")
        yield Finding("private", title, "broken", said(paths=", ".join(paths)), remedy)
    elif there:
        said = Text("only you can access the stored data", "仅你本人可以读取保存的内容")
        yield Finding("private", title, "ok", said)


def _people(file: Path) -> Iterator[Finding]:
    """Report who may use the gateway, or the error in the file; nothing without one."""
    if not file.exists():
        return
    title = Text("people", "名单")
    try:
        roster = read_roster(file)
        if roster.blank:
            raise LocalGatewayError(BLANK(file=file))
    except LocalGatewayError as error:
        remedy = Text(
            "Correct it; until then, a running gateway uses the previous version.",
            "请修正；正在运行的网关仍按之前的内容执行。",
        )
        yield Finding("people", title, "broken", error.text, remedy)
        return
    said = Text("{n} with a token, in {file}", "{n} 人有令牌，见 {file}")
    with_token = sum(not person.revoked for person in roster.people.values())
    yield Finding("people", title, "ok", said(n=with_token, file=file))


def _runtime(settings: Settings) -> Finding:
    title = Text("runtime folder", "运行时文件夹")
    try:
        return Finding("runtime", title, "ok", Text.same(str(runtime_folder(settings))))
    except VideogenError as error:
        remedy = Text("VIDEOGEN_RUNTIME=…", "VIDEOGEN_RUNTIME=…")
        return Finding("runtime", title, "broken", error.text, remedy)


def _network() -> Iterator[Finding]:
    """Report proxies and certificates from the environment; usually nothing."""
    title, found = Text("network", "网络"), report()
    if found.said:
        said = Text(
            "{variables}; addresses on this machine are reached directly",
            "{variables}；本机地址始终直接访问",
        )(variables=", ".join(found.said))
        yield Finding("network", title, "ok", said)
    for error in found.unusable:
        yield Finding(f"network:{error.variable}", title, "broken", error.text)


def _named_gateway(url: str, settings: Settings) -> Finding:
    title = Text("gateway", "网关")
    try:
        url = check_base_url(url)
    except BadParameter as error:
        return Finding("gateway", title, "broken", error.text, Text.same("VIDEOGEN_URL=…"))
    there = neighbour(url)
    said = Text("{url} (VIDEOGEN_URL): {what}", "{url}（VIDEOGEN_URL）：{what}")(
        url=url, what=there.describe()
    )
    if not there.speaks:
        remedy = Text(
            "Start it, fix VIDEOGEN_URL, or unset it to use the local gateway.",
            "请启动该网关、修正 VIDEOGEN_URL，或取消设置以使用本地网关。",
        )
        return Finding("gateway", title, "broken", said, remedy)
    if not lets_in(url, settings.token):
        remedy = Text("Set VIDEOGEN_TOKEN to its token.", "请将 VIDEOGEN_TOKEN 设置为其令牌。")
        return Finding("gateway", title, "broken", said, remedy)
    return Finding("gateway", title, "ok", said)


def _local_gateway(settings: Settings) -> Finding:
    title = Text("gateway", "网关")
    try:
        running = find_gateway(settings)
    except VideogenError as error:
        remedy = Text("videogen-nb stop --force", "videogen-nb stop --force")
        return Finding("gateway", title, "broken", error.text, remedy)
    if running is None:
        none = Text(
            "local; not running, starts when needed",
            "本地网关；当前未运行，需要时自动启动",
        )
        return Finding("gateway", title, "ok", none)
    said = Text(
        "local, at {url}: version {v}, process {pid}, started {ago}",
        "本地网关 {url}：版本 {v}，进程 {pid}，{ago}启动",
    )(url=running.url, v=running.version, pid=running.pid, ago=since(running.started_at))
    if running.version != __version__:
        other = Text(
            "It will be replaced when idle; run `videogen-nb stop` to replace it now.",
            "该网关空闲后会被替换；`videogen-nb stop` 可立即停止它。",
        )
        return Finding("gateway", title, "note", said, other)
    return Finding("gateway", title, "ok", said)


def _last_start(settings: Settings) -> Iterator[Finding]:
    """Report the output of the local gateway; usually nothing."""
    try:
        lines = log_path(settings).read_text("utf-8", errors="replace").splitlines()
    except (OSError, VideogenError):
        return
    if lines:
        said = Text("{log} ends with: {words}", "{log} 的最后一行：{words}")(
            log=log_path(settings), words=lines[-1]
        )
        yield Finding("log", Text("gateway's log", "网关日志"), "note", said)


def _port(settings: Settings) -> Iterator[Finding]:
    """Report what uses the port of `serve`, such as an older gateway."""
    there = neighbour(f"http://127.0.0.1:{settings.port}")
    if there.kind == "nothing":
        return
    ours = is_ours(settings.port)
    said = Text("used by {what}", "{what}")(what=there.describe())
    if not ours:  # it could be anybody's, and would be sent prompts, images and tokens
        said = Text("{what} is running there; it may not be yours", "{what}，无法确认是否属于你")(
            what=there.describe()
        )
    use = Text("To use it:  VIDEOGEN_URL={url}", "如需使用：VIDEOGEN_URL={url}")(url=there.url)
    title = Text("port {port}", "端口 {port}")(port=settings.port)
    yield Finding("port", title, "note", said, use if there.speaks and ours else None)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _pip(*names: str) -> Text:
    quoted = " ".join(f"'{name}'" if "[" in name else name for name in names)
    return Text.same(f"{sys.executable} -m pip install {quoted}")
