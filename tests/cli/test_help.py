"""Help pages and usage errors: both languages, any width, everything named."""

import os
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from videogen_nb.cli import cli
from videogen_nb.cli.framework.exit_codes import MEANINGS
from videogen_nb.i18n import set_language

COMMANDS = sorted(cli.commands)


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    yield
    set_language(None)


def shown(*words: str, columns: int = 80) -> str:
    clean = {name: None for name in os.environ if name.startswith("VIDEOGEN_")}
    result = CliRunner().invoke(cli, words, env={**clean, "COLUMNS": str(columns)})
    assert result.exit_code in (0, 2), result.output
    return result.output


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_page_names_every_command_and_exit_code(language):
    page = shown("--help", "--lang", language)
    lines = [line.split() for line in page.splitlines()]
    assert set(COMMANDS) <= {words[0] for words in lines if words}
    for code, meaning in MEANINGS.items():
        assert [str(int(code)), *meaning.render(language).split()] in lines


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_explained_in_both_languages(command):
    for parameter in cli.commands[command].params:
        if isinstance(parameter, click.Option):
            for language in ("en", "zh"):
                page = shown(command, "--lang", language, "--help", columns=200)
                line = next(li for li in page.splitlines() if parameter.opts[-1] in li)
                said = line.split("  ")[-1]
                assert has_chinese(said) == (language == "zh"), line


@pytest.mark.parametrize("columns", [50, 80])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_line_is_wider_than_the_window(command, language, columns):
    page = shown(*[command][: bool(command)], "--help", "--lang", language, columns=columns)
    assert max(cell_len(line) for line in page.splitlines()) <= columns


@pytest.mark.parametrize("group", ["cluster", "engine"])
def test_a_group_without_a_command_shows_its_help(group):
    result = CliRunner().invoke(cli, [group])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == CliRunner().invoke(cli, [group, "--help"]).stdout


def test_the_language_counts_wherever_it_stands():
    assert shown("--lang", "zh", "list", "--help") == shown("list", "--help", "--lang=zh")


@pytest.mark.parametrize(
    ("words", "english", "chinese"),
    [
        pytest.param(["lsit"], "Did you mean list?", "是否想输入 list？", id="near-command"),
        pytest.param(
            ["list", "--stauts"], "Did you mean --status", "是否想输入 --status", id="near-option"
        ),
        pytest.param(["generate"], "Missing PROMPT", "缺少 PROMPT", id="missing"),
        pytest.param(
            ["generate", "x", "--seed", "x"], "expected a number", "需要数字", id="no-number"
        ),
        pytest.param(["list", "--limit", "0"], "no lower than 1", "不小于 1", id="range"),
        pytest.param(["list", "--status", "x"], "one of pending", "可选值为 pending", id="choice"),
        pytest.param(["list", "--json", "x"], "list --help", "list --help", id="too-many"),
    ],
)
def test_usage_errors_are_told_in_the_persons_language(words, english, chinese):
    assert english in " ".join(shown(*words, "--lang", "en").split())
    assert chinese in "".join(shown(*words, "--lang", "zh").split("\n"))
