"""``/v1/videos`` and ``/v1/models`` as the ``openai`` SDK for Node uses them."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings
from videogen_nb.testing.serving import served

from .conftest import image_bytes

SCRIPT = Path(__file__).parent / "openai_node" / "calls.mjs"
TOKEN = "a-token-of-tests"


@pytest.fixture
def node() -> str:
    """Node with the SDK; skipped where it lacks, but never in CI."""
    found = shutil.which("node")
    why = None if found else "no Node here: apt install nodejs npm"
    if found and not (SCRIPT.parent / "node_modules" / "openai").exists():
        why = "the SDK for Node lacks: npm install, in tests/gateway/openai_node"
    if why and os.environ.get("CI"):
        pytest.fail(f"CI has to test the SDK for Node; {why}")
    if why:
        pytest.skip(why)
    assert found is not None
    return found


@pytest.mark.node
def test_the_sdk_for_node_makes_lists_and_deletes_and_reads_our_errors(
    node: str, gateway_home: Path
):
    png = base64.b64encode(image_bytes(kind="PNG")).decode()
    with served(create_app(Settings(home=gateway_home), token=TOKEN)) as url:
        done = subprocess.run(
            [node, str(SCRIPT), url, TOKEN, png],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told.pop("bytes") > 1000
    assert {"sketch", "trial"} <= set(told.pop("models"))
    assert told == {
        "created": "queued",
        "ended": "completed",
        "type": "video/mp4",
        "poster": "image/jpeg",
        "listed": [True],
        "model": "model",
        "remix": [404, "not_found"],
        "unknown": [404, "task_not_found"],
        "no_model": [404, "model_not_found"],
        "bad": [400, "seconds_invalid"],
        "deleted": True,
        "gone": [404, "task_not_found"],
    }
