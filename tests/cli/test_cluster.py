"""``videogen-nb cluster init`` and ``videogen-nb worker``, as far as nobody has to answer."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.x509 import load_pem_x509_certificate

from tests.processes import environment, settings_in
from videogen_nb.cli import cli
from videogen_nb.cli.framework.session import Session
from videogen_nb.cli.gateway import _welcome
from videogen_nb.gateway.jobs.cluster.config import read_cluster
from videogen_nb.settings import Settings


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "place")


def run(settings: Settings, *words: str) -> Result:
    ours = {k: v for k, v in environment(settings).items() if k.startswith("VIDEOGEN_")}
    return CliRunner().invoke(cli, words, env=ours)


def test_certificates_are_for_their_owner_alone_and_not_replaced_by_accident(here: Settings):
    made = run(here, "cluster", "init", "--head", "head.lab", "--json")
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert told["scheduler"] == "tls://head.lab:8786"
    folder = here.data_folder / "cluster"
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sorted(path.name for path in files).count("key.pem") == 2
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {p.stat().st_mode & 0o777 for p in (folder, *folder.glob("*/"))} == {0o700}
    assert not (Path(told["worker_certificates"]) / "ca-key.pem").exists()
    lasting = [
        load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc - datetime.now(UTC)
        for path in files
        if path.name in ("ca.pem", "cert.pem")
    ]
    assert all(abs(one - timedelta(days=5 * 365)) < timedelta(days=1) for one in lasting)

    authority = (folder / "ca.pem").read_bytes()
    again = run(here, "cluster", "init")
    assert again.exit_code != 0
    assert "Use --replace to create new certificates" in " ".join(again.output.split())
    assert (folder / "ca.pem").read_bytes() == authority
    file = here.data_folder / "cluster.toml"
    file.write_text(file.read_text() + "# mine\n")
    assert run(here, "cluster", "init", "--replace").exit_code == 0
    assert (folder / "ca.pem").read_bytes() != authority
    assert file.read_text().endswith("# mine\n")


def test_the_file_to_begin_with_is_one_that_the_gateway_reads(
    here: Settings, capsys: pytest.CaptureFixture[str]
):
    assert run(here, "cluster", "init", "--port", "9786").exit_code == 0
    config = read_cluster(here.data_folder)
    assert config is not None
    assert (config.address, config.starts) == ("tls://0.0.0.0:9786", True)
    assert config.without_workers == "wait"
    assert config.joined_at == f"tls://{socket.gethostname()}:9786"
    _welcome(Session(), here, "http://127.0.0.1:8000", [])
    assert config.joined_at in capsys.readouterr().out
    assert (config.certificates / "key.pem").is_file()


@pytest.mark.parametrize("address", ["tcp://head:8786", "head:8786", "tls://head", "tls://h:1/x"])
def test_a_worker_joins_nothing_that_is_not_encrypted(here: Settings, address: str):
    refused = run(here, "worker", address)
    assert refused.exit_code == 2
    assert "connections without TLS are not accepted" in " ".join(refused.output.split())


def test_a_worker_without_certificates_says_where_they_come_from(here: Settings):
    refused = run(here, "worker", "tls://head:8786")
    assert refused.exit_code != 0
    said = " ".join(refused.output.split())
    assert "videogen-nb cluster init" in said
    assert "ca.pem is missing" in said
