"""Progress and interrupts in the cells of a real kernel."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from tests.processes import end_gateway, settings_in
from videogen_nb.local.discovery import ensure_gateway

OPTIONS = "duration=2, resolution='480p'"


class Cells:
    """A kernel; what its cells display, by display id, and how they end."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client
        self.displays: dict[str, list[dict[str, str]]] = {}
        self.result: dict[str, str] = {}
        self.error: dict[str, Any] = {}
        self.printed = ""
        self.pid: int = getattr(manager.provisioner, "pid", 0)

    def run(self, code: str, *, interrupt_after_s: float | None = None) -> None:
        """Run a cell to its end; interrupted some time after its first display."""
        self.displays, self.result, self.error, self.printed = {}, {}, {}, ""
        timers: list[threading.Timer] = []

        def hear(message: dict[str, Any]) -> None:
            kind, content = message["header"]["msg_type"], message["content"]
            if kind in ("display_data", "update_display_data"):
                seen = self.displays.setdefault(content["transient"]["display_id"], [])
                assert (kind == "display_data") == (not seen)
                seen.append(content["data"])
                if interrupt_after_s is not None and not timers:
                    timers.append(threading.Timer(interrupt_after_s, self._interrupt))
                    timers[0].start()
            elif kind == "execute_result":
                self.result = content["data"]
            elif kind == "error":
                self.error = content
            elif kind == "stream":
                self.printed += content["text"]

        self.client.execute_interactive(code, timeout=120, output_hook=hear)

    def _interrupt(self) -> None:
        """As the stop button; the manager's own way would leave an event loop in this thread."""
        os.kill(self.pid, signal.SIGINT)


@pytest.fixture(scope="module")
def kernel() -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        patch.setenv("VIDEOGEN_LANG", "en")
        manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


@pytest.fixture(scope="module")
def ours(tmp_path_factory, kernel) -> Iterator[None]:
    """The kernel's ``videos`` are those of a gateway of ours."""
    settings = settings_in(tmp_path_factory.mktemp("gateway"))
    address = ensure_gateway(settings)
    Cells(*kernel).run(
        "import os\n"
        f"os.environ['VIDEOGEN_URL'] = {address.url!r}\n"
        f"os.environ['VIDEOGEN_TOKEN'] = {address.token!r}\n"
        f"os.environ['VIDEOGEN_OUTPUT'] = {str(settings.output)!r}\n"
        "import asyncio, videogen_nb as v\n"
        "videos = v.connect()"
    )
    yield
    end_gateway(settings)


@pytest.fixture
def cells(kernel) -> Cells:
    return Cells(*kernel)


def bars(cells: Cells) -> list[list[dict[str, str]]]:
    """What each display of a cell showed, one after the other."""
    return [*cells.displays.values()]


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(f"x = await videos.generate('sea', {OPTIONS})", id="await"),
        pytest.param(f"x = videos.generate('sea', {OPTIONS}).result()", id="result"),
        pytest.param(f"x = v.generate('sea', {OPTIONS})", id="tutorial"),
        pytest.param(f"x = v.show(await videos.create_task('sea', {OPTIONS}))", id="show"),
        pytest.param(
            f"async def main(): return await videos.generate('sea', {OPTIONS})\n"
            "v.enable_nested_asyncio()\nx = asyncio.run(main())",
            id="nested",
        ),
    ],
)
def test_a_bar_moves_and_becomes_the_video(ours, cells, call):
    cells.run(call)
    assert cells.error == {}
    [bar] = bars(cells)
    assert "<progress" in bar[0]["text/html"]
    assert "<video" in bar[-1]["text/html"]
    assert cells.result == {}


def test_the_last_line_shows_the_video_once(ours, cells):
    cells.run(f"x = await videos.generate('clouds', {OPTIONS})\nx")
    [bar] = bars(cells)
    assert "<progress" in bar[0]["text/html"]
    assert bar[-1] == {"text/html": "", "text/plain": ""}
    assert "<video" in cells.result["text/html"]
    cells.run("x")
    assert cells.displays == {}


def test_several_at_once_have_a_bar_each(ours, cells):
    cells.run(
        f"made = [videos.generate(f'sea {{n}}', {OPTIONS}) for n in range(3)]\n"
        "many = await asyncio.gather(*made)"
    )
    assert len(bars(cells)) == 3
    assert sorted(bar[-1]["text/plain"].splitlines()[0] for bar in bars(cells)) == [
        "sea 0",
        "sea 1",
        "sea 2",
    ]


def test_the_magic_has_one_too(ours, cells):
    cells.run("%load_ext videogen_nb")
    cells.run("%%video --duration 2 --resolution 480p\nthe sea")
    [bar] = bars(cells)
    assert "<progress" in bar[0]["text/html"]
    assert "<video" in cells.result["text/html"]


def test_waiting_for_a_task_ends_with_a_line(ours, cells):
    cells.run(f"task = await videos.create_task('sea', {OPTIONS})\ndone = await videos.wait(task)")
    [bar] = bars(cells)
    assert bar[-1]["text/plain"].startswith("Completed · ")
    assert "<progress" not in bar[-1]["text/html"]


def test_a_tutorial_waits_with_its_lines_and_a_bar(ours, cells):
    cells.run(
        f"made = v.create_video_task('sea', {OPTIONS})\n"
        "urls = v.wait_for_video(made['conversation_id'], made['message_id'])"
    )
    assert "✅ The video is ready!" in cells.printed
    [bar] = bars(cells)
    assert bar[-1]["text/plain"].startswith("Completed · ")


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(f"await videos.generate('sea', progress=False, {OPTIONS})", id="turned-off"),
        pytest.param(
            "import threading\n"
            f"t = threading.Thread(target=lambda: v.generate('sea', {OPTIONS}))\n"
            "t.start(); t.join()",
            id="in-a-thread",
        ),
    ],
)
def test_no_bar(ours, cells, call):
    cells.run(call)
    assert cells.error == {}
    assert cells.displays == {}
    assert "%" not in cells.printed


@pytest.fixture(scope="module")
def minutes(kernel) -> Iterator[None]:
    """The kernel's ``slow`` is a gateway that takes minutes."""
    Cells(*kernel).run(
        "import asyncio, videogen_nb as v\n"
        "from videogen_nb.testing import OlderGateway\n"
        "serving = OlderGateway(speed=1).serve()\n"
        "slow = v.connect(serving.__enter__())"
    )
    yield
    Cells(*kernel).run("slow.close(); serving.__exit__(None, None, None)")


@pytest.fixture
def endless(minutes, kernel) -> Cells:
    """Cells that wait for minutes, where nobody interrupts them."""
    return Cells(*kernel)


@pytest.mark.parametrize(
    "wait",
    [
        pytest.param("await slow.wait(task)", id="await"),
        pytest.param("slow.wait(task).result()", id="result"),
        pytest.param("v.show(task, slow)", id="show"),
    ],
)
def test_interrupted_a_cell_ends_with_one_sentence(endless, wait):
    endless.run("task = slow.create_task('sea').result(); print(task.id)")
    task_id = endless.printed.strip()
    endless.run(
        f"cleaned = ''\ntry:\n    {wait}\nfinally:\n    cleaned = 'yes'",
        interrupt_after_s=0.5,
    )
    [told] = endless.error["traceback"]
    assert told.startswith("Stopped waiting; the task continues.")
    assert f'show("{task_id}", connect("http://127.0.0.1:' in told
    [bar] = bars(endless)
    assert bar[-1]["text/plain"].startswith("Stopped waiting · ")
    endless.run("print(cleaned, slow.get_task(task).result().status)")
    assert endless.printed == "yes pending\n"


def test_interrupted_while_several_wait_all_are_named(endless):
    endless.run(
        "tasks = [slow.create_task(f'sea {n}').result() for n in range(2)]\n"
        "print(*(task.id for task in tasks))"
    )
    ids = endless.printed.split()
    endless.run("await asyncio.gather(*(slow.wait(task) for task in tasks))", interrupt_after_s=0.7)
    [told] = endless.error["traceback"]
    assert "2 tasks continue" in told
    for task_id in ids:
        assert f'show("{task_id}"' in told


def test_a_timeout_of_ones_own_is_still_one(endless):
    endless.run("task = slow.create_task('sea').result()")
    endless.run(
        "try:\n"
        "    async with asyncio.timeout(1):\n"
        "        await slow.wait(task)\n"
        "except TimeoutError:\n"
        "    print('in time')"
    )
    assert endless.printed == "in time\n"
