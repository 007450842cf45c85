"""The four examples, as a person runs them, on a machine where nothing is running."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.processes import end_gateway, environment, run, settings_in
from videogen_nb.blocking import examples
from videogen_nb.errors import BadInput
from videogen_nb.i18n import set_language
from videogen_nb.local.discovery import find_gateway
from videogen_nb.media.probe import probe
from videogen_nb.settings import Settings
from videogen_nb.testing import OlderGateway

LINE = "=" * 60


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Iterator[Settings]:
    settings = settings_in(tmp_path_factory.mktemp("examples"))
    yield settings
    end_gateway(settings)


@pytest.fixture
def inside(here, monkeypatch) -> Iterator[Settings]:
    """The same folders for examples that run in this process."""
    for name, value in environment(here).items():
        if name.startswith("VIDEOGEN_"):
            monkeypatch.setenv(name, value)
    yield here
    set_language(None)


def test_one_line_makes_a_video_from_words(here):
    code = (
        "from videogen_nb.blocking.examples import example_3_text_to_video as example\n"
        "print('GIVEN', example('海边日落，1秒'))"
    )
    answer = run(here, "-c", code, VIDEOGEN_LANG="zh")
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert lines[:3] == [LINE, "示例 3: 文生视频", LINE]
    for line in (
        "🎬 创建文生视频任务...",
        "   提示词: 海边日落，1秒",
        "✅ 任务创建成功!",
        "⏳ 等待视频生成...",
        "✅ 视频生成完成!",
        "   获取到 1 个视频链接:",
        "🎉 完成！视频已生成",
    ):
        assert line in lines
    video = Path(lines[-1].removeprefix("GIVEN "))
    assert video.parent == here.output
    assert probe(video).duration_s == pytest.approx(1.0, abs=0.05)


def test_an_image_on_disk_becomes_a_video(inside, capsys):
    video = examples.example_1_image_to_video_local()
    printed = capsys.readouterr().out.splitlines()
    assert printed[printed.index(LINE) + 1] == "Example 1: Image to video (local image)"
    assert "📖 Reading the image: lake.jpg" in printed
    assert "✅ Uploaded!" in printed
    assert f"   Saved: {video}" in printed
    assert probe(video).frames > 0


def test_an_images_url_becomes_a_video_in_both_ways(inside, capsys):
    by_hand, by_gateway = examples.example_2_image_to_video_url()
    printed = capsys.readouterr().out
    running = find_gateway(inside)
    assert running is not None
    assert f"📥 Downloading the image from {running.url}/samples/lake.jpg..." in printed
    assert f"🌐 POST {running.url}/api/video-gen/generate" in printed
    assert by_hand != by_gateway
    assert by_hand.exists()
    assert by_gateway.exists()


def test_the_quick_test_does_not_wait_and_says_how_to_come_back(inside, capsys):
    task = examples.example_4_quick_test("sea, 1 second")
    printed = capsys.readouterr().out
    assert f"videogen-nb status {task}" in printed
    running = find_gateway(inside)
    assert running is not None
    conversation, message = task.split("-")
    asked = {"conversation_id": conversation, "message_id": message}
    headers = {"Authorization": f"Bearer {running.token}"}
    status = f"{running.url}/api/video-gen/status"
    answer = httpx.get(status, params=asked, headers=headers, trust_env=False)
    assert answer.json()["task"]["prompt"] == "sea, 1 second"


def test_a_gateway_without_a_sample_image_asks_for_a_url(inside, monkeypatch):
    with OlderGateway().serve() as url:
        monkeypatch.setenv("VIDEOGEN_URL", url)
        with pytest.raises(BadInput, match="example_2_image_to_video_url"):
            examples.example_2_image_to_video_url()


def test_what_a_gateway_refuses_comes_as_an_error_of_ours(inside):
    with pytest.raises(BadInput) as caught:
        examples.example_2_image_to_video_url("nonsense")
    assert "nonsense" in str(caught.value)
