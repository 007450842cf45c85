"""A hub's model is downloaded only when its licence and size were told, and the files it needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from videogen_nb.engines.diffusers import DiffusersEngine
from videogen_nb.engines.instances import Instance
from videogen_nb.testing.serving import served

from ...network.proxies import proxy
from ...upstreams.hub import Hub
from .test_planning import folder_of

pytestmark = pytest.mark.skipif(
    find_spec("huggingface_hub") is None,
    reason="not installed: huggingface_hub (pip install -e '.[diffusers]')",
)

NAME = "someone/tiny"
PRESENT = """
import sys
from videogen_nb.engines.diffusers.model_hub import present
from videogen_nb.errors import EngineError

told = []
try:
    folder = present(sys.argv[1], sys.argv[2] == "yes", lambda p, stage: told.append(stage.en))
    print(folder)
    print(bool(told))
except EngineError as error:
    print(error.code)
    print(error.text.render("en"))
"""


PRESENT_FILE = PRESENT.replace("import present", "import present_file as file").replace(
    "present(sys.argv[1], sys.argv", "file(sys.argv[1], sys.argv[3], sys.argv"
)


def ask(
    home: Path, url: str, name: str = NAME, may: str = "no", file: str = "", **variables: str
) -> tuple[str, str]:
    """Ask for a model in a process of its own, with a cache of its own."""
    env = {**os.environ, "HF_ENDPOINT": url, "HF_HOME": str(home), **variables}
    env.pop("HF_HUB_OFFLINE", None)
    done = subprocess.run(
        [sys.executable, "-c", PRESENT_FILE if file else PRESENT, name, may, file],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, _, rest = done.stdout.strip().partition("\n")
    return first, rest


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    folder = folder_of(tmp_path / "repository")
    (folder / "vae" / "weights.bin").write_bytes(b"x" * 500)
    (folder / "vae" / "weights.fp16.safetensors").write_bytes(b"x" * 500)
    (folder / "whole.safetensors").write_bytes(b"x" * 500)
    (folder / "README.md").write_text("words")
    (folder / "transformer" / "weights.safetensors").write_bytes(b"w" * 60_000_000)
    return Hub(NAME, folder)


def test_nothing_is_downloaded_before_licence_and_size_were_told(hub: Hub, tmp_path: Path):
    home = tmp_path / "cache"
    with served(hub.app) as url:
        code, words = ask(home, url)
        assert code == "download_needed"
        assert "apache-2.0" in words
        assert "0.1 GB" in words
        assert "extra={'download': True}" in words
        assert hub.downloads == ["model_index.json"]
        folder, told = ask(home, url, may="yes")
        assert told == "True"
        needed = {
            *("model_index.json", "vae/config.json", "vae/weights.safetensors"),
            *(
                "transformer/config.json",
                "transformer/weights.safetensors",
                "tokenizer/tokenizer.json",
            ),
        }
        assert set(hub.downloads) == needed
        assert (Path(folder) / "transformer" / "weights.safetensors").stat().st_size == 60_000_000
        count = len(hub.downloads)
        assert ask(home, url) == (folder, "False")  # here now: nobody is asked
        assert len(hub.downloads) == count


def test_a_single_file_is_downloaded_with_the_same_consent_and_nothing_else(
    hub: Hub, tmp_path: Path
):
    name = "transformer/weights.safetensors"
    with served(hub.app) as url:
        code, words = ask(tmp_path, url, file=name)
        assert code == "download_needed"
        assert "apache-2.0" in words
        assert hub.downloads == []
        path, _ = ask(tmp_path, url, may="yes", file=name)
        assert Path(path).stat().st_size == 60_000_000
        assert hub.downloads == [name]
        code, words = ask(tmp_path, url, file="none.gguf")
        assert code == "model_missing"
        assert "fix the weight setting in engines.toml" in words
    assert ask(tmp_path, "http://127.0.0.1:9", file=name) == (path, "False")


def test_weights_that_a_file_replaces_are_not_needed():
    from videogen_nb.engines.diffusers.model_hub import chosen

    names = ["model_index.json", "vae/config.json", "vae/w.safetensors"]
    names += ["transformer/config.json", "transformer/w.safetensors", "transformer/a.b.json"]
    names += ["transformer/w.safetensors.index.json"]
    parts = ("vae", "transformer")
    assert set(chosen(names, parts)) == set(names)
    needed = {"model_index.json", "vae/config.json", "vae/w.safetensors"}
    needed |= {"transformer/config.json", "transformer/a.b.json"}
    assert set(chosen(names, parts, ["transformer"])) == needed


def test_a_hub_that_has_no_such_model_or_is_away_is_told(hub: Hub, tmp_path: Path):
    with served(hub.app) as url:
        assert ask(tmp_path, url, "someone/else")[0] == "model_missing"
    assert ask(tmp_path, url)[0] == "hub_away"


def test_the_hub_is_asked_the_way_that_the_environment_says(hub: Hub, tmp_path: Path):
    dead = {"all_proxy": "http://127.0.0.1:9", "SSL_CERT_FILE": str(tmp_path / "none")}
    with served(hub.app) as url, proxy("socks5", int(url.rpartition(":")[2])) as between:
        assert ask(tmp_path / "a", url, **dead)[0] == "download_needed"  # this machine: directly
        way = {"ALL_PROXY": f"socks5h://{between.address}"}
        folder, _ = ask(tmp_path / "b", "http://hub.example:81", may="yes", **way)
        assert (Path(folder) / "vae" / "weights.safetensors").is_file()
        assert set(between.asked) == {"hub.example:81"}
        assert ask(tmp_path / "c", url, http_proxy="gopher://x")[0] == "download_needed"
    code, words = ask(tmp_path / "d", "http://hub.example:81", http_proxy="gopher://x")
    assert code == "hub_away"
    assert "http_proxy is 'gopher://x'" in words


def test_a_model_that_is_not_here_yet_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("videogen_nb.engines.diffusers.engine.find_spec", lambda name: name)
    engine = DiffusersEngine(Instance("wan", "diffusers", model="no-one/has-this"))
    assert engine.info("en").ready
    plan = engine.plan("sea", {"duration": 2, "extra": {"steps": 3}})
    assert plan.parameters["requested"] == {"duration": 2, "extra": {"steps": 3}}
    assert "licence and size" in str(plan.notes[0])
    json.dumps(plan.parameters)
