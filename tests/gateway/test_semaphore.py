"""What all share is divided between people: whose turn it is, and how much one may hold."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from videogen_nb.gateway.limits.fair_semaphore import FairSemaphore
from videogen_nb.gateway.refusals import Refusal


class Row:
    """People who ask for some, in order, and who was served, in order."""

    def __init__(self, semaphore: FairSemaphore) -> None:
        self.semaphore = semaphore
        self.served: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def ask(self, *owners: str, amount: int = 1) -> None:
        for owner in owners:
            self.tasks.append(asyncio.create_task(self._one(owner, amount)))
        await settle()

    async def _one(self, owner: str, amount: int) -> None:
        await self.semaphore.acquire(owner, amount)
        self.served.append(owner)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_people_are_served_in_turns_however_many_requests_one_has():
    semaphore = FairSemaphore(1, 1)
    row = Row(semaphore)
    await row.ask("anna", "anna", "anna", "anna", "ben", "ben", "carl")
    for _ in range(6):
        semaphore.release(row.served[-1])
        await settle()
    assert row.served == ["anna", "ben", "carl", "anna", "ben", "anna", "anna"]
    semaphore.release("anna")
    assert (semaphore.held, semaphore._turns, semaphore._waiting) == (0, {}, {})


async def test_one_person_holds_no_more_than_their_part():
    semaphore = FairSemaphore(10, 4)
    row = Row(semaphore)
    await row.ask("anna", "anna", "anna", amount=2)
    assert (row.served, semaphore.waiting("anna")) == (["anna", "anna"], 1)
    await row.ask("ben", amount=4)
    assert row.served[-1] == "ben"
    semaphore.release("anna", 2)
    await settle()
    assert row.served.count("anna") == 3
    with pytest.raises(ValueError, match="more than the 4"):
        await semaphore.acquire("anna", 5)


async def test_small_amounts_do_not_overtake_a_large_one():
    semaphore = FairSemaphore(4, 4)
    row = Row(semaphore)
    await row.ask("anna", amount=2)
    await row.ask("ben", amount=3)
    await row.ask("carl", amount=2)
    assert row.served == ["anna"]
    semaphore.release("anna", 2)
    await settle()
    assert row.served == ["anna", "ben"]
    semaphore.release("ben", 3)
    await settle()
    assert row.served == ["anna", "ben", "carl"]


async def test_who_goes_away_leaves_nothing_held():
    semaphore = FairSemaphore(1, 1)
    row = Row(semaphore)
    await row.ask("anna", "ben", "carl")
    row.tasks[1].cancel()  # while waiting
    await settle()
    semaphore.release("anna")
    row.tasks[2].cancel()  # when served and not yet told
    await settle()
    assert (semaphore.held, semaphore.waiting("ben"), semaphore.waiting("carl")) == (0, 0, 0)
    await asyncio.wait_for(semaphore.acquire("dora"), 5)


async def test_waiting_is_bounded_for_each_person():
    semaphore = FairSemaphore(1, 1, most_waiting=2)
    row = Row(semaphore)
    await row.ask("anna", "anna", "anna")
    with pytest.raises(Refusal) as refused:
        await semaphore.acquire("anna")
    assert refused.value.code == "too_much_at_once"
    assert refused.value.retry_after_s == 2
    await row.ask("ben")
    assert semaphore.waiting("ben") == 1
    for task in row.tasks:
        task.cancel()


async def test_waiting_has_an_end():
    semaphore = FairSemaphore(1, 1, wait_s=0.01)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(semaphore.holding("anna"))
        with pytest.raises(Refusal) as refused:
            await semaphore.acquire("ben")
    assert refused.value.code == "too_much_at_once"
    assert (semaphore.held, semaphore.waiting("ben")) == (0, 0)
