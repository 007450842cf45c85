"""The stand-in behaves as older gateways were seen to: docs/protocol.md, last chapter."""

from datetime import datetime, timedelta

import httpx
import pytest
import requests

from videogen_nb.media.probe import probe
from videogen_nb.protocol.models import TaskStatus
from videogen_nb.testing import Fate, Fault, OlderGateway
from videogen_nb.testing.tasks import state

from ..fake_time import FakeTime
from ..old_and_new_gateway import BASE, image_bytes

GENERATE = "/api/video-gen/generate"
STATUS = "/api/video-gen/status"


class Asked:
    """A stand-in whose time we move, and plain HTTP to it."""

    def __init__(self, **arguments):
        self.time = FakeTime()
        self.gateway = OlderGateway(1, clock=self.time.wall, sleep=self.time.sleep, **arguments)
        transport = httpx.ASGITransport(app=self.gateway.app)
        self.http = httpx.AsyncClient(transport=transport, base_url=BASE)

    async def create(self, **body):
        return (await self.http.post(GENERATE, json={"prompt": "海边日落", **body})).json()

    async def task(self, created):
        ids = {name: created[name] for name in ("conversation_id", "message_id")}
        return (await self.http.get(STATUS, params=ids)).json()["task"]


@pytest.fixture
def asked():
    return Asked()


async def test_nothing_for_three_minutes_then_a_video_within_four(asked):
    created = await asked.create()
    assert created["task_status"] == "pending"
    assert created["estimated_time"] == "预计3-15分钟完成"
    asked.time.passed_s = 179
    task = await asked.task(created)
    assert (task["status"], task["retry_count"], task["updated_at"]) == (
        "pending",
        0,
        task["created_at"],
    )
    asked.time.passed_s = 181
    assert (await asked.task(created))["status"] == "processing"
    asked.time.passed_s = 215
    task = await asked.task(created)
    assert task["status"] == "completed"
    assert len(task["video_urls"]) == 1


async def test_times_are_naive_and_local(asked):
    task = await asked.task(await asked.create())
    written = datetime.fromisoformat(task["created_at"])
    assert written.tzinfo is None
    assert abs(written.astimezone() - asked.time.now()) < timedelta(seconds=1)


@pytest.mark.parametrize(("max_retries", "minutes"), [(5, 18), (10, 33)])
def test_failure_is_declared_after_all_retries(max_retries, minutes):
    fate = Fate(video_at=None)
    before = state(60 * minutes - 1, fate, max_retries)
    assert before.status is TaskStatus.PROCESSING
    assert before.error is not None
    assert "未获取到视频" in before.error, "the last attempt's reason"
    after = state(60 * minutes, fate, max_retries)
    assert (after.status, after.error) == (TaskStatus.FAILED, "未获取到视频")


def test_every_attempt_moves_the_task():
    moved = [state(age, Fate(video_at=None), 5).moved_s for age in range(0, 1080, 90)]
    assert sorted(set(moved)) == [0, 180, 360, 540, 720, 900]


async def test_a_restart_leaves_tasks_processing_for_ever(asked):
    created = await asked.create()
    asked.time.passed_s = 190
    asked.gateway.restart()
    before = await asked.task(created)
    asked.time.passed_s = 24 * 3600
    assert await asked.task(created) == before
    assert before["status"] == "processing"


async def test_links_are_signed_and_expire(asked):
    created = await asked.create()
    asked.time.passed_s = 215
    [url] = (await asked.task(created))["video_urls"]
    answer = await asked.http.get(url)
    assert answer.headers["content-type"] == "video/mp4"
    assert (await asked.http.get(url[:-2] + "xx")).status_code == 403
    asked.time.passed_s = 215 + 3600
    assert (await asked.http.get(url)).status_code == 403
    assert (await asked.task(created))["video_urls"] == [url], "asking again gives the old link"


async def test_links_that_are_renewed():
    asked = Asked(renews_links=True)
    created = await asked.create()
    asked.time.passed_s = 9000
    [url] = (await asked.task(created))["video_urls"]
    assert (await asked.http.get(url)).is_success


async def test_the_video_is_real(asked, tmp_path):
    created = await asked.create()
    asked.time.passed_s = 215
    [url] = (await asked.task(created))["video_urls"]
    path = tmp_path / "video.mp4"
    path.write_bytes((await asked.http.get(url)).content)
    facts = probe(path)
    assert (facts.width, facts.height, facts.codec) == (320, 180, "h264")


async def test_the_same_create_twice_makes_two_tasks(asked):
    headers = {"Idempotency-Key": "k"}
    for _ in range(2):
        await asked.http.post(GENERATE, json={"prompt": "x"}, headers=headers)
    assert len(asked.gateway.tasks) == 2


@pytest.mark.parametrize("name", ["image", "", "文件"])
async def test_a_file_name_without_an_extension_is_refused(asked, name):
    answer = await asked.http.post(
        "/api/file/upload", params={"file_type": "2", "file_name": name}, content=image_bytes()
    )
    assert answer.status_code == 500
    assert "扩展名" in answer.json()["detail"]


async def test_an_attachment_must_come_back_unchanged(asked):
    params = {"file_type": "2", "file_name": "a.png"}
    attachment = (
        await asked.http.post("/api/file/upload", params=params, content=image_bytes())
    ).json()
    assert attachment["option"] == {"height": 180, "width": 320}
    assert (await asked.create(image_attachment=attachment))["success"]
    changed = {k: v for k, v in attachment.items() if k != "file_parse_state"}
    assert "附件无效" in (await asked.create(image_attachment=changed))["detail"]


async def test_slow_answers_come_late_and_have_acted(asked):
    asked.gateway.fail("generate", Fault.SLOW)
    await asked.create()
    assert asked.time.passed_s == 600
    assert len(asked.gateway.tasks) == 1


@pytest.mark.parametrize(
    ("fault", "status", "made"),
    [
        (Fault.INNER_CAUSE, 500, 0),
        (Fault.PLAIN_500, 500, 0),
        (Fault.HTML_PAGE, 502, 0),
        (Fault.RATE_LIMIT, 429, 0),
        (Fault.GARBAGE, 200, 1),
        (Fault.LOST_ANSWER, 200, 1),
        (Fault.LOST_PAGE, 502, 1),
    ],
)
async def test_faults_act_or_not_as_they_say(asked, fault, status, made):
    asked.gateway.fail("generate", fault)
    answer = await asked.http.post(GENERATE, json={"prompt": "x"})
    assert (answer.status_code, len(asked.gateway.tasks)) == (status, made)
    assert "task_status" in (await asked.create()), "a fault happens once"


async def test_what_older_gateways_do_not_know(asked):
    for method, path in [("POST", "/api/video-gen/cancel"), ("GET", "/healthz")]:
        answer = await asked.http.request(method, path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
    assert (await asked.http.post(GENERATE, content=b"{")).status_code == 422
    unknown = {"conversation_id": "1", "message_id": "2"}
    assert (await asked.http.get(STATUS, params=unknown)).status_code == 404


async def test_the_list_knows_conversations_only(asked):
    first = await asked.create(conversation_id="7")
    await asked.create()
    listed = (await asked.http.get("/api/video-gen/list", params={"status": "failed"})).json()
    assert listed["total"] == 2
    listed = (await asked.http.get("/api/video-gen/list", params={"conversation_id": "7"})).json()
    assert [task["message_id"] for task in listed["tasks"]] == [first["message_id"]]


def test_its_clock_runs_faster_and_it_can_be_served():
    gateway = OlderGateway(speed=3600)
    with gateway.serve() as url:
        created = requests.post(url + GENERATE, json={"prompt": "生成视频"}, timeout=5).json()
        bad = requests.post(
            url + GENERATE,
            json={"prompt": "x", "image_url": url + "/missing.jpg"},
            timeout=5,
        )
        assert bad.json()["detail"] == (
            "创建视频生成任务失败: 400: 处理图片链接失败: 下载图片失败: HTTP 404"
        )
        ids = {name: created[name] for name in ("conversation_id", "message_id")}
        task = {"status": "pending"}
        while task["status"] not in ("completed", "failed"):
            task = requests.get(url + STATUS, params=ids, timeout=5).json()["task"]
        video = requests.get(task["video_urls"][0], timeout=5)
        assert video.headers["content-type"] == "video/mp4"
    with pytest.raises(requests.ConnectionError):
        requests.get(url + STATUS, timeout=5)
