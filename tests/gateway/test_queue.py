"""The queue: people take turns, each has their oldest task first, and all know where they stand."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from videogen_nb.gateway.jobs.fair_queue import Admits, FairQueue
from videogen_nb.gateway.storage.task_record import TaskRecord
from videogen_nb.protocol.models import TaskStatus


def task(name: str, **values: Any) -> TaskRecord:
    """A task of the person that its first letter names."""
    told: dict[str, Any] = {
        "conversation_id": "1",
        "section_id": "1",
        "status": TaskStatus.PENDING,
        "created_at": 0.0,
        "updated_at": 0.0,
        "prompt": "a",
        "engine": "sketch",
        "video": name,
        "requested": {},
        "parameters": {},
    }
    return TaskRecord(message_id=name, owner=name[0], **{**told, **values})


def queue_of(*names: str) -> FairQueue:
    queue = FairQueue()
    for name in names:
        queue.put(task(name))
    return queue


def _all_but(kept_back: str) -> Admits:
    return lambda owner, engine: owner != kept_back


def order(queue: FairQueue) -> str:
    """Take all, and compare with where each was said to stand."""
    waiting = sorted(
        (position, name)
        for name in [f"{owner}{n}" for owner in "abc" for n in range(10)]
        if (position := queue.position(name)) is not None
    )
    assert [position for position, _ in waiting] == list(range(len(queue)))
    taken = []
    while (name := queue.first()) is not None:
        queue.take(name)
        taken.append(name)
    assert taken == [name for _, name in waiting]
    return " ".join(taken)


def test_people_take_turns_and_each_has_the_oldest_first():
    assert order(queue_of("a0", "a1", "a2", "a3", "b0", "b1", "c0")) == "a0 b0 c0 a1 b1 a2 a3"


def test_whoever_comes_waits_for_one_of_anothers_many_at_most():
    queue = queue_of(*[f"a{n}" for n in range(10)])
    for name in ("a0", "a1", "a2"):
        assert queue.first() == name
        queue.take(name)
    queue.put(task("b0"))
    queue.put(task("b1"))
    assert order(queue).startswith("b0 a3 b1 a4 a5")


def test_nobody_saves_turns_up_by_coming_late():
    queue = queue_of("a0", "a1", "a2", "a3", "a4")
    for name in ("a0", "a1", "a2"):
        queue.take(name)
    for n in range(4):
        queue.put(task(f"b{n}"))
    assert order(queue) == "b0 a3 b1 a4 b2 b3"


def test_turns_that_were_cancelled_are_not_counted():
    queue = queue_of(*[f"a{n}" for n in range(10)], *[f"b{n}" for n in range(3)])
    for n in range(8):
        queue.leave(f"a{n}")
    assert order(queue) == "a8 b0 a9 b1 b2"


def test_what_waits_again_goes_first():
    queue = queue_of("a0", "a1", "b0")
    turn = queue.take("a0")
    queue.put_again(task("a0"), turn)
    assert queue.position("a0") == 0
    assert queue.up_to("b0") == ["a0", "b0"]
    assert order(queue) == "a0 b0 a1"


def test_a_restart_changes_no_order():
    """The rows tell the last turn of each person, and of which tasks the turn has come."""
    queue = queue_of("a0", "a1", "a2", "a3", "b0")
    turns = {name: queue.take(name) for name in ("a0", "b0", "a1")}
    again = FairQueue({"a": (turns["a1"], 3.0), "b": (turns["b0"], 2.0)})
    again.put(task("a1", turn=turns["a1"]))  # it was under way
    for name in ("a2", "a3"):
        again.put(task(name))
    for name in ("b1", "c0"):
        again.put(task(name))
        queue.put(task(name))
    assert order(queue) == "c0 b1 a2 a3"
    assert order(again) == "a1 c0 b1 a2 a3"


def test_people_and_engines_that_may_not_start_are_passed_over():
    queue = queue_of("a0", "a1", "b0")
    queue.put(task("a2", engine="other"))
    assert queue.first(lambda owner, engine: owner != "a") == "b0"
    assert queue.first(lambda owner, engine: engine == "other") == "a2"
    assert queue.first(lambda owner, engine: False) is None


def test_who_stands_where_is_known():
    queue = queue_of("a0", "a1", "b0")
    assert [queue.position(name) for name in ("a0", "b0", "a1", "c0")] == [0, 1, 2, None]
    assert queue.up_to("a1") == ["a0", "b0", "a1"]
    queue.leave("a0")
    assert "a0" not in queue
    assert (len(queue), queue.first(), queue.position("a1")) == (2, "a1", 0)


def test_those_who_were_never_served_keep_their_order_at_each_turn():
    assert order(queue_of("a0", "b0", "b1", "a1")) == "a0 b0 a1 b1"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("abcd>-+p"), max_size=40))
def test_a_position_is_the_same_counted_or_sorted_and_comes_true(steps: list[str]):
    """``>`` takes the next, ``p`` the next that is not a's, ``-`` lets one leave, ``+`` returns."""
    queue, names = FairQueue(), list[str]()
    for n, step in enumerate(steps):
        waiting = [name for name in names if name in queue]
        if step in "abcd":
            names.append(f"{step}{n}")
            queue.put(task(names[-1]))
        elif step == "-" and waiting:
            queue.leave(waiting[n % len(waiting)])
        elif step != "-" and (name := queue.first(_all_but("a" if step == "p" else ""))):
            turn = queue.take(name)
            if step == "+":
                queue.put_again(task(name), turn)
    counted = {name: position for name in names if (position := queue._count(name)) is not None}
    told = [*queue._in_order()]
    assert counted == {name: n for n, name in enumerate(told)}
    assert all(queue.up_to(name) == told[: n + 1] for name, n in counted.items())
    taken = []
    while (name := queue.first()) is not None:
        queue.take(name)
        taken.append(name)
    assert taken == told


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("abcd>>"), max_size=60))
def test_nobody_waits_for_two_of_anothers_tasks(steps: list[str]):
    """A letter is a task of that person, ``>`` takes the next."""
    queue = FairQueue()
    waiting: dict[str, list[str]] = {}
    seen: dict[str, list[str]] = {}  # whom each saw served since they came or were served
    for n, step in enumerate(steps):
        if step != ">":
            queue.put(task(f"{step}{n}"))
            if not waiting.get(step):
                seen[step] = []
            waiting.setdefault(step, []).append(f"{step}{n}")
        elif (name := queue.first()) is not None:
            queue.take(name)
            assert waiting[name[0]].pop(0) == name
            for owner in (owner for owner in waiting if waiting[owner] and owner != name[0]):
                seen[owner].append(name[0])
                assert seen[owner].count(name[0]) < 2
            seen[name[0]] = []
