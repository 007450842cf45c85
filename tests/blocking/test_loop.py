"""The private loop: doors to it from everywhere, and what happens when somebody leaves."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading

import pytest

from videogen_nb.blocking.call import Call, iterate, iterate_async, submit


async def _add(a: int, b: int) -> int:
    await asyncio.sleep(0)
    return a + b


async def _fail() -> None:
    raise LookupError("as asked")


class Endless:
    """A coroutine that goes on until it is cancelled, and tells."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.cancelled = threading.Event()

    async def run(self) -> None:
        self.began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise


def test_a_result_is_waited_for():
    call = submit(_add(1, 2))
    assert isinstance(call, Call)
    assert call.result() == 3
    assert call.done()
    assert call.exception() is None


def test_an_error_arrives_as_itself():
    call = submit(_fail())
    with pytest.raises(LookupError, match="as asked"):
        call.result()
    assert isinstance(call.exception(), LookupError)


async def test_a_call_says_how_to_wait_for_it():
    endless = Endless()
    call = submit(endless.run())
    assert "await" in repr(call)
    assert ".result()" in repr(call)
    with pytest.raises(AttributeError, match="await"):
        _ = call.path  # type: ignore[attr-defined]  # what is tested
    call.cancel()
    assert repr(call).startswith("<Call finished")
    failed = submit(_fail())
    with pytest.raises(LookupError):
        await failed
    assert repr(failed) == "<Call failed: as asked>"


def test_all_runs_on_one_thread_of_its_own():
    async def where() -> int:
        return threading.get_ident()

    places = {submit(where()).result() for _ in range(5)}
    assert len(places) == 1
    assert threading.get_ident() not in places


async def test_it_blocks_inside_a_running_loop_as_in_a_notebooks_cell():
    assert submit(_add(2, 2)).result() == 4


async def test_it_is_awaited_from_this_loop_and_from_another():
    call = submit(_add(3, 4))

    async def from_elsewhere() -> int:
        return await call

    elsewhere = await asyncio.to_thread(lambda: asyncio.run(from_elsewhere()))
    assert (await call, elsewhere) == (7, 7)


def test_a_wait_with_a_limit_ends_and_the_call_goes_on():
    endless = Endless()
    call = submit(endless.run())
    assert endless.began.wait(5)
    with pytest.raises(TimeoutError):
        call.result(timeout=0.01)
    assert not call.done()
    assert call.cancel()
    assert endless.cancelled.wait(5)
    assert call.cancelled()


def test_it_may_be_cancelled_again_and_nothing_is_logged(caplog):
    endless = Endless()
    call = submit(endless.run())
    assert endless.began.wait(5)
    assert call.cancel()
    assert call.cancel()
    assert endless.cancelled.wait(5)
    assert submit(_add(1, 1)).result() == 2  # by then the private loop has told what it had to
    assert caplog.records == []


async def test_cancelling_what_awaits_it_ends_it():
    endless = Endless()
    call = submit(endless.run())
    assert await asyncio.to_thread(endless.began.wait, 5)
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(call, 0.05)
    assert await asyncio.to_thread(endless.cancelled.wait, 5)


def test_callbacks_are_told():
    told: list[Call[int]] = []
    happened = threading.Event()

    def tell(call: Call[int]) -> None:
        told.append(call)
        happened.set()

    call = submit(_add(1, 1))
    call.add_done_callback(tell)
    assert happened.wait(5)
    assert told == [call]


def test_ctrl_c_ends_the_waiting():
    endless = Endless()
    call = submit(endless.run())
    assert endless.began.wait(5)
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        call.result()
    assert endless.cancelled.wait(5)
    assert submit(_add(1, 1)).result() == 2, "and everything else goes on"


def test_waiting_for_oneself_is_said_not_suffered():
    async def folly() -> None:
        submit(_add(1, 1)).result()

    with pytest.raises(RuntimeError, match="Use await instead"):
        submit(folly()).result()


class Numbers:
    """An async iterator that knows whether it was closed."""

    def __init__(self, most: int) -> None:
        self.most, self.closed = most, False

    async def count(self):
        try:
            for n in range(self.most):
                await asyncio.sleep(0)
                yield n
        finally:
            self.closed = True


def test_an_async_iterator_as_a_blocking_one():
    numbers = Numbers(3)
    assert list(iterate(numbers.count())) == [0, 1, 2]
    assert numbers.closed


def test_leaving_early_closes_it():
    numbers = Numbers(100)
    for n in iterate(numbers.count()):
        if n == 2:
            break
    assert numbers.closed


async def test_the_same_for_another_loop():
    numbers = Numbers(3)
    assert [n async for n in iterate_async(numbers.count())] == [0, 1, 2]
    assert numbers.closed


def test_ctrl_c_lets_what_was_drawn_from_clean_up():
    cleaned = threading.Event()
    began = threading.Event()

    async def slow():
        try:
            began.set()
            await asyncio.Event().wait()
            yield 1
        finally:
            await asyncio.sleep(0.05)
            cleaned.set()

    def interrupt():
        began.wait(5)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        list(iterate(slow()))
    assert cleaned.is_set()


def test_an_error_inside_comes_out():
    async def broken():
        yield 1
        raise LookupError("inside")

    with pytest.raises(LookupError, match="inside"):
        list(iterate(broken()))


def _python(code: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_has_a_loop_of_its_own():
    done = _python(  # a program of its own: a fork copies what other tests' threads hold locked
        "import os\nfrom videogen_nb.blocking.call import submit\n"
        "async def add(a, b):\n    return a + b\n"
        "print(submit(add(1, 1)).result(), flush=True)\n"
        "child = os.fork()\n"
        "print(submit(add(2, 3)).result(timeout=20), flush=True)\n"
        "if child:\n    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))",
        "-Wignore::DeprecationWarning",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.split()) == ["0", "2", "5", "5"]


def test_a_program_ends_quietly_although_something_still_runs():
    done = _python(
        "import asyncio\nfrom videogen_nb.blocking.call import submit\n"
        "async def forever():\n    await asyncio.Event().wait()\n"
        "submit(forever())\nprint('end')"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_at_the_end_what_runs_is_cancelled_and_cleans_up():
    done = _python(
        "import asyncio, threading\nfrom videogen_nb.blocking.call import submit\n"
        "began = threading.Event()\n"
        "async def forever():\n"
        "    try:\n        began.set()\n        await asyncio.Event().wait()\n"
        "    finally:\n        await asyncio.sleep(0.05)\n        print('cleaned', flush=True)\n"
        "submit(forever())\nbegan.wait()\nprint('end', flush=True)"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\ncleaned\n", "")


_NESTED = """
import asyncio, sys, warnings
{before}
from videogen_nb import enable_nested_asyncio
async def cell():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        print(enable_nested_asyncio())
        print(*[w.message for w in caught if w.category is RuntimeWarning])
    async def inner():
        return 42
    print(asyncio.run(inner()))
asyncio.run(cell())
"""


def test_nested_asyncio_prefers_the_maintained_successor():
    done = _python(_NESTED.format(before=""))
    assert done.stdout.split() == ["nest_asyncio2", "42"], done.stderr


def test_the_old_one_is_used_with_a_warning_where_it_loses_work():
    done = _python(_NESTED.format(before="sys.modules['nest_asyncio2'] = None"))
    name, warning, answer = done.stdout.strip().split("\n")
    assert (name, answer) == ("nest_asyncio", "42")
    assert "can be lost" in warning
    assert "pip install nest_asyncio2" in warning


def test_without_either_it_is_said():
    before = "sys.modules['nest_asyncio2'] = sys.modules['nest_asyncio'] = None"
    assert "pip install nest_asyncio2" in _python(_NESTED.format(before=before)).stderr


def test_a_loop_that_cannot_be_patched_is_said():
    done = _python(
        "import asyncio\n"
        "class Other(asyncio.AbstractEventLoop):\n    pass\n"
        "asyncio.set_event_loop(Other())\n"
        "from videogen_nb import enable_nested_asyncio, VideogenError\n"
        "try:\n    enable_nested_asyncio()\n"
        "except VideogenError as error:\n    print(error)"
    )
    assert "cannot be patched" in done.stdout, done.stderr
