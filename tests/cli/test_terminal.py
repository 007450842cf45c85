"""What a person sees on a terminal: tables, a bar, findings in columns; and errors as values."""

from __future__ import annotations

import io

import click
import pytest
from rich.console import Console

from videogen_nb.cli import tasks
from videogen_nb.cli.doctor import _show as show_finding
from videogen_nb.cli.framework.exit_codes import Interrupted, facts
from videogen_nb.cli.framework.session import Session
from videogen_nb.cli.framework.waiting import Watching, bell
from videogen_nb.i18n import Text
from videogen_nb.local.doctor import Finding
from videogen_nb.protocol.models import TaskId, TaskPage, VideoTask

ID = TaskId("12345678901234567", "98765432109876543")


def task(**values: object) -> VideoTask:
    told = {
        "conversation_id": ID.conversation_id,
        "message_id": ID.message_id,
        "status": "processing",
        "prompt": "a sea\nat night",
        **values,
    }
    return VideoTask.model_validate(told)


@pytest.fixture
def session() -> Session:
    def terminal() -> Console:
        return Console(file=io.StringIO(), force_terminal=True, width=100, color_system=None)

    return Session(out=terminal(), err=terminal())


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_tasks_are_a_table(session: Session):
    moving = task(progress=0.4, created_at="2026-01-01T00:00:00+00:00")
    page = TaskPage(tasks=[moving, task(status="failed")], total=5)
    tasks._show(session, page, filtered=False)
    header, first, second = written(session.out).splitlines()
    assert header.split() == ["ID", "status", "created", "prompt"]
    words = first.split()
    assert words[:3] == [ID.message_id, "Generating", "40%"]
    assert words[4:] == ["days", "ago", "a", "sea", "at", "night"]
    assert second.split()[:2] == [ID.message_id, "Failed"]
    assert "2 of 5; pass --limit to see more" in written(session.err)


def test_a_narrow_terminal_has_no_times(session: Session):
    session.out.width = 60
    tasks._show(session, TaskPage(tasks=[task()], total=1), filtered=False)
    assert written(session.out).split()[:3] == ["ID", "status", "prompt"]
    assert written(session.err) == ""


def test_no_tasks_at_all_is_told_from_none_that_match(session: Session):
    tasks._show(session, TaskPage(tasks=[], total=0), filtered=True)
    assert written(session.err).strip() == "No tasks match."
    tasks._show(session, TaskPage(tasks=[], total=0), filtered=False)
    assert "No tasks yet" in written(session.err)


def test_a_bar_tells_stage_and_share(session: Session):
    with Watching(session) as watching:
        watching.task(task(stage="drawing", progress=0.4))
        bar = watching._bar
        assert bar is not None
        bar.refresh()
        watching.received(3, 4)
        bar.refresh()
    shown = written(session.err)
    assert all(word in shown for word in ("Drawing", "40%", "downloading the video", "75%"))


def test_a_bell_rings_at_the_end_whatever_it_is_but_only_for_a_person(monkeypatch):
    class Terminal(io.StringIO):
        person = True

        def isatty(self) -> bool:
            return self.person

    @click.command()
    @bell
    def waits() -> None:
        raise click.ClickException("it failed")

    for person, heard in ((True, "\a"), (False, "")):
        terminal = Terminal()
        terminal.person = person
        monkeypatch.setattr("sys.stderr", terminal)
        with pytest.raises(click.ClickException):
            waits.main(["--bell"], standalone_mode=False)
        assert terminal.getvalue() == heard
    terminal.person = True
    with pytest.raises(click.ClickException):
        waits.main([], standalone_mode=False)
    assert terminal.getvalue() == ""


def test_a_finding_is_told_with_its_remedy(session: Session):
    said, remedy = Text.same("not a key"), Text.same("copy it again")
    show_finding(session, Finding("key", Text.same("Key"), "broken", said, remedy))
    first, second = written(session.out).splitlines()
    assert first.split()[1:] == ["Key", "not", "a", "key"]
    assert second.split() == ["→", "copy", "it", "again"]


def test_labels_stand_in_a_column(session: Session):
    session.rows([("ID", ID), ("prompt", "a sea")])
    first, second = written(session.out).splitlines()
    assert first.index(str(ID)) == second.index("a sea")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        pytest.param(Interrupted(Text.same("Stopped."), ID), "interrupted", "Stopped.", id="task"),
        pytest.param(KeyboardInterrupt(), "interrupted", "topped", id="ctrl-c"),
        pytest.param(click.UsageError("no such option"), "usage", "no such option", id="usage"),
        pytest.param(click.ClickException("odd"), "error", "odd", id="click"),
        pytest.param(OSError(28, "No space left"), "system", "No space left", id="system"),
        pytest.param(OSError(2, "No such file", "a.png"), "system", "a.png: No such", id="file"),
    ],
)
def test_errors_as_values(error: BaseException, code: str, words: str):
    told = facts(error)
    assert told["code"] == code
    assert words in str(told["message"])
    assert told["task"] == (str(ID) if isinstance(error, Interrupted) else None)
