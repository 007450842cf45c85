"""Behind a proxy that offers the gateway below a path, such as a JupyterHub's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from videogen_nb.errors import BadParameter
from videogen_nb.gateway.http.access.jupyterhub import Service
from videogen_nb.gateway.http.app import create_app
from videogen_nb.gateway.refusals import Refusal
from videogen_nb.people.people_file import FILE
from videogen_nb.people.person import Person
from videogen_nb.settings import Settings

from .conftest import BASE, Api, Opener, ids

PREFIX = "/services/videogen"


@pytest.mark.parametrize("prefix", [PREFIX, f"{PREFIX}/"])
async def test_links_lead_through_the_proxy(opened: Opener, prefix: str):
    async with opened(prefix=prefix) as api:
        transport = httpx.ASGITransport(api.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=BASE + PREFIX) as http:
            behind = Api(http, api.app)
            task = await behind.finished(await behind.create("quick"))
            assert task["video_urls"][0].startswith(f"{BASE}{PREFIX}/api/video-gen/videos/")
            video = await http.get(task["video_urls"][0], headers={"Range": "bytes=0-99"})
            assert (video.status_code, len(video.content)) == (206, 100)
            sample = await behind.create(
                "push in", engine="sketch", image_url=f"{BASE}{PREFIX}/samples/lake.jpg"
            )
            assert sample["success"]
            assert (await http.get("/")).json()["docs"] == f"{PREFIX}/docs"
            for page in ("/docs", "/openapi.json", "/healthz", "/v1/models"):
                assert (await http.get(page)).status_code == 200, page
            refused = (await http.get("/v1/videos/none")).json()
            assert refused["error"]["code"]  # in the form of that API
        # A program on this machine, which knows no prefix.
        assert (await api.task(task))["video_urls"][0].startswith(f"{BASE}/api/")


async def test_a_path_that_only_begins_like_it_is_none(opened: Opener):
    async with opened(prefix=PREFIX) as api:
        assert (await api.http.get(f"{PREFIX}-other/healthz")).status_code == 404
        assert (await api.http.get(f"{PREFIX}{PREFIX}/healthz")).status_code == 404


@pytest.mark.parametrize("prefix", ["services", "/a b", "/x?y", "/%2e", "https://hub.test/x"])
def test_a_prefix_that_is_no_path_is_told(gateway_home, prefix: str):
    with pytest.raises(BadParameter, match="Invalid prefix"):
        create_app(Settings(home=gateway_home, prefix=prefix))


@dataclass
class Known:
    """A hub that knows two tokens."""

    asked: int = 0

    async def of_token(self, token: str, /) -> Person | None:
        self.asked += 1
        if token == "down":
            raise Refusal("hub_unreachable", retry_after_s=2)
        if token == "elsewhere":
            raise Refusal("no_access")
        return {"of-ann": Person("ann", "teacher"), "of-bob": Person("bob")}.get(token)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_who_the_hub_knows_sees_their_own_tasks(opened: Opener, gateway_home):
    gateway_home.mkdir(mode=0o700)
    (gateway_home / FILE).touch(mode=0o600)
    (gateway_home / FILE).write_text("[people.bob]\nqueued = 1\n")
    async with opened(token="o" * 20, hub=Known()) as api:
        made: dict[str, Any] = {}
        for name in ("ann", "bob"):
            body = {"prompt": "quick", "engine": "trial"}
            answer = await api.http.post(
                "/api/video-gen/generate", json=body, headers=bearer(f"of-{name}")
            )
            made[name] = answer.json()
            assert answer.status_code == 200, answer.text
        found = await api.http.get(
            "/api/video-gen/status", params=ids(made["ann"]), headers=bearer("of-bob")
        )
        assert found.status_code == 404
        for token, status in (("nobody", 401), ("down", 503), ("elsewhere", 403), ("", 401)):
            answer = await api.http.get("/api/video-gen/list", headers=bearer(token))
            assert answer.status_code == status, token
        assert (await api.http.get("/api/video-gen/list", headers=bearer("o" * 20))).is_success


def test_a_hub_says_where_its_service_is_served():
    told = {
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:8765",
        "JUPYTERHUB_SERVICE_PREFIX": "/hub/services/videogen/",
        "JUPYTERHUB_PUBLIC_URL": "https://lab.example/hub/services/videogen/",
        "JUPYTERHUB_API_TOKEN": "t",
    }
    service = Service.from_environment(told)
    assert service is not None
    settings = service.settings(Settings(allowed_hosts="other.example"))
    assert (settings.host, settings.port) == ("127.0.0.1", 8765)
    assert settings.prefix == "/hub/services/videogen"
    assert settings.allowed_hosts == "other.example,lab.example"
    assert Service.from_environment({}) is None
    # A notebook server of a hub is no service of it.
    assert Service.from_environment({"JUPYTERHUB_API_TOKEN": "t"}) is None


@pytest.mark.parametrize(
    ("url", "public", "token"),
    [
        pytest.param("https://lab.example/services/v", "https://lab.example/hub/", "t", id="ours"),
        pytest.param("http://10.0.0.1/services/v", "", "t", id="a-hub-that-names-no-address"),
        pytest.param(
            "https://evil.example/services/v", "https://lab.example/hub/", None, id="else"
        ),
        pytest.param("http://lab.example/services/v", "https://lab.example/hub/", None, id="plain"),
        pytest.param(
            "https://lab.example/user/ann/proxy", "https://lab.example/hub/", None, id="path"
        ),
    ],
)
def test_the_hub_s_token_goes_to_its_own_services_only(url: str, public: str, token: str | None):
    told = {"JUPYTERHUB_API_TOKEN": "t", "JUPYTERHUB_PUBLIC_HUB_URL": public, "VIDEOGEN_URL": url}
    assert Settings.from_environment(told).token == token
    assert Settings.from_environment({**told, "VIDEOGEN_TOKEN": "own"}).token == "own"
