"""Several people on one gateway: each has a token, and sees their own tasks and images only."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from videogen_nb.people.edit_file import add_person, limit_person, revoke_person
from videogen_nb.people.lookup import People
from videogen_nb.people.tokens import digest_of

from .conftest import Api, Opener, ids, image_bytes, write_people

ANNA, BEN, OURS = "a" * 20, "b" * 20, "the-gateways-own"
ONE_TASK = (("GET", "status"), ("POST", "cancel"), ("POST", "retry"), ("DELETE", "task"))


@pytest.fixture
def file(gateway_home: Path) -> Path:
    """Anna has two tokens, Ben one."""
    path = write_people(gateway_home, {"anna": ANNA, "ben": BEN})
    both = f'"{digest_of(ANNA)}", "{digest_of("c" * 20)}"'
    path.write_text(path.read_text().replace(f'"{digest_of(ANNA)}"', both))
    return path


def as_(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def create(api: Api, token: str, **body: Any) -> httpx.Response:
    body = {"prompt": "quick", "engine": "trial", **body}
    return await api.http.post("/api/video-gen/generate", json=body, headers=as_(token))


async def test_each_sees_their_own_tasks_only(opened: Opener, file: Path):
    async with opened(token=OURS) as api:
        task = (await create(api, ANNA)).json()
        for token, seen in ((ANNA, 1), ("c" * 20, 1), (BEN, 0), (OURS, 0)):
            answer = await api.http.get("/api/video-gen/list", headers=as_(token))
            assert (answer.status_code, answer.json()["total"]) == (200, seen)
        for method, call in ONE_TASK:
            answer = await api.http.request(
                method, f"/api/video-gen/{call}", params=ids(task), headers=as_(BEN)
            )
            assert (answer.status_code, answer.json()["code"]) == (404, "task_not_found")
        answer = await api.http.get(
            "/api/video-gen/status", params=ids(task), headers=as_("c" * 20)
        )
        assert answer.status_code == 200


async def test_nor_anothers_images_or_idempotency_keys(opened: Opener, file: Path):
    async with opened(token=OURS) as api:
        params = {"file_type": "2", "file_name": "a.jpg"}
        upload = await api.http.post(
            "/api/file/upload", params=params, content=image_bytes(), headers=as_(ANNA)
        )
        answer = await create(api, BEN, image_attachment=upload.json())
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_attachment")
        api.http.headers["Idempotency-Key"] = "the-same"
        made = [(await create(api, token)).json()["message_id"] for token in (ANNA, BEN, ANNA)]
        assert made[0] == made[2] != made[1]


async def test_tasks_stay_their_owners_after_a_restart(opened: Opener, file: Path):
    async with opened() as api:
        task = (await create(api, ANNA)).json()
    async with opened() as api:
        for token, status in ((ANNA, 200), (BEN, 404)):
            answer = await api.http.get(
                "/api/video-gen/status", params=ids(task), headers=as_(token)
            )
            assert answer.status_code == status


async def test_a_token_of_nobody_gets_nowhere_and_none_is_ever_told(
    opened: Opener, file: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    async with opened() as api:
        for token in ("", "anna", ANNA[:-1], ANNA + "a", f"{ANNA} {BEN}", f"anna {ANNA}"):
            answer = await api.http.get("/api/video-gen/list", headers=as_(token))
            assert answer.status_code == 401
        task = (await create(api, ANNA)).text
    for token in (ANNA, BEN):
        assert token not in caplog.text + task


async def test_a_revoked_token_stops_working_at_once_and_a_new_one_works(
    opened: Opener, file: Path
):
    async with opened(token=OURS) as api:
        task = (await create(api, BEN)).json()
        revoke_person(file, "ben")
        assert (await create(api, BEN)).status_code == 401
        token = add_person(file, "ben", None, {})
        answer = await api.http.get("/api/video-gen/status", params=ids(task), headers=as_(token))
        assert answer.status_code == 200


async def test_somebody_new_gets_in_without_a_restart(opened: Opener, gateway_home: Path):
    async with opened(token=OURS) as api:
        token = add_person(gateway_home / "people.toml", "cleo", "student", {})
        assert (await create(api, token)).status_code == 200


async def test_an_invalid_edit_is_told_once_and_what_it_said_before_counts(
    opened: Opener, file: Path, caplog: pytest.LogCaptureFixture
):
    async with opened(token=OURS) as api:
        sound = file.read_text()
        file.write_text(sound + "running = two\n")
        assert (await create(api, ANNA)).status_code == 200
        assert (await create(api, BEN)).status_code == 200
        assert caplog.text.count("people.toml is invalid") == 1
        assert api.gateway.people.problem is not None
        file.unlink()
        assert (await create(api, BEN)).status_code == 200
        file.touch(0o600)
        file.write_text(sound.replace("ben", "dora"))
        assert (await create(api, BEN)).status_code == 200
        answer = await api.http.get("/api/video-gen/list", headers=as_(BEN))
        assert answer.json()["total"] == 1  # Dora's own; Ben's are Ben's
        assert api.gateway.people.problem is None


def test_a_change_that_a_request_notices_still_reaches_the_queues(file: Path):
    people = People(file, OURS)
    limit_person(file, "anna", {"running": 1})
    assert people.of_token(ANNA) is not None
    assert people.refresh()  # what the queues are told
    assert not people.refresh()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_corrected_permissions_are_noticed(file: Path):
    people = People(file, OURS)
    file.write_text(file.read_text().replace("ben", "dora"))
    file.chmod(0o644)
    assert getattr(people.of_token(BEN), "name", None) == "ben"
    assert people.problem is not None
    file.chmod(0o600)
    assert getattr(people.of_token(BEN), "name", None) == "dora"
    assert people.problem is None


async def test_limits_of_tasks_and_images_count_as_soon_as_they_are_set(
    opened: Opener, file: Path, tmp_path: Path
):
    gate = {"prompt": "gate", "extra": {"gate": str(tmp_path / "never")}}
    async with opened(token=OURS) as api:
        limit_person(file, "anna", {"queued": 1, "upload_mb": 0})
        first = (await create(api, ANNA, **gate)).json()
        answer = await create(api, ANNA)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tasks")
        answer = await api.http.post("/api/file/upload", content=image_bytes(), headers=as_(ANNA))
        assert (answer.status_code, answer.json()["code"]) == (413, "uploads_full")
        await api.http.post("/api/video-gen/cancel", params=ids(first), headers=as_(ANNA))
        assert (await create(api, ANNA)).status_code == 200
        assert (await create(api, BEN, **gate)).status_code == 200
        limit_person(file, "defaults", {"queued": 1})
        assert (await create(api, BEN)).status_code == 429
