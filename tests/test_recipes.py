"""The recipes of docs/recipes, as far as they can be tried without what they are for."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]  # has no types; Dask brings it

from videogen_nb.cli.cluster.worker import worker
from videogen_nb.cli.gateway import serve
from videogen_nb.settings import Settings

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "docs" / "recipes" / "videogen-nb.service"
KUBERNETES = ROOT / "docs" / "recipes" / "kubernetes-workers.yaml"
CONTAINER = ROOT / "docs" / "recipes" / "Containerfile"


def test_the_unit_starts_a_gateway_that_there_is():
    [line] = [line for line in UNIT.read_text().splitlines() if line.startswith("ExecStart=")]
    program, command, *options = shlex.split(line.removeprefix("ExecStart="))
    assert (Path(program).name, command) == ("videogen-nb", "serve")
    assert serve.make_context("serve", options).params["log_format"] == "json"


def test_kubernetes_starts_workers_that_there_are():
    told = yaml.safe_load(KUBERNETES.read_text("utf-8"))
    assert (told["apiVersion"], told["kind"]) == ("apps/v1", "Deployment")
    template = told["spec"]["template"]
    labels = template["metadata"]["labels"]
    assert told["spec"]["selector"]["matchLabels"] == labels
    (container,) = template["spec"]["containers"]
    program, command, *options = container["command"]
    assert (program, command) == ("videogen-nb", "worker")
    given = worker.make_context("worker", options).params
    (mount,) = container["volumeMounts"]
    assert (given["scheduler"], str(given["certificates"])) == (
        "tls://head:8786",
        mount["mountPath"],
    )
    (volume,) = template["spec"]["volumes"]
    assert volume["name"] == mount["name"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_the_unit_and_finds_little_exposed(tmp_path: Path):
    program = shlex.split(UNIT.read_text().partition("ExecStart=")[2])[0]
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace(program, "/bin/true"))
    for check in (["verify"], ["security", "--offline=true", "--threshold=20"]):
        done = subprocess.run(
            ["systemd-analyze", *check, unit], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_container_starts_a_gateway_that_there_is_as_a_user_of_its_own():
    """Its steps are executed by .ci/container."""
    steps = [line.partition(" ")[::2] for line in CONTAINER.read_text("utf-8").splitlines()]
    found = dict(steps)
    program, command, *options = json.loads(found["ENTRYPOINT"])
    assert (program, command) == ("videogen-nb", "serve")
    assert serve.make_context("serve", options).params["host"] == "0.0.0.0"
    assert int(found["USER"]) > 0
    for name in (pair.partition("=")[0] for pair in found["ENV"].split()):
        assert name in {setting.metadata["env"] for setting in fields(Settings)}
    for word, rest in steps:
        if word == "COPY":
            assert all((ROOT / source).exists() for source in rest.split()[:-1])
