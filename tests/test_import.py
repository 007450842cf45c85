"""Importing asks nobody for anything."""

from __future__ import annotations

import subprocess
import sys

_IMPORT_ALL = """
import importlib, pkgutil, sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "subprocess.Popen"):
        print(event, arguments)

sys.addaudithook(watch)
import videogen_nb

for found in pkgutil.walk_packages(videogen_nb.__path__, "videogen_nb."):
    if found.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(found.name)
    except ModuleNotFoundError as missing:  # an extra that is not installed
        if missing.name.startswith("videogen_nb"):
            raise
"""


def test_no_module_asks_the_network_or_starts_a_process_when_it_is_imported():
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


_IMPORT_CLIENT = """
import sys
from videogen_nb import VideoClient, connect
assert not {"pydantic", "numpy", "PIL", "av", "ipywidgets"} & set(sys.modules)
from videogen_nb.protocol import models

for name in models.__all__:
    getattr(models, name)
kinds = models.WireModel.__subclasses__()
assert len(kinds) > 15
print(*(kind.__name__ for kind in kinds if kind.__pydantic_complete__))
"""


def test_the_import_of_the_client_loads_no_pydantic_and_then_builds_no_model():
    """Either costs as much as all of ours; building looks through all entry points."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_CLIENT],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.stderr, done.stdout.split()) == ("", [])


_SERVE = """
import sys
import videogen_nb.cli
import videogen_nb.gateway.http.app
import videogen_nb.gateway.server.server
from videogen_nb.engines import load_engine

engine = load_engine("sketch")
engine.plan("海边日落", {})
engine.info("en")
print(*{"av", "cv2", "numpy", "PIL", "mcp", "distributed"} & set(sys.modules))
"""


def test_a_gateway_that_plans_and_lists_has_loaded_nothing_heavy():
    """Decoders alone take 50 MB, in the gateway's process and in that of each command."""
    done = subprocess.run(
        [sys.executable, "-c", _SERVE], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stderr, done.stdout.split()) == ("", [])
