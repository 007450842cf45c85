"""LiteLLM, portkey-ai and promptfoo on a real gateway, for ``.ci/clients``.

Each is installed in the folder that argv names, and makes, polls, downloads and lists videos by its
own means: its own requests, and what it makes of our answers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings
from videogen_nb.testing.serving import served

from .conftest import image_bytes

_SCRIPTS: Final = Path(__file__).parent / "clients"
_TOKEN: Final = "a-token-of-tests"
_LIMIT_S: Final = 280
_PNG: Final = image_bytes(kind="PNG")
#: No client asks anyone but the gateway.
_QUIET: Final = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "PROMPTFOO_DISABLE_TELEMETRY": "1",
    "PROMPTFOO_DISABLE_UPDATE": "1",
}


def _run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        env={**os.environ, **_QUIET, **environment},
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def _told(*command: str | Path) -> Any:
    return json.loads(_run(*command).splitlines()[-1])


def litellm(python: Path, url: str) -> None:
    told = _told(python, _SCRIPTS / "litellm_calls.py", url, _TOKEN, _PNG.hex())
    assert told == {
        "created": "queued",
        "ended": "completed",
        "mp4": "ftyp",
        "poster": "ffd8ff",
        "image": ["completed", "480x854"],
        "hosted_name": "sketch",
        "listed": 3,
        "models": ["sketch"],
        "refused": {
            "unknown engine": "BadRequestError",
            "wrong token": "AuthenticationError",
            **dict.fromkeys(("unknown video", "remix", "edit", "extension"), "NotFoundError"),
        },
    }, told


def portkey_python(python: Path, url: str) -> None:
    told = _told(python, _SCRIPTS / "portkey_calls.py", url, _TOKEN, _PNG.hex())
    assert told == {
        "models": ["sketch"],
        "created": "queued",
        "ended": "completed",
        "mp4": "ftyp",
        "retrieved": "1280x720",
        "listed": [True],
        "deleted": True,
        "short": ["completed", "1"],
        "unknown": "NotFoundError",
        "remix": "NotFoundError",
    }, told


def portkey_node(folder: Path, url: str) -> None:
    script = folder / "portkey_calls.mjs"  # Node looks for packages beside it
    script.write_text((_SCRIPTS / script.name).read_text("utf-8"), "utf-8")
    told = _told("node", script, url, _TOKEN)
    assert told == {
        "models": ["sketch"],
        "created": "queued",
        "ended": "completed",
        "type": "video/mp4",
        "mp4": "ftyp",
        "listed": [True],
        "remix": 404,
        "deleted": True,
        "gone": 404,
    }, told


def promptfoo(folder: Path, url: str) -> None:
    """Evaluate a prompt with text, with an image, and by the name of a hosted model."""
    here = {"apiBaseUrl": f"{url}/v1", "apiKey": _TOKEN, "seconds": 4, "poll_interval_ms": 200}
    here["download_spritesheet"] = False  # we have none
    image = folder / "boat.png"
    image.write_bytes(_PNG)
    upright = {"size": "720x1280", "input_reference": f"file://{image}"}
    config = {
        "prompts": ["{{topic}}"],
        "tests": [{"vars": {"topic": "a paper boat"}}],
        "providers": [
            {"id": "openai:video:sketch", "config": here},
            {"id": "openai:video:sketch", "label": "image", "config": here | upright},
            {"id": "openai:video:sora-2", "config": here},
        ],
    }
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    program = folder / "node_modules" / ".bin" / "promptfoo"
    out = folder / "out.json"
    arguments = ("eval", "--no-cache", "-c", folder / "config.json", "-o", out)
    _run(program, *arguments, PROMPTFOO_CONFIG_DIR=str(folder / "state"))
    results = json.loads(out.read_text("utf-8"))["results"]["results"]
    assert len(results) == 3
    for result in results:
        assert result["success"], result
        video = result["response"]["video"]
        assert (folder / "state" / "media" / video["storageRef"]["key"]).read_bytes()[
            4:8
        ] == b"ftyp"
        assert video["thumbnail"], video


def main(folder: Path) -> None:
    """Try each client on a gateway of its own."""
    python = folder / "python" / "bin" / "python"
    for name, trial in (
        ("LiteLLM", lambda url: litellm(python, url)),
        ("portkey-ai for Python", lambda url: portkey_python(python, url)),
        ("portkey-ai for Node", lambda url: portkey_node(folder, url)),
        ("promptfoo", lambda url: promptfoo(folder, url)),
    ):
        with tempfile.TemporaryDirectory() as home:
            app = create_app(Settings(home=Path(home)), token=_TOKEN)
            with served(app) as url:
                trial(url)
        print(f"{name}: makes, polls, downloads and lists videos")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
