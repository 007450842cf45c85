"""All settings: variables, defaults and descriptions.

They are the fields of the frozen dataclass :class:`Settings`; the metadata of each has the
environment variable and a description in both languages. The command line's help, the table in the
README and a test use them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from .errors import BadInput, BadParameter
from .i18n import Text
from .security.redaction import clean, without_passwords

LOG_FORMATS: Final = ("text", "json")


def _setting(env: str, default: Any, en: str, zh: str, *, secret: bool = False) -> Any:
    return field(
        default=default, metadata={"env": env, "text": Text(en, zh), "secret": secret}, repr=False
    )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, with their defaults. ``Settings.from_environment()`` reads the variables."""

    url: str | None = _setting(
        "VIDEOGEN_URL",
        None,
        "gateway to use; unset = the local gateway",
        "要使用的网关地址；不设置则使用本地网关",
    )
    token: str | None = _setting(
        "VIDEOGEN_TOKEN",
        None,
        "token for that gateway, or the one that `serve` requires",
        "访问该网关的令牌，或 `serve` 要求的令牌",
        secret=True,
    )
    lang: str | None = _setting(
        "VIDEOGEN_LANG",
        None,
        "language: en or zh; unset = the locale's",
        "语言：en 或 zh；不设置则跟随系统",
    )
    engine: str | None = _setting(
        "VIDEOGEN_ENGINE",
        None,
        "engine for requests that name none; unset = the gateway's default, `sketch`",
        "请求未指定时使用的引擎；不设置则用网关的默认引擎 `sketch`",
    )
    home: Path | None = _setting(
        "VIDEOGEN_HOME",
        None,
        "folder for the gateway's tasks and videos; unset = the platform's data folder",
        "网关存放任务与视频的文件夹；不设置则用系统的数据文件夹",
    )
    runtime: Path | None = _setting(
        "VIDEOGEN_RUNTIME",
        None,
        "folder for the local gateway's log; unset = the platform's runtime folder",
        "本地网关日志所在的文件夹；不设置则用系统的运行时文件夹",
    )
    output: Path = _setting(
        "VIDEOGEN_OUTPUT", Path("videos"), "folder where videos are saved", "保存视频的文件夹"
    )
    hard_links: bool = _setting(
        "VIDEOGEN_HARD_LINKS",
        False,
        "save videos of the local gateway as hard links, which are read-only and take no "
        "additional disk space: on or off",
        "将本地网关的视频保存为硬链接（只读，不额外占用磁盘）：on 或 off",
    )
    host: str = _setting(
        "VIDEOGEN_HOST", "127.0.0.1", "address that `serve` listens on", "`serve` 监听的地址"
    )
    port: int = _setting(
        "VIDEOGEN_PORT", 8000, "port that `serve` listens on", "`serve` 监听的端口"
    )
    prefix: str = _setting(
        "VIDEOGEN_PREFIX",
        "",
        "path under which a proxy serves the gateway, such as /services/videogen",
        "网关在反向代理上的路径前缀，例如 /services/videogen",
    )
    log_format: str = _setting(
        "VIDEOGEN_LOG_FORMAT",
        "text",
        "log format of `serve`: text or json",
        "`serve` 日志的格式：text 或 json",
    )
    hub_teachers: str = _setting(
        "VIDEOGEN_HUB_TEACHERS",
        "teachers",
        "JupyterHub groups whose members are teachers, separated by commas",
        "JupyterHub 中教师所在的组，用逗号分隔",
    )
    allowed_hosts: str = _setting(
        "VIDEOGEN_ALLOWED_HOSTS",
        "",
        "additional host names that the gateway accepts, separated by commas",
        "网关额外接受的主机名，用逗号分隔",
    )
    allowed_origins: str = _setting(
        "VIDEOGEN_ALLOWED_ORIGINS",
        "",
        "web origins that may use the gateway from a browser, separated by commas",
        "允许从浏览器使用网关的来源，用逗号分隔",
    )
    workers: int = _setting(
        "VIDEOGEN_WORKERS", 1, "videos rendered at the same time", "同时生成的视频数"
    )
    max_tasks: int = _setting(
        "VIDEOGEN_MAX_TASKS",
        1000,
        "unfinished tasks that one person may have",
        "每人未完成任务的上限",
    )
    max_upload_mb: int = _setting(
        "VIDEOGEN_MAX_UPLOAD_MB",
        2048,
        "megabytes of images stored per person",
        "每人保存图片的总量上限（MB）",
    )
    idle_minutes: float = _setting(
        "VIDEOGEN_IDLE_MINUTES",
        30.0,
        "minutes without work after which the local gateway stops",
        "本地网关空闲多少分钟后自动停止",
    )
    max_wait_minutes: float = _setting(
        "VIDEOGEN_MAX_WAIT_MINUTES",
        20.0,
        "minutes to wait for a video; after that, the task itself continues",
        "等待视频的最长时间（分钟）；超时后任务仍会继续",
    )
    progress: bool = _setting(
        "VIDEOGEN_PROGRESS",
        True,
        "show progress while Python waits: a bar in notebooks, lines elsewhere; off = silent",
        "在 Python 中等待时显示进度：笔记本中为进度条，其他环境为文字；off 则不显示",
    )
    embed: bool | None = _setting(
        "VIDEOGEN_EMBED",
        None,
        "embed small videos in a notebook's output: on or off; "
        "unset = only where nothing serves files",
        "将小视频嵌入笔记本输出：on 或 off；不设置则仅在无法读取文件的环境中嵌入",
    )
    allow_networks: str = _setting(
        "VIDEOGEN_ALLOW_NETWORKS",
        "",
        "private networks from which images may be downloaded, such as 198.18.0.0/15 "
        "behind a fake-IP proxy; the word proxy allows hosts that only the proxy can resolve",
        "允许下载图片的内网网段，例如使用 fake-IP 代理时的 198.18.0.0/15；"
        "写入 proxy 则允许只有代理能解析的主机",
    )
    notify_hosts: str = _setting(
        "VIDEOGEN_NOTIFY_HOSTS",
        "",
        "hosts that webhooks (`notify=`) may be sent to, separated by commas, such as "
        "`hooks.example.com` or `*.example.com`",
        "允许接收 webhook（`notify=`）的主机，用逗号分隔，例如 `hooks.example.com` 或 "
        "`*.example.com`",
    )

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, **overrides: Any
    ) -> Settings:
        """Read the variables, then apply ``overrides`` (None = not given).

        Raises:
            BadParameter: a variable has an invalid value.
        """
        environment = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for setting in fields(cls):
            raw = clean(environment.get(variable(setting), ""))
            if raw:
                values[setting.name] = _read(setting, raw)
        values.update({k: v for k, v in overrides.items() if v is not None})
        if values.get("url") and not values.get("token"):
            values["token"] = _hub_token(values["url"], environment)
        return cls(**values)

    def of_the_gateway(self) -> dict[str, str]:
        """Return the settings that a gateway reads when it starts, by variable."""
        named = {setting.name: variable(setting) for setting in fields(self)}
        return {named[name]: str(getattr(self, name)) for name in _OF_THE_GATEWAY}

    def __post_init__(self) -> None:
        if self.token is not None:
            object.__setattr__(self, "token", clean(self.token) or None)

    def __repr__(self) -> str:
        """Show what differs from the defaults, without tokens and passwords."""
        shown = (f for f in fields(self) if not f.metadata["secret"])
        set_ = (f"{f.name}={getattr(self, f.name)!r}" for f in shown if self._differs(f))
        return without_passwords(f"Settings({', '.join(set_)})")

    def _differs(self, setting: Field[Any]) -> bool:
        return bool(getattr(self, setting.name) != setting.default)

    @property
    def data_folder(self) -> Path:
        """Where the gateway keeps tasks and videos (absolute; it need not exist yet)."""
        if self.home is not None:
            return absolute(self.home)
        from platformdirs import user_data_path  # only a local gateway needs it

        try:
            return absolute(user_data_path("videogen-nb", appauthor=False))
        except RuntimeError as error:  # newer versions of platformdirs look for the home themselves
            raise BadInput(_NO_HOME(path="~"), code="no_home") from error

    @property
    def video_folder(self) -> Path:
        """The folder in which a gateway with this data folder keeps its videos."""
        return self.data_folder / "videos"


_OF_THE_GATEWAY = (
    "allow_networks",
    "allowed_hosts",
    "allowed_origins",
    "idle_minutes",
    "max_tasks",
    "max_upload_mb",
    "notify_hosts",
    "workers",
)


def _hub_token(url: str, environment: Mapping[str, str]) -> str | None:
    """Return the token that JupyterHub gave this notebook server, only for a service of that hub.

    ``JUPYTERHUB_PUBLIC_HUB_URL`` is the hub's address, if set; otherwise the path decides.
    """
    services = environment.get("JUPYTERHUB_BASE_URL", "/").rstrip("/") + "/services/"
    try:
        asked = urlsplit(url)
    except ValueError:  # whoever opens a connection to it says what is wrong
        return None
    hub = urlsplit(environment.get("JUPYTERHUB_PUBLIC_HUB_URL", ""))
    elsewhere = hub.netloc and (hub.scheme, hub.netloc) != (asked.scheme, asked.netloc)
    if elsewhere or not asked.path.startswith(services):
        return None
    return clean(environment.get("JUPYTERHUB_API_TOKEN", "")) or None


def absolute(path: Path) -> Path:
    """Return an absolute path, with ``~`` expanded.

    Raises:
        BadInput: the home or working folder it starts from does not exist.
    """
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:  # what pathlib raises where nobody knows the home folder
        raise BadInput(_NO_HOME(path=path), code="no_home") from error
    except OSError as error:
        raise BadInput(_NO_WORKING_FOLDER(path=path), code="no_working_folder") from error


_NO_HOME = Text(
    "{path} is relative to your home folder, which is unknown: HOME is not set and the system has "
    "none for this user. Set HOME, or use a full path (VIDEOGEN_HOME, VIDEOGEN_OUTPUT).",
    "{path} 位于主目录之下，但找不到主目录：未设置 HOME，系统中也没有该用户的主目录。"
    "请设置 HOME，或使用完整路径（VIDEOGEN_HOME、VIDEOGEN_OUTPUT）。",
)
_NO_WORKING_FOLDER = Text(
    "{path} is relative to the working folder, which no longer exists. Change to another folder "
    "(cd), or use a full path.",
    "{path} 是相对于当前文件夹的路径，但该文件夹已不存在。请切换到其他文件夹（cd），或使用完整路径"
    "。",
)


def variable(setting: Field[Any]) -> str:
    """Return the environment variable for a field of :class:`Settings`."""
    return str(setting.metadata["env"])


def _expanded(path: Path) -> Path:
    return absolute(path) if str(path).startswith("~") else path


_READERS: dict[str, Any] = {
    "str": str,
    "str | None": str,
    "int": int,
    "float": lambda raw: _finite(float(raw)),
    "bool": lambda raw: _switch(raw),
    "bool | None": lambda raw: _switch(raw),
    "Path": lambda raw: _expanded(Path(raw)),
    "Path | None": lambda raw: _expanded(Path(raw)),
}


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def _switch(raw: str) -> bool:
    if raw.lower() in ("1", "on", "true", "yes"):
        return True
    if raw.lower() in ("0", "off", "false", "no"):
        return False
    raise ValueError(raw)


def _read(setting: Field[Any], raw: str) -> Any:
    try:
        return _READERS[str(setting.type)](raw)
    except ValueError:
        told = _NO_SWITCH if str(setting.type).startswith("bool") else _NO_NUMBER
        raise BadParameter(told(name=variable(setting), raw=raw)) from None


_NO_NUMBER = Text(
    "Invalid {name}: {raw!r} is not a number. Unset it or use a number.",
    "{name} 的值 {raw!r} 不是数字，请改为数字或取消设置。",
)
_NO_SWITCH = Text(
    "Invalid {name}: {raw!r}. Unset it, or use on or off.",
    "{name} 的值 {raw!r} 无效，请使用 on 或 off，或取消设置。",
)
