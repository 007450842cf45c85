"""The line before each place: its order, and who stands where."""

from __future__ import annotations

from videogen_nb.gateway.jobs.queue import Line


def test_each_place_has_a_line_of_its_own():
    line = Line()
    for message_id, place in (("1", ""), ("2", "gpu"), ("3", ""), ("4", "gpu"), ("5", "")):
        line.put(message_id, place)
    assert (line.first(""), line.first("gpu"), line.first("other")) == ("1", "2", None)
    assert [line.position(n) for n in "12345"] == [0, 0, 1, 1, 2]
    assert line.up_to("5") == ["1", "3", "5"]
    assert len(line) == 5
    line.leave("1")
    assert "1" not in line
    assert (line.first(""), line.position("5"), line.position("1")) == ("3", 1, None)
    line.put_first("1", "")
    assert line.up_to("3") == ["1", "3"]
    assert len(line) == 5
