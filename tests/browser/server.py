"""A Jupyter server of its own on a free loopback port, with every folder under a temporary one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

_START_S = 150  # on a machine that is busy with other things


@dataclass(frozen=True)
class JupyterServer:
    """Where the server listens and the folder that it serves."""

    url: str
    root: Path
    env: dict[str, str]

    def write(self, name: str, *cells: str, kernel: str | None = None) -> Path:
        """A notebook of code cells in the served folder; ``kernel`` is a version of ipykernel."""
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        spec = {"name": "python3", "display_name": "Python 3"}
        if kernel:
            spec = {"name": f"ipykernel-{kernel}", "display_name": f"ipykernel {kernel}"}
        notebook.metadata["kernelspec"] = spec
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(nbformat.writes(notebook), encoding="utf-8")
        return path

    def kernel_state(self, name: str) -> str:
        """What the kernel of a notebook is doing: "idle" once a page is connected to it."""
        with urllib.request.urlopen(f"{self.url}api/sessions", timeout=10) as answer:
            kernels = [s["kernel"] for s in json.load(answer) if s["path"] == name]
        connected = [k["execution_state"] for k in kernels if k["connections"]]
        return connected[0] if connected else "none"

    def end_kernels(self) -> None:
        """Shut down every kernel that runs here."""
        with urllib.request.urlopen(f"{self.url}api/kernels", timeout=10) as answer:
            kernels = json.load(answer)
        for kernel in kernels:
            url = f"{self.url}api/kernels/{kernel['id']}"
            urllib.request.urlopen(urllib.request.Request(url, method="DELETE"), timeout=20).close()

    def saved(self, name: str) -> Any:
        """A notebook as it stands on the disk now."""
        return json.loads((self.root / name).read_text(encoding="utf-8"))


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The process's environment, with nothing of the person's own Jupyter or gateway in it."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("VIDEOGEN_", "JUPYTER_"))}
    for name in ("config", "runtime", "data", "home", "run", "settings", "workspaces"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    quiet = folder / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True, exist_ok=True)
    (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    env |= {
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_PLATFORM_DIRS": "1",
        "IPYTHONDIR": str(folder / "ipython"),
        "VIDEOGEN_HOME": str(folder / "home"),
        "VIDEOGEN_RUNTIME": str(folder / "run"),
        "VIDEOGEN_LANG": "en",
        "NO_PROXY": "*",
    }
    return env | more


@contextmanager
def serve(
    folder: Path,
    *,
    app: str = "lab",
    base_url: str = "/",
    env: dict[str, str] | None = None,
    python: str = sys.executable,
) -> Iterator[JupyterServer]:
    """Run JupyterLab, Notebook, Voilà or marimo (on ``app.py``) until the block ends."""
    root = folder / "work"
    root.mkdir(parents=True, exist_ok=True)
    env = env or environment(folder)
    log = (folder / f"{app}.log").open("wb")
    command = [python, "-m", *_arguments(app, base_url, root)]
    process = subprocess.Popen(command, cwd=root, env=env, stdout=log, stderr=log)
    try:
        port = _listening(process, folder / f"{app}.log")
        yield JupyterServer(f"http://127.0.0.1:{port}{base_url}", root, env)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def _arguments(app: str, base_url: str, root: Path) -> list[str]:
    port = _free_port()
    if app == "voila":
        common = ["voila", f"--port={port}", "--no-browser", "--Voila.ip=127.0.0.1"]
        return [*common, f"--base_url={base_url}", str(root)]
    if app == "marimo":
        quiet = ["--headless", "--no-token", "--host=127.0.0.1", f"--port={port}"]
        return ["marimo", "run", *quiet, str(root / "app.py")]
    options = [
        f"--ServerApp.port={port}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.token=",
        "--ServerApp.password=",
        f"--ServerApp.base_url={base_url}",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.open_browser=False",
        "--ServerApp.disable_check_xsrf=True",
        "--ServerApp.allow_root=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    return [{"lab": "jupyterlab", "notebook": "notebook"}[app], *options]


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listening(process: subprocess.Popen[bytes], log: Path) -> int:
    """Wait until the server answers; its port stands in its own command line."""
    words = " ".join(str(part) for part in process.args)  # type: ignore[union-attr]  # a list
    port = int(words.split("port=")[1].split()[0])
    for _ in range(_START_S * 5):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended:\n{log.read_text(errors='replace')[-3000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                return port
        except urllib.error.HTTPError:
            return port
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"no answer in {_START_S} s:\n{log.read_text(errors='replace')[-3000:]}")
