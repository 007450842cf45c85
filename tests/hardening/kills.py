"""Kill a gateway again and again while it works, and see what it has kept.

    python -m tests.hardening.kills --kills 1000 --seed 1

Ends with exit code 1 and the broken promise at the first that is not kept.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from ..gateway.conftest import image_bytes
from ..gateway.trial_engine import install
from .gateway_lives import TOKEN, Life, begin
from .ledger import Broken, Ledger

ASKERS = 3
REST_EVERY = 15  # lives after which all tasks are waited for
REST_S = 120.0
STEPS_AHEAD = 160  # durable steps among which a fatal one is chosen
GENERATE = "/api/video-gen/generate"
BY_ONE = "/api/video-gen/{}"


class Killing:
    """One long run on one folder."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.site = install(folder / "site")
        self.chance = random.Random(seed)
        self.ledger = Ledger(self.home, folder / "journal")
        self.seen: Counter[str] = Counter()
        self._numbers = itertools.count()

    async def run(self, kills: int) -> Counter[str]:
        """So many kills, then a rest in which everything has to come to its end.

        Raises:
            Broken: a promise was not kept.
        """
        while self.seen["kills"] < kills:
            await self._one_life()
            if self.seen["kills"] % REST_EVERY == 0:
                await self._rest()
        await self._rest()
        ends = Counter(known.status for known in self.ledger.tasks.values())
        self.seen.update({f"tasks {status}": count for status, count in ends.items()})
        self.seen["tasks deleted"] = sum(known.deleted for known in self.ledger.tasks.values())
        self.seen["tasks interrupted too often"] = self.ledger.interrupted
        return self.seen

    async def _one_life(self) -> None:
        suicide = self.chance.random() < 0.6
        step = self.chance.randrange(STEPS_AHEAD) if suicide else None
        life = await self._begin(step)
        if life is not None:
            await self._live(life, self.chance.uniform(0.0, 2.5 if suicide else 1.5))
        self.seen["kills"] += 1
        self.seen["kills at a durable step"] += suicide
        self.ledger.check_disk()

    async def _begin(self, step: int | None) -> Life | None:
        return await asyncio.to_thread(begin, self.home, self.site, fatal_step=step)

    async def _live(self, life: Life, span_s: float) -> None:
        """Ask for all kinds of things until the gateway is gone."""
        try:
            async with _client(life) as http:
                with contextlib.suppress(httpx.TransportError):  # it may end at its first steps
                    await self._catch_up(http)
                askers = [asyncio.create_task(self._ask(http)) for _ in range(ASKERS)]
                await asyncio.wait(askers, timeout=span_s)
                life.kill()
                for error in await asyncio.gather(*askers, return_exceptions=True):
                    if isinstance(error, BaseException):
                        raise error
        finally:
            life.kill()

    async def _catch_up(self, http: httpx.AsyncClient) -> None:
        self.ledger.check_sweep()
        for label, body in list(self.ledger.unanswered.items()):
            await self._create(http, label, body)
        for known in self.chance.sample(
            list(self.ledger.tasks.values()), min(20, len(self.ledger.tasks))
        ):
            await self._look(http, known)

    async def _ask(self, http: httpx.AsyncClient) -> None:
        with contextlib.suppress(httpx.TransportError):  # the gateway is gone
            while True:
                await self._step(http)
                await asyncio.sleep(self.chance.uniform(0.0, 0.05))

    async def _step(self, http: httpx.AsyncClient) -> None:
        tasks = self.ledger.tasks.values()
        open_ = [known for known in tasks if known.end is None]
        choice = self.chance.random()
        if choice < 0.35 and len(open_) < 12:
            await self._create(http, *self._order())
        elif choice < 0.5:
            await self._upload(http)
        elif choice < 0.6 and open_:
            await self._cancel(http, self.chance.choice(open_))
        elif choice < 0.7 and (ended := [k for k in tasks if k.end and not k.deleting]):
            await self._delete(http, self.chance.choice(ended))
        elif open_:
            await self._look(http, self.chance.choice(open_))

    def _order(self) -> tuple[str, dict[str, Any]]:
        label = f"create-{next(self._numbers)}"
        prompt = "error" if self.chance.random() < 0.1 else "quick"
        extra = {"journal": str(self.ledger.journal)}
        return label, {"prompt": prompt, "engine": "trial", "labels": [label], "extra": extra}

    async def _create(self, http: httpx.AsyncClient, label: str, body: dict[str, Any]) -> None:
        self.ledger.unanswered[label] = body
        answer = await http.post(GENERATE, json=body, headers={"Idempotency-Key": label})
        if answer.status_code == 409:  # a requester before us has the same create under way
            return
        known = self.ledger.created(label, body, _good(answer)["task"])
        self.ledger.told(known, answer.json()["task"])
        self.seen["creates"] += 1

    async def _upload(self, http: httpx.AsyncClient) -> None:
        data = image_bytes(48 + self.chance.randrange(400), 48)
        params = {"file_type": "2", "file_name": "a.jpg"}
        attachment = _good(await http.post("/api/file/upload", params=params, content=data))
        self.seen["uploads"] += 1
        label, body = self._order()
        await self._create(http, label, {**body, "image_attachment": attachment})

    async def _look(self, http: httpx.AsyncClient, known: Any) -> None:
        asked_open = known.end is None
        answer = await http.get(BY_ONE.format("status"), params=known.ids)
        if known.deleting and answer.status_code == 404:
            known.deleted = True
        elif known.deleted and answer.status_code == 404:
            return
        else:
            self.ledger.told(known, _good(answer)["task"], asked_open=asked_open)

    async def _cancel(self, http: httpx.AsyncClient, known: Any) -> None:
        known.cancelling = True
        answer = await http.post(BY_ONE.format("cancel"), params=known.ids)
        if answer.status_code != 409:  # it was quicker
            self.ledger.told(known, _good(answer)["task"])
            self.seen["cancels"] += 1

    async def _delete(self, http: httpx.AsyncClient, known: Any) -> None:
        known.deleting = True
        answer = await http.delete(BY_ONE.format("task"), params=known.ids)
        if answer.status_code != 404:
            _good(answer)
            self.seen["deletes"] += 1
        known.deleted = True

    async def _rest(self) -> None:
        """All tasks come to their end; then nothing is missing, doubled or left lying."""
        life = await self._begin(None)
        assert life is not None
        try:
            async with _client(life) as http:
                await self._catch_up(http)
                await self._all_ended(http)
                listed: list[dict[str, Any]] = []
                while len(page := await self._page(http, len(listed))):
                    listed += page
                self.ledger.check_count(listed)
                self.ledger.check_rest()
        finally:
            life.kill()
        self.ledger.check_disk()

    async def _all_ended(self, http: httpx.AsyncClient) -> None:
        deadline = time.monotonic() + REST_S
        for known in list(self.ledger.tasks.values()):
            while True:
                await self._look(http, known)
                if known.end is not None or known.deleted:
                    break
                if time.monotonic() > deadline:
                    raise Broken(f"not ended within {REST_S} s: {known}")
                await asyncio.sleep(0.02)

    async def _page(self, http: httpx.AsyncClient, offset: int) -> list[dict[str, Any]]:
        params = {"limit": 500, "offset": offset}
        answer = await http.get("/api/video-gen/list", params=params)
        tasks: list[dict[str, Any]] = _good(answer)["tasks"]
        return tasks


def _client(life: Life) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.AsyncClient(base_url=life.url, headers=headers, trust_env=False, timeout=30)


def _good(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code != 200:
        raise Broken(f"{answer.request.method} {answer.request.url}: {answer.text}")
    found: dict[str, Any] = answer.json()
    return found


def main() -> int:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="kept afterwards; default: a temporary one")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = chosen.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        killing = Killing(folder, chosen.seed)
        began = time.monotonic()
        try:
            asyncio.run(killing.run(chosen.kills))
        except Broken as broken:
            print(f"after {killing.seen['kills']} kills: {broken}")
            return 1
        for name, count in sorted(killing.seen.items()):
            print(f"{name:>32}  {count}")
        print(f"{'lost, doubled, damaged, lying':>32}  0   ({time.monotonic() - began:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
