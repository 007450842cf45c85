"""``engine check``: what is wrong with a table, and what it would send; nobody is asked."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.upstreams.rest import PROVIDERS
from videogen_nb.cli import cli
from videogen_nb.engines.rest.table_files import SHIPPED


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def run(home: Path, *words: str) -> Result:
    env = {"VIDEOGEN_HOME": str(home), "VIDEOGEN_LANG": "en", "VIDEOGEN_URL": ""}
    return CliRunner().invoke(cli, ["engine", "check", *words], env=env)


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_every_shipped_table_is_valid_and_shows_what_it_sends(home: Path, name: str):
    result = run(home, name, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["ok"]
    text = told["requests"][0]
    assert text["url"].startswith("https://")
    assert "a paper boat" in json.dumps(text["body"])


def test_a_mistake_is_told_by_its_line(home: Path):
    folder = home / "providers"
    folder.mkdir(parents=True)
    text = (SHIPPED / "runway.toml").read_text("utf-8")
    bad = text.replace('promptText = "=prompt"', 'promptText = "=promt"')
    (folder / "mine.toml").write_text(bad, "utf-8")
    line = bad[: bad.index("=promt")].count("\n") + 1
    result = run(home, "mine")
    assert result.exit_code == 1
    assert f"mine.toml, line {line}: unknown name promt; did you mean prompt?" in result.output


def test_a_file_is_checked_where_it_lies_and_an_unknown_name_is_told(home: Path, tmp_path: Path):
    path = tmp_path / "torn.toml"
    path.write_text("title = ", "utf-8")
    assert run(home, str(path)).exit_code == 1
    missing = run(home, "nobody")
    assert missing.exit_code == 2
    assert "providers" in missing.output
    assert "fal" in missing.output


def test_a_mistake_in_engines_toml_is_told_by_its_line_too(home: Path):
    home.mkdir()
    lines = [
        "[wan]",
        'engine = "diffusers"',
        'model = "/models/wan"',
        "[wan.parameters]",
        "loras = [",
        '  { path = "/models/ink.bin" },',
        '  { path = "some/name", weight = "a.safetensors", scale = 50 },',
        "]",
        "[other]",
        'engine = "diffusers"',
        "[[other.parameters.loras]]",
        'path = "some/name"',
        'weight = "a.safetensors"',
        "[[other.parameters.loras]]",
        'path = "some/name"',
        'weight = "a.safetensors"',
        "scale = nan",
    ]
    (home / "engines.toml").write_text("\n".join(lines), "utf-8")
    result = run(home, "wan", "--json")
    assert result.exit_code == 1
    assert [problem["line"] for problem in json.loads(result.stdout)["problems"]] == [6, 7]
    result = run(home, "other")
    assert "engines.toml, line 17: Invalid scale: nan." in result.output


def test_an_engine_without_a_table_says_whether_it_is_ready(home: Path):
    result = run(home, "sketch")
    assert result.exit_code == 0
    assert "sketch is ready" in result.output
    assert run(home, "openai").exit_code == 1
    home.mkdir(exist_ok=True)
    (home / "engines.toml").write_text('[broken]\nengine = "nothing"', "utf-8")
    result = run(home, "broken")
    assert result.exit_code == 1
    assert "engines.toml, line 2: [broken]: unknown engine 'nothing'" in result.output
    assert result.output.count("engines.toml") == 1


def test_a_pool_tells_which_of_its_members_are_there(home: Path):
    home.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as there, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        ports = [one.getsockname()[1] for one in (there, nobody)]
        tables = [
            f"[gpu{n}]\nengine = 'openai'\nurl = 'http://127.0.0.1:{port}/v1'"
            for n, port in enumerate(ports, 1)
        ]
        pools = "[lab]\npool = ['gpu1', 'gpu2', 'fal']\n[away]\npool = ['gpu2', 'fal']"
        (home / "engines.toml").write_text("\n".join([*tables, pools]), "utf-8")
        told = json.loads(run(home, "lab", "--json").stdout)
        assert (told["ok"], [one["available"] for one in told["members"]]) == (
            True,
            [True, False, False],
        )
        for name in ("away", "gpu2"):
            result = run(home, name)
            assert result.exit_code == 1
            assert f"{name} is not ready" in result.output
            assert f"127.0.0.1:{ports[1]}/v1 cannot be reached" in " ".join(result.output.split())
        assert run(home, "gpu1").exit_code == 0


def test_a_host_that_cannot_be_asked_for_is_told(home: Path):
    home.mkdir()
    url = f"http://{'a' * 64}.example/v1"
    (home / "engines.toml").write_text(f"[gpu]\nengine = 'openai'\nurl = '{url}'", "utf-8")
    told = json.loads(run(home, "gpu", "--json").stdout)
    assert told["missing"].startswith(f"{url} cannot be reached")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        pytest.param('price = "cheap"', "price", id="price"),
        pytest.param('price = 1\nper = "minute"', "per", id="per"),
        pytest.param("prise = 0.1", "prise", id="misspelt"),
        pytest.param("budget = 20", "a budget needs a price", id="budget-without-price"),
        pytest.param("title = \n", "(at line 4, column 9)", id="syntax"),
    ],
)
def test_a_provider_s_settings_are_checked_as_well(home: Path, setting: str, words: str):
    home.mkdir()
    (home / "engines.toml").write_text(f'\n[fal]\nmodel = "a/b"\n{setting}', "utf-8")
    line = 3 + len(setting.strip().splitlines())
    result = run(home, "fal")
    assert result.exit_code == 1
    assert f"engines.toml, line {line}: " in result.output
    assert words in result.output


def test_the_configured_model_parameters_and_address_are_shown(home: Path):
    home.mkdir()
    settings = 'model = "a/b"\nparameters = { steps = 3 }\nurl = "https://eu.example/"'
    tables = f"[fal]\n{settings}\n[eu]\nengine = 'fal'\n{settings}"
    (home / "engines.toml").write_text(tables, "utf-8")
    for name in ("fal", "eu"):
        text = json.loads(run(home, name, "--json").stdout)["requests"][0]
        assert text["url"] == "https://eu.example/a/b"
        assert text["body"]["steps"] == 3


def test_a_syntax_error_in_engines_toml_is_told_whatever_the_name(home: Path):
    home.mkdir()
    (home / "engines.toml").write_text("[wan]\nmodel = \n", "utf-8")
    for name in ("wan", "sketch", "nobody"):
        result = run(home, name)
        assert result.exit_code == 1
        assert "engines.toml, line 2: " in result.output
        assert "no engine" not in result.output


def test_a_table_for_an_engine_without_settings_is_told(home: Path):
    home.mkdir()
    (home / "engines.toml").write_text("[sketch]\nengine = 'fal'", "utf-8")
    result = run(home, "sketch")
    assert result.exit_code == 1
    assert "an engine without settings" in result.output
