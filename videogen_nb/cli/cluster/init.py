"""``cluster init``: create certificates for the gateway and its workers, and a configuration
file.
"""

from __future__ import annotations

import socket
from pathlib import Path

import click

from ...i18n import Text
from ..framework.commands import Command, Group, option
from ..framework.exit_codes import Exit
from ..framework.session import Session, shared_except, with_session

_BEGINNING = """\
# How the gateway uses a cluster. It is read when the gateway starts.

# The gateway starts the scheduler and listens there. For a scheduler that runs elsewhere:
# join = "tls://head:8786"
listen = "tls://0.0.0.0:{port}"

# A task that no worker can take waits; "local" generates it on this machine.
without_workers = "wait"
"""
_MADE = Text(
    "Created certificates in {folder}, valid for {years} years. Anyone who has one of them can "
    "run programs on the cluster, so keep them private.",
    "已在 {folder} 生成证书，有效期 {years} 年。任何持有证书的人都能在集群上运行程序，请妥善保管。",
)
_NEXT = Text(
    "Copy {worker} to each machine (with a shared home folder, there is nothing to copy) and run "
    "there:\n  videogen-nb worker tls://{head}:{port} --certificates FOLDER\n"
    "Restart the gateway here; it starts the scheduler.",
    "将 {worker} 复制到每台机器（共享主目录时无需复制），并在那里运行：\n"
    "  videogen-nb worker tls://{head}:{port} --certificates 文件夹\n"
    "然后重启本地网关，它会启动调度器。",
)
_KEPT = Text("{file} exists and was not changed.", "{file} 已存在，未作改动。")


@click.group(
    cls=Group,
    text=Text(
        "Use several machines with one gateway.\n\nThe gateway keeps the queue; workers on other "
        "machines generate the videos.",
        "让一个网关使用多台机器。\n\n队列由网关管理，视频由其他机器上的工作节点生成。",
    ),
)
@shared_except("url", "token")
def cluster() -> None:
    """Commands for the cluster."""


@cluster.command(
    cls=Command,
    text=Text(
        "Create certificates and cluster.toml.\n\nRun it on the gateway's machine. All "
        "connections are encrypted, and nobody without one of these certificates can connect.",
        "生成证书和 cluster.toml。\n\n"
        "请在网关所在机器上运行。所有连接均加密，没有这些证书无法连接。",
    ),
)
@option(
    "--head",
    metavar="HOST",
    text=Text(
        "how workers reach this machine; default: its name",
        "工作节点访问本机所用的主机名，默认为本机名称",
    ),
)
@option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8786,
    metavar="N",
    text=Text("port of the scheduler; default: 8786", "调度器端口，默认 8786"),
)
@option(
    "--replace",
    is_flag=True,
    text=Text("replace existing certificates", "替换已有的证书"),
)
@shared_except("url", "token")
@with_session
def init(session: Session, head: str | None, port: int, replace: bool) -> int:
    """Create what is missing."""
    from ...gateway.jobs.cluster.certificates import YEARS, create_certificates
    from ...gateway.jobs.cluster.config import FILE, FOLDER, check_installed
    from ...security.private_files import private_folder

    check_installed()
    home = session.settings.data_folder
    private_folder(home)
    folders = create_certificates(home / FOLDER, replace=replace)
    file = home / FILE
    if file.exists():
        session.note(_KEPT(file=file))
    else:
        file.write_text(_BEGINNING.format(port=port), "utf-8")
    head = head or socket.gethostname()
    session.say(_MADE(folder=home / FOLDER, years=YEARS))
    session.say(_NEXT(worker=folders["worker"], head=head, port=port))
    session.answer(_document(file, folders["worker"], f"tls://{head}:{port}"))
    return Exit.OK


def _document(file: Path, worker: Path, address: str) -> dict[str, str]:
    return {"configuration": str(file), "worker_certificates": str(worker), "scheduler": address}
