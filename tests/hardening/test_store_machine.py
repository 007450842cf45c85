"""The store against a model of it, through any order of its calls and any restart in between."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from videogen_nb.gateway.refusals import Refusal
from videogen_nb.gateway.storage.database import Database
from videogen_nb.gateway.storage.idempotency import IdempotencyKey
from videogen_nb.gateway.storage.store import Store
from videogen_nb.protocol.filters import Filters
from videogen_nb.protocol.models import TRANSITIONS, TaskStatus

from ..gateway.test_store import NOW, make_record

OWNERS = st.sampled_from(["", "anna", "ben"])
STATUSES = st.sampled_from(TaskStatus)


class StoreMachine(RuleBasedStateMachine):
    """``model`` is what has to be there: message id to record, oldest first."""

    tasks = Bundle("tasks")

    @initialize()
    def open_first(self) -> None:
        self.runner = asyncio.Runner()
        self.home = Path(tempfile.mkdtemp())
        self.model: dict[str, Any] = {}
        self.keys: dict[tuple[str, str], tuple[str, str]] = {}
        self._open()

    def _open(self) -> None:
        self.database = Database(self.home)
        self.do(self.database.open())
        self.store = Store(self.database, lambda: NOW)
        self.do(self.store.load())

    def do(self, call: Any) -> Any:
        return self.runner.run(call)

    @rule(target=tasks, owner=OWNERS, conversation=st.sampled_from("12"))
    def add(self, owner: str, conversation: str) -> str:
        record = make_record(owner=owner, conversation_id=conversation)
        assert self.do(self.store.add(record)) is record
        self.model[record.message_id] = record
        return str(record.message_id)

    @rule(owner=OWNERS, key=st.sampled_from("kl"), digest=st.sampled_from("xy"))
    def add_by_key(self, owner: str, key: str, digest: str) -> None:
        record = make_record(owner=owner)
        named = IdempotencyKey(key, digest)
        known = self.keys.get((owner, key))
        try:
            kept = self.do(self.store.add(record, named))
        except Refusal as refusal:
            assert known is not None
            gone = known[1] not in self.model
            expected = "task_deleted" if known[0] == digest and gone else "idempotency_key_reused"
            assert refusal.code == expected  # noqa: PT017 — the model says when it may be
            return
        if known is None:
            assert kept is record
            self.keys[owner, key] = (digest, record.message_id)
            self.model[record.message_id] = record
        else:
            assert known == (digest, kept.message_id)

    @rule(task=tasks, status=STATUSES, facts=st.none() | st.dictionaries(st.text(), st.integers()))
    def change(self, task: str, status: TaskStatus, facts: Any) -> None:
        before = self.model.get(task)
        if before is None or before.status.finished:
            return
        try:
            after = self.do(self.store.change(task, status=status, facts=facts))
        except ValueError:
            assert status != before.status
            assert status not in TRANSITIONS[before.status]
            return
        assert status == before.status or status in TRANSITIONS[before.status]
        assert (after.status, after.facts, after.updated_at) == (status, facts, NOW)
        self.model[task] = after

    @rule(task=consumes(tasks))
    def forget(self, task: str) -> None:
        record = self.model[task]
        if not record.status.finished:
            return
        self.do(self.store.forget([record]))
        assert record.video in self.do(self.store.doomed())
        del self.model[task]

    @rule()
    def restart(self) -> None:
        self.do(self.database.close())
        self._open()

    @rule(
        owner=OWNERS, status=st.none() | STATUSES, limit=st.integers(1, 5), offset=st.integers(0, 3)
    )
    def look(self, owner: str, status: TaskStatus | None, limit: int, offset: int) -> None:
        wanted = Filters(statuses=(status,) if status else ())
        page = self.store.page(owner, wanted=wanted, limit=limit, offset=offset)
        records, total = self.do(page)
        matching = [
            record
            for record in reversed(self.model.values())
            if record.owner == owner and status in (None, self._now(record).status)
        ]
        assert total == len(matching)
        there = matching[offset : offset + limit]
        assert [record.message_id for record in records] == [r.message_id for r in there]

    @rule(task=tasks, owner=OWNERS)
    def get(self, task: str, owner: str) -> None:
        record = self.model.get(task)
        try:
            conversation = record.conversation_id if record else "1"
            found = self.do(self.store.get(owner, conversation, task))
        except Refusal as refusal:
            assert refusal.code == "task_not_found"  # noqa: PT017 — the model says when it may be
            assert record is None or record.owner != owner
            return
        assert record is not None
        assert found == self._now(record)

    @invariant()
    def nothing_is_forgotten(self) -> None:
        if not hasattr(self, "store"):
            return
        unfinished = sum(not record.status.finished for record in self.model.values())
        assert self.store.unfinished() == unfinished

    def _now(self, record: Any) -> Any:
        """What was interrupted waits again after a restart; the rest is as the model has it."""
        kept = self.store.cached(record.message_id)
        if kept is not None and (record.status, kept.status) == ("processing", "pending"):
            self.model[record.message_id] = kept
            return kept
        return record

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.do(self.database.close())
            self.runner.close()
            shutil.rmtree(self.home)


TestStore = StoreMachine.TestCase
TestStore.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
