"""The line before each place: its order, and who stands where."""

from __future__ import annotations

from videogen_nb.gateway.jobs.local.queue import Queue


def test_each_place_has_a_line_of_its_own():
    queue = Queue()
    for message_id, place in (("1", ""), ("2", "gpu"), ("3", ""), ("4", "gpu"), ("5", "")):
        queue.put(message_id, place)
    assert (queue.first(""), queue.first("gpu"), queue.first("other")) == ("1", "2", None)
    assert [queue.position(n) for n in "12345"] == [0, 0, 1, 1, 2]
    assert queue.up_to("5") == ["1", "3", "5"]
    assert len(queue) == 5
    queue.leave("1")
    assert "1" not in queue
    assert (queue.first(""), queue.position("5"), queue.position("1")) == ("3", 1, None)
    queue.put_first("1", "")
    assert queue.up_to("3") == ["1", "3"]
    assert len(queue) == 5
