"""What a person sees while Python waits: how often, where, and how it ends."""

from __future__ import annotations

import asyncio
import concurrent.futures
import io
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest

from videogen_nb.blocking import interrupts
from videogen_nb.blocking.interrupts import stopped_waiting
from videogen_nb.blocking.progress import WhileWaiting
from videogen_nb.blocking.progress_screens import LineScreen, NotebookScreen, Progress, screen
from videogen_nb.protocol.models import VideoTask
from videogen_nb.text import ipython


def make_task(**values) -> VideoTask:
    told = {"conversation_id": "1", "message_id": "2", "status": "processing", "progress": 0.25}
    return VideoTask.model_validate({**told, **values})


def code(task_id: str) -> str:
    return f'show("{task_id}")'


class Clock:
    """Seconds, moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Handle:
    """Keeps what a display is updated to."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(bundle)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def handle(monkeypatch) -> Handle:
    """A notebook whose every display is this one."""
    handle = Handle()
    paper = NotebookScreen()
    paper._handle = handle
    monkeypatch.setattr("videogen_nb.blocking.progress.screen", lambda **_: paper)
    return handle


def wait(watched: WhileWaiting, clock: Clock, seconds: float) -> None:
    """Let time pass as a waiting call does."""
    end = clock.now + seconds
    while clock.now < end:
        clock.now += 0.25
        watched.tick()


def ended(result: object = None, error: BaseException | None = None):
    future: concurrent.futures.Future[object] = concurrent.futures.Future()
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
    return future


def test_the_bar_tells_stage_share_time_estimate_and_id(handle, clock):
    watched = WhileWaiting(code, clock=clock)
    watched.on_change()(make_task(stage="drawing", eta_seconds=65))
    wait(watched, clock, 3)
    told = handle.shown[-1]
    assert told["text/plain"] == (
        "Drawing · 25% · 3 s so far · about 1 min 5 s left (estimate) · task 1-2"
    )
    assert 'value="0.250"' in told["text/html"]
    assert 'aria-label="Video generation progress"' in told["text/html"]


def test_of_a_task_that_is_older_than_the_waiting_its_own_time_is_told(handle, clock):
    watched = WhileWaiting(code, clock=clock)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    watched.on_change()(make_task(created_at=hour_ago))
    wait(watched, clock, 3)
    assert " · 1 h so far · " in handle.shown[-1]["text/plain"]


def test_without_a_share_the_bar_has_no_value(handle, clock):
    watched = WhileWaiting(code, clock=clock)
    watched.on_change()(make_task(progress=None))
    wait(watched, clock, 1)
    assert '<progress max="1" aria-label' in handle.shown[-1]["text/html"]


def test_what_a_gateway_says_is_no_markup(handle, clock):
    watched = WhileWaiting(code, clock=clock)
    watched.on_change()(make_task(stage="<script>alert(1)</script>"))
    wait(watched, clock, 1)
    assert "<script" not in handle.shown[-1]["text/html"].lower()


def test_twenty_minutes_are_a_bounded_number_of_updates(handle, clock):
    watched = WhileWaiting(code, clock=clock)
    watched.on_change()(make_task())
    wait(watched, clock, 20 * 60)
    assert 200 < len(handle.shown) < 400


def test_lines_are_few_and_come_with_news(clock, capsys, monkeypatch):
    monkeypatch.setattr("videogen_nb.blocking.progress.screen", lambda **_: LineScreen())
    watched = WhileWaiting(code, clock=clock)
    note = watched.on_change()
    note(make_task(stage="drawing"))
    wait(watched, clock, 1)
    assert capsys.readouterr().err == ""  # over in a moment: not worth a line
    wait(watched, clock, 20 * 60)
    note(make_task(stage="encoding"))
    wait(watched, clock, 4)
    told = capsys.readouterr().err.splitlines()
    assert told[0].startswith("Drawing · 25%")
    assert told[-1].startswith("Encoding")
    assert len(told) < 12


def test_a_setting_or_an_argument_turns_it_off(handle, clock, monkeypatch):
    wait(WhileWaiting(code, on=False, clock=clock), clock, 5)
    monkeypatch.setenv("VIDEOGEN_PROGRESS", "off")
    wait(WhileWaiting(code, clock=clock), clock, 5)
    assert handle.shown == []
    wait(WhileWaiting(code, on=True, clock=clock), clock, 5)
    assert handle.shown != []


def test_how_it_ended_stays(handle, clock):
    done = WhileWaiting(code, clock=clock)
    wait(done, clock, 2)
    done.end(ended(make_task(status="completed")))
    assert handle.shown[-1]["text/plain"] == "Completed · 2 s · task 1-2"
    assert "<progress" not in handle.shown[-1]["text/html"]
    count = len(handle.shown)
    done.end(ended(make_task(status="completed")))
    wait(done, clock, 60)
    assert len(handle.shown) == count
    failed = WhileWaiting(code, clock=clock)
    failed.on_change()(make_task(status="failed"))
    wait(failed, clock, 1)
    failed.end(ended(error=ValueError()))
    assert handle.shown[-1]["text/plain"].startswith("Failed · ")


def test_only_the_main_thread_has_a_screen():
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(screen()))
    thread.start()
    thread.join()
    assert found == [None]
    assert isinstance(screen(), LineScreen)
    assert screen(lines=False) is None


def test_a_closed_stream_and_a_front_end_that_is_gone_stop_nothing(monkeypatch):
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    progress = Progress("Drawing", 0.5, ())
    LineScreen().draw(progress)

    class Gone:
        def update(self, *_: object, **__: object) -> None:
            raise OSError("the socket is closed")

    paper = NotebookScreen()
    paper._handle = Gone()
    paper.draw(progress)
    paper.finish(progress, None)


@pytest.fixture
def in_ipython(monkeypatch):
    monkeypatch.setattr(interrupts, "shell", object)
    monkeypatch.setattr(interrupts, "_recent", [])


def rendered(error: BaseException) -> str:
    [line] = vars(error)["_render_traceback_"]()
    return str(line)


def test_interrupted_it_is_one_sentence_with_the_way_back(in_ipython):
    error = KeyboardInterrupt()
    stopped_waiting(error, code("1-2"))
    assert rendered(error).endswith('from videogen_nb import show; show("1-2")')
    assert "the task continues" in rendered(error)


def test_several_at_once_are_told_together(in_ipython):
    errors = [asyncio.CancelledError(), asyncio.CancelledError()]
    for n, error in enumerate(errors):
        stopped_waiting(error, code(f"1-{n}"))
    for error in errors:
        assert "2 tasks continue" in rendered(error)
        assert rendered(error).endswith('show("1-0"); show("1-1")')


def test_before_there_is_a_task_it_says_how_to_look(in_ipython):
    error = KeyboardInterrupt()
    stopped_waiting(error, None)
    assert "list_tasks" in rendered(error)


def test_in_a_script_the_sentence_goes_to_stderr(capsys):
    error = KeyboardInterrupt()
    stopped_waiting(error, code("1-2"))
    assert 'show("1-2")' in capsys.readouterr().err
    assert not hasattr(error, "_render_traceback_")


def test_the_shell_is_not_looked_for_where_there_is_no_ipython(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython.core.getipython", raising=False)
    assert ipython.shell() is None
