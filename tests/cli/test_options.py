"""A command takes the options that it uses, and refuses the others."""

import pytest

from tests.processes import run, settings_in

CLI = ("-m", "videogen_nb")


@pytest.mark.parametrize(
    ("command", "option"),
    [
        pytest.param("stop", "--url", id="stop-url"),
        pytest.param("stop", "--token", id="stop-token"),
        pytest.param("serve", "--url", id="serve-url"),
        pytest.param("key ark", "--token", id="key-token"),
    ],
)
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_an_option_without_a_use_is_refused(tmp_path, command, option, before):
    given = (option, "http://127.0.0.1:9")
    words = (*given, *command.split()) if before else (*command.split(), *given)
    done = run(settings_in(tmp_path), *CLI, *words)
    assert done.returncode == 2
    assert option in done.stderr
    assert done.stdout == ""


def test_nor_is_it_in_the_help(tmp_path):
    shown = run(settings_in(tmp_path), *CLI, "stop", "--help").stdout
    assert "--force" in shown
    assert "--url" not in shown


def test_what_the_system_refuses_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    settings = settings_in(tmp_path, home=tmp_path / "file" / "home")
    for words in (("list",), ("serve", "--port", "0"), ("stop",)):
        done = run(settings, *CLI, *words)
        assert "Traceback" not in done.stderr
    done = run(settings, *CLI, "serve", "--port", "0")
    assert "VIDEOGEN_HOME" in done.stderr
