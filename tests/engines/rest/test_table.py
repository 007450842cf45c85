"""A table's own rules: what is wrong is told by its line, and only the table is ever evaluated."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.engines.remote_engine_helpers import image_of, job_of
from tests.upstreams.rest import PROVIDERS
from videogen_nb.engines.instances import Instance
from videogen_nb.engines.keys import Keyring
from videogen_nb.engines.registry import load_engines
from videogen_nb.engines.rest import RestEngine
from videogen_nb.engines.rest.expressions import Expression, Template, Tree
from videogen_nb.engines.rest.request import write
from videogen_nb.engines.rest.responses import handle_of, read_moment, read_progress
from videogen_nb.engines.rest.table import BadTable, read_table
from videogen_nb.engines.rest.table_files import Preset, load_preset
from videogen_nb.errors import BadParameter, UpstreamGone, UpstreamRefused, UpstreamUnsure

from .conftest import FILES, engine_on

GOOD = """
title = "Paper"
base = "https://paper.example/v1"
site = "https://paper.example"
billed = "video"
key = { get = "https://paper.example/keys", variable = "PAPER_KEY" }
path = "/videos"
handle = "id"
[body]
prompt = "=prompt"
[maps.size]
of = "ratio"
strict = true
values = { "16:9" = "wide" }
[[create]]
when = "first"
images = ["first"]
[create.body]
image = "=first"
[[create]]
[create.body]
size = "=size"
seed = "=seed"
[poll]
url = "/videos/{id}"
state = "status"
succeeded = ["done"]
failed = ["failed"]
link = "url"
"""


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        pytest.param('handle = "id"', 'handel = "id"', "handel", "mean handle", id="setting"),
        pytest.param('"=prompt"', '"=promt"', "=promt", "mean prompt", id="name"),
        pytest.param('"=seed"', '"=seed ||"', "=seed ||", "expression", id="syntax-in-a-body"),
        pytest.param('state = "status"', 'state = "a["', "state", "expression", id="syntax"),
        pytest.param('"/videos/{id}"', '"/videos/{key}"', "{key}", "no key", id="handle"),
        pytest.param('"/videos/{id}"', '"/videos/{id"', "/videos/{id", "{name}", id="template"),
        pytest.param('link = "url"', "", "[poll]", "link", id="no-link"),
        pytest.param('base = "https:', 'base = "http:', "base", "https", id="plain-http"),
        pytest.param("example/v1", "user:pw@example/v1", "base", "base", id="password-in-base"),
        pytest.param('images = ["first"]', 'images = ["frist"]', "frist", "first", id="role"),
        pytest.param('["first"]', '"first"', 'images = "first"', "a valid list", id="no-list"),
        pytest.param("key = {", "key = 3 # {", "key = 3", "a valid table", id="no-table"),
        pytest.param('path = "/videos"\n', "", "[[create]]", "path", id="no-path"),
        pytest.param('succeeded = ["done"]\n', "", "[poll]", "succeeded", id="missing"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(old: str, new: str, at: str, words: str):
    read_table(GOOD)
    bad = GOOD.replace(old, new, 1)
    with pytest.raises(BadTable) as error:
        read_table(bad)
    problems = {problem.line: str(problem) for problem in error.value.problems}
    assert words in problems[bad[: bad.index(at)].count("\n") + 1]


def test_what_is_no_toml_is_told_by_its_line():
    with pytest.raises(BadTable, match="line 24"):
        read_table(GOOD.replace("[poll]", "[poll"))


def test_a_prompt_and_extra_are_never_evaluated():
    upstream = PROVIDERS["replicate"]()
    engine = engine_on("replicate", upstream)
    words = "=key_name {id} ${HOME} `1` __class__"
    plan = engine.plan(words, {"extra": {"note": "=prompt", "deep": {"x": "=images"}}})
    body = write(engine.table, words, plan.parameters, (), "name").body
    told = {"prompt": words, "note": "=prompt", "deep": {"x": "=images"}}
    assert {name: body["input"][name] for name in told} == told


@pytest.mark.parametrize(
    ("provider", "extra"),
    [
        pytest.param("replicate", {"prompt": "other"}, id="prompt"),
        pytest.param("replicate", {"resolution": "4k"}, id="resolution"),
        pytest.param("kling", {"duration": 60}, id="duration"),
        pytest.param("fal", {"seconds": 60}, id="of-the-settings"),
        pytest.param("runway", {"promptText": "other"}, id="at-the-top"),
    ],
)
def test_extra_does_not_replace_what_a_price_is_counted_by(provider: str, extra: dict[str, Any]):
    own = {"seconds": "=duration"} if provider == "fal" else {}
    engine = engine_on(provider, PROVIDERS[provider](), parameters=own)
    with pytest.raises(BadParameter, match=f"must not contain {next(iter(extra))!r}"):
        engine.plan("sea", {"duration": 5, "extra": extra})


def test_parameters_of_the_settings_may_be_expressions(tmp_path: Path):
    upstream = PROVIDERS["fal"]()
    parameters = {"start_image_url": "=first", "image_url": "=null", "steps": 4, "duration": 6}
    engine = engine_on("fal", upstream, parameters=parameters)
    images = (image_of(tmp_path),)
    plan = engine.plan("sea", {"extra": {"steps": 8}}, images)
    body = write(engine.table, "sea", plan.parameters, images, "name").body
    assert body["start_image_url"].startswith("data:image/png;base64,")
    assert "image_url" not in body
    assert body["steps"] == 8  # what is asked for counts before the settings


@pytest.mark.parametrize(
    "source", ["__class__", "a.__init__", "keys(@).__globals__", "to_string(@.__dict__)"]
)
def test_the_language_sees_values_only(source: str):
    found = Expression(source).read({"a": 1})
    assert found in (None, "null")


def test_nulls_are_left_out_and_zeros_stay():
    tree = Tree({"a": "=seed", "b": "=nothing", "c": [{"d": "=nothing"}], "e": "={f: nothing}"})
    assert tree.render({"seed": 0}) == {"a": 0, "c": [{}], "e": {}}


def test_a_persons_id_is_polled_only_if_it_is_one_and_all_that_polling_needs():
    assert handle_of(read_table(GOOD), "task-1") == '{"id": "task-1"}'
    assert handle_of(read_table(GOOD), "task 1") is None
    by_path = GOOD.replace("/videos/{id}", "{path}/{id}")
    assert handle_of(read_table(by_path), "task-1") is None


def test_a_name_in_a_path_is_quoted():
    values = {"id": "a/b c?d", "url": "https://x.example/a?b"}
    assert Template("/tasks/{id}/x").render(values) == "/tasks/a%2Fb%20c%3Fd/x"
    assert Template("/{+id}").render(values) == "/a/b%20c%3Fd"
    assert Template("{+url}").render(values) == values["url"]


@pytest.mark.parametrize("id_", ["..", ".", "", "a b", "x" * 1001, "a\n", None, True, {}, []])
async def test_a_name_that_names_nothing_leaves_one_unsure(id_: Any):
    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": id_})

    engine = paper(answer)
    with pytest.raises(UpstreamUnsure):
        await engine.start(job_of(engine), "k")


async def test_an_address_of_another_host_is_not_asked():
    asked = []

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"status": "done"})

    upstream = PROVIDERS["fal"]()
    engine = engine_on("fal", upstream)
    engine.calls._transport = httpx.MockTransport(answer)
    urls = dict.fromkeys(("status", "result", "cancel"), "https://evil.example/x")
    with pytest.raises(UpstreamGone):
        await engine.poll(json.dumps({"id": "1", **urls}))
    assert not asked


async def test_an_answer_that_says_no_with_200_is_a_refusal_whatever_its_code():
    async def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"id": "1", "code": 77, "message": "sorry"})

    table = GOOD + '[errors]\nrefused_if = "code != `0`"\ntext = "message"\n'
    engine = paper(answer, table)
    with pytest.raises(UpstreamRefused, match="sorry"):
        await engine.start(job_of(engine), "k")


def test_what_a_table_has_no_place_for_is_told(tmp_path: Path):
    engine = paper(None)
    plan = engine.plan("sea", {"fps": 30, "seed": 7, "ratio": "16:9", "duration": 5})
    assert plan.parameters == {"seed": 7, "ratio": "16:9"}
    assert len(plan.notes) == 2  # fps and duration were left out
    with pytest.raises(BadParameter, match="16:9"):
        engine.plan("sea", {"ratio": "2:1"})
    with pytest.raises(BadParameter):
        engine.plan("sea", {}, [image_of(tmp_path, "last")])


def test_the_key_of_a_provider_is_not_for_a_stranger_s_table(monkeypatch: pytest.MonkeyPatch):
    """A table of somebody else that names ``FAL_KEY`` would have it sent to its own host."""
    monkeypatch.setenv("PAPER_KEY", "key-of-paper")
    monkeypatch.setenv("FAL_KEY", "key-of-fal")
    keyring = Keyring(None, dict(os.environ))
    own = RestEngine(Preset("paper", read_table(GOOD), False), Instance("paper", "paper", keyring))
    assert own.key() is None
    shipped = load_preset("fal", FILES["fal"])
    assert RestEngine(shipped, Instance("fal", "fal", keyring)).key() == "key-of-fal"
    moved = Instance("fal", "fal", keyring, url="https://elsewhere.example")
    assert RestEngine(shipped, moved).key() is None


def test_a_table_of_one_s_own_is_an_engine_and_a_bad_one_says_so(tmp_path: Path):
    folder = tmp_path / "providers"
    folder.mkdir()
    (folder / "paper.toml").write_text(GOOD, "utf-8")
    (folder / "torn.toml").write_text(GOOD.replace("handle", "handel"), "utf-8")
    (folder / "fal.toml").write_text(GOOD, "utf-8")  # the name is taken
    engines, broken = load_engines(tmp_path)
    assert str(engines["paper"].title) == "Paper"
    assert str(engines["fal"].title) == "fal"
    assert "line 8" in str(broken["torn"])


def paper(answer: Any, table: str = GOOD) -> RestEngine:
    keyring = Keyring(None, {"VIDEOGEN_KEY_PAPER": "key-of-paper"})
    transport = httpx.MockTransport(answer) if answer else None
    preset = Preset("paper", read_table(table), False)
    return RestEngine(preset, Instance("paper", "paper", keyring), transport=transport)


@pytest.mark.parametrize("told", [10**400, "9" * 400, "0001-01-01T00:00:00", [], {}, True, None])
def test_a_moment_that_is_none_ends_nothing(told: Any):
    assert read_moment(told) in (None, math.inf)


@pytest.mark.parametrize(
    ("told", "share"),
    [(25, 0.25), (0.5, 0.005), (0, None), (100, None), (True, None), ("25", None), (None, None)],
)
def test_progress_is_a_share_of_what_the_table_calls_whole(told: Any, share: float | None):
    table = read_table(GOOD.replace("[poll]", '[poll]\nprogress = "done"\nprogress_of = 100'))
    assert read_progress(table.poll, {"done": told}) == share


@pytest.mark.parametrize("source", ["floor(to_number(a))", "ceil(to_number(a))", "a[::0]"])
def test_an_expression_that_cannot_be_counted_finds_nothing(source: str):
    assert Expression(source).read({"a": "1e999"}) is None
