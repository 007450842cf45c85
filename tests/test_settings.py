import re
from dataclasses import fields
from pathlib import Path

import pytest

from videogen_nb.errors import BadInput, BadParameter
from videogen_nb.local.doctor import examine
from videogen_nb.settings import Settings, variable

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("given", ["s3cret ", "s3cret\r\n", "\ufeffs3cret", "\ts3cret\u200b"])
def test_a_token_is_taken_without_what_stands_around_it(given):
    settings = Settings.from_environment({"VIDEOGEN_TOKEN": given})
    assert settings.token == "s3cret"
    assert Settings.from_environment({}, token=given).token == "s3cret"
    assert Settings(token=" ").token is None
    assert "s3cret" not in repr(settings)


def test_no_repr_tells_the_password_of_an_address():
    told = repr(Settings(url="https://me:s3cret@gateway.example", port=8001))
    assert told == "Settings(url='https://***@gateway.example', port=8001)"


@pytest.mark.parametrize("raw", ["nan", "inf", "-inf", "1e999"])
def test_a_number_that_is_none_is_told(raw):
    with pytest.raises(BadParameter, match="VIDEOGEN_MAX_WAIT_MINUTES"):
        Settings.from_environment({"VIDEOGEN_MAX_WAIT_MINUTES": raw})


def test_variables_are_read_as_what_they_are():
    settings = Settings.from_environment(
        {"VIDEOGEN_PORT": "9000", "VIDEOGEN_HOME": "~/videos", "VIDEOGEN_IDLE_MINUTES": "0.5"}
    )
    assert settings.port == 9000
    assert settings.home == Path("~/videos").expanduser()
    assert settings.idle_minutes == 0.5


def test_an_empty_variable_is_unset_and_an_override_wins():
    settings = Settings.from_environment({"VIDEOGEN_PORT": "", "VIDEOGEN_ENGINE": "a"}, engine="b")
    assert (settings.port, settings.engine) == (8000, "b")


def test_a_bad_number_is_told_with_its_name():
    with pytest.raises(BadParameter, match=r"Invalid VIDEOGEN_PORT: 'many'"):
        Settings.from_environment({"VIDEOGEN_PORT": "many"})


def test_the_token_is_not_in_the_repr():
    assert "s3cret" not in repr(Settings(token="s3cret"))


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda f: f.name)
def test_each_setting_has_both_texts_and_stands_in_both_readmes(setting):
    text = setting.metadata["text"]
    assert f"`{variable(setting)}`" in (ROOT / "README.md").read_text("utf-8")
    assert text.en in (ROOT / "README.md").read_text("utf-8")
    assert text.zh in (ROOT / "README.zh-CN.md").read_text("utf-8")


def test_no_message_names_a_variable_that_is_none():
    known = {variable(setting) for setting in fields(Settings)}
    known.add("VIDEOGEN_LANG")  # read before any settings
    engines = re.compile("VIDEOGEN_(KEY|ENGINE)_?[A-Z_]*")
    for path in (ROOT / "videogen_nb").rglob("*.py"):
        named = set(re.findall("VIDEOGEN_[A-Z_]*[A-Z]", path.read_text("utf-8")))
        former = {"VIDEOGEN_TOKENS_FILE"} if path.parent.name == "people" else set()
        assert not {name for name in named - known - former if not engines.fullmatch(name)}, path


@pytest.fixture
def no_home(monkeypatch):
    """A user of whom the system knows no home folder, as in some containers."""
    users = pytest.importorskip("pwd")

    def nobody(_):
        raise KeyError

    monkeypatch.setattr(users, "getpwuid", nobody)
    for name in ("HOME", "XDG_DATA_HOME", "VIDEOGEN_HOME"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_home_folder_it_is_said_what_to_set(no_home, tmp_path):
    with pytest.raises(BadInput, match="HOME is not set"):
        _ = Settings().data_folder
    with pytest.raises(BadInput, match=r"~/v is relative to your home folder"):
        Settings.from_environment({"VIDEOGEN_OUTPUT": "~/v"})
    assert Settings(home=tmp_path).data_folder == tmp_path


def test_the_doctor_reports_a_missing_home_folder(no_home):
    *_, last = examine(Settings())
    assert (last.name, last.state) == ("data", "broken")
    assert "HOME is not set" in str(last.said)
