"""Cells of tables: NumPy's and pandas' scalars work, empty ones are told."""

import json
import math
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from videogen_nb.client import VideoClient
from videogen_nb.client.task_ids import by_numbers
from videogen_nb.errors import BadParameter, BadPrompt, WaitTimeout
from videogen_nb.protocol.values import plain
from videogen_nb.testing import OlderGateway


class NAType:
    """As pandas' NA: it has no truth value and equals nothing."""

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


class NaTType(NAType):
    """As pandas' NaT."""


EMPTY = [
    math.nan, math.inf, -math.inf, np.float32("nan"), np.float64("inf"), np.array(math.nan),
    NAType(), NaTType(), np.datetime64("NaT", "s"), np.ma.masked, Decimal("NaN"),
]  # fmt: skip


@pytest.mark.parametrize("value", EMPTY)
@pytest.mark.parametrize("name", ["duration", "fps", "seed", "ratio", "labels", "group", "extra"])
async def test_an_empty_cell_is_told_by_its_name_and_nothing_is_sent(name, value):
    async with VideoClient("http://127.0.0.1:9") as videos:
        with pytest.raises(BadParameter, match=f"^{name} is "):
            await videos.create_task("sea", **{name: value})
        with pytest.raises(BadParameter, match=r"^extra\.a is "):
            await videos.create_task("sea", extra={"a": [1, value]})


@pytest.mark.parametrize("name", ["image_url", "again", "conversation_id"])
async def test_so_it_is_where_no_number_is_meant(name):
    given: dict[str, Any] = {name: NAType()}
    async with VideoClient("http://127.0.0.1:9") as videos:
        with pytest.raises(BadParameter):
            await videos.create_task("sea", **given)


#: Whatever else takes what a table may hold.
TAKERS: dict[str, Callable[[VideoClient, Any], Awaitable[object]]] = {
    "prompt": lambda videos, cell: videos.create_task(cell),
    "image": lambda videos, cell: videos.generate("sea", cell),
    "image of an upload": lambda videos, cell: videos.upload_image(cell),
    "name": lambda videos, cell: videos.upload_image(b"x", cell),
    "path": lambda videos, cell: videos.generate("sea", path=cell),
    "images": lambda videos, cell: videos.create_task("sea", images=cell),
    "one of images": lambda videos, cell: videos.create_task("sea", images=[cell]),
    "a url of images": lambda videos, cell: videos.create_task("sea", images=[{"url": cell}]),
    "attachment": lambda videos, cell: videos.create_task("sea", attachment=cell),
    "guest": lambda videos, cell: videos.create_task("sea", guest=cell),
    "key": lambda videos, cell: videos.create_task("sea", idempotency_key=cell),
    "task": lambda videos, cell: videos.get_task(cell),
    "ids": lambda videos, cell: videos.get_task(by_numbers(cell, cell)),
    "status": lambda videos, cell: videos.list_tasks(status=cell),
    "conversation": lambda videos, cell: videos.list_tasks(conversation_id=cell),
    "limit": lambda videos, cell: videos.list_tasks(limit=cell),
    "offset": lambda videos, cell: videos.list_tasks(offset=cell),
    "stopping": lambda videos, cell: videos.cancel_all(since=cell),
    "clearing": lambda videos, cell: videos.prune(older_than=cell),
    "waiting": lambda videos, cell: videos.wait("1-2", max_wait_s=cell),
    "waiting of generate": lambda videos, cell: videos.generate("sea", max_wait_s=cell),
    "url": lambda videos, cell: videos.download_image(cell),
}


@pytest.mark.parametrize("taker", TAKERS)
async def test_an_empty_cell_is_told_wherever_it_is_given(taker):
    async with VideoClient("http://127.0.0.1:9") as videos:
        for cell in EMPTY:
            if taker.startswith("waiting") and cell in (math.inf, np.inf):
                continue  # for ever
            with pytest.raises((BadParameter, BadPrompt)):
                await TAKERS[taker](videos, cell)


@pytest.mark.parametrize("cell", [-1, True, "5", 2.5, [1]])
async def test_what_is_no_number_of_tasks_or_seconds_is_told(cell):
    async with VideoClient("http://127.0.0.1:9") as videos:
        for asked in (videos.list_tasks(limit=cell), videos.list_tasks(offset=cell)):
            with pytest.raises(BadParameter, match="whole number"):
                await asked
        if cell != 2.5:
            with pytest.raises(BadParameter, match="duration"):
                await videos.wait("1-2", max_wait_s=cell)


BYTES = "sea \udcff"  # as Python reads a name that is not UTF-8

#: Whatever else takes text.
WORDS: dict[str, Callable[[VideoClient], Awaitable[object]]] = {
    "group": lambda videos: videos.create_task("sea", group=BYTES),
    "conversation": lambda videos: videos.create_task("sea", conversation_id=BYTES),
    "key": lambda videos: videos.create_task("sea", idempotency_key=BYTES),
    "prompt": lambda videos: videos.create_task(BYTES),
    "labels": lambda videos: videos.create_task("sea", labels=[BYTES]),
    "a key of extra": lambda videos: videos.create_task("sea", extra={BYTES: 1}),
    "text": lambda videos: videos.list_tasks(text=BYTES),
    "title": lambda videos: videos.annotate("1-2", title=BYTES),
    "batch": lambda videos: videos.batch([{"prompt": "sea"}], name=BYTES),
    "cell": lambda videos: videos.batch([{"prompt": "sea", "group": BYTES}], name="a"),
    "a key in Chinese": lambda videos: videos.create_task("sea", idempotency_key="长"),
}


@pytest.mark.parametrize("taker", WORDS)
async def test_bytes_that_are_no_text_are_told_and_nothing_is_sent(taker):
    gateway = OlderGateway()
    with gateway.serve() as url:
        async with VideoClient(url) as videos:
            with pytest.raises((BadParameter, BadPrompt)) as caught:
                await WORDS[taker](videos)
            assert len(str(caught.value)) < 300
    assert "generate" not in gateway.log


@pytest.mark.parametrize("before", ["", "x" * 30])
def test_bytes_that_are_no_text_are_shown_with_what_is_around_them(before):
    with pytest.raises(BadParameter) as caught:
        plain("group", before + BYTES)
    assert repr((before + BYTES)[-21:]) in str(caught.value)


async def test_numbers_of_a_table_count_and_wait():
    number: Any = np.int64(3)
    with OlderGateway().serve() as url:
        async with VideoClient(url) as videos:
            made = await videos.create_task("sea")
            page = await videos.list_tasks(limit=number, offset=np.int64(0))  # type: ignore[arg-type]
            assert [task.id for task in page.tasks] == [made.id]
            ids = [np.int64(number) for number in made.id]
            assert (await videos.get_task(by_numbers(*ids))).id == made.id
            assert (await videos.list_tasks(limit=np.float64(1.0))).total == 1  # type: ignore[arg-type]
            with pytest.raises(WaitTimeout):
                await videos.wait(made, max_wait_s=np.float32(0.01))  # type: ignore[arg-type]


def test_an_id_that_was_a_float_is_refused_since_its_digits_are_lost():
    with pytest.raises(BadParameter, match="conversation_id"):
        by_numbers(1.2345678901234568e16, 5)


@pytest.mark.parametrize(
    ("given", "python"),
    [(np.int64(5), 5), (np.float32(2.5), 2.5), (np.bool_(True), True), (np.str_("a"), "a"),
     (np.array(3), 3), (Decimal("2.5"), 2.5), (np.array([1, 2]), [1, 2]), (np.longdouble(1.5), 1.5),
     ((1, np.int8(2)), [1, 2]),
     ({"a": {"b": np.int64(1)}}, {"a": {"b": 1}}), (None, None)],
)  # fmt: skip
def test_scalars_become_pythons_own(given, python):
    assert json.dumps(plain("x", given)) == json.dumps(python)


async def test_scalars_of_a_table_make_a_task():
    gateway = OlderGateway()
    guest: Any = np.bool_(True)
    with gateway.serve() as url:
        async with VideoClient(url) as videos:
            made = await videos.create_task(np.str_("sea"), guest=guest)
    assert made.prompt == "sea"


def test_what_json_does_not_have_is_quoted_short():
    with pytest.raises(BadParameter) as caught:
        plain("extra", {"a": object(), "b": 1})
    assert len(str(caught.value)) < 250
