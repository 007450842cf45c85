"""A real cluster on loopback: Dask's scheduler and workers in processes of their own, over TLS."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from videogen_nb.gateway.jobs.cluster.certificates import create_certificates
from videogen_nb.gateway.jobs.cluster.config import FILE, FOLDER

from .trial_engine import install

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "cluster.md"


class Cluster:
    """Certificates, a scheduler on a port of its own, and workers that come and go."""

    def __init__(self, folder: Path) -> None:
        self.certificates = create_certificates(folder / FOLDER)
        self.folder = folder
        self.port = free_port()
        self.address = f"tls://127.0.0.1:{self.port}"
        self.workers: list[subprocess.Popen[bytes]] = []
        self._site = install(folder / "site")
        self._scheduler: subprocess.Popen[bytes] | None = None

    def configure(self, home: Path, how: str = "join", **more: str) -> None:
        """Let the gateway of a data folder join, or be the one that starts the scheduler."""
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copytree(self.folder / FOLDER, home / FOLDER, dirs_exist_ok=True)
        lines = {how: self.address, **more}
        (home / FILE).write_text("".join(f'{name} = "{value}"\n' for name, value in lines.items()))

    def start_scheduler(self) -> None:
        """Start the scheduler, at the same address each time."""
        module = "videogen_nb.gateway.jobs.cluster.dask_processes"
        command = [sys.executable, "-m", module, self.address, str(self.certificates["gateway"])]
        self._scheduler = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment
        )
        assert self._scheduler.stdout is not None
        assert self._scheduler.stdout.readline() == b"ready\n"

    def kill_scheduler(self) -> None:
        """End the scheduler as a power cut would."""
        assert self._scheduler is not None
        self._scheduler.kill()
        _wait(self._scheduler)

    def start_worker(self, *options: str) -> subprocess.Popen[bytes]:
        """Start a worker as a person does."""
        place = ("--certificates", str(self.certificates["worker"]))
        command = [sys.executable, "-m", "videogen_nb", "worker", self.address, *place, *options]
        worker = subprocess.Popen(command, env=self.environment, stderr=subprocess.DEVNULL)
        self.workers.append(worker)
        return worker

    def start_slurm_worker(self) -> None:
        """Start a worker with the guide's script for Slurm, as its job on a node does."""
        text = GUIDE.read_text("utf-8")
        (script,) = (block for block in text.split("```") if "#SBATCH" in block)
        script = script.removeprefix("bash\n").replace("tls://head:8786", self.address)
        shutil.copytree(self.certificates["worker"], self.folder / "user" / "videogen-worker")
        command = self.folder / "bin" / "videogen-nb"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m videogen_nb "$@"\n')
        command.chmod(0o700)
        path = os.pathsep.join((str(command.parent), os.environ["PATH"]))
        named = {"PATH": path, "HOME": str(self.folder / "user"), "SLURM_JOB_ID": "1"}
        job = ["bash", "-euc", script]
        environment = {**self.environment, **named}
        self.workers.append(subprocess.Popen(job, env=environment, stderr=subprocess.DEVNULL))

    def kill_worker(self, worker: subprocess.Popen[bytes]) -> None:
        """End a worker as a power cut would, with all that it has started."""
        worker.kill()
        self.workers.remove(worker)
        _wait(worker)

    @property
    def pids(self) -> list[int]:
        """The processes of the scheduler and of the workers, with what they have started."""
        assert self._scheduler is not None
        own = [psutil.Process(one.pid) for one in (self._scheduler, *self.workers)]
        return [p.pid for process in own for p in (process, *process.children(recursive=True))]

    @property
    def environment(self) -> dict[str, str]:
        """What the processes find: this package, and the trial engine."""
        mine = {k: v for k, v in os.environ.items() if not k.startswith("VIDEOGEN_")}
        path = os.pathsep.join((str(ROOT), str(self._site)))
        home = str(self.folder / "elsewhere")
        return {**mine, "PYTHONPATH": path, "VIDEOGEN_HOME": home, "VIDEOGEN_LANG": "en"}

    def close(self) -> None:
        """End everything."""
        for worker in self.workers:
            with contextlib.suppress(ProcessLookupError):
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            _wait(worker)
        if self._scheduler is not None:
            self.kill_scheduler()


@contextlib.contextmanager
def cluster_of(folder: Path, workers: int) -> Iterator[Cluster]:
    """A running cluster."""
    cluster = Cluster(folder)
    try:
        for _ in range(workers):  # they wait for the scheduler
            cluster.start_worker()
        cluster.start_scheduler()
        yield cluster
    finally:
        cluster.close()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
