"""What a gateway has promised in its answers, and whether it keeps it after it was killed."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from videogen_nb.gateway.storage.database import FILE
from videogen_nb.media.probe import probe

FINISHED = ("completed", "failed", "cancelled")
SAMPLE = 30  # videos known to be whole that are looked at again after each kill

#: What may lie in a data folder while no gateway runs on it.
ORDINARY = frozenset({FILE, f"{FILE}-wal", f"{FILE}-shm", "gateway.lock", "gateway.json"})


@dataclass
class Known:
    """A task as it was last told to us."""

    conversation_id: str
    message_id: str
    label: str
    prompt: str
    status: str = "pending"
    end: tuple[Any, ...] | None = None  # all that may never change once it has ended
    cancelling: bool = False  # we have asked for it, answered or not
    deleting: bool = False
    deleted: bool = False
    begun: int = 0  # attempts in the journal when its end was told

    @property
    def ids(self) -> dict[str, str]:
        return {"conversation_id": self.conversation_id, "message_id": self.message_id}


class Broken(AssertionError):
    """A promise was not kept."""


@dataclass
class Ledger:
    """Every task and upload that was answered with 200, and every create still without answer."""

    home: Path
    journal: Path
    tasks: dict[str, Known] = field(default_factory=dict)
    unanswered: dict[str, dict[str, Any]] = field(default_factory=dict)
    interrupted: int = 0
    _whole: set[str] = field(default_factory=set)
    _chance: random.Random = field(default_factory=lambda: random.Random(1))

    def created(self, label: str, body: dict[str, Any], task: dict[str, Any]) -> Known:
        """A create was answered."""
        known = self.tasks.get(task["message_id"])
        if known is None:
            known = Known(task["conversation_id"], task["message_id"], label, body["prompt"])
            others = [other for other in self.tasks.values() if other.label == label]
            if others:
                raise Broken(f"the create {label} has made two tasks: {others[0]}, {known}")
            self.tasks[known.message_id] = known
        self.unanswered.pop(label, None)
        return known

    def told(self, known: Known, task: dict[str, Any], *, asked_open: bool = False) -> None:
        """The gateway has told how a task stands.

        With ``asked_open`` it was asked before the task's end was known to us: of two answers on
        the way at once the older one may come last.
        """
        if known.end is not None:
            if asked_open and task["status"] not in FINISHED:
                return
            if ending(task) != known.end:
                raise Broken(f"a task that had ended changed: {known.end} to {ending(task)}")
            return
        known.status = task["status"]
        if known.status not in FINISHED:
            return
        known.end = ending(task)
        known.begun = self.attempts()[known.message_id]
        self._check_end(known, task)

    def attempts(self) -> Counter[str]:
        """How often each task's render was begun."""
        if not self.journal.exists():
            return Counter()
        return Counter(self.journal.read_text().split())

    def check_disk(self) -> None:
        """Right after a kill, before anybody repairs anything: what is referred to is whole."""
        rows, uploads = self._rows()
        self._check_rows({row["message_id"]: row for row in rows})
        for row in rows:
            if row["status"] == "completed":
                self._check_video(row)
        for upload in uploads:
            path = self.home / upload["key"]
            if not path.is_file() or digest(path) != upload["sha256"]:
                raise Broken(f"the image {path.name} is not whole")

    def check_sweep(self) -> None:
        """Right after a restart: nothing lies there that nobody refers to."""
        rows, uploads = self._rows()
        wanted = {row["video"] for row in rows if row["status"] not in ("failed", "cancelled")}
        lying = {path.stem for path in (self.home / "videos").glob("*.*")} - wanted
        if lying:
            raise Broken(f"videos of no task lie there: {sorted(lying)}")
        kept = {path.name for path in (self.home / "uploads").glob("*.*")}
        if kept != {upload["key"].partition("/")[2] for upload in uploads}:
            raise Broken(f"images of no upload lie there: {sorted(kept)}")

    def check_rest(self) -> None:
        """When all tasks have ended: the folder holds what is referred to and nothing else."""
        rows, _ = self._rows()
        videos = {row["video"] for row in rows if row["status"] == "completed"}
        for kind in ("mp4", "jpg"):
            lying = {path.stem for path in (self.home / "videos").glob(f"*.{kind}")}
            if lying != videos:
                raise Broken(f"{kind} files and tasks differ: {sorted(lying ^ videos)}")
        drafts = [p for p in self.home.rglob("unfinished/*") if p.is_file()]
        strangers = {path.name for path in self.home.iterdir() if path.is_file()} - ORDINARY
        if drafts or strangers:
            raise Broken(f"left lying: {drafts or strangers}")
        begun = self.attempts()
        for known in self.tasks.values():
            if known.end is not None and begun[known.message_id] != known.begun:
                raise Broken(f"a task that had ended was made again: {known}")

    def check_count(self, listed: list[dict[str, Any]]) -> None:
        """No create has made two tasks, and the list tells every one there is."""
        labels = Counter(task["labels"][0] for task in listed)
        twice = [label for label, count in labels.items() if count > 1]
        if twice:
            raise Broken(f"creates that made two tasks: {twice}")
        missing = [
            known for known in self.tasks.values() if not known.deleting and not labels[known.label]
        ]
        if missing:
            raise Broken(f"missing from the list: {missing}")

    def _check_end(self, known: Known, task: dict[str, Any]) -> None:
        code = task["error_code"]
        if code == "interrupted":  # what is promised of a task that was killed too often
            self.interrupted += 1
        elif known.status == "failed" and (code, known.prompt) != ("no_paint", "error"):
            raise Broken(f"failed without a reason of its own: {task}")
        if known.status == "cancelled" and not known.cancelling:
            raise Broken(f"cancelled by nobody: {task}")
        if known.status == "completed" and not (task["sha256"] and task["video_urls"]):
            raise Broken(f"completed without a video: {task}")

    def _rows(self) -> tuple[list[sqlite3.Row], list[sqlite3.Row]]:
        copy = self.home.parent / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for name in (FILE, f"{FILE}-wal"):
            if (self.home / name).exists():
                shutil.copyfile(self.home / name, copy / name)
        connection = sqlite3.connect(copy / FILE)
        connection.row_factory = sqlite3.Row
        try:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if found != "ok":
                raise Broken(f"the database is damaged: {found}")
            if not connection.execute("PRAGMA user_version").fetchone()[0]:
                return [], []  # killed before the first table was made
            tasks = connection.execute("SELECT * FROM tasks").fetchall()
            return tasks, connection.execute("SELECT * FROM uploads").fetchall()
        finally:
            connection.close()

    def _check_rows(self, rows: dict[str, sqlite3.Row]) -> None:
        for known in self.tasks.values():
            row = rows.get(known.message_id)
            if row is None:
                if not known.deleting:
                    raise Broken(f"an accepted task is gone: {known}")
                continue
            if known.deleted:
                raise Broken(f"a deleted task is back: {known}")
            if known.end is not None and (row["status"], row["sha256"]) != known.end[:2]:
                raise Broken(f"a task that had ended changed on the disk: {known}")

    def _check_video(self, row: sqlite3.Row) -> None:
        name = row["video"]
        if name in self._whole and self._chance.random() > SAMPLE / len(self._whole):
            return
        video = self.home / "videos" / f"{name}.mp4"
        poster = video.with_suffix(".jpg")
        if not video.is_file() or digest(video) != row["sha256"] or not poster.is_file():
            raise Broken(f"the video of {row['message_id']} is not whole")
        if name not in self._whole:
            probe(video)
            self._whole.add(name)


def ending(task: dict[str, Any]) -> tuple[Any, ...]:
    """What may never change once a task has ended."""
    told = ("status", "sha256", "finished_at", "error_code", "retry_count")
    return tuple(task[name] for name in told)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
