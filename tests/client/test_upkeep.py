"""Finding tasks, stars and folders, stopping and clearing many: through the client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.trial_engine import install
from videogen_nb.errors import BadParameter

from ..old_and_new_gateway import older_world, our_world


@pytest.fixture(autouse=True)
def _engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(install(tmp_path / "site")))


async def test_tasks_are_found_page_by_page():
    async with our_world(engine="trial") as videos:
        made = [await videos.create_task(f"quick {n}", group="g", labels=["l"]) for n in range(5)]
        await videos.create_task("quick other")
        page = await videos.list_tasks(group="g", label="l", limit=2)
        assert page.total == 5
        more = await videos.list_tasks(group="g", limit=9, after=page.tasks[-1])
        assert [task.id for task in [*page.tasks, *more.tasks]] == [t.id for t in reversed(made)]
        assert [task.prompt for task in (await videos.list_tasks(text="OTHER")).tasks] == [
            "quick other"
        ]
        assert (await videos.list_tasks(since="1h", status="pending,processing,completed")).total
        with pytest.raises(BadParameter, match="colour"):
            await videos.list_tasks(colour="red")  # type: ignore[call-arg]  # the slip


async def test_a_task_is_annotated_and_lies_in_a_folder():
    async with our_world(engine="trial") as videos:
        task = await videos.create_task("quick")
        named = await videos.annotate(task, starred=True, title="Mine", labels=["a"], group="best")
        assert (named.starred, named.title, named.labels) == (True, "Mine", ["a"])
        same = await videos.annotate(task, title="")
        assert (same.title, same.starred) == (None, True)
        [group] = await videos.groups()
        assert (group.name, group.tasks) == ("best", 1)
        assert (await videos.list_tasks(starred=True)).total == 1


async def test_many_are_stopped_and_cleared_away(tmp_path):
    async with our_world(engine="trial") as videos:
        extra = {"gate": str(tmp_path / "no")}
        for group in ("a", "a", "b"):
            await videos.create_task("gate", group=group, extra=extra)
        assert (await videos.cancel_all(group="a")).cancelled == 2
        assert (await videos.cancel_all()).cancelled == 1
        kept = (await videos.list_tasks(group="b")).tasks[0]
        await videos.annotate(kept, starred=True)
        with pytest.raises(BadParameter, match="older_than"):
            await videos.prune()
        with pytest.raises(BadParameter, match="one of them"):
            await videos.prune(older_than="0m", until="2020-01-01")
        assert (await videos.prune(older_than="1d")).tasks == 0
        assert (await videos.prune(older_than="0m", dry_run=True)).tasks == 2
        assert (await videos.usage()).tasks == 3
        assert (await videos.prune(older_than="0m")).tasks == 2
        assert [task.id for task in (await videos.list_tasks()).tasks] == [kept.id]
        assert (await videos.prune(group="b", keep="nothing")).tasks == 1
        assert (await videos.usage()).tasks == 0


async def test_an_older_gateway_is_searched_as_far_as_it_goes():
    async with older_world() as older:
        for prompt in ("calm sea", "storm"):
            await older.client.create_task(prompt)
        assert (await older.client.list_tasks(status="pending")).total == 2
        with pytest.raises(BadParameter, match="older gateway"):
            await older.client.list_tasks(group="g")
        with pytest.raises(BadParameter, match="older gateway"):
            await older.client.list_tasks(after=(await older.client.list_tasks()).tasks[0])


async def test_an_empty_filter_stops_and_clears_nothing(tmp_path):
    async with our_world(engine="trial") as videos:
        task = await videos.create_task("gate", extra={"gate": str(tmp_path / "no")})
        filters: list[dict[str, Any]] = [{"group": ""}, {"text": " "}, {"label": "", "group": "g"}]
        for empty in filters:
            with pytest.raises(BadParameter, match="is empty"):
                await videos.cancel_all(**empty)
            with pytest.raises(BadParameter, match="is empty"):
                await videos.prune(older_than="0m", **empty)
        assert not (await videos.get_task(task)).status.finished
        assert (await videos.cancel_all(group=None)).cancelled == 1
