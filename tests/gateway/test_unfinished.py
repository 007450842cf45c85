"""Unfinished tasks in memory: none is lost or changed where most of them are packed."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import pytest

from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.gateway.storage import task_record
from videogen_nb.gateway.storage.task_record import Kind, TaskRecord, Unfinished, from_row, to_row
from videogen_nb.protocol.models import TaskStatus

from .test_store import make_record

PLAN = SketchEngine().plan("a calm sea at dusk with a small red boat", {})


def sketched(number: int) -> TaskRecord:
    """A waiting task as the built-in engine plans it, with many texts."""
    facts = {"parameters": PLAN.parameters, "notes": PLAN.notes, "drawn": PLAN.drawn}
    return read_again(make_record(message_id=f"{number:017}", engine="sketch", **facts))


def read_again(record: TaskRecord) -> TaskRecord:
    return from_row(to_row(record))


def test_packed_records_come_back_and_changed_ones_as_they_are_now(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(task_record, "WHOLE", 2)
    kept, records = Unfinished(), [sketched(number) for number in range(5)]
    for record in records:
        kept.put(record)
    assert [kept[one.message_id] for one in records[:3]] == list(map(read_again, records[:3]))
    changed = replace(records[0], status=TaskStatus.PROCESSING, engine="wan")
    kept.put(changed)
    for record in records[1:]:  # pushes it out
        kept.get(record.message_id)
    assert kept[changed.message_id] == read_again(changed)
    kept.discard(records[1].message_id)
    assert kept.get(records[1].message_id) is None
    assert [one.message_id for one in kept] == [records[n].message_id for n in (0, 2, 3, 4)]
    assert dict(kept.counts()) == {
        Kind("", "wan", None, TaskStatus.PROCESSING): 1,
        Kind("", "sketch", None, TaskStatus.PENDING): 3,
    }
    with pytest.raises(KeyError):
        kept[records[1].message_id]


def test_a_task_of_a_long_queue_takes_less_than_two_kilobytes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(task_record, "WHOLE", 10)
    kept = Unfinished()
    for number in range(10):
        kept.put(sketched(number))
    tracemalloc.start()
    for number in range(10, 110):
        kept.put(sketched(number))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken / 100 < 2_000
