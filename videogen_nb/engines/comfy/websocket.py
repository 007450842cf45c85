"""The progress of a prompt's nodes, from ComfyUI's WebSocket.

Source: ComfyUI's ``execution.py``, ``main.py`` and ``comfy_execution/progress.py``.
The state of a prompt comes from the queue and history; these messages are only displayed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from ...errors import UpstreamError
from ...i18n import Text
from ...protocol import parse_json
from ..http_client import Caller

_AGAIN_S: Final = 15.0  # a WebSocket that ended is opened again after so long


class NodeProgress:
    """The progress of one prompt's nodes, according to its messages."""

    def __init__(self, prompt: str, graph: Mapping[str, Any]) -> None:
        self._prompt = prompt
        self._graph = graph
        self._done: set[str] = set()
        self._running: dict[str, tuple[float, float]] = {}  # steps done, of so many

    def hear(self, message: str) -> None:
        """Process one message; skip other prompts' and unknown messages."""
        try:
            told = parse_json(message.encode())
        except ValueError:
            return
        data = told.get("data") if isinstance(told, dict) else None
        if not isinstance(data, dict) or data.get("prompt_id", self._prompt) != self._prompt:
            return
        kind, node = told.get("type"), data.get("display_node") or data.get("node")
        if kind == "execution_cached":
            self._done.update(one for one in data.get("nodes") or [] if isinstance(one, str))
        elif kind == "executing":
            self._go_to(node)
        elif kind == "progress" and isinstance(node, str):
            self._running[node] = _steps(data)
        elif kind == "progress_state" and isinstance(data.get("nodes"), dict):
            self._see(data["nodes"])

    @property
    def fraction(self) -> float | None:
        """Finished nodes and the steps of running ones, 0 to 1; None = unknown."""
        done = len(self._done & self._graph.keys())
        part = sum(min(1.0, step / steps) for step, steps in self._at_work().values())
        return round((done + part) / len(self._graph), 4) if done or self._running else None

    @property
    def stage(self) -> Text | None:
        """The name of the current node, with its steps if it counts them."""
        if not self._running:
            return None
        node, (step, steps) = list(self._running.items())[-1]
        name = _name(self._graph.get(node), node)
        return _STEP(node=name, step=int(step), steps=int(steps)) if steps > 1 else _NODE(node=name)

    def _at_work(self) -> dict[str, tuple[float, float]]:
        return {n: s for n, s in self._running.items() if n in self._graph and n not in self._done}

    def _go_to(self, node: Any) -> None:
        self._done.update(self._running)
        known = self._running.get(node, (0.0, 1.0))
        self._running = {node: known} if isinstance(node, str) else {}
        self._done.discard(node)

    def _see(self, nodes: Mapping[str, Any]) -> None:
        """Process a full snapshot: which nodes are done and which are running."""
        self._running = {}
        for number, node in nodes.items():
            state = node.get("state") if isinstance(node, dict) else None
            if state == "finished":
                self._done.add(number)
            elif state == "running":
                self._running[str(node.get("display_node_id") or number)] = _steps(node)


class Listeners:
    """One listener for each running prompt. They only read."""

    def __init__(self, calls: Caller) -> None:
        self._calls = calls
        self._heard: dict[str, NodeProgress] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._began: dict[str, float] = {}

    def of(self, prompt: str, client: str, graph: Mapping[str, Any]) -> NodeProgress:
        """Return a prompt's progress; start listening if needed.

        Args:
            client: the client id with which it was queued; only that client gets its messages.
        """
        now, task = asyncio.get_running_loop().time(), self._tasks.get(prompt)
        heard = self._heard.setdefault(prompt, NodeProgress(prompt, graph))
        if task is None or (task.done() and now - self._began[prompt] > _AGAIN_S):
            self._began[prompt] = now
            self._tasks[prompt] = asyncio.create_task(self._listen(client, heard))
        return heard

    def forget(self, prompt: str) -> None:
        """Stop listening to a prompt that has ended."""
        self._heard.pop(prompt, None)
        self._began.pop(prompt, None)
        if (task := self._tasks.pop(prompt, None)) is not None:
            task.cancel()

    async def aclose(self) -> None:
        """Stop listening to all of them."""
        tasks = list(self._tasks.values())
        for prompt in list(self._tasks):
            self.forget(prompt)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, client: str, heard: NodeProgress) -> None:
        with suppress(UpstreamError):  # then polling alone has to do
            async for message in self._calls.listen("/ws", {"clientId": client}):
                heard.hear(message)


def _steps(told: Mapping[str, Any]) -> tuple[float, float]:
    step, steps = told.get("value"), told.get("max")
    if isinstance(step, (int, float)) and isinstance(steps, (int, float)) and steps > 0:
        return max(0.0, float(step)), float(steps)
    return 0.0, 1.0


def _name(node: Any, number: str) -> str:
    """Return a node's title if its graph has one, else its type."""
    node = node if isinstance(node, dict) else {}
    meta = node.get("_meta")
    title = meta.get("title") if isinstance(meta, dict) else None
    return " ".join(str(title or node.get("class_type") or number).split())[:60]


_NODE = Text("ComfyUI: {node}", "ComfyUI：{node}")
_STEP = Text("ComfyUI: {node}, step {step} of {steps}", "ComfyUI：{node}，第 {step}/{steps} 步")
