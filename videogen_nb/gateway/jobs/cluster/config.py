"""``cluster.toml`` in the data folder: where the scheduler is, and what happens without workers."""

from __future__ import annotations

import importlib.util
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ....errors import BadParameter, LocalGatewayError
from ....i18n import Text
from ....text.encoding import read_config

FILE: Final = "cluster.toml"
FOLDER: Final = "cluster"  # of certificates, beside the file
PORT: Final = 8786
LOG: Final = "videogen_nb.gateway.cluster"  # the name of the logger of news about workers
WITHOUT_WORKERS: Final = ("wait", "local")
_TLS: Final = "tls://"
_EVERYWHERE: Final = ("0.0.0.0", "[::]", "*")  # noqa: S104  # compared with, not listened on
SILENT_S: Final = 15.0  # a worker that is silent for this long is considered lost


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """The contents of the file. ``starts``: this gateway runs the scheduler at ``address``.

    ``without_workers`` decides whether a task that no worker can take waits or is computed on this
    machine. ``certificates`` holds ``ca.pem``, ``cert.pem`` and ``key.pem``.
    """

    address: str
    starts: bool
    certificates: Path
    without_workers: Literal["wait", "local"] = "wait"

    @property
    def joined_at(self) -> str:
        """The address for workers elsewhere, with this machine's name if it is 0.0.0.0."""
        host, _, port = self.address.removeprefix(_TLS).rpartition(":")
        return f"{_TLS}{socket.gethostname()}:{port}" if host in _EVERYWHERE else self.address


def read_cluster(folder: Path) -> ClusterConfig | None:
    """Return the cluster settings of a data folder; None = no cluster.

    Raises:
        LocalGatewayError: the file is invalid, or Dask is not installed; the text says what to do.
    """
    path = folder / FILE
    try:
        told = tomllib.loads(read_config(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise LocalGatewayError(_UNREADABLE(path=path, why=str(error)[:200])) from None
    if unknown := sorted(told.keys() - _KEYS):
        known = ", ".join(sorted(_KEYS))
        raise LocalGatewayError(_UNKNOWN(path=path, name=unknown[0], known=known))
    check_installed()
    return _config(path, folder, told)


def check_installed() -> None:
    """Raise LocalGatewayError if Dask distributed is not installed here."""
    if importlib.util.find_spec("distributed") is None:
        raise LocalGatewayError(_MISSING, code="cluster_missing")


def check_address(address: object) -> str:
    """Check the address of a scheduler, which must have a port.

    Raises:
        BadParameter: it is not an address, or not encrypted.
    """
    told = str(address)
    host, _, port = told.removeprefix(_TLS).rpartition(":")
    if not (told.startswith(_TLS) and host and port.isdecimal() and "/" not in host):
        raise BadParameter(_ADDRESS(address=told[:100], port=PORT))
    return told


def _config(path: Path, folder: Path, told: Mapping[str, Any]) -> ClusterConfig:
    if ("listen" in told) == ("join" in told):
        raise LocalGatewayError(_ONE(path=path))
    without = told.get("without_workers", "wait")
    if without not in WITHOUT_WORKERS:
        raise LocalGatewayError(_WITHOUT(path=path, value=str(without)[:40]))
    try:
        address = check_address(told.get("listen", told.get("join")))
    except BadParameter as error:
        raise LocalGatewayError(_IN(path=path, what=error.text)) from None
    certificates = folder / told.get("certificates", f"{FOLDER}/gateway")
    return ClusterConfig(address, "listen" in told, certificates, without)


_KEYS: Final = {"listen", "join", "certificates", "without_workers"}
_MISSING = Text(
    "A cluster needs Dask, which is not installed here. Install it: "
    "pip install 'videogen-nb[cluster]' (in a clone: pip install -e '.[cluster]')",
    "使用集群需要 Dask，此环境尚未安装。请运行：pip install 'videogen-nb[cluster]'"
    "（在源码目录中：pip install -e '.[cluster]'）",
)
_UNREADABLE = Text("{path} cannot be read: {why}", "无法读取 {path}：{why}")
_UNKNOWN = Text(
    "{path}: unknown setting {name!r}. Choose from {known}.",
    "{path} 中有未知设置 {name!r}，可用：{known}。",
)
_ONE = Text(
    "{path}: set either listen (this gateway starts the scheduler) or join (it is started "
    "elsewhere).",
    "{path}：请设置 listen（由本网关启动调度器）或 join（使用别处的调度器），二者选一。",
)
_WITHOUT = Text(
    "{path}: invalid without_workers = {value!r}. Choose wait or local.",
    "{path}：without_workers = {value!r} 无效，可用：wait、local。",
)
_IN = Text("{path}: {what}", "{path}：{what}")
_ADDRESS = Text(
    "Invalid scheduler address {address!r}. Use tls:// with a host and a port, such as "
    "tls://head:{port}; connections without TLS are not accepted.",
    "调度器地址 {address!r} 无效。"
    "请使用 tls:// 加主机和端口，例如 tls://head:{port}；不接受未加密的连接。",
)
