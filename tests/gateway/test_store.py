"""The store: one connection a folder, damage put aside, pages that do not grow, keys that hold."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.errors import LocalGatewayError
from videogen_nb.gateway.refusals import Refusal
from videogen_nb.gateway.storage.database import FILE, Database
from videogen_nb.gateway.storage.idempotency import KEY_LIFETIME_S, IdempotencyKey
from videogen_nb.gateway.storage.migrations import MIGRATIONS
from videogen_nb.gateway.storage.store import Store
from videogen_nb.gateway.storage.task_record import ImageUse, TaskRecord, from_row, new_id, to_row
from videogen_nb.i18n import Text
from videogen_nb.protocol.filters import Filters
from videogen_nb.protocol.models import TaskStatus

NOW = 1_700_000_000.0


def make_record(**values: Any) -> TaskRecord:
    defaults: dict[str, Any] = {
        "message_id": new_id(),
        "conversation_id": new_id(),
        "section_id": "1",
        "owner": "",
        "status": TaskStatus.PENDING,
        "created_at": NOW,
        "updated_at": NOW,
        "prompt": "海边日落 🌅",
        "engine": "trial",
        "video": new_id(),
        "requested": {},
        "parameters": {"duration": 1.0},
    }
    return TaskRecord(**{**defaults, **values})


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "home")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database, lambda: NOW)


async def page(store: Store, **wanted: Any) -> tuple[list[TaskRecord], int]:
    pages: dict[str, Any] = {"limit": 10, "offset": 0}
    pages |= {name: wanted.pop(name) for name in list(wanted) if name in pages}
    if "status" in wanted:
        wanted["statuses"] = (wanted.pop("status"),)
    return await store.page("", wanted=Filters(**wanted), **pages)


def query_plan(connection: sqlite3.Connection, sql: str) -> list[str]:
    return [row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]


def test_a_record_survives_its_row():
    record = make_record(
        images=(ImageUse("uploads/a.png", "last"),),
        seed=-(2**63),
        labels=("a", "二"),
        notes=(Text("one {braces}", "一"),),
        error=Text("no", "否"),
        facts={"video": {"fps": 24.0}},
        status=TaskStatus.FAILED,
    )
    assert from_row(to_row(record)) == record


def test_ids_are_decimal_and_have_17_digits():
    made = {new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(word) == 17 and word.isdecimal() and word[0] != "0" for word in made)


async def test_what_was_added_is_there_for_another_process(store: Store, database: Database):
    record = await store.add(make_record())
    await database.close()
    with closing(sqlite3.connect(database.folder / FILE)) as connection:
        rows = connection.execute("SELECT message_id FROM tasks")
        assert rows.fetchall() == [(record.message_id,)]


async def test_the_database_is_as_durable_as_promised(database: Database):
    async def pragma(name: str) -> Any:
        return await database.read(lambda c: c.execute(f"PRAGMA {name}").fetchone()[0])

    assert await pragma("journal_mode") == "wal"
    assert await pragma("synchronous") == 2  # FULL
    assert await pragma("locking_mode") == "exclusive"
    assert await pragma("user_version") == len(MIGRATIONS)


async def test_a_database_that_another_program_has_open_is_not_shared(database: Database):
    with pytest.raises(LocalGatewayError, match="in use by another program") as caught:
        await Database(database.folder).open()
    assert caught.value.code == "folder_in_use"
    assert str(database.folder) in str(caught.value)


async def test_the_folder_is_free_after_closing(database: Database):
    await database.close()
    again = Database(database.folder)
    await again.open()
    await again.close()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda raw: b"not a database" * 1000, id="garbage"),
        pytest.param(lambda raw: raw[:4096] + b"\xff" * (len(raw) - 4096), id="pages-gone"),
        pytest.param(lambda raw: raw[: len(raw) // 2], id="half"),
    ],
)
async def test_a_damaged_database_is_kept_aside_and_told(database: Database, damage: Any):
    store = Store(database)
    for _ in range(50):
        await store.add(make_record())
    await database.close()
    path = database.folder / FILE
    damaged = damage(path.read_bytes())
    path.write_bytes(damaged)
    again = Database(database.folder)
    await again.open()
    try:
        assert (await page(Store(again)))[1] == 0
        assert again.notice is not None
        (aside,) = database.folder.glob("tasks.damaged-*.sqlite3")
        assert aside.name in str(again.notice)
        assert aside.read_bytes() == damaged
    finally:
        await again.close()


async def test_a_newer_database_is_left_alone(database: Database):
    await database.write(lambda c: c.execute("PRAGMA user_version = 99"))
    await database.close()
    with pytest.raises(LocalGatewayError) as caught:
        await Database(database.folder).open()
    assert caught.value.code == "newer_database"
    assert not list(database.folder.glob("tasks.damaged-*"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_folder_is_told(tmp_path: Path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(LocalGatewayError) as caught:
        await Database(folder).open()
    assert caught.value.code == "folder_unusable"


async def test_a_folder_that_is_a_file_is_told(tmp_path: Path):
    path = tmp_path / "file"
    path.touch()
    with pytest.raises(LocalGatewayError) as caught:
        await Database(path).open()
    assert caught.value.code == "folder_unusable"


async def test_migrations_bring_an_older_database_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("videogen_nb.gateway.storage.migrations.MIGRATIONS", MIGRATIONS[:2])
    old = Database(tmp_path)
    await old.open()
    row = to_row(make_record())
    for now, former in {"video": "film", "video_s": "film_s", "images": "pictures"}.items():
        row[former] = row.pop(now)
    later = {"digest", "intent", "intended_at", "handle", "starred", "title", "drawn", "turn"}
    later |= {"notify", "notify_at", "notify_tries", "pool"}
    names = [name for name in row if name not in later]
    columns, values = (", ".join(form.format(n) for n in names) for form in ('"{}"', ":{}"))
    await old.write(lambda c: c.execute(f"INSERT INTO tasks ({columns}) VALUES ({values})", row))
    await old.close()
    monkeypatch.setattr("videogen_nb.gateway.storage.migrations.MIGRATIONS", MIGRATIONS)
    new = Database(tmp_path)
    await new.open()
    try:
        assert (await page(Store(new)))[1] == 1
        assert await Store(new).doomed() == []
    finally:
        await new.close()


async def test_a_failed_write_changes_nothing(store: Store, database: Database):
    record = await store.add(make_record())
    with pytest.raises(sqlite3.IntegrityError):
        await store.add(make_record(video=record.video), IdempotencyKey("key", "digest"))
    assert (await page(store))[1] == 1
    assert await store.made_by("", IdempotencyKey("key", "digest")) is None


async def test_a_task_goes_only_where_it_may(store: Store):
    record = await store.add(make_record())
    with pytest.raises(ValueError, match="cannot go from pending to completed"):
        await store.change(record.message_id, status=TaskStatus.COMPLETED)
    await store.change(record.message_id, status=TaskStatus.PROCESSING)
    await store.change(record.message_id, status=TaskStatus.COMPLETED)
    with pytest.raises(KeyError):  # finished tasks change no more
        await store.change(record.message_id, status=TaskStatus.FAILED)


async def test_interrupted_tasks_wait_again_after_a_restart(store: Store, database: Database):
    records = [await store.add(make_record()) for _ in range(3)]
    await store.change(records[1].message_id, status=TaskStatus.PROCESSING)
    await store.change(records[2].message_id, status=TaskStatus.CANCELLED)
    found = await Store(database).load()
    assert [record.message_id for record in found] == [r.message_id for r in records[:2]]
    assert {record.status for record in found} == {TaskStatus.PENDING}


async def test_updated_at_never_goes_back(database: Database):
    now = NOW
    store = Store(database, lambda: now)
    record = await store.add(make_record())
    now = NOW - 3600
    changed = await store.change(record.message_id, status=TaskStatus.PROCESSING)
    assert changed.updated_at == NOW


async def test_only_one_task_takes_the_place_of_another(store: Store):
    async def adopted(message_id: str) -> tuple[TaskRecord, bool]:
        old = await store.add(make_record(status=TaskStatus.FAILED))
        return await store.adopt(old, make_record(message_id=message_id, handle="sent"))

    first, new = await adopted("5")
    assert (first.message_id, new) == ("5", True)
    assert await adopted("4") == await adopted("6") == (first, False)


async def test_totals_agree_with_the_rows(store: Store, database: Database):
    conversation = new_id()
    for place in range(30):
        record = await store.add(
            make_record(conversation_id=conversation if place % 3 else new_id())
        )
        if place % 2:
            await store.change(record.message_id, status=TaskStatus.PROCESSING)
        if place % 4 == 3:
            failed = await store.change(record.message_id, status=TaskStatus.FAILED)
            if place % 8 == 7:
                await store.forget([failed])
    for wanted in (
        {},
        {"status": TaskStatus.PENDING},
        {"status": TaskStatus.FAILED},
        {"conversation_id": conversation},
        {"conversation_id": conversation, "status": TaskStatus.PROCESSING},
    ):
        records, total = await page(store, limit=100, **wanted)
        assert total == len(records) > 0
    assert (await store.page("somebody", limit=9)) == ([], 0)


async def test_pages_and_totals_read_indexes_only(store: Store, database: Database):
    """What would grow with the number of tasks is a scan or a sort; neither may stand there."""
    statements: list[str] = []
    await database.read(lambda c: c.set_trace_callback(statements.append))
    await page(store)
    await page(store, status=TaskStatus.FAILED)
    await page(store, conversation_id="1", status=TaskStatus.FAILED)
    await database.read(lambda c: c.set_trace_callback(None))
    asked = [sql for sql in statements if sql.startswith("SELECT")]
    assert len(asked) == 6
    for sql in asked:
        plan = await database.read(query_plan, sql)
        assert not [step for step in plan if "SCAN" in step or "TEMP B-TREE" in step], plan


async def test_a_key_gives_its_task_for_seven_days(database: Database):
    now = NOW
    store = Store(database, lambda: now)
    key = IdempotencyKey("k", "digest")
    first = await store.add(make_record(), key)
    assert (await store.add(make_record(), key)).message_id == first.message_id
    with pytest.raises(Refusal) as caught:
        await store.add(make_record(), IdempotencyKey("k", "another"))
    assert caught.value.code == "idempotency_key_reused"
    assert await store.made_by("somebody else", key) is None
    now = NOW + KEY_LIFETIME_S - 1
    assert await store.made_by("", key) is not None
    now = NOW + KEY_LIFETIME_S + 1
    assert await store.made_by("", key) is None
    again = await store.add(make_record(created_at=now), key)
    assert again.message_id != first.message_id


async def test_a_key_of_a_deleted_task_makes_no_other(store: Store):
    key = IdempotencyKey("k", "digest")
    record = await store.add(make_record(), key)
    await store.forget([await store.change(record.message_id, status=TaskStatus.CANCELLED)])
    with pytest.raises(Refusal) as caught:
        await store.add(make_record(), key)
    assert caught.value.code == "task_deleted"


async def test_finished_tasks_leave_memory_and_are_still_found(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("videogen_nb.gateway.storage.store.CACHED", 2)
    records = [await store.add(make_record()) for _ in range(4)]
    for record in records:
        await store.change(record.message_id, status=TaskStatus.CANCELLED)
    assert store.cached(records[0].message_id) is None
    found = await store.get("", *records[0].id)
    assert found == replace(records[0], status=TaskStatus.CANCELLED)
