"""What a whole session costs in memory, as on Binder: JupyterLab, a kernel, the gateway, a video.

python -m benchmarks.session [notebook]

Runs a notebook (``notebooks/00_start_here.ipynb``) in a kernel beside a JupyterLab of its own and
adds up, four times a second, the proportional share (PSS) of every process that belongs to it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

MARK = "VIDEOGEN_HOME"
NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "00_start_here.ipynb"
_MIB = 2**20


def main() -> None:
    notebook = Path(sys.argv[1]) if sys.argv[1:] else NOTEBOOK
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {
            MARK: f"{folder}/home",
            "VIDEOGEN_RUNTIME": f"{folder}/run",
            "VIDEOGEN_OUTPUT": f"{folder}/videos",
            "VIDEOGEN_IDLE_MINUTES": "0.1",
        }
        lab = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0"],
            cwd=folder,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(8)
        try:
            most, parts = _watched(
                [sys.executable, "-m", "jupyter", "execute", str(notebook)], env, folder
            )
        finally:
            lab.terminate()
            lab.wait()
    print(
        f"\n{notebook.name}: at most {most / _MIB:.0f} MiB in all\n\n| process | MiB |\n|---|---|"
    )
    for name, size in sorted(parts.items(), key=lambda part: -part[1]):
        print(f"| {name} | {size / _MIB:.0f} |")


def _watched(command: list[str], env: dict[str, str], folder: str) -> tuple[int, dict[str, int]]:
    """Run it to its end; the largest sum, and what it was made of."""
    sums: list[tuple[int, dict[str, int]]] = [(0, {})]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.25):
            parts = _parts(folder)
            sums.append((sum(parts.values()), parts))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        subprocess.run(command, env=env, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    finally:
        over.set()
        watcher.join()
    return max(sums, key=lambda one: one[0])


def _parts(folder: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == f"{folder}/home":
                words = process.cmdline()
                name = words[words.index("-m") + 1] if "-m" in words else Path(words[0]).name
                found[name] = found.get(name, 0) + process.memory_full_info().pss
        except (psutil.Error, IndexError):
            continue
    return found


if __name__ == "__main__":
    main()
