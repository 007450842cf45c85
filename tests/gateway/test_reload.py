"""engines.toml is taken up while the gateway runs; what is under way keeps what it began with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.upstreams.ark import Ark
from tests.upstreams.openai import Videos
from tests.upstreams.rest import PROVIDERS
from videogen_nb.engines.keys import Keyring
from videogen_nb.engines.registry import Registry
from videogen_nb.engines.rest.table_files import SHIPPED
from videogen_nb.testing.serving import served

from .conftest import Api, Opener
from .remote_engines import NoMinute, Sleeps, ark_in, set_up

FILE = "engines.toml"


async def follow(api: Api) -> dict[str, dict[str, Any]]:
    """The engines by name, after the settings were looked at."""
    await api.gateway.upkeep.follow_settings()
    listed = await api.ok(api.http.get("/api/video-gen/engines"))
    return {engine["name"]: engine for engine in listed["engines"]}


def edit(home: Path, old: str, new: str) -> None:
    text = (home / FILE).read_text("utf-8")
    assert old in text
    (home / FILE).write_text(text.replace(old, new), "utf-8")


async def test_an_engine_is_added_and_removed_while_the_gateway_runs(
    opened: Opener, gateway_home: Path
):
    upstream = Videos("vllm")
    with served(upstream.app) as url:
        async with opened(sleep=Sleeps()) as api:
            assert "gpu2" not in await follow(api)
            set_up(gateway_home, "gpu2", f"{url}/v1", engine="openai")
            assert (await follow(api))["gpu2"]["ready"]
            task = await api.finished(await api.create("sea", engine="gpu2"))
            assert task["status"] == "completed"
            (gateway_home / FILE).unlink()
            assert "gpu2" not in await follow(api)
            answer = await api.http.post(
                "/api/video-gen/generate", json={"prompt": "sea", "engine": "gpu2"}
            )
            assert answer.json()["code"] == "unknown_engine"


async def test_a_task_under_way_keeps_the_engine_it_began_with(opened: Opener, gateway_home: Path):
    first, second = Ark(moves=("running",)), Ark()
    with served(second.app) as elsewhere, ark_in(gateway_home, first):
        async with opened(sleep=Sleeps()) as api:
            running = await api.create("sea", engine="ark")
            await api.until(running, lambda task: task["stage"] == "Rendering at the provider")
            url = next(
                line for line in (gateway_home / FILE).read_text().splitlines() if "url" in line
            )
            edit(gateway_home, url, f'url = "{elsewhere}/api/v3"')
            await follow(api)
            new = await api.finished(await api.create("lake", engine="ark"))
            assert new["status"] == "completed"
            assert (first.asked, second.asked) == (1, 1)
            first.moves = ("succeeded",)
            assert (await api.finished(running))["status"] == "completed"


async def test_an_engine_with_tasks_goes_when_they_have_ended(opened: Opener, gateway_home: Path):
    upstream = Ark(moves=("running",))
    with ark_in(gateway_home, upstream, name="other"):
        async with opened(sleep=Sleeps()) as api:
            running = await api.create("sea", engine="other")
            await api.until(running, lambda task: task["stage"] == "Rendering at the provider")
            (gateway_home / FILE).write_text("# none\n", "utf-8")
            assert "other" in await follow(api)
            more = {"prompt": "lake", "engine": "other"}  # else it would never go, and cost more
            refused = await api.http.post("/api/video-gen/generate", json=more)
            assert refused.json()["code"] == "engine_not_ready"
            listed = await api.ok(api.http.get("/api/video-gen/engines"))
            [other] = [one for one in listed["engines"] if one["name"] == "other"]
            assert (other["ready"], "removed" in other["missing"]) == (False, True)
            upstream.moves = ("succeeded",)
            assert (await api.finished(running))["status"] == "completed"
            assert "other" not in await follow(api)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("[ark\n", FILE, id="no-toml"),
        pytest.param("\n", FILE, id="emptied-by-an-editor-that-saves-it"),
        pytest.param('[ark]\nmodle = "x"\n', "[ark]", id="unknown-setting"),
    ],
)
async def test_an_invalid_edit_is_told_and_what_was_there_stays(
    opened: Opener, gateway_home: Path, text: str, name: str
):
    upstream = Ark()
    with ark_in(gateway_home, upstream):
        good = (gateway_home / FILE).read_text("utf-8")
        async with opened(sleep=Sleeps()) as api:
            (gateway_home / FILE).write_text(text, "utf-8")
            engines = await follow(api)
            assert engines["ark"]["ready"]
            assert not engines[name]["ready"]
            assert FILE in engines[name]["missing"]
            assert (await api.finished(await api.create("sea", engine="ark")))[
                "status"
            ] == "completed"
            (gateway_home / FILE).write_text(good, "utf-8")
            assert name not in await follow(api)


async def test_a_raised_budget_lets_the_waiting_ones_go_on(opened: Opener, gateway_home: Path):
    upstream = Ark(moves=("succeeded",))
    upstream.tokens = 400_000
    price: dict[str, Any] = {"price": 10, "per": "million_tokens", "budget": 4.5, "at_once": 1}
    sized = {"engine": "ark", "duration": 5, "resolution": "720p"}
    with ark_in(gateway_home, upstream, **price):
        async with opened(sleep=NoMinute()) as api:
            first = await api.create("sea", **sized)
            second = await api.create("lake", **sized)
            await api.finished(first)
            await api.until(second, lambda task: "Over budget" in (task["stage"] or ""))
            edit(gateway_home, "budget = 4.5", "budget = 20")
            await follow(api)
            assert (await api.finished(second))["status"] == "completed"


async def test_a_new_budget_counts_for_what_was_accepted_before_it(
    opened: Opener, gateway_home: Path
):
    """The price may be another one, too: what is paid is counted by the one that is paid."""
    upstream = Ark(moves=("running",))
    sized = {"engine": "ark", "duration": 5, "resolution": "720p"}
    with ark_in(gateway_home, upstream, at_once=1):
        async with opened(sleep=Sleeps()) as api:
            made = [await api.create(f"video {n}", **sized) for n in range(2)]
            unsized = await api.create("lake", engine="ark")
            await api.until(made[0], lambda task: task["stage"] == "Rendering at the provider")
            new = 'price = 10\nper = "million_tokens"\nbudget = 0.5\nat_once = 1'
            edit(gateway_home, "at_once = 1", new)
            await follow(api)
            upstream.moves = ("succeeded",)
            assert (await api.finished(made[0]))["status"] == "completed"
            waits = await api.until(made[1], lambda task: "Over budget" in (task["stage"] or ""))
            assert (waits["status"], upstream.asked) == ("pending", 1)
            edit(gateway_home, "budget = 0.5", "budget = 2")
            await follow(api)
            assert (await api.finished(made[1]))["cost"]["currency"] == "CNY"
            assert (await api.finished(unsized))["error_code"] == "cost_unknown"
            assert upstream.asked == 2


async def test_a_table_of_one_s_own_is_taken_up(opened: Opener, gateway_home: Path):
    upstream = PROVIDERS["xai"]()
    folder = gateway_home / "providers"
    with served(upstream.app) as url:
        async with opened(sleep=Sleeps()) as api:
            folder.mkdir()
            (folder / "mine.toml").write_text((SHIPPED / "xai.toml").read_text("utf-8"), "utf-8")
            set_up(gateway_home, "mine", f"{url}/v1")
            Keyring(gateway_home).write("mine", upstream.key)
            assert (await follow(api))["mine"]["ready"]
            task = await api.finished(await api.create("sea", engine="mine"))
            assert task["status"] == "completed"


async def test_the_gateway_looks_by_itself(
    opened: Opener, gateway_home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("videogen_nb.gateway.service.upkeep.FOLLOW_EVERY_S", 0.01)
    async with opened(sleep=Sleeps()) as api:
        set_up(gateway_home, "gpu2", "http://127.0.0.1:9/v1", engine="openai")
        for _ in range(500):
            if "gpu2" in api.gateway.registry.engines:
                return
            await Sleeps()(1)
    raise AssertionError("the settings were not taken up")


async def test_the_same_kind_of_provider_elsewhere_is_not_asked_for_a_paid_video(
    opened: Opener, gateway_home: Path
):
    """Its task of the same name is another one."""
    first, other = Ark(moves=("running",)), Ark(moves=("succeeded",))
    with served(other.app) as elsewhere, ark_in(gateway_home, first, name="mine"):
        good = (gateway_home / FILE).read_text("utf-8")
        async with opened(sleep=Sleeps()) as api:
            task = await api.create("sea", engine="mine")
            await api.until(task, lambda task: task["stage"] == "Rendering at the provider")
        other.tasks.update(first.tasks)
        (gateway_home / FILE).unlink()
        set_up(gateway_home, "mine", f"{elsewhere}/api/v3", engine="ark")
        async with opened(sleep=Sleeps()) as api:
            waits = await api.until(task, lambda task: "configured as it was" in task["stage"])
            assert waits["status"] == "processing"
        (gateway_home / FILE).write_text(good, "utf-8")
        first.moves = ("succeeded",)
        async with opened(sleep=Sleeps()) as api:
            assert (await api.finished(task))["status"] == "completed"


@pytest.mark.parametrize("kind", ["openai", "diffusers"])
async def test_another_provider_of_the_same_name_is_not_asked_for_a_paid_video(
    opened: Opener, gateway_home: Path, kind: str
):
    first, other = Ark(moves=("running",)), Videos("vllm")
    with served(other.app) as elsewhere, ark_in(gateway_home, first, name="mine"):
        good = (gateway_home / FILE).read_text("utf-8")
        async with opened(sleep=Sleeps()) as api:
            task = await api.create("sea", engine="mine")
            await api.until(task, lambda task: task["stage"] == "Rendering at the provider")
        (gateway_home / FILE).unlink()
        set_up(gateway_home, "mine", f"{elsewhere}/v1", engine=kind)
        async with opened(sleep=Sleeps()) as api:
            waits = await api.until(task, lambda task: "configured as it was" in task["stage"])
            assert waits["status"] == "processing"
        (gateway_home / FILE).write_text(good, "utf-8")
        first.moves = ("succeeded",)
        async with opened(sleep=Sleeps()) as api:
            assert (await api.finished(task))["status"] == "completed"
        assert first.asked == 1


def test_a_change_is_noticed_whatever_time_the_file_has(gateway_home: Path):
    set_up(gateway_home, "gpu1", "http://127.0.0.1:1/v1", engine="openai", at_once=1)
    registry, file = Registry(gateway_home), gateway_home / "engines.toml"
    before = file.stat()
    replacement = file.with_name("new")
    replacement.write_text(file.read_text().replace("at_once = 1", "at_once = 2"))
    os.utime(replacement, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not registry.changed()
    replacement.replace(file)
    assert registry.changed()
