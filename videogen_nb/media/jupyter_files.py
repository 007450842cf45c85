"""Detecting whether a page can load the notebook's files by path."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Final

#: A Jupyter server names the notebook to the kernel of a session, and serves the folder it is in.
_SESSION: Final = "JPY_SESSION_NAME"
#: Those that start kernels so, or inherit the name, and show outputs where no path leads anywhere.
_ELSEWHERE: Final = ("VOILA_REQUEST_URL", "VOILA_SERVER_URL", "COLAB_RELEASE_TAG", "VSCODE_PID")


def serves_files(environment: Mapping[str, str] | None = None) -> bool:
    """Return whether a Jupyter server is known to serve the files next to this notebook.

    JupyterLab and Notebook do. Voilà, Colab, VS Code, papermill and nbconvert do not, or not for
    every reader: there this returns False, and the page tries the path itself.
    """
    environment = os.environ if environment is None else environment
    if any(name in environment for name in _ELSEWHERE) or "google.colab" in sys.modules:
        return False
    return bool(environment.get(_SESSION))
