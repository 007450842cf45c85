"""A job is a future for everybody: asyncio, concurrent.futures, scripts, threads, servers, apps."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import logging
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from videogen_nb.blocking import Connection
from videogen_nb.blocking.call import Call, submit
from videogen_nb.blocking.job import Job
from videogen_nb.errors import BadParameter, RequestRefused, TaskFailed
from videogen_nb.media.video import Video
from videogen_nb.protocol.models import VideoTask


@pytest.fixture
def make(trial_videos: Connection) -> Any:
    return lambda prompt="quick", **given: trial_videos.generate(prompt, engine="trial", **given)


async def _add(a: int, b: int) -> int:
    await asyncio.sleep(0.01)
    return a + b


# What asyncio takes


async def test_asyncio_waits_for_jobs(make):
    jobs = {make("quick a"), make("quick b")}
    done, pending = await asyncio.wait(jobs, timeout=30)
    assert (done, pending) == (jobs, set())
    assert all(isinstance(job.result(), Video) for job in done)
    quick: Any = make()
    assert quick.task  # it is first in the queue
    slow = make("gate", extra={"gate": "/no"})
    first = asyncio.FIRST_COMPLETED
    done, _ = await asyncio.wait([quick, slow], return_when=first, timeout=30)
    assert done == {quick}


async def test_a_task_group_and_tasks_take_jobs(make):
    async with asyncio.TaskGroup() as group:
        one = group.create_task(make("quick a"))
        two = group.create_task(make("quick b"))
    assert [one.result().task.prompt, two.result().task.prompt] == ["quick a", "quick b"]
    assert isinstance(await asyncio.create_task(make()), Video)


async def test_each_kind_of_use_leaves_the_others_their_own():
    """A call that was run as a task does not make futures of others unfit to be waited for."""
    for _ in range(2):
        assert await asyncio.create_task(submit(_add(1, 2))) == 3
        calls: Any = [submit(_add(1, 2)), submit(_add(3, 4))]
        done, _ = await asyncio.wait(calls, timeout=10)
        assert sorted(call.result() for call in done) == [3, 7]
        both = await asyncio.gather(submit(_add(1, 1)), submit(_add(2, 2)))
        assert list(both) == [2, 4]
        assert await asyncio.wait_for(submit(_add(1, 1)), 10) == 2
        assert await asyncio.shield(submit(_add(1, 1))) == 2
        found = [await next_ for next_ in asyncio.as_completed([submit(_add(1, 1))])]
        assert found == [2]


def test_a_loop_is_run_for_it():
    assert asyncio.run(submit(_add(1, 2))) == 3
    with asyncio.Runner() as runner:
        assert runner.run(submit(_add(1, 2))) == 3


async def test_a_task_that_is_cancelled_ends_the_waiting():
    call = submit(_add(1, 2))
    forever = submit(asyncio.sleep(1000))
    task = asyncio.create_task(forever)
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert forever.cancelled()
    assert await call == 3


def test_it_stays_what_it_is():
    call = submit(_add(1, 2))
    assert isinstance(call, Call)
    assert isinstance(call, concurrent.futures.Future)
    assert not isinstance(call, str)
    assert call.__class__ is Call
    assert call.result() == 3


# What concurrent.futures takes


def test_concurrent_futures_wait_for_jobs(make):
    jobs = [make("quick a"), make("quick b")]
    done, pending = concurrent.futures.wait(jobs, timeout=30)
    assert (done, pending) == (set(jobs), set())
    assert list(concurrent.futures.as_completed(jobs, timeout=30))
    stopped = submit(asyncio.sleep(1000))
    assert stopped.cancel()
    assert concurrent.futures.wait([stopped], timeout=5).done == {stopped}


def test_a_result_has_a_time_limit(make, tmp_path):
    job = make("gate", extra={"gate": str(tmp_path / "gate")})
    for way in (job.result, job.exception):
        with pytest.raises(TimeoutError):
            way(timeout=0.05)
    assert not job.done()
    (tmp_path / "gate").touch()
    assert job.result(timeout=30).path.exists()
    assert job.exception(timeout=30) is None


def test_an_error_is_waited_for(make):
    job = make("error")
    assert isinstance(job.exception(timeout=30), TaskFailed)
    with pytest.raises(TaskFailed, match="No paint"):
        job.result(timeout=30)


# The task


def test_it_knows_its_task_while_the_video_is_made(make, trial_videos, tmp_path):
    job = make("gate", extra={"gate": str(tmp_path / "gate")})
    assert isinstance(job, Job)
    assert job.id == job.task.id == trial_videos.get_task(job.id).result().id
    assert not job.done()
    (tmp_path / "gate").touch()
    assert job.result(timeout=30).task.id == job.id


def test_what_was_refused_has_no_task(make, trial_videos):
    with pytest.raises(RequestRefused, match="Unknown engine"):
        _ = trial_videos.generate("x", engine="nowhere").task
    with pytest.raises(BadParameter):
        _ = make(durration=5).task


def test_it_is_followed_in_the_callers_thread(make):
    seen = [(task.status.value, threading.get_ident()) for task in make().watch()]
    assert seen[-1] == ("completed", threading.get_ident())


# Callbacks


def test_callbacks_come_in_the_thread_that_waits(make):
    threads: list[int] = []
    tasks: list[VideoTask] = []

    def told(task: VideoTask) -> None:
        tasks.append(task)
        threads.append(threading.get_ident())

    job = make(on_change=told, on_progress=lambda done, whole: threads.append(0))
    job.result(timeout=30)
    assert tasks[-1].status.value == "completed"
    assert {*threads} == {threading.get_ident(), 0}


async def test_callbacks_come_on_the_loop_that_runs(make):
    loops: list[Any] = []

    def told(_task: Any) -> None:
        loops.append(asyncio.get_running_loop())

    job = make(on_change=told)
    ended = asyncio.Event()
    job.add_done_callback(told)
    job.add_done_callback(lambda job: ended.set())
    await job
    await asyncio.wait_for(ended.wait(), 10)
    assert {*loops} == {asyncio.get_running_loop()}


async def test_a_callback_that_was_removed_is_not_called():
    told: list[Any] = []
    call = submit(_add(1, 2))
    call.add_done_callback(told.append)
    assert call.remove_done_callback(told.append) == 1
    await call
    await asyncio.sleep(0.01)
    assert told == []


def test_an_error_in_a_callback_loses_no_video(make, caplog):
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("mine")

    job = make(on_change=broken, on_progress=broken)
    assert job.result(timeout=30).path.exists()
    assert "the work goes on" in caplog.text
    assert {record.name.split(".")[0] for record in caplog.records} >= {"videogen_nb"}


async def test_nor_does_one_in_a_client_of_ones_own(trial_videos, caplog):
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("mine")

    client = trial_videos.client
    made = client.generate("quick", engine="trial", on_change=broken, on_progress=broken)
    video = await trial_videos.submit(made)
    assert video.path.exists()
    assert "ZeroDivisionError: mine" in caplog.text


# Where it is used


async def test_in_a_web_server(make):
    """FastAPI: awaited in a handler, blocked for in a handler that runs in a worker thread."""
    app = FastAPI()

    @app.get("/await")
    async def awaited() -> str:
        return str((await make("quick a")).path.name)

    @app.get("/block")
    def blocked() -> str:
        return str(make("quick b").result(timeout=30).path.name)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as http:
        both = await asyncio.gather(http.get("/await"), http.get("/block"))
    assert [answer.status_code for answer in both] == [200, 200]
    assert [answer.json()[:7] for answer in both] == ["quick-a", "quick-b"]


def test_in_a_script_that_is_run_again_in_other_threads(make):
    """Streamlit: each interaction runs the whole script anew, in a thread; state is kept aside."""
    state: dict[str, Any] = {}
    shown: list[str] = []

    def script() -> None:
        job = state.setdefault("job", None) or state.update(job=make()) or state["job"]
        shown.extend(task.status.value for task in job.watch())
        shown.append(str(job.result(timeout=30).path))

    for _ in range(2):
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(script,))
        thread.start()
        thread.join(60)
    paths = [word for word in shown if word.endswith(".mp4")]
    assert len(paths) == 2
    assert paths[0] == paths[1]


async def test_in_a_callback_that_runs_in_a_worker_thread(make):
    """Gradio: a plain function runs in a thread of a pool, a generator's steps in several."""

    def steps() -> Any:
        job = make()
        for task in job.watch():
            yield task.status.value
        yield str(job.result(timeout=30).path)

    generator = steps()
    seen = []
    while (step := await asyncio.to_thread(next, generator, None)) is not None:
        seen.append(step)
    assert Path(seen[-1]).suffix == ".mp4"
    assert await asyncio.to_thread(lambda: make().result(timeout=30).path.exists())


def test_the_client_logs_under_the_packages_name():
    """As libraries do: nothing is configured, and one name is enough to hear all of it."""
    assert logging.getLogger("videogen_nb").handlers == []
    assert logging.getLogger("videogen_nb.client.callbacks").parent is not logging.getLogger()
