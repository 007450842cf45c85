"""A class: a teacher sees and decides everything, a student learns nothing of others."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.upstreams.ark import Ark
from videogen_nb.media.probe import probe
from videogen_nb.media.provenance import provenance

from .conftest import Api, Opener, ids, write_people
from .remote_engines import Sleeps, ark_in

API = "/api/video-gen"
NAMES = ("anna", "benedikta", "teacher")
AS = {name: {"Authorization": f"Bearer the-token-of-{name}"} for name in NAMES}
SECRET = "quick zebra of Benedikta"


@pytest.fixture(autouse=True)
def file(gateway_home: Path) -> Path:
    tokens = {name: f"the-token-of-{name}" for name in NAMES}
    return write_people(gateway_home, tokens, teacher="teacher")


async def make(api: Api, who: str, prompt: str = SECRET, **body: Any) -> dict[str, Any]:
    told = {"prompt": prompt, "engine": "trial", **body}
    return await api.ok(api.http.post(f"{API}/generate", json=told, headers=AS[who]))


async def made(api: Api, who: str, prompt: str = SECRET, **body: Any) -> dict[str, Any]:
    created = await make(api, who, prompt, **body)
    api.http.headers.update(AS[who])
    task = await api.finished(created)
    del api.http.headers["Authorization"]
    return task


async def ask(api: Api, who: str, path: str, method: str = "GET", **sent: Any) -> dict[str, Any]:
    return await api.ok(api.http.request(method, f"{API}/{path}", headers=AS[who], **sent))


async def test_a_student_learns_nothing_of_others_by_any_route(opened: Opener, gateway_home: Path):
    upstream = Ark()
    with ark_in(gateway_home, upstream, price=10, per="million_tokens", budget=50):
        async with opened(sleep=Sleeps()) as api:
            paid: dict[str, Any] = {"engine": "ark", "duration": 5, "resolution": "720p"}
            task = await made(api, "benedikta", group="zebras", labels=["stripes"], **paid)
            waits = await make(api, "benedikta", "gate zebra", extra={"gate": "/no/gate"})
            cost = f"{task['cost']['amount']:g}"
            video = task["video_urls"][0].rpartition("/")[2].partition(".")[0]
            secrets = ["benedikta", "Benedikta", "zebra", "stripes", video, cost, task["sha256"]]
            secrets += [task["message_id"], waits["message_id"]]
            answers = [
                (path, method, await _try(api, path, method, task))
                for path, methods in api.app.openapi()["paths"].items()
                for method in methods
            ]
            assert len(answers) > 25
            for path, method, answer in answers:
                assert answer.status_code < 500, (path, method, answer.text)
                for secret in secrets:
                    told = answer.text.replace(f"person={secret}", "")
                    assert secret not in told, (path, method, answer.text[:300])
            api.http.headers.update(AS["benedikta"])
            assert (await api.task(task))["status"] == "completed"
            assert (await api.task(waits))["status"] in ("pending", "processing")


async def _try(api: Api, path: str, method: str, task: dict[str, Any]) -> httpx.Response:
    """As Anna, with all that she might guess of Benedikta's task."""
    # Whatever she sends may be repeated to her: ids in the path or query are left out of answers.
    number = f"video_{task['conversation_id']}_{task['message_id']}"
    path = path.replace("{video_id}", number).replace("{name}", "guess").replace("{kind}", "mp4")
    query = {**ids(task), "person": "*"} if path.startswith(API) else {}
    body = {"person": "*", "name": "zeb", "which": "failed", "prompt": "", "dry_run": True}
    if path.endswith(("/list", "/contact_sheet", "/zip")):
        query = {"person": "*"}
    elif path.endswith(("/cancel_all", "/prune")):
        query, body = {}, {"person": "*"}
    content = json.dumps(body).encode() if method in ("post", "patch") else None
    headers = {**AS["anna"], "Content-Type": "application/json"}
    return await api.http.request(
        method.upper(), path, params=query, content=content, headers=headers
    )


async def test_only_a_teacher_may(opened: Opener):
    async with opened() as api:
        await made(api, "benedikta")
        for method, path, sent in (
            ("GET", "people", {}),
            ("POST", "pause", {"json": {}}),
            ("POST", "resume", {"json": {}}),
            ("GET", "list", {"params": {"person": "*"}}),
            ("GET", "list", {"params": {"person": "benedikta"}}),
            ("GET", "list", {"params": {"person": "_owner"}}),
            ("GET", "contact_sheet", {"params": {"person": "benedikta"}}),
            ("GET", "zip", {"params": {"person": "*"}}),
            ("POST", "cancel_all", {"json": {"person": "*"}}),
            ("POST", "prune", {"json": {"person": "benedikta"}}),
        ):
            answer = await api.http.request(method, f"{API}/{path}", headers=AS["anna"], **sent)
            assert (answer.status_code, answer.json()["code"]) == (403, "teacher_required"), path
            answer = await api.http.request(method, f"{API}/{path}", headers=AS["teacher"], **sent)
            assert answer.status_code in (200, 404), path
        own = await ask(api, "anna", "list", params={"person": "anna"})
        assert own["total"] == 0
        queue = await ask(api, "anna", "queue")
        assert set(queue) == {"success", "waiting", "running", "paused", "paused_engines"}


async def test_a_teacher_sees_everybody_s_work(opened: Opener):
    async with opened(token="the-gateways-own-token") as api:
        await made(api, "anna", "quick sea")
        await made(api, "anna", "error")
        gate = {"gate": "/no/gate"}
        await make(api, "benedikta", "gate", extra=gate)
        waits = await make(api, "benedikta", "gate", extra=gate)
        api.http.headers.update(AS["benedikta"])
        await api.until(waits, lambda task: task["queue_position"] == 0)
        told = await ask(api, "teacher", "people")
        people = {one["name"]: one for one in told["people"]}
        assert list(people) == ["anna", "benedikta", "teacher"]
        counts = ("waiting", "running", "made", "failed")
        assert [people["anna"][name] for name in counts] == [0, 0, 1, 1]
        assert [people["benedikta"][name] for name in counts] == [1, 1, 0, 0]
        assert (told["waiting"], told["running"]) == (1, 1)
        listed = await ask(api, "teacher", "list", params={"person": "*", "limit": 3})
        assert listed["total"] == 4
        assert [task["person"] for task in listed["tasks"]] == ["benedikta", "benedikta", "anna"]
        more = {"person": "*", "limit": 3, "after": listed["tasks"][-1]["message_id"]}
        page = await ask(api, "teacher", "list", params=more)
        assert [task["prompt"] for task in page["tasks"]] == ["quick sea"]
        own = await ask(api, "anna", "list")
        assert [task["person"] for task in own["tasks"]] == [None, None]


async def test_a_teacher_stops_and_retries_any_task_and_it_stays_its_owner_s(opened: Opener):
    async with opened() as api:
        failed = await made(api, "anna", "error")
        again = await ask(api, "teacher", "retry", "POST", params=ids(failed))
        task = (await ask(api, "anna", "status", params=ids(again)))["task"]
        assert task["parent"] == f"{failed['conversation_id']}-{failed['message_id']}"
        running = await make(api, "anna", "gate", extra={"gate": "/no/gate"})
        stopped = await ask(api, "teacher", "cancel", "POST", params=ids(running))
        assert stopped["task"]["status"] == "cancelled"
        for _ in range(3):
            await make(api, "benedikta", "gate", extra={"gate": "/no/gate"})
        body = {"person": "benedikta"}
        assert (await ask(api, "teacher", "cancel_all", "POST", json=body))["cancelled"] == 3


async def test_a_pause_keeps_what_waits_and_survives_a_restart(opened: Opener):
    async with opened() as api:
        assert (await ask(api, "teacher", "pause", "POST", json={}))["paused"] is True
        waits = await make(api, "anna", "quick")
    async with opened() as api:
        task = (await ask(api, "anna", "status", params=ids(waits)))["task"]
        assert (task["status"], task["stage"], task["queue_position"]) == (
            "pending",
            "Paused",
            0,
        )
        assert (await ask(api, "anna", "queue"))["paused"] is True
        assert (await ask(api, "teacher", "resume", "POST", json={}))["paused"] is False
        api.http.headers.update(AS["anna"])
        assert (await api.finished(waits))["status"] == "completed"


async def test_one_engine_is_paused_and_the_others_go_on(opened: Opener):
    async with opened() as api:
        state = await ask(api, "teacher", "pause", "POST", json={"engine": "trial"})
        assert (state["paused"], state["paused_engines"]) == (False, ["trial"])
        waits = await make(api, "anna", "quick")
        await made(api, "anna", "sea", engine="sketch", duration=1, resolution="480p")
        assert (await ask(api, "anna", "status", params=ids(waits)))["task"]["status"] == "pending"
        for body, code in (({"engine": "none"}, "unknown_engine"), ({"engine": 1}, "malformed")):
            answer = await api.http.post(f"{API}/pause", json=body, headers=AS["teacher"])
            assert (answer.status_code, answer.json()["code"]) == (422, code)
        await ask(api, "teacher", "resume", "POST", json={"engine": "trial"})
        api.http.headers.update(AS["anna"])
        assert (await api.finished(waits))["status"] == "completed"


async def test_all_videos_of_a_group_on_one_sheet_and_in_one_zip(opened: Opener, tmp_path: Path):
    async with opened() as api:
        tasks = [
            await made(api, "anna", "quick 海边日落", group="week 1"),
            await made(api, "benedikta", 'quick "../../x"', group="week 1"),
            await made(api, "benedikta", "quick other", group="week 2"),
        ]
        week = {"person": "*", "group": "week 1"}
        sheet = await api.http.get(f"{API}/contact_sheet", params=week, headers=AS["teacher"])
        with Image.open(io.BytesIO(sheet.content)) as image:
            image.load()
            assert image.width == 2 * 252 + 12
        packed = await api.http.get(f"{API}/zip", params=week, headers=AS["teacher"])
        with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            archive.extractall(tmp_path / "out")
        names, beside = names[::2], names[1::2]
        assert beside == [f"{name}.json" for name in names]
        assert [name.partition("/")[0] for name in names] == ["anna", "benedikta"]
        for name, task in zip(names, tasks[:2], strict=True):
            facts = provenance(tmp_path / "out" / name)
            assert facts["person"] == name.partition("/")[0]
            assert facts["task"] == f"{task['conversation_id']}-{task['message_id']}"
            created = datetime.fromisoformat(task["created_at"])
            assert datetime.fromisoformat(facts["created_at"]) == created.replace(microsecond=0)
        assert names[0] == f"anna/quick-海边日落-{tasks[0]['message_id'][-6:]}.mp4"
        for name in names:
            assert probe(tmp_path / "out" / name).duration_s == pytest.approx(1.0)
        own = await api.http.get(f"{API}/zip", headers=AS["benedikta"])
        with zipfile.ZipFile(io.BytesIO(own.content)) as archive:
            names = archive.namelist()
            assert len(names) == 4
            words = b"".join(archive.read(name) for name in names if name.endswith(".json"))
            assert b"anna" not in words, "names nobody else"
        for path in ("zip", "contact_sheet"):
            answer = await api.http.get(f"{API}/{path}", params={"group": "no"}, headers=AS["anna"])
            assert (answer.status_code, answer.json()["code"]) == (404, "no_videos")
