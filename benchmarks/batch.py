"""What admitting a table costs, beside creating the same videos one by one. Prints a table.

    python -m benchmarks.batch --rows 1000

Both in one run on the same gateway app, without a socket between; medians of alternating rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from videogen_nb.gateway.http.app import create_app
from videogen_nb.settings import Settings

ROUNDS = 3


def table(rows: int, round_: int) -> list[dict[str, Any]]:
    """Requests to the built-in engine that are like no other round's."""
    made = {"duration": 1, "resolution": "480p"}
    return [{"prompt": f"a calm sea at dusk {round_}-{n}, push in", **made} for n in range(rows)]


async def on_a_gateway(work: Callable[[httpx.AsyncClient], Awaitable[None]]) -> float:
    """Seconds that ``work`` takes on a fresh gateway, which then makes no video."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(home=Path(folder), max_tasks=10_000))
        patient: Any = {"transport": httpx.ASGITransport(app), "timeout": None}
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(base_url="http://127.0.0.1", **patient) as http,
        ):
            began = time.perf_counter()
            await work(http)
            return time.perf_counter() - began


async def main(rows: int) -> None:
    """Measure and print."""
    whole, single, again = [], [], []
    for round_ in range(ROUNDS):
        sent = {"name": "table", "rows": table(rows, round_)}

        async def admit(http: httpx.AsyncClient, sent: Any = sent) -> None:
            (await http.post("/api/video-gen/batch", json=sent)).raise_for_status()
            began = time.perf_counter()
            answer = await http.post("/api/video-gen/batch", json=sent)
            again.append(time.perf_counter() - began)
            assert answer.json()["existing"] == rows

        async def one_by_one(http: httpx.AsyncClient, sent: Any = sent) -> None:
            for row in sent["rows"]:
                (await http.post("/api/video-gen/generate", json=row)).raise_for_status()

        whole.append(await on_a_gateway(admit) - again[-1])
        single.append(await on_a_gateway(one_by_one))
    ratio = statistics.median(single) / statistics.median(whole)
    print(f"{rows} rows, medians of {ROUNDS} rounds")
    print(f"| admitted as a table | {statistics.median(whole):.2f} s |")
    print(f"| the same table again | {statistics.median(again):.2f} s |")
    print(f"| created one by one | {statistics.median(single):.2f} s |")
    print(f"| one by one / table | {ratio:.1f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1000)
    asyncio.run(main(parser.parse_args().rows))
