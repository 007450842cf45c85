"""A class at one gateway: one student has many tasks waiting when the others come with theirs.

    python -m tests.hardening.classroom [--students 30] [--backlog 100] [--seconds 1]

The real gateway with a worker that takes so many seconds a video and no computing power. Two
lessons: the others come one after the other, each when the one before has a video; and all at once.
Told: how long each waited until their first video was begun, in seconds and in videos of the
student with many. Exit code 1 where somebody waited for more than one of those.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx

from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings

from ..gateway.conftest import ids, write_people
from ..gateway.trial_engine import install

GENERATE: Final = "/api/video-gen/generate"
STATUS: Final = "/api/video-gen/status"
MANY: Final = "student0"


@dataclass(frozen=True, slots=True)
class Lesson:
    """``waits``: seconds until each of the others' first video was begun.

    ``passed``: how many videos of the student with many were begun meanwhile, for each.
    ``videos``: seconds that each of those took which have ended.
    """

    waits: list[float]
    passed: list[int]
    videos: list[float]

    def __str__(self) -> str:
        median, longest = statistics.median(self.waits), max(self.waits)
        return (
            f"{len(self.waits)} students waited {median:.2f} s (median), {longest:.2f} s (longest) "
            f"for their first video to be begun, and for {max(self.passed)} of the many at most; "
            f"a video took {statistics.median(self.videos):.2f} s, at most {max(self.videos):.2f} s"
        )


class Class:
    """Students at a gateway, each with a token."""

    def __init__(self, http: httpx.AsyncClient, seconds: float) -> None:
        self._http = http
        self._seconds = seconds

    async def create(self, who: str) -> dict[str, Any]:
        """Ask for one video."""
        body = {"prompt": "rest", "engine": "trial", "extra": {"seconds": self._seconds}}
        answer = await self._http.post(GENERATE, json=body, headers=_as(who))
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    async def begun(self, who: str, task: dict[str, Any]) -> dict[str, Any]:
        """Wait until a video is begun, and return its task."""
        while True:
            answer = await self._http.get(STATUS, params=ids(task), headers=_as(who))
            found: dict[str, Any] = answer.raise_for_status().json()["task"]
            if found["started_at"] is not None:
                return found
            await asyncio.sleep(min(0.05, self._seconds / 4))

    async def listed(self, who: str) -> list[dict[str, Any]]:
        """Return all of a student's tasks."""
        answer = await self._http.get("/api/video-gen/list", headers=_as(who))
        found: list[dict[str, Any]] = answer.raise_for_status().json()["tasks"]
        return found


async def lesson(students: int, backlog: int, seconds: float, *, at_once: bool) -> Lesson:
    """Hold one lesson on a gateway of its own."""
    names = [f"student{n}" for n in range(students)]
    async with AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        write_people(home, {name: _token(name) for name in names})
        app = create_app(Settings(home=home))
        await stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app)
        http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
        people = Class(await stack.enter_async_context(http), seconds)
        many = [await people.create(MANY) for _ in range(backlog)]
        await people.begun(MANY, many[0])
        firsts = await _come(people, names[1:], at_once=at_once)
        return _looked_back(firsts, await people.listed(MANY))


async def _come(people: Class, names: list[str], *, at_once: bool) -> list[dict[str, Any]]:
    if at_once:
        made = [(name, await people.create(name)) for name in names]
        return list(await asyncio.gather(*(people.begun(name, task) for name, task in made)))
    return [await people.begun(name, await people.create(name)) for name in names]


def _looked_back(firsts: list[dict[str, Any]], many: list[dict[str, Any]]) -> Lesson:
    begun = [_moment(task["started_at"]) for task in many if task["started_at"]]
    spans = [(_moment(task["created_at"]), _moment(task["started_at"])) for task in firsts]
    passed = [sum(came < moment < start for moment in begun) for came, start in spans]
    ended = [
        _moment(task["finished_at"]) - _moment(task["started_at"])
        for task in (*many, *firsts)
        if task["finished_at"] and task["started_at"]
    ]
    return Lesson([start - came for came, start in spans], passed, ended)


def _moment(told: str) -> float:
    return datetime.fromisoformat(told).timestamp()


def _token(name: str) -> str:
    return f"the-token-of-{name}"


def _as(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {_token(name)}"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--backlog", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=1.0, help="a video")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as site:
        sys.path.insert(0, str(install(Path(site))))
        worst = 0
        for name, at_once in (("one after the other", False), ("all at once", True)):
            told = asyncio.run(
                lesson(asked.students, asked.backlog, asked.seconds, at_once=at_once)
            )
            print(f"{name}: {told}", flush=True)
            worst = max(worst, *told.passed)
    return int(worst > 1)


if __name__ == "__main__":
    sys.exit(main())
