"""Two machines with a cable between them, as network namespaces of Linux.

``python -m tests.gateway.network_namespaces GATEWAY WORKER OTHER`` (folders of certificates),
started in a namespace of its own, is the head of a cluster. It prints what another machine gets out
of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
GUIDE: Final = ROOT / "docs" / "guides" / "cluster.md"
HEAD: Final = "10.77.0.1"
STRANGER: Final = "10.77.0.2"
_CABLE: Final = ["link", "add", "name", "cable", "type", "veth", "peer", "name", "end"]


@cache
def permitted() -> bool:
    """Whether namespaces can be made here."""
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    made = [*_unshared(), "ip", *_CABLE]
    return subprocess.run(made, capture_output=True, check=False).returncode == 0


def two_machines(certificates: Mapping[str, Path], other: Path) -> dict[str, Any]:
    """What each port of a cluster's head says to another machine."""
    folders = (certificates["gateway"], certificates["worker"], other)
    command = [*_unshared(), sys.executable, "-m", __name__, *map(str, folders)]
    head = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True)
    try:
        out, _ = head.communicate(timeout=250)
    finally:
        os.killpg(head.pid, signal.SIGKILL)
        head.wait()
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    return told


def documented_worker(certificates: Path) -> list[str]:
    """The command with which the guide starts a worker of Dask, for these machines."""
    text = GUIDE.read_text("utf-8")
    (told,) = (block for block in text.split("```") if block.startswith("bash\ndask worker"))
    told = told.removeprefix("bash\n").replace("\\\n", " ")
    told = told.replace("//head:", f"//{HEAD}:").replace("cluster/worker", str(certificates))
    return [sys.executable, "-m", *shlex.split(told)]


def _unshared() -> list[str]:
    return ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "-r", "--net"]


async def _head(gateway: Path, worker: Path, other: Path) -> None:
    from videogen_nb.gateway.jobs.cluster.certificates import security_of
    from videogen_nb.gateway.jobs.cluster.dask_processes import serve_scheduler

    stranger = subprocess.Popen(["unshare", "--net", "sleep", "300"])
    there = ["nsenter", "--net", "--target", str(stranger.pid)]
    while not _is_apart(stranger.pid):
        await asyncio.sleep(0.01)
    _run(["ip", *_CABLE, "netns", str(stranger.pid)])
    for before, address, end in (([], HEAD, "cable"), (there, STRANGER, "end")):
        for words in (
            "link set lo up",
            f"address add {address}/24 dev {end}",
            f"link set {end} up",
        ):
            _run([*before, "ip", *words.split()])
    ended = asyncio.Event()
    serving = asyncio.create_task(
        serve_scheduler(f"tls://{HEAD}:8786", security_of(gateway), ended)
    )
    dask = subprocess.Popen(documented_worker(worker), stderr=subprocess.DEVNULL)
    while len(ports := _ports()) < 3:
        await asyncio.sleep(0.05)
    asked = [
        sys.executable,
        "-m",
        f"{__package__}.cluster_port_probes",
        HEAD,
        str(worker),
        str(other),
    ]
    print(await asyncio.to_thread(_run, [*there, *asked, *ports]), end="")
    for process in (dask, stranger):
        process.kill()
    ended.set()
    await serving


def _ports() -> list[str]:
    """All ports of this namespace that somebody listens on."""
    import psutil

    found = psutil.net_connections("inet")
    return sorted({str(c.laddr.port) for c in found if c.laddr and c.status == psutil.CONN_LISTEN})


def _is_apart(pid: int) -> bool:
    return Path(f"/proc/{pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    asyncio.run(_head(*map(Path, sys.argv[1:])))
