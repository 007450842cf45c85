"""``people.toml``: what it may say, and what is told where it says something else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.gateway.conftest import write_people
from videogen_nb.errors import LocalGatewayError
from videogen_nb.people.lookup import People, own_token
from videogen_nb.people.people_file import read_roster
from videogen_nb.people.person import OWNER, Limits, Person
from videogen_nb.people.tokens import digest_of
from videogen_nb.settings import Settings

ANNA, OURS = "a" * 20, "the-gateways-own"
OTHER = 12345
as_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away"
)


def write(folder: Path, text: str) -> Path:
    file = folder / "people.toml"
    file.touch(0o600)
    file.write_text(text)
    return file


def test_limits_are_a_person_s_own_or_those_of_every_student(tmp_path: Path):
    file = write(
        tmp_path,
        "[defaults]\nrunning = 1\nqueued = 10\n[total]\nspend_total = { USD = 50 }\n"
        f'[people.anna]\nqueued = 3\ntokens = ["{digest_of(ANNA)}"]\n'
        '[people."王芳"]\nrole = "teacher"\nspend_per_day = { USD = 5, CNY = 30.5 }\n',
    )
    roster = read_roster(file)
    assert roster.people["anna"] == Person("anna", "student", Limits(running=1, queued=3))
    assert roster.people["王芳"].limits == Limits(spend_per_day={"USD": 5, "CNY": 30.5})
    assert roster.people["王芳"].revoked
    assert roster.total == Limits(spend_total={"USD": 50})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("[people.anna]\nrunning = two", "line 2", id="no-toml"),
        pytest.param("[people.anna]\nruning = 2", "people.anna.runing", id="unknown-limit"),
        pytest.param("[peple.anna]", "Unknown entry peple", id="unknown-table"),
        pytest.param("[people.anna]\nrunning = -1", "people.anna.running must", id="negative"),
        pytest.param("[people.anna]\nrunning = true", "people.anna.running must", id="no-number"),
        pytest.param("[people.anna]\nqueued = 1.5", "people.anna.queued must", id="half"),
        pytest.param("[people.anna]\nspend_total = 5", "{ USD = 5 }", id="no-currency"),
        pytest.param("[people.anna]\nspend_total = { USD = nan }", "USD", id="not-a-number"),
        pytest.param('[people.anna]\nrole = "king"', "people.anna.role", id="role"),
        pytest.param(f'[people.anna]\ntokens = ["{ANNA}"]', "digests", id="token-itself"),
        pytest.param('[people."an na"]', "cannot be a person's name", id="blank"),
        pytest.param('[people."../up"]', "cannot be a person's name", id="path"),
        pytest.param("[people]\nanna = 1", "people.anna must be a table", id="no-table"),
        pytest.param("[total]\nrunning = 1", "Unknown entry total.running", id="not-of-all"),
        pytest.param(
            f'[people.a]\ntokens = ["{digest_of(ANNA)}"]\n'
            f'[people.b]\ntokens = ["{digest_of(ANNA)}"]',
            "b and a have the same token",
            id="one-token-for-two",
        ),
    ],
)
def test_a_mistake_is_named_and_no_token_is(tmp_path: Path, text: str, told: str):
    with pytest.raises(LocalGatewayError, match=r"people\.toml is invalid") as caught:
        read_roster(write(tmp_path, text))
    en, zh = (caught.value.text.render(language) for language in ("en", "zh"))
    assert told in en
    assert ANNA not in en + zh + repr(caught.value)


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_that_an_editor_of_windows_saved_lets_the_same_people_in(code, end, tmp_path):
    file = write_people(tmp_path, {"anna": ANNA})
    file.write_bytes(file.read_text().replace("\n", end).encode(code))
    people = People(file)
    assert people.of_token(ANNA) == Person("anna")
    assert people.of_token(ANNA + "a") is None


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path):
    with pytest.raises(LocalGatewayError, match="Cannot read"):
        read_roster(tmp_path / "none")
    file = write(tmp_path, "")
    file.write_bytes(b"\xff\xff\xfe")
    with pytest.raises(LocalGatewayError, match="Cannot read"):
        People(file)


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps a person's folders by itself")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int):
    file = write_people(tmp_path, {"anna": ANNA})
    file.chmod(mode)
    with pytest.raises(LocalGatewayError, match=f"chmod 600 {file}"):
        People(file)
    file.chmod(0o600)
    assert People(file).of_token(ANNA) == Person("anna")


@as_root
def test_nor_is_one_of_another_user_taken(tmp_path: Path):
    file = write_people(tmp_path, {"anna": ANNA})
    os.chown(file, OTHER, OTHER)
    with pytest.raises(LocalGatewayError, match="belongs to one"):
        People(file)


def test_nobody_has_the_gateway_s_own_token(tmp_path: Path):
    file = write_people(tmp_path, {"anna": OURS})
    with pytest.raises(LocalGatewayError, match="anna has the gateway's own token"):
        People(file, OURS)
    assert People(tmp_path / "none", OURS).of_token(OURS) is OWNER
    assert People(tmp_path / "none", OURS).of_token(ANNA) is None


def test_beside_a_file_there_is_always_a_token_of_the_gateway_s_own(tmp_path, monkeypatch):
    settings = Settings(home=tmp_path)
    assert own_token(settings) is None
    assert own_token(Settings(home=tmp_path, token="set")) == "set"
    file = write_people(tmp_path, {"anna": ANNA})
    made = own_token(settings)
    assert made
    assert made != own_token(settings)
    assert People(file, made).of_token(made) is OWNER
    monkeypatch.setenv("VIDEOGEN_TOKENS_FILE", "/class")
    with pytest.raises(LocalGatewayError, match="people import /class"):
        own_token(settings)


def test_a_file_that_an_editor_has_emptied_shuts_nobody_out(tmp_path, caplog):
    file = write_people(tmp_path, {"anna": ANNA})
    people, whole = People(file), file.read_text()
    for seen in ("", "\n", whole[:-3]):
        file.write_text(seen)
        assert people.of_token(ANNA) == Person("anna")
        assert people.problem is not None
    assert "is empty" in caplog.text
    file.write_text(whole.replace("anna", "anna2"))
    assert people.of_token(ANNA) == Person("anna2")
    assert people.problem is None
    file.write_text("[people]\n")
    assert people.of_token(ANNA) is None


def test_somebody_unknown_whose_tasks_are_there_has_the_limits_of_a_student(tmp_path: Path):
    people = People(write(tmp_path, "[defaults]\nrunning = 1\n"))
    assert people.named("gone") == Person("gone", "student", Limits(running=1), revoked=True)
    assert people.named("") is OWNER
