"""``worker``: generate videos on this machine for a gateway elsewhere."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ...i18n import Text
from ...settings import absolute
from ..framework.commands import Command, option
from ..framework.exit_codes import Exit
from ..framework.session import Session, shared_except, with_session


@click.command(
    cls=Command,
    text=Text(
        "Generate videos on this machine for a gateway on another one.\n\nJoins the gateway's "
        "cluster and waits for tasks until Ctrl-C. Needs the worker certificates that "
        "`videogen-nb cluster init` creates.",
        "在本机为另一台机器上的网关生成视频。\n\n"
        "加入网关的集群并等待任务，按 Ctrl-C 停止。"
        "需要由 `videogen-nb cluster init` 生成的工作节点证书。",
    ),
)
@click.argument("scheduler", metavar="SCHEDULER")
@option(
    "--gpu",
    type=click.IntRange(0),
    metavar="N",
    text=Text("number of the GPU to use", "使用的 GPU 编号"),
)
@option(
    "--engines",
    metavar="NAMES",
    default="",
    text=Text(
        "engines to offer, separated by commas; default: all that are ready here",
        "提供的引擎，用逗号分隔；默认为本机可用的全部引擎",
    ),
)
@option(
    "--slots",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    text=Text("videos generated at the same time; default: 1", "同时生成的视频数，默认 1"),
)
@option(
    "--host",
    metavar="ADDRESS",
    text=Text(
        "address to listen on; default: the one that leads to the scheduler",
        "监听的地址，默认为通向调度器的地址",
    ),
)
@option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="N",
    text=Text(
        "port to listen on, which the scheduler must be able to reach; default: any",
        "监听的端口，调度器须能访问；默认任意端口",
    ),
)
@option(
    "--certificates",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    text=Text(
        "folder with ca.pem, cert.pem, key.pem; default: cluster/worker in the data folder",
        "存放 ca.pem、cert.pem、key.pem 的文件夹；默认为数据文件夹中的 cluster/worker",
    ),
)
@shared_except("url", "token")
@with_session
def worker(
    session: Session,
    scheduler: str,
    gpu: int | None,
    engines: str,
    slots: int,
    host: str | None,
    port: int | None,
    certificates: Path | None,
) -> int:
    """Work until Ctrl-C."""
    from ...gateway.jobs.cluster.certificates import security_of
    from ...gateway.jobs.cluster.config import FOLDER, check_address, check_installed

    check_installed()
    address = check_address(scheduler)
    folder = absolute(certificates or session.settings.data_folder / FOLDER / "worker")
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = str(gpu)
    names = [name.strip() for name in engines.split(",") if name.strip()]
    here = {"host": host, "port": port or 0}
    asyncio.run(_work(session, address, security_of(folder), slots, names, here))
    return Exit.OK


async def _work(
    session: Session,
    address: str,
    security: Any,
    slots: int,
    engines: Sequence[str],
    here: Mapping[str, Any],
) -> None:
    from ...gateway.jobs.cluster.dask_processes import (  # Dask: seconds
        ended_by_signals,
        serve_worker,
    )

    await serve_worker(
        address,
        security,
        slots=slots,
        engines=engines,
        say=session.note,
        ended=ended_by_signals(),
        **here,
    )
