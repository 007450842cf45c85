"""The homework: what its checker finds in pollers as people write them, and its assignment."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from videogen_nb import set_language
from videogen_nb.teaching import Feedback, check_poller

HOMEWORK = Path(__file__).parents[2] / "docs" / "recipes" / "homework" / "source" / "poller"
ALL = {"completed", "patient", "paced", "ends", "failed", "cancelled", "lost", "gives_up"}


def met(feedback: Feedback) -> set[str]:
    """Which requirements are met, by the names that the module gives them."""
    from videogen_nb.teaching.poller import _WANTED

    names = {id(text): name for name, text in _WANTED.items()}
    return {names[id(text)] for is_met, text in feedback.lines if is_met}


async def good(ask: Any, sleep: Any) -> str:
    waited = 0.0
    while waited < 1200:
        try:
            task = await ask()
        except ConnectionError:
            task = {"status": "unknown"}
        if task["status"] == "completed":
            return str(task["video_urls"][0])
        if task["status"] in ("failed", "cancelled"):
            raise RuntimeError(task["error"] or "cancelled")
        await sleep(2)
        waited += 2
    raise TimeoutError


async def once(ask: Any, sleep: Any) -> str:
    return str((await ask())["video_urls"][0])


async def hasty(ask: Any, sleep: Any) -> str:
    while (task := await ask())["status"] != "completed":
        pass
    return str(task["video_urls"][0])


async def naive(ask: Any, sleep: Any) -> str:
    while True:
        task = await ask()
        if task["status"] == "completed":
            return str(task["video_urls"][0])
        await sleep(5)


async def stubborn(ask: Any, sleep: Any) -> str:
    while True:
        try:
            task = await ask()
            if task["status"] == "completed":
                return str(task["video_urls"][0])
        except Exception:  # noqa: BLE001 — as people write it
            pass
        await sleep(1)


async def empty(ask: Any, sleep: Any) -> None: ...


@pytest.mark.parametrize(
    ("poll", "meets"),
    [
        pytest.param(good, ALL, id="good"),
        pytest.param(once, {"completed", "ends"}, id="once"),
        pytest.param(hasty, {"completed", "patient", "ends"}, id="hasty"),
        pytest.param(naive, {"completed", "patient", "paced", "ends"}, id="naive"),
        pytest.param(stubborn, {"completed", "patient", "paced", "ends", "lost"}, id="stubborn"),
        pytest.param(empty, set(), id="empty"),
    ],
)
async def test_it_finds_what_a_poller_does_and_lacks(poll: Any, meets: set[str]):
    feedback = await check_poller(poll)
    assert met(feedback) == meets
    assert feedback.score == len(meets) / len(ALL)
    assert feedback.solved is (meets == ALL)


async def test_what_is_no_coroutine_function_is_told_first():
    feedback = await check_poller(...)  # type: ignore[arg-type]
    assert (feedback.score, "async def poll" in str(feedback.note)) == (0, True)
    set_language("zh")
    assert "请先写出函数" in repr(feedback)
    set_language(None)


async def test_one_that_really_sleeps_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("videogen_nb.teaching.poller._REAL_S", 0.05)

    async def real(ask: Any, sleep: Any) -> str:
        while (task := await ask())["status"] != "completed":  # noqa: ASYNC110 — as people write it
            await asyncio.sleep(1)
        return str(task["video_urls"][0])

    before = time.monotonic()
    assert met(await check_poller(real)) == {"completed", "ends"}
    assert time.monotonic() - before < 10


@pytest.mark.parametrize("name", ["poller", "poller.zh"])
def test_the_assignment_can_be_graded_and_hides_its_solution(name: str):
    cells = json.loads((HOMEWORK / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    marked = [cell for cell in cells if "nbgrader" in cell["metadata"]]
    assert len({cell["metadata"]["nbgrader"]["grade_id"] for cell in marked}) == len(marked)
    [answer] = [cell for cell in marked if cell["metadata"]["nbgrader"]["solution"]]
    source = "".join(answer["source"])
    assert source.index("### BEGIN SOLUTION") < source.index("### END SOLUTION")
    [graded] = [cell for cell in marked if cell["metadata"]["nbgrader"]["grade"]]
    assert graded["metadata"]["nbgrader"]["points"] == 8
    assert graded["metadata"]["nbgrader"]["locked"]
    assert all(not cell.get("outputs") for cell in cells)


async def test_the_assignments_solution_is_complete():
    for name in ("poller", "poller.zh"):
        cells = json.loads((HOMEWORK / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
        [source] = ["".join(c["source"]) for c in cells if "BEGIN SOLUTION" in "".join(c["source"])]
        space: dict[str, Any] = {}
        exec(source, space)
        assert (await check_poller(space["poll"])).solved
