"""A gateway of ours behind another: what it tells and does reaches whoever asks the first one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.upstreams.openai import KEY, Videos
from videogen_nb.engines.keys import Keyring
from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings
from videogen_nb.testing.serving import served

from .conftest import Api, Opener, ids
from .remote_engines import set_up


async def soon(seconds: float) -> None:
    await asyncio.sleep(min(seconds, 0.02))


async def make(api: Api, prompt: str, **body: Any) -> dict[str, Any]:
    return await api.create(prompt, engine="annex", again=True, **body)


async def engine_of(api: Api) -> dict[str, Any]:
    told = await api.ok(api.http.get("/api/video-gen/engines"))
    found: dict[str, Any] = next(one for one in told["engines"] if one["name"] == "annex")
    return found


async def test_progress_place_cost_and_cancelling_pass_through(
    opened: Opener, gateway_home: Path, tmp_path: Path
):
    gpu, behind = Videos("litellm", ("in_progress",)), tmp_path / "behind"
    with served(gpu.app) as base:
        set_up(behind, "gpu", f"{base}/v1", engine="openai", at_once=1, price=2.0, paid=True)
        Keyring(behind).write("gpu", KEY)
        with served(create_app(Settings(home=behind, engine="gpu"), sleep=soon)) as annex:
            set_up(gateway_home, "annex", annex, engine="gateway")
            async with opened(sleep=soon) as api:
                first = await make(api, "sea")
                runs = await api.until(first, lambda task: task["progress"] is not None)
                assert (runs["progress"], runs["stage"]) == (0.5, "Rendering at the provider")
                assert runs["cost"] == {"amount": 2.0, "currency": "CNY", "expected": True}
                second = await make(api, "lake")
                waits = await api.until(second, lambda task: task["queue_position"] is not None)
                assert (waits["queue_position"], waits["stage"]) == (0, "Queued at the provider")
                stopped = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(second)))
                assert stopped["task"]["status"] == "cancelled"
                refused = await api.http.post("/api/video-gen/cancel", params=ids(first))
                assert refused.status_code == 409
                assert "can no longer cancel" in refused.json()["detail"], "as it was told there"
                gpu.moves = ("completed",)
                done = await api.finished(first)
                assert (done["status"], done["cost"]["expected"]) == ("completed", False)
                circle = await api.finished(await make(api, "sea", hops=4))
                assert (circle["status"], circle["error_code"]) == ("failed", "too_many_gateways")
                beyond = {"prompt": "sea", "engine": "annex", "hops": 5}
                answer = await api.http.post("/api/video-gen/generate", json=beyond)
                assert answer.json()["code"] == "too_many_gateways"
    assert [body["prompt"] for body in gpu.creates] == ["sea"]


async def test_it_is_known_as_one_of_ours_and_so_is_what_its_engine_can_do(
    opened: Opener, gateway_home: Path, tmp_path: Path
):
    with served(create_app(Settings(home=tmp_path / "behind"))) as annex:
        set_up(gateway_home, "annex", annex, engine="gateway", model="sketch", paid=False)
        async with opened() as api:
            async with asyncio.timeout(20):
                while "videogen-nb" not in (info := await engine_of(api))["title"]:
                    await asyncio.sleep(0.01)
            told = await api.ok(api.http.get("/api/video-gen/engines"))
            sketch = next(one for one in told["engines"] if one["name"] == "sketch")
            for name in ("modes", "durations", "ratios", "resolutions", "cancel"):
                assert info[name] == sketch[name], name
            too_long = {"prompt": "sea", "engine": "annex", "duration": 99}
            answer = await api.http.post("/api/video-gen/generate", json=too_long)
            assert (answer.status_code, answer.json()["code"]) == (422, "duration_range")
