"""Named instances from a file and the environment, and keys that only their owner can read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from videogen_nb.engines.ark import ArkEngine
from videogen_nb.engines.instances import Instance, read_instances
from videogen_nb.engines.keys import Keyring
from videogen_nb.engines.prices import Price
from videogen_nb.errors import BadParameter, EngineError

KINDS = ["ark", "openai"]
SECRET = "ark-4f1d-secret"


def read(folder: Path, toml: str = "", **environment: str) -> dict[str, Instance | BadParameter]:
    (folder / "engines.toml").write_text(toml, encoding="utf-8")
    return read_instances(folder, KINDS, environment)


def test_each_kind_is_an_instance_and_tables_make_more(tmp_path: Path):
    found = read(
        tmp_path,
        """
        [ark]
        model = "seedance"
        price = 15
        per = "million_tokens"
        budget = 100.5

        [gpu1]
        engine = "openai"
        url = "http://gpu1:30000/v1"
        at_once = 4
        parameters = { num_inference_steps = 20 }
        """,
    )
    assert list(found) == ["ark", "openai", "gpu1"]
    ark, gpu = found["ark"], found["gpu1"]
    assert isinstance(ark, Instance)
    assert isinstance(gpu, Instance)
    assert (ark.model, ark.price) == ("seedance", Price(15, "CNY", "million_tokens"))
    assert (gpu.kind, gpu.at_once, gpu.parameters) == ("openai", 4, {"num_inference_steps": 20})


def test_the_environment_wins_over_the_file(tmp_path: Path):
    found = read(
        tmp_path,
        '[ark]\nmodel = "a"\nat_once = 1',
        VIDEOGEN_ENGINE_ARK_MODEL="b",
        VIDEOGEN_ENGINE_ARK_AT_ONCE="3",
        VIDEOGEN_ENGINE_OPENAI_URL="http://h/v1",
    )
    ark, openai = found["ark"], found["openai"]
    assert isinstance(ark, Instance)
    assert isinstance(openai, Instance)
    assert (ark.model, ark.at_once, openai.url) == ("b", 3, "http://h/v1")


@pytest.mark.parametrize(
    ("toml", "name", "words"),
    [
        pytest.param('[gpu1]\nengine = "arc"', "gpu1", "arc", id="unknown-engine"),
        pytest.param('[ark]\nmodle = "x"', "ark", "Choose one of model", id="misspelt"),
        pytest.param("[ark]\nat_once = 0", "ark", "at_once", id="number-out-of-range"),
        pytest.param('[ark]\nurl = "ftp://x"', "ark", "Use an http or", id="not-http"),
        pytest.param('[ark]\nurl = "http://u:p@h"', "ark", "url", id="secret-in-url"),
        pytest.param('[ark]\nurl = "http://h:65536"', "ark", "url", id="no-port"),
        pytest.param('[ark]\nurl = "http://["', "ark", "url", id="no-host"),
        pytest.param("[ark]\nbudget = 5", "ark", "price", id="budget-without-price"),
        pytest.param(
            '[ark]\nprice = 5\nper = "day"', "ark", "Use one of video, second", id="price-per-what"
        ),
        pytest.param("[ark]\nprice = true", "ark", "price", id="price-that-is-no-number"),
        pytest.param("[ark]\nat_once = true", "ark", "at_once", id="count-that-is-no-number"),
        pytest.param("[ark]\nprice = inf", "ark", "price", id="price-without-end"),
        pytest.param("[ark\n", "engines.toml", "cannot be read", id="not-toml"),
        pytest.param("ark = 5", "ark", "table", id="no-table"),
        pytest.param('[ark]\nloras = "x"', "ark", "under [ark.parameters]", id="parameter"),
        pytest.param('[ark]\nprice = "1"', "ark", 'price = "1". Use a number', id="quoted"),
        pytest.param("[ark]\nmodel = 5", "ark", "model = 5. Use text in quotes", id="no-quotes"),
        pytest.param('[ark]\npaid = "no"', "ark", "Use true or false, without", id="truth"),
        pytest.param("[ark]\nparameters = 1", "ark", "Use a table", id="parameters"),
        pytest.param('[lab]\npool = "ark"', "lab", "Use a list", id="pool-that-is-no-list"),
    ],
)
def test_what_is_wrong_is_told_in_its_place(tmp_path: Path, toml: str, name: str, words: str):
    found = read(tmp_path, toml)
    error = found[name]
    assert isinstance(error, BadParameter)
    assert words in str(error)
    assert isinstance(found["openai"], Instance)  # one table's fault is its own


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_of_any_editor_is_read(tmp_path: Path, encoding: str):
    toml = '[openai]\r\ntitle = "视频"\r\n'
    (tmp_path / "engines.toml").write_text(toml, encoding=encoding, newline="")
    found = read_instances(tmp_path, ["openai"], {})["openai"]
    assert isinstance(found, Instance)
    assert found.title == "视频"


def test_a_key_is_kept_for_its_owner_and_read_anew(tmp_path: Path):
    keyring = Keyring(tmp_path, {})
    assert keyring.read("ark") is None
    path = keyring.write("ark", f"  {SECRET}\n")
    assert keyring.read("ark") == SECRET
    if os.name == "posix":
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
    keyring.write("ark", "another")
    assert keyring.read("ark") == "another"
    assert keyring.remove("ark")
    assert keyring.read("ark") is None


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_not_used(tmp_path: Path, mode: int):
    keyring = Keyring(tmp_path, {})
    keyring.write("ark", SECRET).chmod(mode)
    with pytest.raises(EngineError, match="chmod 600") as error:
        keyring.read("ark")
    assert SECRET not in str(error.value)
    missing = ArkEngine(Instance("ark", "ark", keyring)).info("en").missing
    assert "chmod 600" in (missing or "")


@pytest.mark.parametrize("value", ["two words", "ключ", "a\nb: c", "x" * 5000])
def test_what_is_no_key_is_neither_kept_nor_sent(tmp_path: Path, value: str):
    with pytest.raises(BadParameter) as error:
        Keyring(tmp_path, {}).write("ark", value)
    assert value not in str(error.value)
    with pytest.raises(EngineError):
        Keyring(None, {"VIDEOGEN_KEY_ARK": value}).read("ark")


@pytest.mark.parametrize("name", ["../ark", "Ark", "", "a/b", "a" * 41])
def test_a_name_is_never_a_path(tmp_path: Path, name: str):
    with pytest.raises(BadParameter):
        Keyring(tmp_path, {}).write(name, SECRET)


def test_the_provider_s_own_variable_counts_for_its_own_address_only(tmp_path: Path):
    keyring = Keyring(tmp_path, {"ARK_API_KEY": SECRET})
    assert ArkEngine(Instance("ark", "ark", keyring)).key() == SECRET
    elsewhere = ArkEngine(Instance("ark", "ark", keyring, url="http://elsewhere/api/v3"))
    assert elsewhere.key() is None
    named = Instance("ark", "ark", keyring, url="http://x/v3", key_variable="ARK_API_KEY")
    assert ArkEngine(named).key() == SECRET


def test_nothing_shows_a_key(tmp_path: Path):
    keyring = Keyring(tmp_path, {"VIDEOGEN_KEY_ARK": SECRET})
    engine = ArkEngine(Instance("ark", "ark", keyring))
    shown = [repr(engine.instance), repr(keyring), engine.info("en").model_dump_json()]
    assert not [words for words in shown if SECRET in words]
