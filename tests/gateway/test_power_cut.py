"""A power cut takes what was not synced: a row never speaks of a file that could be among it.

SQLite's own syncing is told by its settings (test_store); here every file is followed. A file
outlives a cut if its bytes, as they are now, were synced and so was its folder since.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from videogen_nb.gateway.files import uploads
from videogen_nb.gateway.storage.store import Store
from videogen_nb.protocol.models import TaskStatus

from .conftest import Opener, image_bytes

RECORDING = """
import os
real = os.fsync
def fsync(handle):
    real(handle)
    facts = os.fstat(handle)
    with open({log!r}, "a") as log:
        log.write(f"{{facts.st_ino}} {{facts.st_mtime_ns}}\\n")
os.fsync = fsync
"""


@pytest.fixture
def survives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], bool]:
    """Whether a file would be there, whole, after a power cut at this moment."""
    log = tmp_path / "synced"
    log.touch()
    recording = RECORDING.format(log=str(log))
    site = tmp_path / "recording"
    site.mkdir()
    (site / "sitecustomize.py").write_text(recording)  # for the worker processes
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(os, "fsync", os.fsync)  # undone at the end
    exec(recording, {})

    def survives(path: Path) -> bool:
        synced = log.read_text().splitlines()
        facts = [path.stat(), path.parent.stat()]
        return all(f"{fact.st_ino} {fact.st_mtime_ns}" in synced for fact in facts)

    return survives


@pytest.mark.skipif(os.name != "posix", reason="folders cannot be synced there")
async def test_what_a_row_speaks_of_is_on_the_disk_before(
    opened: Opener, survives: Callable[[Path], bool], monkeypatch: pytest.MonkeyPatch
):
    lasting: dict[str, list[bool]] = {"video": [], "poster": [], "image": []}
    change, add = Store.change, uploads._add

    async with opened() as api:
        video_files = api.gateway.video_files

        async def changing(store: Store, message_id: str, **values: Any) -> Any:
            if values.get("status") is TaskStatus.COMPLETED:
                record = store.cached(message_id)
                assert record is not None
                lasting["video"].append(survives(video_files.video(record.video)))
                lasting["poster"].append(survives(video_files.poster(record.video)))
            return await change(store, message_id, **values)

        def adding(connection: Any, upload: Any, now: float) -> None:
            lasting["image"].append(survives(api.gateway.uploads.path(upload.key)))
            add(connection, upload, now)

        monkeypatch.setattr(Store, "change", changing)
        monkeypatch.setattr(uploads, "_add", adding)
        attachment = await api.upload(image_bytes())
        task = await api.finished(await api.create("quick", image_attachment=attachment))
        assert task["status"] == "completed"
    assert lasting == {"video": [True], "poster": [True], "image": [True]}
