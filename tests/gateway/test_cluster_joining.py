"""What a worker says that cannot join: certificates, addresses, silence."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from distributed import Client

from videogen_nb.engines import ComputeEngine
from videogen_nb.engines.registry import Registry
from videogen_nb.errors import BadParameter, LocalGatewayError
from videogen_nb.gateway.jobs.cluster.certificates import create_certificates, security_of
from videogen_nb.gateway.jobs.cluster.config import ClusterConfig
from videogen_nb.gateway.jobs.cluster.dask_client import Link
from videogen_nb.gateway.jobs.cluster.dask_processes import _work, serve_scheduler, serve_worker
from videogen_nb.gateway.jobs.cluster.handshake import obstacle, pause_s
from videogen_nb.gateway.jobs.cluster.serialization import engine_to_plain
from videogen_nb.gateway.jobs.cluster.worker_functions import Jobs, enrol
from videogen_nb.i18n import Text

from .loopback_cluster import free_port

Roles = dict[str, Path]


@pytest.fixture
def own(tmp_path: Path) -> Roles:
    return create_certificates(tmp_path / "own")


@pytest.fixture
def others(tmp_path: Path) -> Roles:
    return create_certificates(tmp_path / "others")


@contextmanager
def listening_with(folder: Path) -> Iterator[str]:
    """The address of a server that greets one visitor as a scheduler does."""
    context = security_of(folder).get_listen_args("scheduler")["ssl_context"]
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            plain, _ = server.accept()
            with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as visitor:
                visitor.sendall(b"hello")

        greeting = threading.Thread(target=greet)
        greeting.start()
        yield f"tls://127.0.0.1:{server.getsockname()[1]}"
        greeting.join()


def test_a_worker_of_this_cluster_finds_no_obstacle(own: Roles):
    with listening_with(own["gateway"]) as address:
        assert obstacle(address, security_of(own["worker"])) is None


@pytest.mark.parametrize("knows_the_scheduler", [False, True])
def test_certificates_of_another_cluster_are_named(
    own: Roles, others: Roles, knows_the_scheduler: bool
):
    """The worker refuses the scheduler; or only the scheduler refuses the worker."""
    if knows_the_scheduler:
        shutil.copy(own["worker"] / "ca.pem", others["worker"] / "ca.pem")
    with listening_with(own["gateway"]) as address:
        why = obstacle(address, security_of(others["worker"]))
    assert "Copy the worker folder from the gateway's machine again" in str(why)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "The host head was not found"),
        (TimeoutError(), "tls://head:8786 does not respond"),
        (ConnectionRefusedError(), "Nothing is listening at tls://head:8786"),
        (OSError(113, "No route to host"), "No route to host"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_as_what_it_is(
    own: Roles, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
):
    def fails(*_: object) -> socket.socket:
        raise error

    monkeypatch.setattr(socket, "create_connection", fails)
    assert words in str(obstacle("tls://head:8786", security_of(own["worker"])))


async def test_a_worker_says_why_it_waits_and_tries_less_and_less_often(own: Roles):
    said: list[str] = []
    ended = asyncio.Event()

    def say(text: Text) -> None:
        said.append(str(text))
        ended.set()

    address = f"tls://127.0.0.1:{free_port()}"
    security = security_of(own["worker"])
    await serve_worker(address, security, slots=1, engines=(), say=say, ended=ended)
    why = f"Nothing is listening at {address}. Start the gateway there, and check the port."
    assert said == [f"Cannot join {address}; trying again. {why}"]
    assert [pause_s(failures) for failures in (1, 2, 3, 4, 5, 6, 99)] == [1, 2, 4, 8, 15, 15, 15]


async def test_a_worker_names_engines_that_the_gateway_lacks(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    async def set_resources(**_: object) -> None:
        """Nobody asks for them here."""

    declared = {"slot": 1, "engine:nope": 1, "engine:sketch": 1}
    state = SimpleNamespace(total_resources=declared, nthreads=1)
    worker: Any = SimpleNamespace(
        state=state, local_directory=str(tmp_path), set_resources=set_resources
    )
    jobs = Jobs(worker)
    engine = Registry(tmp_path).engines["sketch"]
    assert isinstance(engine, ComputeEngine)
    sketch = engine_to_plain(engine)
    for _ in range(2):  # the second time, nothing is new
        told = await jobs.enrol("gateway", [], [sketch])
    assert list(told["engines"]) == ["sketch"]
    [warning] = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert warning.startswith("The gateway has no engine nope")
    assert "choose from: sketch" in warning


@pytest.mark.parametrize("others", [(), ("sketch",)])
async def test_a_worker_is_ready_once_the_gateway_has_its_engines(
    own: Roles, tmp_path: Path, others: tuple[str, ...]
):
    said: list[str] = []
    address, ended = f"tls://127.0.0.1:{free_port()}", asyncio.Event()
    here: dict[str, Any] = {"host": "127.0.0.1", "port": free_port()}
    secure, engine = security_of(own["gateway"]), Registry(tmp_path).engines["sketch"]
    assert isinstance(engine, ComputeEngine)

    def say(text: Text) -> None:
        said.append(str(text))
        if "Ready" in said[-1]:
            ended.set()

    scheduler = asyncio.create_task(serve_scheduler(address, secure, over := asyncio.Event()))
    worker = asyncio.create_task(
        serve_worker(
            address, secure, slots=1, engines=("nope", *others), say=say, ended=ended, **here
        )
    )
    async with Client(address, security=secure, asynchronous=True, timeout=20) as gateway:
        await gateway.wait_for_workers(1)
        [told] = gateway.scheduler_info()["workers"]
        assert told == f"tls://127.0.0.1:{here['port']}"
        # The worker may end before its answer arrives.
        await gateway.run(enrol, "gateway", [], [engine_to_plain(engine)], on_error="ignore")
        if others:
            await worker
            assert [one.split()[0] for one in said] == ["Joined", "Ready:"]
        else:
            with pytest.raises(BadParameter, match="choose from: sketch"):
                await worker
            assert [one.split()[0] for one in said] == ["Joined"]
    over.set()
    await scheduler


class IdleWorker(SimpleNamespace):
    """Stands in for a Dask worker that has joined."""

    def __await__(self) -> Iterator[None]:
        yield from ()

    async def finished(self) -> None:
        await asyncio.Event().wait()

    async def close(self, *, timeout: float) -> None:
        """Nothing is open."""


async def test_a_worker_that_served_outlasts_a_gateway_that_has_lost_its_engines(tmp_path: Path):
    """A gateway once restarted with a mistake in its settings ended all workers for good."""
    said: list[bool] = []
    state = SimpleNamespace(total_resources={}, nthreads=1)
    worker: Any = IdleWorker(state=state, local_directory=str(tmp_path), extensions={})
    (jobs := Jobs.of(worker)).useless = Text.same("no engine")
    jobs.enrolled.set()
    (ended := asyncio.Event()).set()
    assert await _work(worker, said.append, ended, served=True) is None
    with pytest.raises(BadParameter, match="no engine"):
        await _work(worker, said.append, ended, served=False)
    assert said == [False, False]


def test_a_gateway_without_certificates_is_told_as_a_gateway(tmp_path: Path):
    config = ClusterConfig("tls://head:8786", starts=True, certificates=tmp_path)
    with pytest.raises(LocalGatewayError, match="certificates setting in cluster"):
        Link(config, "gateway", list, lambda: 0, lambda: None)
