"""Videos made on a real cluster: a scheduler and two workers on loopback, over TLS."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from videogen_nb.errors import LocalGatewayError
from videogen_nb.gateway.jobs.cluster import worker_view
from videogen_nb.gateway.jobs.cluster.certificates import create_certificates, security_of
from videogen_nb.gateway.jobs.cluster.config import FILE, LOG, read_cluster
from videogen_nb.gateway.jobs.cluster.dask_client import Link, pick
from videogen_nb.gateway.jobs.cluster.serialization import versions
from videogen_nb.gateway.jobs.cluster.worker_view import KnownWorker
from videogen_nb.protocol.models import EngineInfo, EngineList

from . import network_namespaces
from .cluster_port_probes import ONLY_WITH_ONES_OWN, answers, listening
from .conftest import Api, Opener, ids, image_bytes
from .loopback_cluster import Cluster, cluster_of

PATIENCE_S = 250.0  # a machine under load starts workers slowly
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers, one of them as a job of Slurm."""
    with cluster_of(tmp_path_factory.mktemp("cluster"), workers=1) as cluster:
        cluster.start_slurm_worker()
        yield cluster


@pytest.fixture
async def api(cluster: Cluster, gateway_home: Path, opened: Opener) -> AsyncIterator[Api]:
    cluster.configure(gateway_home)
    async with opened() as api:
        await until(lambda: len(usable(api)) == len(cluster.workers))
        yield api


def link_of(api: Api) -> Link:
    link: Link = api.gateway.runner.local.link
    return link


def usable(api: Api) -> list[KnownWorker]:
    return [worker for worker in link_of(api).workers.values() if worker.engines]


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.01)


async def meets(
    api: Api, task: dict[str, Any], holds: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_S):
        while not holds(seen := await api.task(task)):
            await asyncio.sleep(0.01)
    return seen


async def finished(api: Api, task: dict[str, Any]) -> dict[str, Any]:
    return await meets(api, task, lambda seen: seen["finished_at"] is not None)


async def begin(api: Api, folder: Path) -> tuple[dict[str, Any], Path, Path]:
    """Start a task that ends when a gate opens; give it, its gate and its journal of attempts."""
    gate, journal = folder / "gate", folder / "journal"
    task = await api.create("gate", extra={"gate": str(gate), "journal": str(journal)})
    await until(lambda: attempts(journal) > 0)
    return task, gate, journal


def attempts(journal: Path) -> int:
    return len(journal.read_text().splitlines()) if journal.exists() else 0


def worker_at_work(api: Api) -> KnownWorker:
    (worker,) = (worker for worker in usable(api) if worker.busy)
    return worker


async def test_a_video_is_made_elsewhere_with_progress_and_arrives_whole(api: Api, tmp_path: Path):
    task, gate, _ = await begin(api, tmp_path)
    await meets(api, task, lambda seen: (seen["progress"] or 0) > 0)
    gate.touch()
    done = await finished(api, task)
    assert (done["status"], done["retry_count"]) == ("completed", 0)
    assert "Made." in done["notes"]
    video = (await api.http.get(done["video_urls"][0])).content
    assert hashlib.sha256(video).hexdigest() == done["sha256"]
    assert (await api.http.get(done["thumbnail_url"])).content[:2] == b"\xff\xd8"


async def test_an_image_travels_there(api: Api):
    image = {"attachment": await api.upload(image_bytes())}
    task = await finished(api, await api.create("image", images=[image]))
    assert (task["status"], task["error"]) == ("completed", None)


async def test_an_engine_that_only_workers_can_run_is_offered(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TRIAL_LACKS", "A GPU is missing.")  # here; the workers have been started
    assert (await trial_of(api)).ready
    image = {"attachment": await api.upload(image_bytes())}
    done = await finished(api, await api.create("image", images=[image], seed=11))
    assert (done["status"], done["seed"], done["error"]) == ("completed", 11, None)
    assert "Planned." in done["notes"]
    body = {"prompt": "quick", "engine": "trial", "duration": 16}
    refused = await api.http.post("/api/video-gen/generate", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "duration_range")
    assert "Too long." in refused.text


async def trial_of(api: Api) -> EngineInfo:
    told = await api.ok(api.http.get("/api/video-gen/engines"))
    return next(one for one in EngineList.model_validate(told).engines if one.name == "trial")


async def test_failures_are_told_as_they_are_here(api: Api, tmp_path: Path):
    failed = await finished(api, await api.create("error"))
    assert (failed["error_code"], failed["error"]) == ("no_paint", "No paint left.")
    again = await api.create("die-once", extra={"mark": str(tmp_path / "died")})
    done = await finished(api, again)
    assert (done["status"], done["retry_count"]) == ("completed", 1)


@pytest.mark.parametrize("prompt", ["gate", "deaf"])
async def test_a_cancelled_task_ends_and_its_slot_is_free_again(
    api: Api, tmp_path: Path, prompt: str
):
    journal = tmp_path / "journal"
    extra = {"gate": str(tmp_path / "gate"), "journal": str(journal)}
    task = await api.create(prompt, extra=extra)
    await until(lambda: attempts(journal) > 0)
    cancelled = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(task)))
    assert cancelled["task"]["status"] == "cancelled"
    await until(lambda: not any(worker.busy for worker in usable(api)))
    assert attempts(journal) == 1


async def test_more_tasks_than_slots_wait_in_the_gateway(api: Api, tmp_path: Path):
    gate = tmp_path / "gate"
    tasks = [await api.create("gate", extra={"gate": str(gate)}) for _ in range(4)]
    await until(lambda: len(api.gateway.runner.local._jobs) == 2)
    assert [(await api.task(task))["queue_position"] for task in tasks[2:]] == [0, 1]
    gate.touch()
    assert {(await finished(api, task))["status"] for task in tasks} == {"completed"}


async def test_a_worker_given_up_is_fenced_off(
    api: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, LOG)
    task, gate, journal = await begin(api, tmp_path)
    first = worker_at_work(api)
    link_of(api).lose(first)  # as when it is not heard of for too long; it still works
    await until(lambda: attempts(journal) == 2)
    gate.touch()
    done = await finished(api, task)
    assert (done["status"], done["retry_count"]) == ("completed", 0)
    assert len([note for note in done["notes"] if "Started again" in note]) == 1
    await until(lambda: len(usable(api)) == 2 and not any(w.busy for w in usable(api)))
    assert first not in usable(api)
    assert attempts(journal) == 2
    news = [one.getMessage() for one in caplog.records if one.name == LOG]
    assert f"Cluster worker {first.name} is no longer connected" in news
    assert any("starts again; it ran on worker" in one for one in news)
    joined = f"Cluster worker {first.name} joined: slots 1, engines "
    assert any(one.startswith(joined) and "trial" in one for one in news)


async def test_a_restarted_gateway_begins_again_what_was_out_there(
    api: Api, tmp_path: Path, opened: Opener
):
    task, gate, journal = await begin(api, tmp_path)
    await api.gateway.close()
    async with opened() as other:
        await until(lambda: attempts(journal) == 2)
        gate.touch()
        assert (await finished(other, task))["status"] == "completed"
    assert attempts(journal) == 2


async def test_a_restarted_scheduler_loses_nothing(api: Api, cluster: Cluster, tmp_path: Path):
    task, gate, journal = await begin(api, tmp_path)
    cluster.kill_scheduler()
    await until(lambda: not usable(api))
    await asyncio.to_thread(cluster.start_scheduler)
    await until(lambda: attempts(journal) == 2)
    gate.touch()
    assert (await finished(api, task))["status"] == "completed"
    await until(lambda: len(usable(api)) == 2)


async def test_nobody_gets_in_without_a_certificate(api: Api, cluster: Cluster, tmp_path: Path):
    ports = {port for pid in cluster.pids for port in listening(pid)}
    assert len(ports) == 3  # the scheduler and two workers; no web page
    stranger = create_certificates(tmp_path / "others")["worker"]
    told = {
        port: answers("127.0.0.1", port, cluster.certificates["worker"], stranger) for port in ports
    }
    assert told == dict.fromkeys(ports, ONLY_WITH_ONES_OWN)


@pytest.mark.skipif(
    not network_namespaces.permitted(), reason="needs network namespaces: root, or user namespaces"
)
def test_another_machine_reaches_nothing_without_a_certificate(tmp_path: Path):
    """Two machines with a cable: on one a scheduler, and a worker as the guide starts it."""
    certificates = create_certificates(tmp_path / "own")
    stranger = create_certificates(tmp_path / "others")["worker"]
    told = network_namespaces.two_machines(certificates, stranger)
    assert len(told) == 3  # the scheduler, a worker and its nanny
    assert set(map(str, told.values())) == {str(ONLY_WITH_ONES_OWN)}


async def test_without_workers_tasks_wait_and_the_scheduler_is_the_gateways_own(
    tmp_path: Path, gateway_home: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
):
    nobody = Cluster(tmp_path / "nobody")
    nobody.configure(gateway_home, how="listen")
    async with opened() as api:
        await until(lambda: link_of(api).connected)
        waiting = await api.task(await api.create("quick"))
        assert (waiting["status"], waiting["queue_position"]) == ("pending", 0)
        assert "Waiting for a cluster worker" in waiting["stage"]
        answer = await api.ok(api.http.post("/api/video-gen/cancel", params=ids(waiting)))
        assert answer["task"]["status"] == "cancelled"
        monkeypatch.setenv("TRIAL_LACKS", "A GPU is missing")
        trial = await trial_of(api)
        told = (trial.ready, trial.missing)
        assert told == (False, "A GPU is missing (no cluster worker offers it either)")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", nobody.port)).close()


async def test_without_workers_this_machine_works_where_it_can_and_that_was_asked_for(
    tmp_path: Path, gateway_home: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
):
    nobody = Cluster(tmp_path / "nobody")
    nobody.configure(gateway_home)
    async with opened() as api:
        first = await api.create("quick")
    nobody.configure(gateway_home, without_workers="local")
    monkeypatch.setenv("TRIAL_LACKS", "A GPU is missing")
    async with opened() as api:
        sketch = await api.create("sea", engine="sketch", duration=1, resolution="480p")
        assert (await finished(api, sketch))["status"] == "completed"
        assert (await api.task(first))["status"] == "pending"  # although it was first


async def test_an_adaptive_deployment_grows_from_nothing_and_shrinks(
    tmp_path: Path, gateway_home: Path, opened: Opener
):
    folder = Cluster(tmp_path / "adaptive")
    security = security_of(folder.certificates["gateway"])
    async with LocalCluster(
        n_workers=0,
        processes=False,
        threads_per_worker=1,
        protocol="tls://",
        security=security,
        dashboard_address=None,
        asynchronous=True,
    ) as deployment:
        deployment.adapt(minimum=0, maximum=1, interval="0.1s")
        folder.address = deployment.scheduler_address
        folder.configure(gateway_home)
        async with opened() as api:
            tasks = [await api.create("rest", extra={"seconds": 0.5}) for _ in range(3)]
            for task in tasks:
                assert (await finished(api, task))["status"] == "completed"
            await until(lambda: not link_of(api).workers)


async def test_a_killed_worker_costs_one_new_start(api: Api, cluster: Cluster, tmp_path: Path):
    task, gate, journal = await begin(api, tmp_path)
    port = int(worker_at_work(api).address.rpartition(":")[2])
    (victim,) = (one for one in cluster.workers if port in listening(one.pid))
    cluster.kill_worker(victim)
    await until(lambda: attempts(journal) == 2)
    gate.touch()
    done = await finished(api, task)
    assert (done["status"], done["retry_count"]) == ("completed", 0)
    assert attempts(journal) == 2
    record = await api.gateway.store.get(None, task["conversation_id"], task["message_id"])
    assert record.attempts == 2  # a task that ends its workers is not begun for ever


def test_a_worker_with_the_model_loaded_is_preferred_then_the_least_busy():
    def worker(name: str, **facts: Any) -> KnownWorker:
        return KnownWorker(name, name, "i", slots=2, engines=frozenset({"wan"}), **facts)

    cold, warm = worker("cold"), worker("warm", loaded={"wan"}, busy={"a"})
    assert pick([cold, warm], "wan") is warm
    warm.busy.add("b")
    assert pick([worker("busy", busy={"c"}), cold, warm], "wan") is cold
    assert pick([cold], "sketch") is None


@pytest.mark.parametrize("what", ["videogen-nb", "Python", "distributed"])
def test_a_worker_of_another_version_is_refused_in_one_sentence(what: str):
    worker = KnownWorker("tls://gpu1:40000", "gpu1")
    told = {"instance": "i", "slots": 1, "engines": ["wan"], "missing": {}}
    worker.take({**told, "versions": {**versions(), what: "0.1"}})
    assert worker.engines == frozenset()
    assert f"gpu1 is not used: it has {what} 0.1 and the gateway has" in str(worker.refused)
    worker.take({**told, "versions": versions()})
    assert worker.engines == frozenset({"wan"})
    assert worker.refused is None
    lacking = worker_view.refused("gpu1", ModuleNotFoundError("videogen_nb"))
    assert "is missing or too old there" in str(lacking)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("listen = 'tcp://0.0.0.0:8786'", "connections without TLS are not accepted"),
        ("listen = 'tls://a:1'\njoin = 'tls://a:1'", "set either listen"),
        ("", "set either listen"),
        ("join = 'tls://a:1'\nport = 1", "unknown setting 'port'"),
        ("join = 'tls://a:1'\nwithout_workers = 'cry'", "Choose wait or local"),
        ("join = ", "cannot be read"),
    ],
)
def test_a_wrong_configuration_is_told_in_one_sentence(tmp_path: Path, content: str, words: str):
    (tmp_path / FILE).write_text(content)
    with pytest.raises(LocalGatewayError, match=words):
        read_cluster(tmp_path)


def test_without_the_file_there_is_no_cluster_and_no_dask(tmp_path: Path):
    assert read_cluster(tmp_path) is None
