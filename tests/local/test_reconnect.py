"""A kept connection outlives the gateway it was made to."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.processes import end_gateway, settings_in
from videogen_nb.blocking import connect
from videogen_nb.client import VideoClient
from videogen_nb.gateway.server.listener import listen, url_of
from videogen_nb.local.discovery import ensure_gateway, stop_gateway
from videogen_nb.local.info_file import info_path, read_info
from videogen_nb.local.reconnect import LocalTransport
from videogen_nb.settings import Settings
from videogen_nb.testing import OlderGateway


@pytest.fixture
def own(tmp_path) -> Iterator[Settings]:
    settings = settings_in(tmp_path)
    yield settings
    end_gateway(settings)


async def test_a_request_after_the_gateways_end_starts_it_anew(own, tmp_path):
    first = ensure_gateway(own)
    transport = LocalTransport(first, own)
    async with VideoClient(first.url, token=first.token, transport=transport) as videos:
        task = await videos.create_task("sea", duration=1, resolution="480p")
        done = await videos.wait(task)
        stop_gateway(first)
        again = await videos.get_task(task)
        second = ensure_gateway(own)
        assert (again.id, again.status) == (task.id, "completed")
        assert second.pid != first.pid
        assert second.token != first.token
        links = {"the first one's": done, "the second one's": again}
        for name, told in links.items():
            video = await videos.download(told, tmp_path / f"{name}.mp4")
            assert video.path.exists()


def test_a_connection_outlives_it(own, capsys):
    videos = connect(settings=own)
    stop_gateway(ensure_gateway(own))
    assert videos.list_tasks().result().total == 0
    assert "Starting a local gateway" in capsys.readouterr().out
    videos.close()


def test_its_url_and_token_are_those_of_the_gateway_that_runs(own):
    videos = connect(settings=own)
    first = ensure_gateway(own)
    stop_gateway(first)
    assert videos.url == first.url  # until there is another
    second = ensure_gateway(own)
    assert second.url != first.url or second.token != first.token
    assert videos.url == second.url
    answer = httpx.get(f"{videos.url}/api/video-gen/list", headers=videos.headers, trust_env=False)
    assert answer.status_code == 200
    assert second.url in repr(videos)
    videos.close()


async def test_many_requests_at_once_start_one_gateway(own):
    first = ensure_gateway(own)
    stop_gateway(first)
    transport = LocalTransport(first, own)
    async with VideoClient(first.url, token=first.token, transport=transport) as videos:
        healths = await asyncio.gather(*(videos.health() for _ in range(5)))
    info = read_info(info_path(own.data_folder))
    assert info is not None
    assert {health["instance"] for health in healths} == {info.instance}


async def test_other_addresses_are_none_of_its_business(own):
    address = ensure_gateway(own)
    with listen("127.0.0.1", 0, token=None) as closed:
        nobody = url_of(closed)
    with OlderGateway().serve() as url:
        async with httpx.AsyncClient(transport=LocalTransport(address, own)) as client:
            assert (await client.get(f"{url}/api/video-gen/list")).json()["total"] == 0
            with pytest.raises(httpx.ConnectError):
                await client.get(nobody)
