"""In a real Jupyter kernel, whose loop is running while a cell is: nothing is patched."""

from __future__ import annotations

import time
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from videogen_nb.testing import OlderGateway


class Kernel:
    """A kernel and what its cells print."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    def run(self, code: str, *, interrupt_at: str | None = None) -> tuple[str, str]:
        """What a cell printed and the name of its error; interrupted once it printed a word."""
        printed: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            text = message["content"].get("text", "")
            printed.append(text)
            if interrupt_at is not None and interrupt_at in text:
                time.sleep(1)  # by now the cell waits
                self.manager.interrupt_kernel()

        reply = self.client.execute_interactive(code, timeout=60, output_hook=hear)
        return "".join(printed), reply["content"].get("ename", "")


@pytest.fixture
def kernel(monkeypatch):
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    manager, client = start_new_kernel(kernel_name="python3")
    yield Kernel(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def test_blocking_awaiting_and_interrupting_in_cells(kernel):
    gateway = OlderGateway(speed=1)
    with gateway.serve() as url:
        said, error = kernel.run(
            "from videogen_nb import *\n"
            f"videos = connect({url!r})\n"
            "task = videos.create_task('海边日落').result()\n"
            "print(task.status, (await videos.get_task(task)).status)\n"
            "import asyncio\n"
            "print(len(await asyncio.gather(*[videos.get_task(task) for _ in range(5)])))"
        )
        assert (said, error) == ("pending pending\n5\n", "")
        said, error = kernel.run(
            "print('waiting', flush=True); videos.wait(task).result()", interrupt_at="waiting"
        )
        assert error == "KeyboardInterrupt"
        said, error = kernel.run(
            "print('waiting', flush=True); await videos.wait(task)", interrupt_at="waiting"
        )
        assert error in ("KeyboardInterrupt", "CancelledError")
        said, error = kernel.run("print(videos.get_task(str(task.id)).result().status)")
        assert (said, error) == ("pending\n", "")
        assert set(gateway.log) == {"list", "generate", "status"}
