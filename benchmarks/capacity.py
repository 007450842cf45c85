"""What 1,000 people who wait cost the gateway: CPU time for each request. Prints a table.

    python benchmarks/capacity.py

The app is called without a server in between; the time includes the client's part.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import httpx

from videogen_nb.engines import Job
from videogen_nb.engines.sketch import SketchEngine
from videogen_nb.gateway.http.app import create_app
from videogen_nb.media.probe import poster_jpeg, probe
from videogen_nb.people.people_file import FILE
from videogen_nb.people.tokens import digest_of
from videogen_nb.settings import Settings

PEOPLE = 1000
ASKED = 300


def write_people(home: Path) -> None:
    home.mkdir(mode=0o700)
    tables = (
        f'[people.p{n}]\nrole = "student"\ntokens = ["{digest_of(token(n))}"]\n'
        for n in range(PEOPLE)
    )
    file = home / FILE
    file.touch(mode=0o600)
    file.write_text("\n".join(tables), "utf-8")


def token(n: int) -> str:
    return f"a-token-for-person-number-{n:05}"


def headers(n: int) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(n)}"}


async def measure(home: Path) -> dict[str, float]:
    app = create_app(Settings(home=home, workers=1))
    transport = httpx.ASGITransport(app)
    body = {"prompt": "calm sea at dusk", "duration": 15, "resolution": "1080p"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http,
    ):
        begun, made = time.process_time(), []
        for n in range(PEOPLE):
            answer = await http.post("/api/video-gen/generate", json=body, headers=headers(n))
            made.append(answer.raise_for_status().json())
        creating = time.process_time() - begun
        waits = [(n, made[n]) for n in range(PEOPLE - ASKED, PEOPLE)]
        begun = time.process_time()
        for n, task in waits:
            ids = {name: task[name] for name in ("conversation_id", "message_id")}
            answer = await http.get("/api/video-gen/status", params=ids, headers=headers(n))
            assert answer.json()["task"]["queue_position"] > 0
        return {
            "create, ms": creating / PEOPLE * 1000,
            "status of a waiting task, ms": (time.process_time() - begun) / ASKED * 1000,
        }


def check_ms(folder: Path) -> float:
    """Processor time of the check that each video of a remote engine goes through."""
    engine = SketchEngine()
    plan = engine.plan("calm sea at dusk", {"duration": 5, "resolution": "720p"})
    job = Job("1", "calm sea at dusk", plan, folder / "v.mp4", folder / "v.jpg")
    engine.run(job, lambda progress, stage: None, lambda: False)
    begun = time.process_time()
    probe(job.output)
    poster_jpeg(job.output)
    return (time.process_time() - begun) * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        write_people(home)
        found = asyncio.run(measure(home))
        found["check of 5 s at 720p, ms"] = check_ms(Path(folder))
        for name, value in found.items():
            print(f"{name:32} {value:8.2f}")


if __name__ == "__main__":
    main()
