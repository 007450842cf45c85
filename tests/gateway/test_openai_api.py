"""``/v1/videos``: the real ``openai`` SDK makes videos; forms, JSON, errors, pages, deletion."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from videogen_nb.engines.registry import Registry
from videogen_nb.gateway.http.openai.parse import Sent, unfold
from videogen_nb.gateway.http.openai.translate import translate
from videogen_nb.media.probe import probe

from ..upstreams import ark
from ..upstreams.ark import Ark
from .conftest import Api, Opener, image_bytes
from .remote_engines import Sleeps, ark_in
from .test_restart import served

# The SDK says that its maker's own videos have ended; the dialect lives on in other servers.
pytestmark = pytest.mark.filterwarnings("ignore:The Sora API:DeprecationWarning")

QUICK: Any = {"resolution": "480p", "fps": 12}
ONE: Any = "1"  # the SDK types the hosted models' lengths and sizes only
UPRIGHT: Any = "480x854"
PIXEL = "data:image/png;base64," + base64.b64encode(image_bytes(kind="PNG")).decode()


@pytest.fixture
def sdk(gateway_home: Path) -> Iterator[openai.OpenAI]:
    with (
        served(gateway_home) as (http, _),
        openai.OpenAI(base_url=f"{http.base_url}/v1".replace("//v1", "/v1"), api_key="any") as sdk,
    ):
        yield sdk


def test_the_sdk_makes_a_video_from_words(sdk: openai.OpenAI, tmp_path: Path):
    made = sdk.videos.create_and_poll(
        prompt="海边日落", seconds=ONE, extra_body=QUICK, poll_interval_ms=20
    )
    assert made.status == "completed", made.error
    assert (made.progress, made.model, made.prompt) == (100, "sketch", "海边日落")
    assert (made.seconds, made.size) == ("1", "854x480")
    assert made.completed_at is not None
    assert made.completed_at >= made.created_at
    assert made.expires_at is None
    video, poster = tmp_path / "video.mp4", tmp_path / "poster.jpg"
    sdk.videos.download_content(made.id).write_to_file(video)
    sdk.videos.download_content(made.id, variant="thumbnail").write_to_file(poster)
    facts = probe(video)
    assert (facts.width, facts.height, facts.frames) == (854, 480, 12)
    assert poster.read_bytes()[:3] == b"\xff\xd8\xff"


def test_the_sdk_makes_a_video_from_an_image(sdk: openai.OpenAI, tmp_path: Path):
    sample = str(sdk.base_url).replace("/v1/", "/samples/lake.jpg")
    file = ("lake.jpg", image_bytes(640, 360), "image/jpeg")
    # What is no file goes through extra_body: the SDK takes only files in its own argument.
    for name, given, extra in (
        ("file", {"input_reference": file}, {}),
        ("data-url", {}, {"input_reference": {"image_url": PIXEL}}),
        ("sample", {}, {"input_reference": {"image_url": sample}}),
    ):
        arguments: Any = given
        made = sdk.videos.create_and_poll(
            prompt="push in",
            model="sketch",
            seconds=ONE,
            size=UPRIGHT,
            extra_body={"fps": 12, "extra": {"move": "pan_left"}, **extra},
            poll_interval_ms=20,
            **arguments,
        )
        assert made.status == "completed", made.error
        video = tmp_path / f"{name}.mp4"
        sdk.videos.download_content(made.id).write_to_file(video)
        assert (probe(video).width, probe(video).height) == (480, 854)
        assert any("left" in note for note in made.model_extra["notes"])  # type: ignore[index]


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
async def test_an_image_in_base64_may_be_wrapped(api: Api, line_end: str):
    head, data = PIXEL.split(",")
    wrapped = line_end.join(data[at : at + 76] for at in range(0, len(data), 76))
    body = {"prompt": "in", "input_reference": {"image_url": f"{head},{wrapped}"}, "seconds": "1"}
    made = await api.ok(api.http.post("/v1/videos", json=body))
    number = made["id"].removeprefix("video_")
    conversation, _, message = number.partition("-")
    task = await api.task({"conversation_id": conversation, "message_id": message})
    assert [image["role"] for image in task["images"]] == ["first"]


def test_the_sdk_lists_the_engines_that_are_ready_as_models(sdk: openai.OpenAI):
    listed = sdk.models.list()
    assert listed.object == "list"
    models = [model.id for model in listed]
    assert models[0] == "sketch", "the default comes first"
    assert "trial" in models
    assert "ark" not in models, "it has no key here"
    one = sdk.models.retrieve("trial")
    assert (one.id, one.object, one.owned_by) == ("trial", "model", "videogen-nb")
    with pytest.raises(openai.NotFoundError) as refused:
        sdk.models.retrieve("ark")
    assert refused.value.code == "model_not_found"


def test_the_sdk_lists_page_by_page_and_deletes(sdk: openai.OpenAI):
    made = [sdk.videos.create(prompt="quick", model="trial").id for _ in range(5)]
    assert [video.id for video in sdk.videos.list(limit=2)] == made[::-1]
    assert [video.id for video in sdk.videos.list(limit=2, order="asc")] == made
    page = sdk.videos.list(limit=2, after=made[1])
    assert [video.id for video in page.data] == [made[0]]
    assert page.has_more is False
    gone = sdk.videos.delete(made[2])
    assert (gone.id, gone.deleted, gone.object) == (made[2], True, "video.deleted")
    with pytest.raises(openai.NotFoundError) as refused:
        sdk.videos.retrieve(made[2])
    assert refused.value.code == "task_not_found"
    with pytest.raises(openai.NotFoundError):
        sdk.videos.download_content(made[2])
    assert [video.id for video in sdk.videos.list()] == [made[i] for i in (4, 3, 1, 0)]


def test_the_sdk_reads_our_errors(sdk: openai.OpenAI):
    for problem, code, param in (
        ({"prompt": " "}, "prompt_empty", "prompt"),
        ({"model": "veo-9"}, "unknown_engine", "model"),
        ({"size": "big"}, "size_invalid", "size"),
        ({"seconds": "-4"}, "seconds_invalid", "seconds"),
        ({"model": "trial", "seconds": "400"}, "duration_range", "seconds"),
        ({"input_reference": ("a.jpg", b"no image")}, "image_format", None),
        (
            {"extra_body": {"input_reference": {"file_id": "file-1"}}},
            "unknown_attachment",
            "input_reference",
        ),
        ({"extra_headers": {"Idempotency-Key": "two words"}}, "idempotency_key_invalid", None),
    ):
        asked: Any = {"prompt": "sea", **problem}
        with pytest.raises(openai.BadRequestError) as refused:
            sdk.videos.create(**asked)
        assert (refused.value.code, refused.value.param) == (code, param)
        assert refused.value.type == "invalid_request_error"
        assert len(refused.value.body["message"]) > 5  # type: ignore[index]  # it is an object
    assert sdk.videos.list().data == []


def test_a_failed_job_says_why(sdk: openai.OpenAI):
    made = sdk.videos.create_and_poll(prompt="error", model="trial", poll_interval_ms=20)
    assert made.status == "failed"
    assert made.error is not None
    assert (made.error.code, made.error.message) == ("no_paint", "No paint left.")
    with pytest.raises(openai.NotFoundError) as refused:
        sdk.videos.download_content(made.id)
    assert refused.value.code == "video_not_found"


async def create(api: Api, **body: Any) -> dict[str, Any]:
    return await api.ok(api.http.post("/v1/videos", json={"prompt": "quick", **body}))


async def test_both_faces_show_the_same_task(api: Api):
    made = await create(api, model="trial", seed=3, labels=["a"], duration=2)
    conversation_id, message_id = made["id"].removeprefix("video_").split("-")
    task = await api.finished({"conversation_id": conversation_id, "message_id": message_id})
    assert (task["engine"], task["seed"], task["labels"]) == ("trial", 3, ["a"])
    done = await api.ok(api.http.get(f"/v1/videos/{made['id']}"))
    assert (done["status"], done["notes"]) == ("completed", task["notes"])
    video = await api.http.get(f"/v1/videos/{made['id']}/content", headers={"Range": "bytes=4-7"})
    assert (video.status_code, video.content) == (206, b"ftyp")


async def test_progress_and_when_to_ask_again(api: Api, tmp_path: Path):
    made = await create(api, prompt="gate", model="trial", extra={"gate": str(tmp_path / "open")})
    assert (made["status"], made["progress"]) == ("queued", 0)
    place = f"/v1/videos/{made['id']}"
    async with asyncio.timeout(10):
        while (answer := await api.http.get(place)).json()["status"] == "queued":
            await asyncio.sleep(0.01)
    assert 0 <= answer.json()["progress"] <= 99
    assert answer.headers["openai-poll-after-ms"].isdecimal()
    early = await api.http.get(f"{place}/content")
    assert (early.status_code, early.json()["error"]["code"]) == (400, "video_not_ready")


async def test_deleting_stops_what_is_under_way(api: Api, tmp_path: Path):
    for _ in range(2):  # the first is under way, the second waits
        made = await create(api, prompt="gate", model="trial", extra={"gate": str(tmp_path / "no")})
        await api.ok(api.http.delete(f"/v1/videos/{made['id']}"))
        assert (await api.http.get(f"/v1/videos/{made['id']}")).status_code == 404
    assert api.gateway.unfinished() == 0


async def test_a_cancelled_job_has_failed_in_this_dialect(api: Api, tmp_path: Path):
    made = await create(api, prompt="gate", model="trial", extra={"gate": str(tmp_path / "no")})
    conversation_id, message_id = made["id"].removeprefix("video_").split("-")
    ids = {"conversation_id": conversation_id, "message_id": message_id}
    await api.ok(api.http.post("/api/video-gen/cancel", params=ids))
    job = await api.ok(api.http.get(f"/v1/videos/{made['id']}"))
    assert job["status"] == "failed"
    assert job["error"] == {"code": "cancelled", "message": "Cancelled"}


async def test_the_same_key_gives_the_same_job(api: Api):
    headers = {"Idempotency-Key": "one"}
    files = {"input_reference": ("a.jpg", image_bytes(), "image/jpeg")}
    data = {"prompt": "quick", "model": "trial"}
    made = []
    for _ in range(2):
        answer = api.http.post("/v1/videos", data=data, files=files, headers=headers)
        made.append((await api.ok(answer))["id"])
    assert made[0] == made[1]
    data["prompt"] = "quick too"
    other = await api.http.post("/v1/videos", data=data, files=files, headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (400, "idempotency_key_reused")


async def test_a_paid_engine_is_asked_once_and_its_video_kept_as_it_came(
    opened: Opener, gateway_home: Path
):
    upstream = Ark()
    with ark_in(gateway_home, upstream):
        async with opened(sleep=Sleeps()) as api:
            asked: Any = {"prompt": "sea", "model": "ark", "size": "1280x720", "seconds": "5"}
            made = await create(api, **asked)
            assert made["model"] == f"ark:{ark.MODEL}"
            # Clients with strict types (portkey-ai) read no answer without them.
            assert (made["seconds"], made["size"]) == ("5", "1280x720")
            place = f"/v1/videos/{made['id']}"
            async with asyncio.timeout(20):
                while (job := await api.ok(api.http.get(place)))["status"] != "completed":
                    assert job["status"] != "failed", job["error"]
                    await asyncio.sleep(0.01)
            assert (await create(api, **asked))["id"] == made["id"]
            assert upstream.asked == 1
            assert (await create(api, **asked, again=True))["id"] != made["id"]
            video = await api.http.get(f"{place}/content")
            assert video.content == upstream.video


async def test_the_token_and_the_host_are_asked_here_too(opened: Opener):
    async with opened(token="s3cret") as api:
        refused = await api.http.get("/v1/videos")
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "token_required"
        assert refused.json()["error"]["type"] == "authentication_error"
        allowed = await api.http.get("/v1/videos", headers={"Authorization": "Bearer s3cret"})
        assert allowed.json() == {
            "object": "list",
            "data": [],
            "first_id": None,
            "last_id": None,
            "has_more": False,
        }
        foreign = await api.http.get("/v1/videos", headers={"Host": "evil.example"})
        assert foreign.json()["error"]["code"] == "host_not_allowed"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        pytest.param({"content": b"[]"}, 400, "not_json", id="list"),
        pytest.param({"content": b"{"}, 400, "not_json", id="half"),
        pytest.param({"content": b" " * 15_000_000}, 413, "body_too_large", id="large"),
        pytest.param({"files": {"video": b"x"}}, 400, "malformed", id="other-file"),
        pytest.param({"data": {"a": "1", "a[b]": "2"}}, 400, "malformed", id="two-kinds"),
        pytest.param({"json": {"prompt": "a", "extra": 5}}, 400, "malformed", id="extra"),
        pytest.param(
            {"content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=y"}},
            400,
            "malformed",
            id="broken-form",
        ),
        pytest.param(
            {"json": {"prompt": "a", "input_reference": {"image_url": "data:image/png"}}},
            400,
            "reference_invalid",
            id="data-url",
        ),
    ],
)
async def test_what_cannot_be_read_is_told(api: Api, sent: Any, status: int, code: str):
    answer = await api.http.post("/v1/videos", **sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert await no_jobs(api.http)


async def no_jobs(http: httpx.AsyncClient) -> bool:
    return not (await http.get("/v1/videos")).json()["data"]


async def test_bad_questions_are_refused_in_the_dialects_form(api: Api):
    for path, status in (
        ("/v1/videos?limit=0", 400),
        ("/v1/videos?after=video_1-2", 404),
        ("/v1/videos/anything", 404),
        ("/v1/videos/video_1-2/content?variant=spritesheet", 400),
        ("/v1/models/nothing", 404),
        ("/v1/files", 404),
    ):
        answer = await api.http.get(path)
        assert answer.status_code == status, path
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    for call in ("video_1-2/remix", "edits", "extensions", "characters"):
        answer = await api.http.post(f"/v1/videos/{call}", json={"prompt": "again"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), call
        assert call in answer.json()["error"]["message"]


@pytest.fixture
def registry(gateway_home: Path) -> Registry:
    return Registry(gateway_home, "sketch")


@pytest.mark.parametrize(
    ("asked", "engine", "model"),
    [
        pytest.param({}, "sketch", None, id="none"),
        pytest.param({"model": "trial"}, "trial", None, id="engine"),
        pytest.param({"model": "trial:wan-2:5b"}, "trial", "wan-2:5b", id="both"),
        pytest.param({"engine": "trial", "model": "wan"}, "trial", "wan", id="apart"),
        pytest.param({"engine": "trial", "model": "trial"}, "trial", None, id="twice"),
        pytest.param({"model": "sora-2"}, "sketch", None, id="hosted"),
    ],
)
def test_the_model_names_the_engine(
    registry: Registry, asked: dict[str, Any], engine: str, model: str | None
):
    order = translate(Sent({"prompt": "a", **asked}), registry)
    assert order.body["engine"] == engine
    assert order.body.get("extra", {}).get("model") == model
    assert [note.en for note in order.notes] == (
        ["The model {model} is not available; the engine {engine} generates the video."]
        if asked.get("model") == "sora-2"
        else []
    )


@pytest.mark.parametrize(
    ("size", "ratio", "resolution", "snapped"),
    [
        pytest.param("1280x720", "16:9", "720p", False, id="as-listed"),
        pytest.param("1080x1920", "9:16", "1080p", False, id="upright"),
        pytest.param("1792x1024", "16:9", "1080p", True, id="nearest"),
        pytest.param("512*512", "1:1", "540p", True, id="small"),
    ],
)
def test_a_size_becomes_the_nearest_that_the_engine_has(
    registry: Registry, size: str, ratio: str, resolution: str, snapped: bool
):
    order = translate(Sent({"prompt": "a", "size": size, "seconds": "8"}), registry)
    assert (order.body["ratio"], order.body["resolution"]) == (ratio, resolution)
    assert order.body["duration"] == 8.0
    assert bool(order.notes) == snapped


def test_our_own_fields_win_over_the_dialects(registry: Registry):
    asked = {"prompt": "a", "size": "720x1280", "seconds": 4, "ratio": "1:1", "duration": 2.5}
    order = translate(Sent(asked), registry)
    assert (order.body["ratio"], order.body["resolution"]) == ("1:1", "720p")
    assert order.body["duration"] == 2.5


def test_fields_nobody_knows_are_the_engines_own(registry: Registry):
    asked = {"prompt": "a", "negative_prompt": "rain", "extra": {"scene": "sea"}, "empty": None}
    order = translate(Sent(asked), registry)
    assert order.body["extra"] == {"negative_prompt": "rain", "scene": "sea"}


def test_what_clients_note_for_themselves_reaches_no_engine(registry: Registry):
    asked = {"prompt": "a", "user": "customer-7", "metadata": {"run": "3"}}
    assert "extra" not in translate(Sent(asked), registry).body
    asked["extra"] = {"user": "the engine's own"}
    assert translate(Sent(asked), registry).body["extra"] == {"user": "the engine's own"}


def test_flat_names_of_a_form_become_nested_fields():
    words = [
        *(("prompt", "42"), ("seed", "7"), ("fps", "12.5"), ("flag", "true"), ("none", "null")),
        *(("extra[scene]", "sea"), ("extra[steps]", "30"), ("labels[]", "1"), ("labels[]", "b")),
        *(("long", "9" * 40), ("odd[", "x"), ("steps", "1"), ("steps", "2")),
    ]
    for labels in (["a"], ["a", "b"]):  # as httpx writes a list, for LiteLLM
        assert unfold([("labels", label) for label in labels]) == {"labels": labels}
    assert unfold(words) == {
        "prompt": "42",
        "seed": 7,
        "fps": 12.5,
        "flag": True,
        "none": None,
        "extra": {"scene": "sea", "steps": 30},
        "labels": ["1", "b"],
        "long": "9" * 40,
        "odd[": "x",
        "steps": [1, 2],
    }


async def test_the_manual_shows_the_second_face(api: Api):
    document = await api.ok(api.http.get("/openapi.json"))
    assert {"/v1/videos", "/v1/videos/{video_id}", "/v1/videos/{video_id}/content"} <= set(
        document["paths"]
    )
    assert "$defs" not in json.dumps(document)
    assert "<code>/v1/videos</code>" in (await api.http.get("/docs")).text
