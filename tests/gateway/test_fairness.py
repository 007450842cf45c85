"""People take turns at what they share: rendering here, engines elsewhere, after a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.upstreams.ark import Ark
from videogen_nb.people.edit_file import limit_person

from .conftest import Api, Opener, ids, write_people
from .remote_engines import Sleeps, ark_in

GENERATE = "/api/video-gen/generate"
TOKENS = {name: f"the-token-of-{name}" for name in ("anna", "ben", "cleo", "teacher")}
AS = {name: {"Authorization": f"Bearer {token}"} for name, token in TOKENS.items()}


async def create(api: Api, who: str, prompt: str = "quick", **extra: Any) -> dict[str, Any]:
    body = {"prompt": prompt, "engine": "trial", "extra": extra}
    return await api.ok(api.http.post(GENERATE, json=body, headers=AS[who]))


async def look(api: Api, who: str, task: dict[str, Any]) -> dict[str, Any]:
    asked = api.http.get("/api/video-gen/status", params=ids(task), headers=AS[who])
    found: dict[str, Any] = (await api.ok(asked))["task"]
    return found


async def until(api: Api, who: str, task: dict[str, Any], status: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while (found := await look(api, who, task))["status"] != status:
            await asyncio.sleep(0.01)
    return found


async def blocked(api: Api, tmp_path: Path) -> tuple[dict[str, Any], Path]:
    """Anna's task that takes the only slot until the file is there."""
    gate = tmp_path / "open"
    first = await create(api, "anna", "gate", gate=str(gate))
    await until(api, "anna", first, "processing")
    return first, gate


async def test_others_are_served_before_somebody_s_second_and_after_a_restart_too(
    opened: Opener, gateway_home: Path, tmp_path: Path
):
    write_people(gateway_home, TOKENS)
    journal = str(tmp_path / "journal")
    async with opened() as api:
        first, gate = await blocked(api, tmp_path)
        asked = ("anna", "anna", "anna", "ben", "ben", "cleo")
        made = [(who, await create(api, who, journal=journal)) for who in asked]
        places = [(await look(api, who, task))["queue_position"] for who, task in made]
        assert places == [2, 4, 5, 0, 3, 1]
        etas = [(await look(api, who, task))["eta_seconds"] for who, task in made]
        assert sorted(etas) == [etas[n] for n in (3, 5, 0, 4, 1, 2)]
        assert len(set(etas)) == 6
    gate.touch()
    async with opened() as api:
        for who, task in [("anna", first), *made]:
            await until(api, who, task, "completed")
    written = (tmp_path / "journal").read_text().split()
    names = {task["message_id"]: who for who, task in made}
    assert [names[message_id] for message_id in written] == [
        "ben", "cleo", "anna", "ben", "anna", "anna",
    ]  # fmt: skip


async def test_a_restart_forgets_no_turn(opened: Opener, gateway_home: Path, tmp_path: Path):
    """Anna has had two videos: Ben's first goes before her third, although hers is older."""
    write_people(gateway_home, TOKENS, teacher="teacher")
    journal = str(tmp_path / "journal")
    async with opened() as api:
        for _ in range(2):
            await until(api, "anna", await create(api, "anna"), "completed")
        await api.ok(api.http.post("/api/video-gen/pause", json={}, headers=AS["teacher"]))
        made = [(who, await create(api, who, journal=journal)) for who in ("anna", "ben")]
    async with opened() as api:
        places = [(await look(api, who, task))["queue_position"] for who, task in made]
        await api.ok(api.http.post("/api/video-gen/resume", json={}, headers=AS["teacher"]))
        for who, task in made:
            await until(api, who, task, "completed")
    assert places == [1, 0]
    written = (tmp_path / "journal").read_text().split()
    assert written == [task["message_id"] for _, task in reversed(made)]


async def test_who_is_at_their_limit_is_passed_over(
    opened: Opener, gateway_home: Path, tmp_path: Path
):
    file = write_people(gateway_home, TOKENS)
    limit_person(file, "anna", {"running": 1})
    async with opened(workers=2) as api:
        _, gate = await blocked(api, tmp_path)
        waits = await create(api, "anna")
        other = await create(api, "ben")
        await until(api, "ben", other, "completed")
        seen = await look(api, "anna", waits)
        assert (seen["status"], seen["stage"]) == (
            "pending",
            "Waiting for your other videos (limit: 1 at a time)",
        )
        gate.touch()
        await until(api, "anna", waits, "completed")


async def test_a_raised_limit_starts_what_waits(opened: Opener, gateway_home: Path, tmp_path: Path):
    file = write_people(gateway_home, TOKENS)
    limit_person(file, "anna", {"running": 1})
    async with opened(workers=2) as api:
        _, gate = await blocked(api, tmp_path)
        waits = await create(api, "anna")
        limit_person(file, "anna", {"running": 2})
        await api.gateway.upkeep.follow_settings()
        await until(api, "anna", waits, "completed")
        gate.touch()


async def test_elsewhere_people_take_turns_too(opened: Opener, gateway_home: Path):
    write_people(gateway_home, TOKENS)
    upstream = Ark(moves=("queued",))
    with ark_in(gateway_home, upstream, at_once=1):
        async with opened(sleep=Sleeps()) as api:
            made = []
            for n, who in enumerate(("anna", "anna", "anna", "ben", "cleo")):
                body = {"prompt": f"{who} {n}", "engine": "ark", "duration": 5}
                task = await api.ok(api.http.post(GENERATE, json=body, headers=AS[who]))
                made.append((who, task))
            places = [(await look(api, who, task))["queue_position"] for who, task in made[1:]]
            assert places == [2, 3, 0, 1]
            upstream.moves = ("succeeded",)
            for who, task in made:
                await until(api, who, task, "completed")
    asked = [create["content"][0]["text"].split()[0] for create in upstream.creates]
    assert asked == ["anna", "ben", "cleo", "anna", "anna"]
