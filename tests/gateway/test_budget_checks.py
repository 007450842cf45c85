"""A budget counts what was spent, and what running videos will likely cost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from videogen_nb.gateway.limits.budgets import DAY_S, Budget, BudgetReached, check_before_paying
from videogen_nb.gateway.storage.ledger import Cost
from videogen_nb.gateway.storage.migrations import migrate

NOW = 1e9


@pytest.fixture
def ledger() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        yield connection


def spend(
    ledger: sqlite3.Connection, amount: float, expected: float, *, settled: bool, age_s: float = 9
) -> None:
    """Record a video: one that has ended (``settled``), or one that is being generated."""
    name = str(ledger.execute("SELECT count(*) FROM spending").fetchone()[0])
    ledger.execute(
        "INSERT INTO spending (message_id, engine, currency, amount, settled, spent_at, owner, "
        "expected) VALUES (?, 'ark', 'CNY', ?, ?, ?, 'ann', ?)",
        [name, amount, settled, NOW - age_s, expected],
    )
    if not settled:
        ledger.execute(
            "INSERT INTO tasks (message_id, conversation_id, section_id, owner, status, engine, "
            "created_at, updated_at, prompt, video, requested, parameters, images, labels, notes, "
            "attempts, retry_count, intent) VALUES (?, '', '', 'ann', 'processing', 'ark', "
            "0, 0, '', ?, '', '', '', '', '', 1, 0, 'sent')",
            [name, name],
        )


def pay(ledger: sqlite3.Connection, amount: float, budget: Budget) -> None:
    check_before_paying(ledger, "next", "ark", amount, [budget], NOW)


def test_a_wrong_estimate_of_a_cheap_video_does_not_stop_the_others(ledger: sqlite3.Connection):
    """Once, a minimum charge of 1 where 0.01 was expected made each next video cost 108."""
    spend(ledger, 1.0, 0.01, settled=True)
    spend(ledger, 1.1, 1.1, settled=True)
    pay(ledger, 1.08, Budget(3.2, "CNY", engine="ark"))
    with pytest.raises(BudgetReached, match=r"2\.10 of 3\.1 .* cost 1\.10"):
        pay(ledger, 1.08, Budget(3.1, "CNY", engine="ark"))


@pytest.mark.parametrize("whose", [{"engine": "ark"}, {"owner": "ann"}, {}], ids=str)
def test_running_ones_count_as_the_last_ones_cost(ledger: sqlite3.Connection, whose):
    spend(ledger, 3.0, 1.0, settled=True)
    spend(ledger, 1.0, 1.0, settled=False)
    pay(ledger, 1.0, Budget(9.0, "CNY", **whose))
    with pytest.raises(BudgetReached):
        pay(ledger, 1.0, Budget(8.9, "CNY", **whose))


def test_what_runs_for_more_than_a_day_will_be_spent_today(ledger: sqlite3.Connection):
    spend(ledger, 5.0, 5.0, settled=True, age_s=2 * DAY_S)
    spend(ledger, 1.0, 1.0, settled=False, age_s=2 * DAY_S)
    pay(ledger, 1.0, Budget(2.0, "CNY", owner="ann", within_s=DAY_S))
    with pytest.raises(BudgetReached):
        pay(ledger, 1.0, Budget(1.9, "CNY", owner="ann", within_s=DAY_S))


@pytest.mark.parametrize("amount", [-3, float("nan"), float("inf"), True, "3", None])
def test_no_amount_that_would_change_a_budget_is_taken_from_a_provider(amount: object):
    assert Cost.from_wire({"amount": amount, "currency": "CNY"}) is None
    assert Cost.from_wire({"amount": 3, "currency": "CNY"}) == Cost(3.0, "CNY", settled=True)
