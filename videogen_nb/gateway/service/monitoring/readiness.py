"""Checking whether a gateway can accept tasks."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Final

from ....i18n import Text
from ....local.installation import GONE, is_gone
from ...refusals import SENTENCES, Refusal
from ..gateway import Gateway

WRITABLE_S: Final = 5.0  # a database that takes longer keeps people waiting


async def problem(gateway: Gateway) -> Text | None:
    """Return why it cannot accept tasks, or None."""
    if is_gone():
        return GONE
    try:
        async with asyncio.timeout(WRITABLE_S):
            await gateway.database.write(_touch)
        await gateway.quotas.check_disk()
    except Refusal as refusal:
        return refusal.text
    except (sqlite3.Error, OSError):  # TimeoutError is one
        return SENTENCES["store_unavailable"]
    return None


def _touch(connection: sqlite3.Connection) -> None:
    """Write a page of the database without changing its contents."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version = {version:d}")
