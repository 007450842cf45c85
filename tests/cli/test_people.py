"""``videogen-nb people``: tokens shown once, changes that keep what was written by hand."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.processes import environment, settings_in
from videogen_nb.cli import cli
from videogen_nb.people.lookup import People
from videogen_nb.people.people_file import read_roster
from videogen_nb.people.person import Limits, Person
from videogen_nb.settings import Settings


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "place")


def people(settings: Settings, *words: str, **more: str) -> Result:
    ours = {k: v for k, v in environment(settings, **more).items() if k.startswith("VIDEOGEN_")}
    return CliRunner().invoke(cli, ["people", *words], env=ours)


def file_of(settings: Settings) -> Path:
    return settings.data_folder / "people.toml"


def test_a_token_is_shown_once_and_kept_as_a_digest(here: Settings):
    added = people(here, "add", "anna", "--running", "2", "--spend-per-day", "5 usd")
    assert added.exit_code == 0, added.output
    token = added.stdout.strip()
    assert len(token) >= 40
    text = file_of(here).read_text()
    assert token not in text
    assert file_of(here).stat().st_mode & 0o777 == 0o600
    listed = people(here, "list")
    assert listed.stdout == "anna: student · running 2, spend_per_day 5 USD\n"
    anna = Person("anna", "student", Limits(running=2, spend_per_day={"USD": 5}))
    assert People(file_of(here)).of_token(token) == anna


def test_somebody_who_was_revoked_gets_a_new_token_and_keeps_their_limits(here: Settings):
    first = people(here, "add", "王芳", "--role", "teacher", "--queued", "5").stdout.strip()
    again = people(here, "add", "王芳")
    assert again.exit_code == 2
    assert "already has a token" in again.output
    assert "no longer works" in people(here, "revoke", "王芳").output
    assert "had no token" in people(here, "revoke", "王芳").output
    second = people(here, "add", "王芳").stdout.strip()
    known = People(file_of(here))
    assert known.of_token(first) is None
    assert known.of_token(second) == Person("王芳", "teacher", Limits(queued=5))


def test_what_was_written_by_hand_stays(here: Settings):
    people(here, "add", "anna")
    file = file_of(here)
    file.write_text("# the class of 2026\n" + file.read_text() + "running = 3  # for the project\n")
    for words in (
        ("add", "ben"),
        ("limit", "anna", "--queued", "9", "--running", "none"),
        ("limit", "total", "--spend-total", "100 USD", "--spend-total", "500 CNY"),
        ("limit", "defaults", "--upload-mb", "50.5"),
    ):
        assert people(here, *words).exit_code == 0, words
    text = file.read_text()
    assert text.startswith("# the class of 2026\n")
    roster = read_roster(file)
    assert roster.people["anna"].limits == Limits(queued=9, upload_mb=50.5)
    assert roster.people["ben"].limits == Limits(upload_mb=50.5)
    assert roster.total == Limits(spend_total={"USD": 100, "CNY": 500})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["limit", "ben", "--running", "1"], "No one is named 'ben'. Existing names: anna"),
        (["revoke", "ben"], "No one is named 'ben'"),
        (["limit", "anna"], "at least one limit"),
        (["limit", "anna", "--running", "many"], "expected a number"),
        (["limit", "anna", "--spend-total", "5"], 'such as "5 USD"'),
        (["limit", "total", "--running", "1"], "total.running"),
        (["add", "two words"], "cannot be a person's name"),
        (["add", "../ben"], "cannot be a person's name"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_does_not_fit_is_told_and_changes_nothing(here: Settings, words, told):
    people(here, "add", "anna")
    before = file_of(here).read_bytes()
    result = people(here, *words)
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())
    assert file_of(here).read_bytes() == before
    assert [path.name for path in here.data_folder.iterdir()] == ["people.toml"]


def test_an_invalid_file_is_told_and_left_alone(here: Settings):
    people(here, "add", "anna")
    file_of(here).write_text(file_of(here).read_text() + "running = two\n")
    before = file_of(here).read_bytes()
    for words in (["list"], ["add", "ben"], ["revoke", "anna"]):
        result = people(here, *words)
        assert result.exit_code != 0
        assert "people.toml is invalid" in result.output
    assert file_of(here).read_bytes() == before


def test_an_emptied_file_says_that_it_shuts_nobody_out(here: Settings):
    people(here, "add", "anna")
    for text, told in (("", "write [people] into it"), ("[people]\n", "No people yet")):
        file_of(here).write_text(text)
        assert told in " ".join(people(here, "list").output.split())


def test_many_changes_at_once_lose_nobody(here: Settings):
    from videogen_nb.people.edit_file import add_person

    names = [f"student-{n}" for n in range(12)]
    threads = [
        threading.Thread(target=add_person, args=(file_of(here), name, None, {})) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read_roster(file_of(here)).people) == sorted(names)


def test_a_tokens_file_is_taken_over_with_its_tokens(here: Settings, tmp_path: Path):
    source = tmp_path / "tokens"
    source.touch(0o600)
    source.write_bytes(
        f"# the class\r\n\r\nanna {'a' * 20}\r\nben\t{'b' * 20}\r\nanna {'c' * 20}\r\n".encode()
    )
    told = people(here, "import", str(source))
    assert "Imported 2: anna, ben" in told.output
    known = People(file_of(here))
    for sign, name in ("a", "anna"), ("b", "ben"), ("c", "anna"):
        assert known.of_token(sign * 20) == Person(name)
    assert "already exists" in people(here, "import", str(source)).output


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("anna", 1, id="no-token"),
        pytest.param(f"\nanna {'a' * 20} x", 2, id="three-words"),
        pytest.param("anna short", 1, id="short"),
        pytest.param(f"anna {'a' * 20}\nben {'a' * 20}", 2, id="anothers"),
        pytest.param(f"anna {'é' * 20}", 1, id="not-ascii"),
    ],
)
def test_a_bad_line_is_named_its_token_is_not_and_nobody_is_added(here, tmp_path, text, number):
    source = tmp_path / "tokens"
    source.touch(0o600)
    source.write_text(text)
    result = people(here, "import", str(source))
    assert f"Line {number} of" in result.output
    assert "a" * 20 not in result.output
    assert not file_of(here).exists()


def test_documents_for_a_program(here: Settings):
    added = json.loads(people(here, "add", "anna", "--json").stdout)
    assert (added["name"], len(added["token"]) >= 40) == ("anna", True)
    listed = json.loads(people(here, "list", "--json").stdout)
    assert [one["name"] for one in listed["people"]] == ["anna"]
