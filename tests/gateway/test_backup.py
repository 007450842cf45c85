"""A backup of a gateway at work: whole, checked, and restored without paying twice."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from videogen_nb.errors import BackupDamaged, LocalGatewayError
from videogen_nb.gateway.storage.backup import read_backup, restore
from videogen_nb.gateway.storage.database import FILE
from videogen_nb.local.folder_lock import FolderLock

from .conftest import Api, Opener, ids, image_bytes, write_people

SMALL = {"engine": "sketch", "duration": 1, "resolution": "480p"}
ROUTE = "/api/video-gen/backup"


async def saved(api: Api, to: Path) -> Path:
    """Save a backup as the client does: piece by piece."""
    async with api.http.stream("GET", ROUTE) as answer:
        assert answer.status_code == 200
        with to.open("wb") as file:
            async for piece in answer.aiter_bytes():
                file.write(piece)
    return to


async def test_a_gateway_at_work_is_saved_and_restored(opened: Opener, tmp_path, gateway_home):
    async with opened() as api:
        image = await api.upload(image_bytes())
        done = await api.finished(await api.create("push in", image_attachment=image, **SMALL))
        video = (await api.http.get(done["video_urls"][0])).content
        gate = tmp_path / "gate"
        waiting = await api.create("gate of the second", extra={"gate": str(gate)})
        backup = await saved(api, tmp_path / "all.tar")
        later = await api.create("quick and later")
    manifest = read_backup(backup)
    assert (manifest.tasks, manifest.videos) == (2, 1)
    assert {name.partition("/")[0] for name in manifest.files} == {FILE, "videos", "uploads"}

    with pytest.raises(LocalGatewayError, match="already contains tasks"):
        restore(backup, gateway_home)
    assert restore(backup, gateway_home, replace=True) == manifest
    assert len(list(gateway_home.glob("before-restore-*/tasks.sqlite3"))) == 1
    async with opened() as api:
        assert (await api.task(done))["status"] == "completed"
        assert (await api.http.get(done["video_urls"][0])).content == video
        gate.touch()
        assert (await api.finished(waiting))["status"] == "completed"  # taken up again
        assert (await api.http.get("/api/video-gen/status", params=ids(later))).status_code == 404
        again = await api.create("push in", image_attachment=image, **SMALL)  # and its image
        assert (await api.finished(again))["status"] == "completed"


async def test_settings_are_saved_and_restored_and_secrets_are_not(
    opened: Opener, tmp_path, gateway_home
):
    write_people(gateway_home, {"ann": "t" * 20}, ann="teacher")
    settings = {
        "engines.toml": '[mine]\nengine = "comfy"\nworkflow = "flow.json"\n'
        '[named]\nengine = "comfy"\nworkflow = "工作流 Wan 2.2 (14B).json"\n'
        '[far]\nengine = "comfy"\nworkflow = "/etc/hostname"\n'
        '[out]\nengine = "comfy"\nworkflow = "../flow.json"\n'
        '[key]\nengine = "comfy"\nworkflow = "webhook.secret"\n'
        '[own]\nengine = "comfy"\nworkflow = "gateway.json"\n',
        "providers/mine.toml": "# a table",
        "flow.json": "{}",
        "工作流 Wan 2.2 (14B).json": "{}",
        "people.toml": (gateway_home / "people.toml").read_text(),
    }
    secret = ("keys/mine", "webhook.secret", "gateway.json", "cluster/ca-key.pem")
    for name in (*settings, *secret):
        (gateway_home / name).parent.mkdir(mode=0o700, exist_ok=True)
        (gateway_home / name).write_text(settings.get(name, "secret"))
    async with opened(token="o" * 20) as api:
        api.http.headers["Authorization"] = f"Bearer {'o' * 20}"
        backup = await saved(api, tmp_path / "all.tar")
    (gateway_home / "cluster.toml").write_text("changed since")
    assert read_backup(backup).files.keys() == {*settings, FILE}
    for folder in (gateway_home, tmp_path / "elsewhere"):
        restore(backup, folder, replace=True)
        for name, text in settings.items():
            assert (folder / name).read_text() == text
            assert (folder / name).stat().st_mode & 0o077 == 0
    assert next(gateway_home.glob("before-restore-*/flow.json")).read_text() == "{}"
    assert not (gateway_home / "cluster.toml").exists()  # as it was then
    assert (gateway_home / "keys" / "mine").exists()


async def test_what_may_have_been_paid_for_since_is_not_sent_again(
    opened: Opener, tmp_path, gateway_home
):
    async with opened(workers=1) as api:
        await api.create("gate of the one place", extra={"gate": str(tmp_path / "gate")})
        unsent, sent = [await api.create(f"quick, for a provider {n}") for n in range(2)]
        mark = "UPDATE tasks SET digest = 'd', intent = ?, handle = ? WHERE message_id = ?"
        for task, intent, handle in ((unsent, None, None), (sent, "i", "h")):
            values = [intent, handle, task["message_id"]]
            await api.gateway.database.write(lambda c, v=values: c.execute(mark, v))
        backup = await saved(api, tmp_path / "all.tar")
    restore(backup, gateway_home, replace=True)
    async with opened() as api:
        restored = await api.task(unsent)
        assert (restored["status"], restored["error_code"]) == ("failed", "outcome_unknown")
        assert "was not sent again" in restored["error"]
        assert (await api.task(sent))["error_code"] != "outcome_unknown"


async def test_only_who_runs_the_gateway_may(opened: Opener, gateway_home):
    write_people(gateway_home, {"ann": "t" * 20, "tom": "s" * 20}, ann="teacher")
    async with opened(token="o" * 20) as api:
        for token, status in (("t" * 20, 403), ("s" * 20, 403), ("o" * 20, 200)):
            headers = {"Authorization": f"Bearer {token}"}
            assert (await api.http.get(ROUTE, headers=headers)).status_code == status


def _cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _one_bit(data: bytes) -> bytes:
    place = data.index(b"SQLite format 3") + 5000
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def _with(name: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        out = io.BytesIO()
        with (
            tarfile.open(fileobj=io.BytesIO(data)) as old,
            tarfile.open(fileobj=out, mode="w") as new,
        ):
            about = tarfile.TarInfo(name)
            about.size = 4
            new.addfile(about, io.BytesIO(b"evil"))
            for member in old:
                new.addfile(member, old.extractfile(member))
        return out.getvalue()

    return change


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        pytest.param(_cut, "truncated|not a backup", id="cut-short"),
        pytest.param(_one_bit, "damaged: tasks.sqlite3", id="one-bit"),
        pytest.param(_with("../evil"), "does not belong in a backup", id="leads-out-of-the-folder"),
        pytest.param(_with("gateway.json"), "does not belong in a backup", id="names-a-gateway"),
        pytest.param(_with("Gateway.json"), "does not belong in a backup", id="in-capitals"),
        pytest.param(
            _with("..\\evil.json"), "does not belong in a backup", id="leads-out-on-windows"
        ),
        pytest.param(_with("videos/extra.mp4"), "damaged: videos/extra.mp4", id="one-too-many"),
        pytest.param(lambda _: b"PK\x03\x04 a zip" * 200, "not a backup", id="no-tar"),
        pytest.param(lambda _: b"", "not a backup", id="empty"),
    ],
)
async def test_a_damaged_backup_changes_nothing(
    api: Api, opened: Opener, tmp_path, gateway_home, damage, says
):
    await api.finished(await api.create("quick and kept"))
    backup = await saved(api, tmp_path / "all.tar")
    backup.write_bytes(damage(backup.read_bytes()))
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(BackupDamaged, match=says):
        restore(backup, elsewhere)
    assert {path.name for path in elsewhere.iterdir()} <= {"gateway.lock"}


async def test_a_folder_in_use_is_not_touched(tmp_path):
    """Whoever owns the folder keeps it: a restore has to own it, as a gateway does."""
    folder = tmp_path / "data"
    with FolderLock(folder, timeout_s=1), pytest.raises(LocalGatewayError):
        restore(tmp_path / "any.tar", folder)
