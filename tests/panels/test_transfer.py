"""Bytes between kernel and browser in pieces, as values."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from videogen_nb.panels.browser.transfer import PIECE, Content, Inbox, Outbox, Received


def send(inbox: Inbox, data: bytes, ticket: str = "t", name: str = "a.png") -> int:
    """Play the browser's part; how many pieces it took."""
    reply = inbox.hear({"op": "begin", "ticket": ticket, "name": name, "size": len(data)})
    pieces = 0
    while reply and reply["op"] == "more":
        piece = data[reply["offset"] : reply["offset"] + PIECE]
        message = {"op": "piece", "ticket": ticket, "offset": reply["offset"]}
        reply = inbox.hear(message, [memoryview(piece)])
        pieces += 1
    assert reply == {"op": "done", "ticket": ticket}
    return pieces


@pytest.fixture
def arrived() -> list[Received]:
    return []


@pytest.fixture
def inbox(arrived: list[Received]) -> Inbox:
    return Inbox(10 * 2**20, arrived.append)


@pytest.mark.parametrize(
    ("size", "pieces"),
    [
        pytest.param(0, 0, id="empty"),
        pytest.param(1, 1, id="one-byte"),
        pytest.param(PIECE, 1, id="one-piece"),
        pytest.param(PIECE + 1, 2, id="one-byte-more"),
        pytest.param(10 * 2**20, 10, id="the-limit"),
    ],
)
def test_a_file_arrives_as_it_was_sent(inbox, arrived, size, pieces):
    data = os.urandom(size)
    assert send(inbox, data) == pieces
    assert arrived[0].name == "a.png"
    assert hashlib.sha256(arrived[0].data).digest() == hashlib.sha256(data).digest()


def test_more_than_the_limit_is_not_taken(inbox, arrived):
    message = {"op": "begin", "ticket": "t", "name": "a", "size": 10 * 2**20 + 1}
    assert inbox.hear(message) == {"op": "done", "ticket": "t"}
    assert inbox.hear({"op": "piece", "ticket": "t", "offset": 0}, [b"x"]) is None
    assert arrived == []


def test_a_new_file_puts_an_unfinished_one_aside(inbox, arrived):
    inbox.hear({"op": "begin", "ticket": "old", "name": "old", "size": 2 * PIECE})
    inbox.hear({"op": "piece", "ticket": "old", "offset": 0}, [bytes(PIECE)])
    send(inbox, b"new", ticket="new", name="new")
    assert inbox.hear({"op": "piece", "ticket": "old", "offset": PIECE}, [bytes(PIECE)]) is None
    assert [file.name for file in arrived] == ["new"]


def test_a_piece_that_comes_twice_is_taken_once(inbox, arrived):
    inbox.hear({"op": "begin", "ticket": "t", "name": "a", "size": 4})
    piece = {"op": "piece", "ticket": "t", "offset": 0}
    assert inbox.hear(piece, [b"ab"]) == {"op": "more", "ticket": "t", "offset": 2}
    assert inbox.hear(piece, [b"ab"]) is None
    inbox.hear({**piece, "offset": 2}, [b"cd"])
    assert arrived[0].data == b"abcd"


def test_stopping_forgets_what_came(inbox, arrived):
    inbox.hear({"op": "begin", "ticket": "t", "name": "a", "size": 2})
    assert inbox.hear({"op": "stop", "ticket": "t"}) is None
    assert inbox.hear({"op": "piece", "ticket": "t", "offset": 0}, [b"ab"]) is None
    assert arrived == []


def fetch(outbox: Outbox, key: str) -> bytes:
    """Play the browser's part of a pull."""
    data = b""
    while True:
        reply = outbox.hear({"op": "pull", "key": key, "offset": len(data), "ticket": "t"})
        assert reply["op"] == "piece", reply
        data += bytes(reply["buffers"][0])
        if len(data) >= reply["size"]:
            return data


@pytest.mark.parametrize("size", [1, PIECE, 3 * PIECE + 7])
def test_bytes_and_files_can_be_fetched(tmp_path: Path, size):
    data = os.urandom(size)
    (tmp_path / "video.mp4").write_bytes(data)
    outbox = Outbox()
    outbox.put("bytes", Content(data))
    outbox.put("file", Content(tmp_path / "video.mp4", "video/mp4"))
    assert fetch(outbox, "bytes") == fetch(outbox, "file") == data


def test_only_what_is_offered_can_be_fetched(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    outbox = Outbox()
    outbox.put("video", Content(b"video"))
    for key in (str(secret), "video2", "../video"):
        asked = outbox.hear({"op": "pull", "key": key, "ticket": "t"})
        assert asked["op"] == "nothing"
        assert "buffers" not in asked


def test_a_file_that_is_gone_is_told(tmp_path: Path):
    outbox = Outbox()
    outbox.put("video", Content(tmp_path / "gone.mp4"))
    asked = outbox.hear({"op": "pull", "key": "video", "ticket": "t"})
    assert asked["op"] == "nothing"
    assert "No such file" in asked["why"]


def test_what_is_no_longer_kept_cannot_be_fetched():
    outbox = Outbox()
    outbox.put("a", Content(b"a"))
    outbox.keep_only({"b"})
    asked = outbox.hear({"op": "pull", "key": "a", "ticket": "t"})
    assert asked["op"] == "nothing"
