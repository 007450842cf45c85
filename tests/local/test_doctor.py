"""The doctor: finds what is wrong, says how to mend it, changes nothing."""

import importlib.metadata
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.local.test_info_file import make_info
from tests.processes import end_gateway, run, settings_in
from videogen_nb.gateway.server.listener import listen
from videogen_nb.local import socket_owner
from videogen_nb.local.discovery import ensure_gateway
from videogen_nb.local.doctor import Finding, examine
from videogen_nb.local.info_file import info_path, log_path, write_info
from videogen_nb.people.edit_file import add_person
from videogen_nb.settings import Settings
from videogen_nb.testing import OlderGateway


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("VIDEOGEN_LANG", "en")


@pytest.fixture
def own(tmp_path) -> Iterator[Settings]:
    with listen("127.0.0.1", 0, token=None) as free:
        port = free.getsockname()[1]
    settings = settings_in(tmp_path, port=port)
    yield settings
    end_gateway(settings)


def findings(settings: Settings) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(settings)}


def test_a_sound_installation_has_nothing_broken_and_nothing_is_changed(own, tmp_path):
    found = findings(own)
    assert [f for f in found.values() if f.state == "broken"] == []
    assert {"python", "versions", "encoder", "engine:sketch", "data", "gateway"} <= found.keys()
    assert "httpx" in str(found["versions"].said)
    assert not own.data_folder.exists()
    assert not own.output.exists()


def test_an_engine_that_is_set_and_is_not_there_is_broken(own):
    found = findings(replace(own, engine="arc"))["engine:arc"]
    assert found.state == "broken"
    assert "sketch" in str(found.remedy)
    assert "ark" in str(found.remedy)


def test_the_running_gateway_is_described(own):
    address = ensure_gateway(own)
    said = str(findings(own)["gateway"].said)
    assert address.url in said
    assert str(address.pid) in said


def test_one_of_another_version_is_worth_a_note(own):
    ensure_gateway(own)
    facts = json.loads(info_path(own.data_folder).read_text())
    write_info(info_path(own.data_folder), make_info(**{**facts, "version": "0.0.1"}))
    found = findings(own)["gateway"]
    assert found.state == "note"
    assert "videogen-nb stop" in str(found.remedy)


def test_a_named_gateway_that_is_away_is_broken(own, tmp_path):
    found = findings(settings_in(tmp_path, url="http://127.0.0.1:9", port=own.port))["gateway"]
    assert found.state == "broken"
    assert "VIDEOGEN_URL" in str(found.remedy)


@pytest.mark.parametrize("url", ["http://[", "http://me:p#secret@a:1", "http://me:p secret@a"])
def test_a_named_gateway_that_is_no_address_is_broken(own, tmp_path, url):
    found = findings(settings_in(tmp_path, url=url, port=own.port))["gateway"]
    assert found.state == "broken"
    assert "Invalid gateway URL" in str(found.said)
    assert "secret" not in str(found.said)


def test_a_named_gateway_whose_token_is_wrong_is_broken(own, tmp_path):
    address = ensure_gateway(own)
    named = settings_in(tmp_path, url=address.url, token="wrong", port=own.port)
    assert "VIDEOGEN_TOKEN" in str(findings(named)["gateway"].remedy)
    right = settings_in(tmp_path, url=address.url, token=address.token, port=own.port)
    assert findings(right)["gateway"].state == "ok"


def test_an_older_gateway_is_recognised_by_name_and_on_the_port(own, tmp_path):
    with OlderGateway().serve() as url:
        port = int(url.rsplit(":", 1)[1])
        found = findings(settings_in(tmp_path, url=url.removeprefix("http://"), port=port))
    assert found["gateway"].state == "ok"
    assert "an older video-gen gateway" in str(found["gateway"].said)
    assert f"VIDEOGEN_URL={url}" in str(found["port"].remedy)


def test_a_data_folder_that_cannot_be_written_is_broken(own, tmp_path):
    (tmp_path / "file").write_text("")
    found = findings(settings_in(tmp_path, home=tmp_path / "file" / "home", port=own.port))["data"]
    assert found.state == "broken"
    assert "VIDEOGEN_HOME" in str(found.remedy)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_broken(own, tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    found = findings(settings_in(tmp_path, output=tmp_path / "locked", port=own.port))["output"]
    assert found.state == "broken"


@pytest.mark.parametrize(
    ("free", "state"), [(5e9, "ok"), (5e8, "note"), (5e7, "broken")], ids=["room", "little", "none"]
)
def test_little_space_is_told(own, monkeypatch, free, state):
    usage = shutil.disk_usage(Path.cwd())._replace(free=int(free))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    assert findings(own)["data"].state == state


def test_a_runtime_folder_of_somebody_elses_is_broken(own, tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    found = findings(settings_in(tmp_path, runtime=tmp_path / "shared", port=own.port))
    assert found["runtime"].state == "broken"


def test_a_missing_package_is_named_with_the_command_that_installs_it(own, monkeypatch):
    required = ["httpx>=0.28", "no-such-package>=1", "pytest ; extra == 'test'"]
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: required)
    found = findings(own)
    assert str(found["packages"].said) == "missing: no-such-package"
    assert str(found["packages"].remedy).endswith("-m pip install no-such-package")


def test_the_last_words_of_a_gateway_are_shown(own):
    log_path(own).write_text("a line\nthe last line\n")
    assert "the last line" in str(findings(own)["log"].said)


def test_the_command_tells_what_is_broken_by_its_exit_code(own, tmp_path):
    sound = run(own, "-m", "videogen_nb", "doctor", "--json", VIDEOGEN_PORT=str(own.port))
    assert sound.returncode == 0, sound.stdout
    assert json.loads(sound.stdout)["ok"] is True

    away = {"VIDEOGEN_URL": "http://127.0.0.1:9", "VIDEOGEN_LANG": "zh"}
    broken = run(own, "-m", "videogen_nb", "doctor", **away)
    assert broken.returncode == 1
    assert "✗ 网关: " in broken.stdout
    assert "→ 请启动该网关" in broken.stdout


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a person's folders by itself")
def test_what_others_could_read_is_broken_and_the_remedy_mends_it(own, tmp_path):
    home, people = own.data_folder, own.data_folder / "people.toml"
    (home / "uploads").mkdir(parents=True)
    people.write_text("")
    for path in (home, home / "uploads", people):
        path.chmod(0o755)
    found = findings(own)["private"]
    assert found.state == "broken"
    assert all(str(path) in str(found.said) for path in (home, home / "uploads", people))
    subprocess.run(shlex.split(str(found.remedy)), check=True)
    assert findings(own)["private"].state == "ok"


def test_people_are_counted_and_a_mistake_in_their_file_is_told(own):
    assert "people" not in findings(own)
    add_person(own.data_folder / "people.toml", "anna", None, {})
    assert str(findings(own)["people"].said).startswith("1 with a token")
    with (own.data_folder / "people.toml").open("a") as file:
        file.write("running = two\n")
    found = findings(own)["people"]
    assert found.state == "broken"
    assert "people.toml is invalid" in str(found.said)
    (own.data_folder / "people.toml").write_text("")  # not followed by a running gateway
    found = findings(own)["people"]
    assert found.state == "broken"
    assert "write [people] into it" in str(found.said)


@pytest.mark.parametrize("owner", [None, 4242], ids=["not-known", "another-user"])
def test_the_port_of_somebody_else_is_not_suggested(own, monkeypatch, owner):
    monkeypatch.setattr(socket_owner, "listener_owner", lambda port: owner)
    with OlderGateway().serve() as url:
        found = findings(replace(own, port=int(url.rsplit(":", 1)[1])))["port"]
    assert "an older video-gen gateway" in str(found.said)
    assert "may not be yours" in str(found.said)
    assert found.remedy is None
