"""Database migrations: named steps, append-only. ``user_version`` counts completed ones."""

from __future__ import annotations

import sqlite3
from typing import Final

from ...errors import LocalGatewayError
from ...i18n import Text

#: A name and its statements. Never edit one that has been released: append another.
MIGRATIONS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (
        "tasks",
        (
            """
            CREATE TABLE tasks (
                number INTEGER PRIMARY KEY,
                message_id TEXT NOT NULL UNIQUE,
                conversation_id TEXT NOT NULL,
                section_id TEXT NOT NULL,
                owner TEXT NOT NULL,
                status TEXT NOT NULL,
                created_at REAL NOT NULL,
                updated_at REAL NOT NULL,
                prompt TEXT NOT NULL,
                engine TEXT NOT NULL,
                film TEXT NOT NULL UNIQUE,
                requested TEXT NOT NULL,
                parameters TEXT NOT NULL,
                pictures TEXT NOT NULL,
                seed INTEGER,
                "group" TEXT,
                parent TEXT,
                labels TEXT NOT NULL,
                notes TEXT NOT NULL,
                estimated_s REAL,
                attempts INTEGER NOT NULL,
                retry_count INTEGER NOT NULL,
                started_at REAL,
                finished_at REAL,
                error TEXT,
                error_code TEXT,
                sha256 TEXT,
                film_s REAL,
                facts TEXT
            )
            """,
            "CREATE INDEX tasks_by_owner ON tasks (owner, number)",
            "CREATE INDEX tasks_by_status ON tasks (owner, status, number)",
            "CREATE INDEX tasks_by_conversation ON tasks (owner, conversation_id, number)",
            """
            CREATE INDEX tasks_by_conversation_and_status
            ON tasks (owner, conversation_id, status, number)
            """,
            """
            CREATE INDEX tasks_unfinished ON tasks (number)
            WHERE status IN ('pending', 'processing')
            """,
        ),
    ),
    (
        # Counting 100,000 rows at every page is what grows; a tally kept by triggers does not.
        # The conversation '' stands for all of an owner's tasks.
        "tallies",
        (
            """
            CREATE TABLE tallies (
                owner TEXT NOT NULL,
                conversation_id TEXT NOT NULL,
                status TEXT NOT NULL,
                tasks INTEGER NOT NULL,
                PRIMARY KEY (owner, conversation_id, status)
            ) WITHOUT ROWID
            """,
            """
            CREATE TRIGGER tally_new AFTER INSERT ON tasks BEGIN
                INSERT INTO tallies VALUES (new.owner, '', new.status, 1),
                    (new.owner, new.conversation_id, new.status, 1)
                    ON CONFLICT DO UPDATE SET tasks = tasks + 1;
            END
            """,
            """
            CREATE TRIGGER tally_gone AFTER DELETE ON tasks BEGIN
                UPDATE tallies SET tasks = tasks - 1 WHERE owner = old.owner
                    AND conversation_id IN ('', old.conversation_id) AND status = old.status;
                DELETE FROM tallies WHERE owner = old.owner
                    AND conversation_id = old.conversation_id AND status = old.status
                    AND tasks = 0;
            END
            """,
            """
            CREATE TRIGGER tally_moved AFTER UPDATE OF status ON tasks
            WHEN new.status <> old.status BEGIN
                UPDATE tallies SET tasks = tasks - 1 WHERE owner = old.owner
                    AND conversation_id IN ('', old.conversation_id) AND status = old.status;
                DELETE FROM tallies WHERE owner = old.owner
                    AND conversation_id = old.conversation_id AND status = old.status
                    AND tasks = 0;
                INSERT INTO tallies VALUES (new.owner, '', new.status, 1),
                    (new.owner, new.conversation_id, new.status, 1)
                    ON CONFLICT DO UPDATE SET tasks = tasks + 1;
            END
            """,
        ),
    ),
    (
        "idempotency keys",
        (
            """
            CREATE TABLE idempotency (
                owner TEXT NOT NULL,
                key TEXT NOT NULL,
                digest TEXT NOT NULL,
                message_id TEXT NOT NULL,
                created_at REAL NOT NULL,
                PRIMARY KEY (owner, key)
            ) WITHOUT ROWID
            """,
            "CREATE INDEX idempotency_by_age ON idempotency (created_at)",
        ),
    ),
    (
        "uploads",
        (
            """
            CREATE TABLE uploads (
                key TEXT PRIMARY KEY,
                owner TEXT NOT NULL,
                source_sha256 TEXT NOT NULL,
                sha256 TEXT NOT NULL,
                width INTEGER NOT NULL,
                height INTEGER NOT NULL,
                last_used_at REAL NOT NULL
            ) WITHOUT ROWID
            """,
            "CREATE UNIQUE INDEX uploads_by_source ON uploads (owner, source_sha256)",
            "CREATE INDEX uploads_by_age ON uploads (last_used_at)",
            """
            CREATE TABLE upload_uses (
                key TEXT NOT NULL,
                message_id TEXT NOT NULL,
                PRIMARY KEY (key, message_id)
            ) WITHOUT ROWID
            """,
        ),
    ),
    (
        # Files whose task is gone: removed after the commit, or at the next start.
        "doomed films",
        ("CREATE TABLE doomed (film TEXT PRIMARY KEY) WITHOUT ROWID",),
    ),
    (
        "engines that call a server",
        (
            "ALTER TABLE tasks ADD COLUMN digest TEXT",
            "ALTER TABLE tasks ADD COLUMN intent TEXT",
            "ALTER TABLE tasks ADD COLUMN intended_at REAL",
            "ALTER TABLE tasks ADD COLUMN handle TEXT",
            """
            CREATE INDEX tasks_by_digest ON tasks (owner, digest, number)
            WHERE digest IS NOT NULL
            """,
            "CREATE INDEX tasks_by_handle ON tasks (engine, handle) WHERE handle IS NOT NULL",
        ),
    ),
    (
        # What films cost, kept when their tasks are forgotten. settled = 0: expected, under way.
        "spending",
        (
            """
            CREATE TABLE spending (
                message_id TEXT PRIMARY KEY,
                engine TEXT NOT NULL,
                currency TEXT NOT NULL,
                amount REAL NOT NULL,
                settled INTEGER NOT NULL,
                spent_at REAL NOT NULL
            ) WITHOUT ROWID
            """,
            "CREATE INDEX spending_by_engine ON spending (engine, currency, settled, amount)",
        ),
    ),
    (
        "videos and images",
        (
            "ALTER TABLE tasks RENAME COLUMN film TO video",
            "ALTER TABLE tasks RENAME COLUMN film_s TO video_s",
            "ALTER TABLE tasks RENAME COLUMN pictures TO images",
            "ALTER TABLE doomed RENAME COLUMN film TO video",
            """
            UPDATE tasks SET facts =
                json_remove(json_set(facts, '$.video', json_extract(facts, '$.film')), '$.film')
            WHERE json_extract(facts, '$.film') IS NOT NULL
            """,
            "UPDATE tasks SET error_code = 'not_a_video' WHERE error_code = 'not_a_film'",
        ),
    ),
    (
        # Which task each row of a named table stands for. It goes when the task does, not before.
        "batches",
        (
            """
            CREATE TABLE batch_rows (
                owner TEXT NOT NULL,
                batch TEXT NOT NULL,
                key TEXT NOT NULL,
                row INTEGER NOT NULL,
                digest TEXT NOT NULL,
                message_id TEXT NOT NULL,
                PRIMARY KEY (owner, batch, key)
            ) WITHOUT ROWID
            """,
            "CREATE INDEX batch_rows_by_task ON batch_rows (message_id)",
        ),
    ),
    (
        "stars, titles and folders",
        (
            "ALTER TABLE tasks ADD COLUMN starred INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE tasks ADD COLUMN title TEXT",
            """
            CREATE INDEX tasks_by_group ON tasks (owner, "group", number)
            WHERE "group" IS NOT NULL
            """,
            "CREATE INDEX tasks_starred ON tasks (owner, number) WHERE starred = 1",
        ),
    ),
    (
        "what was drawn",
        ("ALTER TABLE tasks ADD COLUMN drawn TEXT",),
    ),
    (
        # Whose turn it was, and what is paused, so that a restart changes no order.
        "turns and pauses",
        (
            "ALTER TABLE tasks ADD COLUMN turn INTEGER",
            """
            CREATE INDEX tasks_by_turn ON tasks (engine, owner, turn, started_at)
            WHERE turn IS NOT NULL
            """,
            "CREATE TABLE pauses (engine TEXT PRIMARY KEY) WITHOUT ROWID",
        ),
    ),
    (
        # notify_at: when a task's end is to be told; NULL = told, given up, or not asked for.
        "webhooks",
        (
            "ALTER TABLE tasks ADD COLUMN notify TEXT",
            "ALTER TABLE tasks ADD COLUMN notify_at REAL",
            "ALTER TABLE tasks ADD COLUMN notify_tries INTEGER NOT NULL DEFAULT 0",
            "CREATE INDEX tasks_to_notify ON tasks (notify_at) WHERE notify_at IS NOT NULL",
        ),
    ),
    (
        "whose spending",
        (
            "ALTER TABLE spending ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
            'ALTER TABLE spending ADD COLUMN "group" TEXT',
            """
            UPDATE spending SET
                owner = ifnull((SELECT tasks.owner FROM tasks
                    WHERE tasks.message_id = spending.message_id), ''),
                "group" = (SELECT tasks."group" FROM tasks
                    WHERE tasks.message_id = spending.message_id)
            """,
            "CREATE INDEX spending_by_owner ON spending (owner, currency, spent_at)",
        ),
    ),
    (
        # How many videos were requested within a day, whatever is deleted.
        "videos a day",
        (
            """
            CREATE TABLE admissions (
                message_id TEXT PRIMARY KEY,
                owner TEXT NOT NULL,
                created_at REAL NOT NULL
            ) WITHOUT ROWID
            """,
            "CREATE INDEX admissions_by_owner ON admissions (owner, created_at)",
            "CREATE INDEX admissions_by_age ON admissions (created_at)",
            """
            CREATE TRIGGER admitted AFTER INSERT ON tasks BEGIN
                DELETE FROM admissions WHERE created_at < new.created_at - 86400;
                INSERT OR REPLACE INTO admissions
                    VALUES (new.message_id, new.owner, new.created_at);
            END
            """,
            """
            CREATE TRIGGER not_made AFTER UPDATE OF status ON tasks
            WHEN new.status IN ('failed', 'cancelled') BEGIN
                DELETE FROM admissions WHERE message_id = new.message_id;
            END
            """,
        ),
    ),
    (
        # Where a batch's end is to be told; notify_at as for tasks. id: another one for each end.
        "webhooks of batches",
        (
            """
            CREATE TABLE batch_webhooks (
                owner TEXT NOT NULL,
                batch TEXT NOT NULL,
                id TEXT NOT NULL,
                notify TEXT NOT NULL,
                notify_at REAL,
                notify_tries INTEGER NOT NULL,
                PRIMARY KEY (owner, batch)
            ) WITHOUT ROWID
            """,
            """
            CREATE TRIGGER batch_gone AFTER DELETE ON batch_rows
            WHEN NOT EXISTS (
                SELECT 1 FROM batch_rows WHERE owner = old.owner AND batch = old.batch
            ) BEGIN
                DELETE FROM batch_webhooks WHERE owner = old.owner AND batch = old.batch;
            END
            """,
        ),
    ),
    (
        # Of which pool its engine is a member, for tasks that a pool has given to one.
        "pools",
        (
            "ALTER TABLE tasks ADD COLUMN pool TEXT",
            "CREATE INDEX tasks_by_pool ON tasks (pool) WHERE pool IS NOT NULL",
        ),
    ),
    (
        # What a video was expected to cost when it was sent, also after it has ended.
        "expected costs",
        (
            "ALTER TABLE spending ADD COLUMN expected REAL",
            "UPDATE spending SET expected = amount WHERE NOT settled",
            """
            CREATE INDEX spending_as_expected ON spending (engine, currency, spent_at)
            WHERE settled AND expected > 0
            """,
        ),
    ),
)


def migrate(connection: sqlite3.Connection) -> None:
    """Migrate the schema, one transaction per step.

    Raises:
        LocalGatewayError: the database is from a newer version of this package.
    """
    done = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if done > len(MIGRATIONS):
        raise LocalGatewayError(_NEWER(done=done, known=len(MIGRATIONS)), code="newer_database")
    for version, (_, statements) in enumerate(MIGRATIONS[done:], done + 1):
        connection.execute("BEGIN IMMEDIATE")
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")


_NEWER = Text(
    "The task database was created by a newer videogen-nb (schema {done}, this version "
    "supports {known}). Upgrade the package, or set VIDEOGEN_HOME to another folder.",
    "任务数据库由更新版本的 videogen-nb 创建（数据库版本 {done}，当前仅支持到 {known}）。"
    "请升级软件包，或将 VIDEOGEN_HOME 设为其他文件夹。",
)
