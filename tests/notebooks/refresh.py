"""Run the notebooks anew and save them as readers should find them: executed, small, clean.

    python tests/notebooks/refresh.py [notebook …]

What differs from run to run (ids, ports, times, an image's bytes) is left as it came; the tests
compare outputs with ``sanitize.cfg`` beside this. Progress lines that a widget drew and the state
of widgets are removed, since they mean nothing without a kernel.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PLAYER = re.compile(r"<video.*?(<img .*?>)</video>")
RUN = {"en": "Run this cell to play it.", "zh": "运行此单元格即可播放。"}


def refresh(path: Path) -> None:
    """Execute one notebook in a copy of its folder and write it back."""
    notebook = nbformat.read(path, as_version=4)
    language = "zh" if path.parent.name == "zh" else "en"
    with tempfile.TemporaryDirectory() as state:
        fresh = Path(state) / "notebooks"  # nothing of an earlier run lies beside it
        shutil.copytree(NOTEBOOKS, fresh, ignore=shutil.ignore_patterns("videos"))
        for name in [*os.environ]:  # saved as a reader without keys will see it
            if name.startswith(("VIDEOGEN_KEY_", "VIDEOGEN_ENGINE_")) or name == "ARK_API_KEY":
                del os.environ[name]
        os.environ |= {
            "VIDEOGEN_HOME": f"{state}/home",
            "VIDEOGEN_RUNTIME": f"{state}/runtime",
            "VIDEOGEN_IDLE_MINUTES": "0.2",
            "VIDEOGEN_LANG": language,
            "VIDEOGEN_PROGRESS": "off",
            "VIDEOGEN_EMBED": "off",  # small, as readers keep them
        }
        NotebookClient(
            notebook,
            timeout=120,
            coalesce_streams=True,
            resources={"metadata": {"path": str(fresh / path.parent.relative_to(NOTEBOOKS))}},
        ).execute()
    clean(notebook, language)
    nbformat.write(notebook, path)


def clean(notebook: nbformat.NotebookNode, language: str) -> None:
    """Take out what means nothing to a reader without a kernel or without the videos."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    }
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if WIDGET_VIEW in data and len(data) > 1:
                del data[WIDGET_VIEW]
            if "text/html" in data:
                still = rf"\1<div>{RUN[language]}</div>"
                data["text/html"] = PLAYER.sub(still, data["text/html"])


def main() -> None:
    named = [Path(name).resolve() for name in sys.argv[1:]]
    for path in named or sorted(NOTEBOOKS.rglob("*.ipynb")):
        if ".ipynb_checkpoints" not in path.parts:
            print(path, flush=True)
            refresh(path)


if __name__ == "__main__":
    main()
