"""Cells of tables: NumPy's and pandas' scalars work, empty ones are told."""

import json
import math
from typing import Any

import numpy as np
import pytest

from videogen_nb.client import VideoClient
from videogen_nb.errors import BadParameter
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
    NAType(), NaTType(),
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


@pytest.mark.parametrize(
    ("given", "python"),
    [(np.int64(5), 5), (np.float32(2.5), 2.5), (np.bool_(True), True), (np.str_("a"), "a"),
     (np.array(3), 3), (np.array([1, 2]), [1, 2]), (np.longdouble(1.5), 1.5),
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
