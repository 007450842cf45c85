"""Asking a gateway: uploads, creates, lists; in both worlds where both must behave alike."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.responses import Response

from videogen_nb.client import VideoClient, task_ids
from videogen_nb.client.transport import utc_now
from videogen_nb.errors import (
    AnswerUnreadable,
    BadImage,
    BadInput,
    BadParameter,
    BadPrompt,
    GatewayFault,
    GatewayTimeout,
    GatewayUnreachable,
    NotAllowed,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    TaskNotFound,
)
from videogen_nb.protocol.models import ImageRef, TaskId, TaskStatus, VideoTask
from videogen_nb.protocol.polling import Timeouts
from videogen_nb.settings import Settings
from videogen_nb.testing import Fault, OlderGateway
from videogen_nb.testing.serving import served

from ..fake_time import FakeTime
from ..old_and_new_gateway import (
    BASE,
    QUICK,
    Lossy,
    after_acting,
    client_in,
    image_bytes,
    image_file,
    older_world,
    our_world,
    world,
)

GENERATE = "/api/video-gen/generate"
both = pytest.mark.parametrize("where", ["older", "ours"])


# The whole way, in both worlds


@both
async def test_from_an_image_to_a_video(where, tmp_path):
    path = image_file(tmp_path)
    seen: list[VideoTask] = []
    async with world(where) as videos:
        video = await videos.generate("推近", path, on_change=seen.append, **QUICK)
    assert video.path.parent == tmp_path / "output"
    assert video.path.name == f"推近-{video.task.message_id[-6:]}.mp4"
    assert video.facts.codec == "h264"
    assert video.task.prompt == "推近"
    assert seen[-1].status is TaskStatus.COMPLETED
    assert list(video.path.parent.iterdir()) == [video.path], "nothing else is left lying"


@both
async def test_a_task_is_found_by_all_its_names(where):
    async with world(where) as videos:
        task = await videos.create_task("海边日落", **QUICK)
        for name in (task, task.id, str(task.id), task.message_id, f" {task.message_id}\n"):
            assert (await videos.get_task(name)).id == task.id
        with pytest.raises(TaskNotFound):
            await videos.get_task(TaskId("1", "2"))
        with pytest.raises(TaskNotFound, match="message id 99999"):
            await videos.get_task("99999")
        odd: Any
        for odd in ("", "海边", "1-", "1-x", "-", 7):
            with pytest.raises(BadParameter, match="Invalid task"):
                await videos.get_task(odd)


@both
async def test_a_message_id_alone_is_found_on_every_page(where, monkeypatch):
    """Beyond the first page too; a page that ends where the list does is the last."""
    monkeypatch.setattr(task_ids, "_PAGE", 2)
    async with world(where) as videos:
        made = [await videos.create_task(f"海 {n}", **QUICK) for n in range(4)]
        for task in made:
            assert await videos._id_of(task.message_id) == task.id
        with pytest.raises(TaskNotFound):
            await videos.get_task("99999")


@both
async def test_lists_are_newest_first_and_come_in_pages(where):
    async with world(where) as videos:
        ids = []
        for n in range(3):
            ids.append((await videos.create_task(f"海 {n}", **QUICK)).id)
            await videos.times.sleep(0.01)
        page = await videos.list_tasks(limit=2)
        assert [task.id for task in page.tasks] == [ids[2], ids[1]]
        assert page.total == 3
        page = await videos.list_tasks(limit=2, offset=2)
        assert [task.id for task in page.tasks] == [ids[0]]
        page = await videos.list_tasks(conversation_id=ids[1].conversation_id)
        assert [task.id for task in page.tasks] == [ids[1]]
        assert not (await videos.list_tasks(status="failed")).tasks
        with pytest.raises(BadParameter, match="pending, processing"):
            await videos.list_tasks(status="done")


@both
async def test_which_gateway_it_is(where):
    async with world(where) as videos:
        assert await videos.is_ours() is (where == "ours")


async def test_cancel_retry_delete_and_engines_on_ours():
    async with our_world() as videos:
        task = await videos.create_task("海边日落", duration=10)
        assert (await videos.cancel(task)).status is TaskStatus.CANCELLED
        assert (await videos.cancel(task)).status is TaskStatus.CANCELLED
        again = await videos.retry(task)
        assert again.parent is not None
        await videos.cancel(again)
        await videos.delete(task)
        with pytest.raises(TaskNotFound):
            await videos.get_task(task)
        assert "sketch" in [engine.name for engine in (await videos.engines()).engines]
        assert (await videos.health())["service"] == "videogen-nb"


async def test_what_an_older_gateway_does_not_offer():
    async with older_world() as older:
        task = await older.client.create_task("x")
        for ask in (older.client.cancel, older.client.retry, older.client.delete):
            with pytest.raises(RequestRefused, match="does not support this"):
                await ask(task)


def test_two_numbers_make_an_id():
    assert task_ids.by_numbers("12", 34) == TaskId("12", "34")


async def test_a_wrong_token_is_said():
    async with our_world() as videos:
        stranger = VideoClient(BASE, token="wrong", transport=videos._exchange.http._transport)
        with pytest.raises(NotAllowed):
            await stranger.list_tasks()


async def test_errors_come_in_the_persons_language():
    async with our_world(language="zh") as videos:
        with pytest.raises(RequestRefused) as caught:
            await videos.create_task("海", engine="nothing")
        assert caught.value.code == "unknown_engine"
        assert "nothing" in str(caught.value)
        assert any("\u4e00" <= c <= "\u9fff" for c in str(caught.value))


# Images


@pytest.mark.parametrize(
    ("image", "name"),
    [
        pytest.param(image_bytes(), "image.png", id="bytes"),
        pytest.param(bytearray(image_bytes(kind="JPEG")), "image.jpg", id="bytearray"),
        pytest.param(memoryview(image_bytes(kind="WEBP")), "image.webp", id="memoryview"),
        pytest.param(Image.new("RGB", (64, 64), "teal"), "image.png", id="pillow"),
        pytest.param(Image.new("CMYK", (64, 64)), "image.png", id="pillow-cmyk"),
        pytest.param(Image.new("P", (64, 64)), "image.png", id="pillow-palette"),
        pytest.param(Image.new("I;16", (64, 64)), "image.png", id="pillow-16-bit"),
    ],
)
async def test_all_kinds_of_images(image, name):
    async with older_world() as older:
        attachment = await older.client.upload_image(image)
        assert attachment.name == name, "older gateways refuse a name without an extension"


async def test_an_image_by_its_path_keeps_its_name(tmp_path):
    async with older_world() as older:
        attachment = await older.client.upload_image(str(image_file(tmp_path)))
        assert attachment.name == "湖.png"
        assert (
            await older.client.upload_image(image_bytes(), "..\\a/b?.x/照片")
        ).name == "照片.png"


async def test_a_large_pillow_image_becomes_a_jpeg_that_fits():
    noise = Image.effect_noise((2400, 2000), 90).convert("RGB")
    async with older_world() as older:
        attachment = await older.client.upload_image(noise)
        assert attachment.option == {"width": 2400, "height": 2000}


def _broken(tmp_path, what):
    if what == "unreadable":
        path = image_file(tmp_path, "locked.png")
        path.chmod(0)
        return path
    made = {
        "folder": tmp_path,
        "missing": tmp_path / "缺.png",
        "nul": "a\0b.png",
        "number": 7,
        "empty": b"",
        "words": "这不是图片".encode(),
        "half": image_bytes()[:40],
        "tiny": image_bytes((1, 1)),
        "home-of-nobody": "~nobody-here/x.png",
    }
    return made[what]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("folder", "is a folder, not an image"),
        ("missing", "File not found: .*缺.png. The current folder is"),
        ("nul", r"not found: 'a.x00b.png'"),
        ("home-of-nobody", "Cannot read"),
        ("number", "not int"),
        ("empty", "empty"),
        ("words", "JPG"),
        ("half", "."),
        ("tiny", "1"),
        pytest.param(
            "unreadable",
            "cannot be read: Permission denied",
            marks=pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything"),
        ),
    ],
)
async def test_what_is_no_image_has_its_own_sentence(tmp_path, what, words):
    image = _broken(tmp_path, what)
    async with older_world() as older:
        with pytest.raises(BadImage, match=words):
            await older.client.generate("x", image)
        assert older.gateway.log == [], "nothing was sent"


async def test_uploading_tells_how_far_it_is():
    data = image_bytes((600, 600), "PNG", compress_level=0)
    told = []
    async with older_world() as older:
        await older.client.upload_image(data, on_progress=lambda *at: told.append(at))
    assert told[-1] == (len(data), len(data))
    assert len(told) > 10
    assert [sent for sent, _ in told] == sorted(sent for sent, _ in told)


async def test_an_attachment_comes_back_unchanged_as_model_and_as_dictionary():
    async with older_world() as older:
        attachment = await older.client.upload_image(image_bytes())
        for given in (attachment, attachment.to_wire()):
            await older.client.create_task("x", attachment=given)
        sent = [task.request["image_attachment"] for task in older.gateway.tasks]
        assert sent[0] == sent[1] == attachment.to_wire()
        assert sent[0]["file_parse_state"] == 3
        with pytest.raises(BadParameter, match="Pass what upload_image returned"):
            await older.client.create_task("x", attachment={"name": "a.png"})


def _recorder():
    """A gateway of ours that keeps what it is asked for."""
    asked = []
    ids = {"conversation_id": "1", "message_id": "2"}

    def app(request):
        if request.url.path == "/healthz":
            return httpx.Response(200, json={"service": "videogen-nb"})
        if request.url.path == "/api/file/upload":
            return httpx.Response(200, json={"key": "k", "more": [1]})
        asked.append(json.loads(request.content))
        return httpx.Response(200, json={"success": True, **ids})

    return httpx.MockTransport(app), asked


async def test_several_images_and_their_roles():
    transport, asked = _recorder()
    async with client_in(FakeTime(), transport) as videos:
        attachment = await videos.upload_image(image_bytes())
        await videos.create_task(
            "x",
            images=[
                image_bytes(),
                "https://example.com/b.jpg",
                attachment,
                attachment.to_wire(),
                {"url": "https://example.com/c.jpg", "role": "last"},
                ImageRef(url="https://example.com/d.jpg", role="first"),
            ],
        )
        sent = asked[0]["images"]
        assert [image["role"] for image in sent] == [
            "first",
            "reference",
            "reference",
            "reference",
            "last",
            "first",
        ]
        assert sent[2]["attachment"] == sent[3]["attachment"] == attachment.to_wire()
        for odd in ({"role": "first"}, {"url": "https://a.b/c", "role": "middle"}):
            with pytest.raises(BadParameter, match="Invalid images"):
                await videos.create_task("x", images=[odd])


@pytest.mark.parametrize("named", ["attachment", "url"])
async def test_the_one_image_of_a_list_is_in_its_own_place_on_an_older_gateway(named):
    async with older_world() as older, _image_at() as url:
        attachment = (await older.client.upload_image(image_bytes())).to_wire()
        image = attachment if named == "attachment" else url
        await older.client.create_task("x", images=[image])
        sent = older.gateway.tasks[0].request
        assert "images" not in sent
        assert sent[f"image_{named}"] == image


@asynccontextmanager
async def _image_at():
    with served(_proxy(image_bytes())[0]) as url:
        yield f"{url}/a.png"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param({"engine": "ark"}, "engine='ark'", id="engine"),
        pytest.param({"images": [{"url": "http://a/b", "role": "last"}]}, "one image", id="last"),
        pytest.param({"images": ["http://a/b", "http://a/c"]}, "one image", id="several"),
        pytest.param(
            {"images": ["http://a/b"], "image_url": "http://a/c"}, "one image", id="beside-its-own"
        ),
    ],
)
async def test_what_an_older_gateway_would_make_another_video_of_is_refused(arguments, words):
    async with older_world() as older:
        with pytest.raises(BadParameter, match=words) as caught:
            await older.client.create_task("x", **arguments)
        assert "Nothing was sent" in str(caught.value)
        assert older.gateway.tasks == []


async def test_what_an_older_gateway_may_ignore_is_reported_with_the_task():
    async with older_world() as older:
        task = await older.client.create_task("x", duration=5, seed=7, labels=["a"])
        [note] = task.notes
        assert "may ignore: duration, seed, labels" in note
        assert (await older.client.get_task(task)).notes == [note]
        assert (await older.client.list_tasks()).tasks[0].notes == [note]
        plain = await older.client.create_task("y", guest=True)
        assert plain.notes == []


@both
async def test_what_can_be_asked_of_it(where):
    async with world(where) as videos:
        told = await videos.capabilities()
    assert {told.cancel, told.retry, told.delete, told.engines, told.images} == {where == "ours"}


async def test_an_image_url_goes_to_the_gateway():
    async with older_world() as older:
        older.gateway.fail("generate", Fault.INNER_CAUSE)
        with pytest.raises(RequestRefused, match="the link returned HTTP 404") as caught:
            await older.client.generate("x", "https://example.com/missing.jpg")
        assert caught.value.detail is not None
        assert "下载图片失败" in caught.value.detail


@pytest.mark.parametrize(
    "url", ["ftp://a/b.jpg", "file:///etc/passwd", "http://", "http://a b/c", "http://[::1/x"]
)
async def test_a_bad_image_url_is_refused_here(url):
    async with older_world() as older:
        with pytest.raises(BadInput, match="Invalid image URL"):
            await older.client.generate("x", url)
        assert older.gateway.log == []


# Prompts and parameters


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param(" \n\t", "empty", id="blank"),
        pytest.param("长" * 100_000, "100,000 characters", id="long"),
        pytest.param("a\0b", r"U\+0000 at position 2", id="nul"),
        pytest.param("\x1b[31m", r"U\+001B", id="escape"),
        pytest.param("\ud800", r"U\+D800", id="half-a-character"),
        pytest.param(None, "empty", id="none"),
    ],
)
async def test_bad_prompts_are_refused_before_an_image_is_sent(prompt, words):
    async with older_world() as older:
        with pytest.raises(BadPrompt, match=words):
            await older.client.generate(prompt, image_bytes())
        assert older.gateway.log == []


async def test_emoji_lines_and_4000_characters_are_fine():
    async with older_world() as older:
        await older.client.create_task("🌊\n" + "海" * 3998)
        assert older.gateway.tasks[0].prompt.startswith("🌊\n海")


@pytest.mark.parametrize("method", ["generate", "create_task"])
async def test_an_unknown_parameter_is_named_with_those_there_are(method):
    async with older_world() as older:
        with pytest.raises(BadParameter, match=r"'durations'.*Did you mean 'duration'.*ratio, res"):
            await getattr(older.client, method)("x", durations=5)
        assert older.gateway.log == []


async def test_a_parameter_of_the_wrong_kind_is_refused_here():
    async with older_world() as older:
        with pytest.raises(BadParameter, match="Invalid seed: 'lucky'"):
            await older.client.create_task("x", seed="lucky")  # type: ignore[arg-type]  # on purpose


async def test_parameters_arrive():
    transport, asked = _recorder()
    async with client_in(FakeTime(), transport) as videos:
        await videos.create_task(
            "x", engine="sketch", duration=5, ratio="9:16", seed=7, labels=["a"], guest=True
        )
        assert asked[0] == {
            "prompt": "x",
            "guest": True,
            "engine": "sketch",
            "duration": 5,
            "ratio": "9:16",
            "seed": 7,
            "labels": ["a"],
        }


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("localhost:8000", "http://localhost:8000"),
        (" https://hub.example/user/x/proxy/8000/ ", "https://hub.example/user/x/proxy/8000"),
    ],
)
async def test_addresses(given, url):
    async with VideoClient(given) as videos:
        assert videos.url == url


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a", "http://", "http://a:b", "http://a:65536", "a b", "http://x/?y=1", "http://[",
     "http://me:p/secret@a", "http://me:p#secret@a", "http://me:p secret@a"],
)  # fmt: skip
def test_what_is_no_address(url):
    with pytest.raises(BadParameter, match="Invalid gateway URL") as caught:
        VideoClient(url)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(Settings.from_environment({"VIDEOGEN_URL": url.replace(" ", "")}))


@pytest.mark.parametrize("token", ["ab\nc", "äbc", "ab\x1bc"])
def test_a_token_that_cannot_be_sent_is_said_and_not_shown(token):
    with pytest.raises(BadParameter, match="token") as caught:
        VideoClient(BASE, token=token)
    assert token not in str(caught.value)


def _proxy(image_bytes):
    asked = []

    async def app(scope, receive, send):
        if scope["type"] == "http":
            asked.append(scope["raw_path"].decode())
            await Response(image_bytes)(scope, receive, send)

    return app, asked


async def test_a_proxy_is_for_elsewhere_and_not_for_this_machine(monkeypatch):
    app, asked = _proxy(image_bytes())
    with served(app) as proxy, OlderGateway().serve() as url:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        async with VideoClient(url) as videos:
            assert (await videos.list_tasks()).total == 0
            assert await videos.download_image("http://images.example/a.png") == image_bytes()
    assert asked == ["http://images.example/a.png"]


# Sending again


def _at(path, error, times=1):
    """Let the first requests to a path fail."""

    def failing(request, n):
        return error if request.url.path == path and n <= times else None

    return lambda inner: Lossy(inner, failing)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(httpx.ConnectError("refused"), id="refused"),
        pytest.param(httpx.ReadTimeout(""), id="timeout"),
        pytest.param(httpx.RemoteProtocolError("cut"), id="cut"),
        pytest.param(httpx.ReadError(""), id="reset"),
    ],
)
async def test_questions_are_asked_again(error):
    async with older_world(_at("/api/video-gen/list", error, 2)) as older:
        assert (await older.client.list_tasks()).total == 0
        assert older.time.slept == [0.5, 1.0]


@pytest.mark.parametrize("fault", [Fault.HTML_PAGE, Fault.PLAIN_500, Fault.GARBAGE])
async def test_faulty_answers_are_asked_for_again(fault):
    async with older_world() as older:
        older.gateway.fail("list", fault)
        assert (await older.client.list_tasks()).total == 0


async def test_retry_after_is_obeyed():
    async with older_world() as older:
        older.gateway.fail("list", Fault.RATE_LIMIT)
        await older.client.list_tasks()
        assert older.time.slept == [2.0]


async def test_in_the_end_it_is_given_up_in_words():
    async with older_world(_at("/api/video-gen/list", httpx.ConnectError("no"), 99)) as older:
        with pytest.raises(GatewayUnreachable, match="Cannot connect to http://localhost:8000"):
            await older.client.list_tasks()
        assert len(older.time.slept) == 5


async def test_something_else_that_answers_there_is_said():
    transport = httpx.MockTransport(lambda _: httpx.Response(200, html="<title>Jupyter</title>"))
    async with client_in(FakeTime(), transport) as videos:
        with pytest.raises(AnswerUnreadable, match="It responded: Jupyter") as caught:
            await videos.list_tasks()
    assert caught.value.url == f"{BASE}/api/video-gen/list"


async def test_an_answer_that_never_ends_has_a_deadline():
    async def endless(_):
        async def drip():
            while True:
                yield b" "
                await asyncio.sleep(0.01)

        return httpx.Response(200, content=drip())

    timeouts = Timeouts(answer_s=0.1)
    async with client_in(FakeTime(), httpx.MockTransport(endless), timeouts=timeouts) as videos:
        with pytest.raises(GatewayTimeout, match=r"within 0.1 s"):
            await videos.list_tasks()


@pytest.mark.parametrize(
    "error", [httpx.ConnectError(""), httpx.ConnectTimeout(""), httpx.PoolTimeout("")]
)
async def test_a_create_of_which_nothing_was_sent_is_sent_again(error):
    async with older_world(_at(GENERATE, error, 2)) as older:
        await older.client.create_task("x")
        assert len(older.gateway.tasks) == 1


LOST = [
    pytest.param(after_acting(httpx.ReadTimeout("")), id="timeout"),
    pytest.param(after_acting(httpx.ReadError("")), id="reset"),
    pytest.param(after_acting(httpx.RemoteProtocolError("")), id="cut"),
]


@pytest.mark.parametrize("error", LOST)
async def test_a_lost_answer_is_found_in_the_list_and_the_create_not_sent_again(error):
    async with older_world(_at(GENERATE, error), tells_prompts=True) as older:
        task = await older.client.create_task("海边日落")
        assert older.gateway.log.count("generate") == 1
        assert task.message_id == older.gateway.tasks[0].message_id


@pytest.mark.parametrize(
    "fault",
    [
        Fault.LOST_ANSWER,
        Fault.LOST_PAGE,
        Fault.GARBAGE,
        Fault.STREAM_UNREAD,
        Fault.NOT_UNPACKED,
        Fault.CONFLICT,
    ],
)
async def test_so_is_one_that_came_broken(fault):
    async with older_world(tells_prompts=True) as older:
        older.gateway.fail("generate", fault)
        task = await older.client.create_task("海边日落")
        assert task.message_id == older.gateway.tasks[0].message_id
        assert len(older.gateway.tasks) == 1


@pytest.mark.parametrize("error", LOST)
async def test_where_prompts_are_not_told_the_outcome_is_unknown_but_candidates_are_named(error):
    async with older_world(_at(GENERATE, error)) as older:
        with pytest.raises(OutcomeUnknown) as caught:
            await older.client.create_task("海边日落")
        [made] = older.gateway.tasks
        assert older.gateway.log.count("generate") == 1, "never sent again unasked"
        assert [task.message_id for task in caught.value.candidates] == [made.message_id]
        assert made.message_id in str(caught.value)


async def test_a_lost_create_that_never_arrived_is_unknown_too():
    async with older_world(_at(GENERATE, httpx.ReadTimeout("")), tells_prompts=True) as older:
        with pytest.raises(OutcomeUnknown, match="not in the gateway's list"):
            await older.client.create_task("x")
        assert older.gateway.tasks == []


async def test_another_task_with_the_same_prompt_is_not_taken_for_it():
    async with older_world(_at(GENERATE, httpx.ReadTimeout(""), 2), tells_prompts=True) as older:
        lossy = older.between
        assert isinstance(lossy, Lossy)
        lossy.failing = lambda request, n: None
        await older.client.create_task("x")
        older.time.passed_s += 60
        lossy.failing = lambda request, n: (
            httpx.ReadTimeout("") if request.url.path == GENERATE else None
        )
        with pytest.raises(OutcomeUnknown):
            await older.client.create_task("x")


async def test_in_a_conversation_that_we_named_the_new_task_is_ours():
    async with older_world(_at(GENERATE, after_acting(httpx.ReadTimeout("")))) as older:
        task = await older.client.create_task("x", conversation_id="7")
        assert task.message_id == older.gateway.tasks[0].message_id


ZONES = [timezone(timedelta(hours=8)), timezone(timedelta(hours=-11)), UTC]


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("acted", [True, False], ids=["acted", "not"])
async def test_yesterdays_task_is_never_the_new_one_whatever_the_gateways_zone(zone, acted):
    error = httpx.ReadTimeout("")
    async with older_world(lambda inner: Lossy(inner, lambda *_: None), zone=zone) as older:
        stranger = client_in(older.time, older.between)  # as another program, or another day
        await stranger.create_task("x", conversation_id="7")
        older.time.passed_s += 86_400
        assert isinstance(older.between, Lossy)
        older.between.failing = lambda request, n: (
            (after_acting(error) if acted else error) if request.url.path == GENERATE else None
        )
        if acted:
            made = await older.client.create_task("x", conversation_id="7")
            assert made.message_id == older.gateway.tasks[1].message_id
        else:
            with pytest.raises(OutcomeUnknown) as caught:
                await older.client.create_task("x", conversation_id="7")
            assert caught.value.candidates == ()


@pytest.mark.parametrize("zone", ZONES, ids=str)
async def test_an_age_is_told_only_where_the_gateways_zone_is_known(zone):
    async with older_world(zone=zone) as older:
        first = await older.client.create_task("x")
        older.time.passed_s += 3600
        stranger = client_in(older.time, older.between)
        [listed] = (await stranger.list_tasks()).tasks
        assert listed.age_s(older.time.now()) is None, "a stranger to it cannot know"
        known = await older.client.get_task(first)
        assert known.age_s(older.time.now()) == pytest.approx(3600, abs=1)
        assert known.created_at is not None
        assert known.created_at.utcoffset() == zone.utcoffset(None)
        written = listed.model_dump(mode="json")["created_at"]
        assert datetime.fromisoformat(written).tzinfo is None, "it is told on as it came"


async def test_a_lost_create_is_looked_for_once_more_after_the_final_pause():
    async with older_world(_at(GENERATE, httpx.ReadTimeout("")), tells_prompts=True) as older:
        sleep = older.time.sleep

        async def slow(seconds):
            await sleep(seconds)
            if older.gateway.log.count("list") == 4:  # one before, and three since
                older.gateway._add({"prompt": "x"})

        older.client.times = replace(older.client.times, sleep=slow)
        older.client._exchange.times = older.client.times
        assert (await older.client.create_task("x")).message_id
        assert older.gateway.log.count("list") == 5


async def test_a_list_that_could_not_be_read_before_proves_nothing():
    def failing(request, n):
        if request.url.path == GENERATE:
            return after_acting(httpx.ReadTimeout(""))
        return httpx.ReadTimeout("") if request.url.path.endswith("/list") and n == 1 else None

    async with older_world(lambda inner: Lossy(inner, failing), tells_prompts=True) as older:
        with pytest.raises(OutcomeUnknown, match="could not be read before"):
            await older.client.create_task("x")


async def test_of_two_new_tasks_with_the_same_prompt_none_is_certain():
    async with older_world(
        _at(GENERATE, after_acting(httpx.ReadTimeout(""))), tells_prompts=True
    ) as older:
        add = older.gateway._add
        older.gateway._add = lambda body: (add(body), add(body))[0]  # type: ignore[method-assign]  # somebody else's
        with pytest.raises(OutcomeUnknown) as caught:
            await older.client.create_task("x")
        assert len(caught.value.candidates) == 2


async def test_an_upload_that_was_refused_in_words_is_sent_once():
    async with older_world() as older:
        older.gateway.fail("upload", Fault.UPLOAD_REFUSED, 9)
        with pytest.raises(GatewayFault, match="未登录"):
            await older.client.upload_image(image_bytes())
        assert older.gateway.log == ["upload"]


@pytest.mark.parametrize("fault", [Fault.PLAIN_500, Fault.HTML_PAGE])
async def test_an_upload_that_met_a_fault_is_sent_again(fault):
    async with older_world() as older:
        older.gateway.fail("upload", fault)
        assert (await older.client.upload_image(image_bytes())).key
        assert older.gateway.log == ["upload", "upload"]


async def test_a_list_that_cannot_be_read_leaves_it_unknown():
    def failing(request, n):
        return None if request.url.path == "/healthz" else httpx.ReadTimeout("")

    async with older_world(lambda inner: Lossy(inner, failing)) as older:
        with pytest.raises(OutcomeUnknown, match="could not be read before"):
            await older.client.create_task("x")


async def test_a_list_that_cannot_be_read_any_more_is_asked_for_once():
    def failing(request, n):
        known = request.url.path == "/healthz" or (request.url.path.endswith("/list") and n == 1)
        return None if known else httpx.ReadTimeout("")

    async with older_world(lambda inner: Lossy(inner, failing)) as older:
        with pytest.raises(OutcomeUnknown, match=r"list could not be read\. Check"):
            await older.client.create_task("x")
        assert isinstance(older.between, Lossy)
        lists = sum(request.url.path.endswith("/list") for request in older.between.seen)
        assert lists == 1 + older.client._exchange.retry.attempts, "one look, with its retries"


async def test_a_gateway_that_dies_after_the_create_loses_us_no_id():
    async with older_world(_at("/api/video-gen/status", httpx.ConnectError(""), 99)) as older:
        task = await older.client.create_task("海边日落")
        assert task.message_id == older.gateway.tasks[0].message_id
        assert (task.status, task.prompt) == (TaskStatus.PENDING, "海边日落")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault.INNER_CAUSE, RequestRefused), (Fault.RATE_LIMIT, RateLimited)],
)
async def test_a_create_that_was_refused_is_not_sent_again(fault, kind):
    async with older_world() as older:
        older.gateway.fail("generate", fault)
        with pytest.raises(kind):
            await older.client.create_task("x")
        assert older.gateway.log == ["list", "generate"]


@pytest.mark.parametrize("error", LOST)
async def test_on_ours_the_same_key_is_sent_again_and_makes_one_task(error):
    async with our_world() as videos:
        inner = videos._exchange.http._transport
        lossy = _at(GENERATE, error, 2)(inner)
        time = FakeTime()
        async with client_in(time, lossy, token="our-token") as client:
            task = await client.create_task("海边日落", duration=15)
        creates = [r for r in lossy.seen if r.url.path == GENERATE]
        assert len(creates) == 3
        assert len({r.headers["idempotency-key"] for r in creates}) == 1
        assert (await videos.list_tasks()).total == 1
        await videos.cancel(task)


@pytest.mark.parametrize("error", LOST)
async def test_a_lost_retry_is_found_by_its_parent_and_not_sent_again(error):
    async with our_world() as videos:
        old = await videos.create_task("海边日落", duration=15)
        await videos.cancel(old)
        lossy = _at("/api/video-gen/retry", error)(videos._exchange.http._transport)
        async with client_in(FakeTime(), lossy, token="our-token", now=utc_now) as client:
            new = await client.retry(old)
        assert new.parent == str(old.id)
        assert (await videos.list_tasks()).total == 2
        assert sum(r.url.path.endswith("/retry") for r in lossy.seen) == 1
        await videos.cancel(new)


async def test_a_key_of_ones_own_gives_the_same_task():
    async with our_world() as videos:
        first = await videos.create_task("海边日落", idempotency_key="k", duration=15)
        again = await videos.create_task("海边日落", idempotency_key="k", duration=15)
        assert again.id == first.id
        with pytest.raises(RequestRefused):
            await videos.create_task("另一个", idempotency_key="k")
        await videos.cancel(first)


async def test_a_fault_of_ours_that_stays_is_told():
    def app(request):
        if request.url.path == "/healthz":
            return httpx.Response(200, json={"service": "videogen-nb"})
        return httpx.Response(503, json={"detail": "Disk full.", "code": "disk_full"})

    time = FakeTime()
    async with client_in(time, httpx.MockTransport(app)) as videos:
        with pytest.raises(GatewayFault, match="Disk full"):
            await videos.create_task("x")
    assert len(time.slept) == 5
