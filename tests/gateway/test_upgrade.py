"""A data folder of the first release is taken over: its tasks, its videos, its error codes."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from videogen_nb.gateway.storage.database import FILE
from videogen_nb.gateway.storage.migrations import MIGRATIONS

from .conftest import Opener

FIRST_RELEASE = 7  # migrations
NAME = "0123456789abcdef" * 2
BYTES = b"the bytes of a video"


def first_release(folder: Path) -> None:
    """Write what the first release left: one finished task and one that failed."""
    folder.mkdir(parents=True)
    connection = sqlite3.connect(folder / FILE)
    for _, statements in MIGRATIONS[:FIRST_RELEASE]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FIRST_RELEASE}")
    shown = {"film": {"width": 640, "height": 360, "duration_s": 5.0}, "usage": {"tokens": 3}}
    insert(connection, "11", status="completed", film=NAME, film_s=5.0, facts=json.dumps(shown))
    insert(connection, "12", status="failed", film="f" * 32, error_code="not_a_film")
    connection.execute("INSERT INTO doomed VALUES (?)", ["d" * 32])
    connection.commit()
    connection.close()
    videos = folder / "films"
    videos.mkdir()
    (videos / f"{NAME}.mp4").write_bytes(BYTES)
    (videos / f"{'d' * 32}.mp4").write_bytes(BYTES)


def insert(connection: sqlite3.Connection, number: str, **values: Any) -> None:
    row = {
        "message_id": number * 8,
        "conversation_id": "1" * 17,
        "section_id": "1",
        "owner": "",
        "created_at": 1_700_000_000.0,
        "updated_at": 1_700_000_009.0,
        "prompt": "sea",
        "engine": "trial",
        "requested": "{}",
        "parameters": "{}",
        "pictures": "[]",
        "labels": "[]",
        "notes": "[]",
        "attempts": 1,
        "retry_count": 0,
        **values,
    }
    names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(f"INSERT INTO tasks ({names}) VALUES ({places})", row)


async def test_a_folder_of_the_first_release(opened: Opener, gateway_home: Path):
    first_release(gateway_home)
    async with opened() as api:
        answer = await api.ok(api.http.get("/api/video-gen/list"))
        failed, done = answer["tasks"]
        assert failed["error_code"] == "not_a_video"
        assert done["usage"] == {"tokens": 3}
        video = await api.http.get(done["video_urls"][0])
        assert video.content == BYTES
        job = await api.ok(api.http.get(f"/v1/videos/video_{'1' * 17}-{'11' * 8}"))
        assert (job["seconds"], job["size"]) == ("5", "640x360")
    kept = {path.name for path in (gateway_home / "videos").glob("*.mp4")}
    assert kept == {f"{NAME}.mp4"}, "a deleted task's video is removed"
    assert not (gateway_home / "films").exists()
