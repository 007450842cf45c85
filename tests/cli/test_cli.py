"""The terminal at work: real videos, one JSON document, exit codes, Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image
from starlette.applications import Starlette

from tests.processes import end_gateway, environment, run, settings_in
from videogen_nb.cli import cli
from videogen_nb.cli.framework import menu
from videogen_nb.i18n import set_language
from videogen_nb.media.probe import probe
from videogen_nb.settings import Settings
from videogen_nb.testing import OlderGateway
from videogen_nb.testing.serving import served

SMALL = ("--duration", "1", "--resolution", "480p")


@pytest.fixture(scope="module")
def here(tmp_path_factory) -> Iterator[Settings]:
    """One gateway for all of these."""
    settings = settings_in(tmp_path_factory.mktemp("cli"))
    yield settings
    end_gateway(settings)


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    yield
    set_language(None)


@pytest.fixture
def image(tmp_path) -> Path:
    path: Path = tmp_path / "image.png"
    Image.linear_gradient("L").convert("RGB").resize((160, 90)).save(path)
    return path


@pytest.fixture(scope="module")
def made(here, tmp_path_factory) -> dict[str, Any]:
    """A finished task, as ``generate --json`` tells it."""
    path = tmp_path_factory.mktemp("image") / "p.png"
    Image.linear_gradient("L").convert("RGB").resize((160, 90)).save(path)
    return document(invoke(here, "generate", "pan left", "--image", str(path), *SMALL, "--json"))


def invoke(settings: Settings, *words: str, typed: str | None = None, **more: str) -> Result:
    """One command in this process, nothing of the person's settings around it."""
    clean = {name: None for name in os.environ if name.startswith("VIDEOGEN_")}
    return CliRunner().invoke(cli, words, input=typed, env={**clean, **only_ours(settings), **more})


def only_ours(settings: Settings) -> dict[str, str]:
    return {k: v for k, v in environment(settings).items() if k.startswith("VIDEOGEN_")}


def document(result: Result, code: int = 0) -> dict[str, Any]:
    """The one JSON document on stdout."""
    assert result.exit_code == code, result.output
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def failure(result: Result, code: int) -> dict[str, Any]:
    """The error of a command that ran with ``--json``: on stderr, nothing on stdout."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    error = json.loads(result.stderr)["error"]
    assert error["message"]
    return dict(error)


def create(settings: Settings, *words: str) -> str:
    """A task that takes its time; gives its task_id."""
    slow = ("--duration", "15", "--resolution", "1080p", "--no-wait", "--json")
    return str(document(invoke(settings, "generate", "sea", *slow, *words))["task"]["id"])


def test_a_sentence_becomes_a_video_where_it_was_wanted(here, tmp_path):
    wanted = tmp_path / "video.mp4"
    result = invoke(here, "generate", "sea", *SMALL, "-o", str(wanted), "--seed", "7")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == str(wanted)
    assert probe(wanted).duration_s == pytest.approx(1.0, abs=0.05)
    assert "generated in" in result.stderr


def test_an_image_becomes_a_video_and_one_document(made, here):
    assert Path(made["path"]).parent == here.output
    assert probe(Path(made["path"])).height == 480
    assert made["task"]["status"] == "completed"
    assert made["task"]["id"] == f"{made['task']['conversation_id']}-{made['task']['message_id']}"


def test_an_images_url_is_fetched_by_the_gateway(here, made, tmp_path):
    base = made["task"]["video_urls"][0].split("/api/")[0]
    sample = f"{base}/samples/lake.jpg"
    result = invoke(
        here, "generate", "still", "--image", sample, *SMALL, "-o", str(tmp_path), "--json"
    )
    assert Path(document(result)["path"]).parent == tmp_path


def test_a_video_is_continued_from_its_last_frame(here, made):
    words = ("--after", made["task"]["id"], "--at", "0.5", "--no-wait", "--json")
    task = document(invoke(here, "generate", "pan left", *SMALL, *words))["task"]
    assert task["parent"] == made["task"]["id"]
    assert invoke(here, "generate", "pan", "--at", "1", "--no-wait").exit_code == 2


def test_a_prompt_can_come_through_a_pipe(here):
    told = document(invoke(here, "generate", "-", "--no-wait", "--json", *SMALL, typed="sea\n"))
    assert told["task"]["prompt"] == "sea"
    invoke(here, "cancel", told["task"]["id"])


def test_create_now_and_come_back_later(here, tmp_path):
    result = invoke(here, "generate", "sea", *SMALL, "--no-wait")
    assert result.exit_code == 0, result.output
    assert f"videogen-nb wait {result.stdout.strip()}" in result.stderr  # the id alone is piped
    command = ["videogen-nb", "wait", result.stdout.strip()]
    saved = document(invoke(here, *command[1:], "-o", str(tmp_path / "later.mp4"), "--json"))
    assert saved["task"]["id"] == command[2]
    assert (tmp_path / "later.mp4").exists()
    assert invoke(here, "status", command[2]).exit_code == 0


def test_waiting_without_downloading_and_downloading_alone(here, made, tmp_path):
    task_id = made["task"]["id"]
    waited = document(invoke(here, "wait", task_id, "--no-download", "--json"))
    assert "path" not in waited
    saved = invoke(here, "download", made["task"]["message_id"], "-o", str(tmp_path / "f.mp4"))
    assert saved.stdout.strip() == str(tmp_path / "f.mp4")


def test_status_in_words_and_as_a_document(here, made):
    words = invoke(here, "status", made["task"]["id"])
    assert words.exit_code == 0
    assert "prompt: pan left" in words.stdout
    assert "engine: sketch" in words.stdout
    told = document(invoke(here, "status", made["task"]["id"], "--json"))
    assert told["task"]["sha256"] == made["task"]["sha256"]


def test_a_task_under_way_is_told_by_the_exit_code_and_can_be_cancelled_and_retried(here):
    task_id = create(here)
    assert invoke(here, "status", task_id).exit_code == 4
    early = document(invoke(here, "download", task_id, "--json"), code=4)
    assert early["path"] is None
    error = failure(invoke(here, "wait", task_id, "--max-wait", "0.001", "--json"), code=4)
    assert (error["code"], error["task"]) == ("wait_timeout", task_id)

    assert document(invoke(here, "cancel", task_id, "--json"))["task"]["status"] == "cancelled"
    assert invoke(here, "status", task_id).exit_code == 1
    assert failure(invoke(here, "wait", task_id, "--json"), code=1)["code"] == "task_cancelled"

    again = document(invoke(here, "retry", task_id, "--json"))["task"]
    assert again["parent"] == task_id
    invoke(here, "cancel", again["id"])


def test_a_list_for_programs_and_for_pipes(here, made):
    told = document(invoke(here, "list", "--status", "completed", "--json"))
    assert made["task"]["id"] in [task["id"] for task in told["tasks"]]
    assert told["total"] >= len(told["tasks"]) >= 1
    assert len(document(invoke(here, "list", "--limit", "1", "--json"))["tasks"]) == 1
    lines = invoke(here, "list", "--status", "completed").stdout.splitlines()
    fields = {line.split("\t")[0]: line.split("\t") for line in lines}
    assert fields[made["task"]["id"]][1] == "completed"
    assert fields[made["task"]["id"]][3] == "pan left"


def test_a_finished_task_can_be_forgotten(here, image):
    words = ("generate", "still", "--image", str(image), *SMALL, "--json")
    task_id = document(invoke(here, *words))["task"]["id"]
    assert document(invoke(here, "delete", task_id, "--json")) == {"deleted": task_id}
    assert failure(invoke(here, "status", task_id, "--json"), code=1)["code"] == "task_not_found"


def test_engines_in_words_and_as_a_document(here):
    told = document(invoke(here, "engines", "--json"))
    assert told["default"] == "sketch"
    words = invoke(here, "engines", "--lang", "zh").stdout
    assert "程序化草图" in words
    assert "海" in words


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        pytest.param(["generate", ""], 2, "prompt_empty", id="empty-prompt"),
        pytest.param(["generate", "x" * 5000], 2, "prompt_too_long", id="long-prompt"),
        pytest.param(["generate", "x", "--image", "gone.jpg"], 2, "bad_image", id="no-file"),
        pytest.param(["generate", "x", "--image", ""], 2, "bad_image", id="no-image"),
        pytest.param(["generate", "x", "-o", f"{__file__}/f.mp4"], 1, "download_failed", id="out"),
        pytest.param(["generate", "x", "--image", "ftp://a/b"], 2, "bad_url", id="url-kind"),
        pytest.param(["status", "nonsense"], 2, "bad_parameter", id="no-id"),
        pytest.param(["status", "1-2"], 1, "task_not_found", id="unknown-task"),
        pytest.param(["generate", "x", "--duration", "x"], 2, "usage", id="no-number"),
        pytest.param(["generate", "x", "--duration", "nan"], 2, "bad_parameter", id="nan"),
        pytest.param(["generate", "x", "--max-wait", "nan"], 2, "bad_parameter", id="wait-nan"),
        pytest.param(["generate"], 2, "usage", id="prompt-missing"),
        pytest.param(["generate", "the", "sea"], 2, "usage", id="no-quotes"),
        pytest.param(["list", "--limit", "0"], 2, "usage", id="too-few"),
        pytest.param(["frobnicate"], 2, "usage", id="no-command"),
        pytest.param(["list", "--what"], 2, "usage", id="no-option"),
    ],
)
def test_what_goes_wrong_has_a_code_and_a_document(here, words, code, kind):
    assert failure(invoke(here, *words, "--json"), code)["code"] == kind


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(["generate", "the", "sea"], "Unexpected argument 'sea'", id="no-quotes"),
        pytest.param(["list", "--limit", "0"], "expected a number no lower than 1", id="too-few"),
        pytest.param(["wait", "1-2", "--max-wait", "0"], "a number above 0", id="no-time"),
        pytest.param(["serve", "--port", "99999"], "a number from 0 to 65535", id="port"),
        pytest.param(["generate", "x", "-o", "video.mp4/"], "not a folder", id="no-folder"),
    ],
)
def test_how_it_goes_is_told(here, words, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "video.mp4").write_text("an older one")
    result = invoke(here, *words)
    assert result.exit_code in (1, 2)
    assert told in " ".join(result.stderr.split())


def test_a_video_that_cannot_be_saved_can_be_fetched_later(here, made, tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = invoke(here, "download", made["task"]["id"], "-o", str(tmp_path / "file" / "f.mp4"))
    assert result.exit_code == 1
    assert f"videogen-nb download {made['task']['id']} -o FILE" in result.stderr


def test_a_folder_to_be_made_is_named_by_its_slash(here, made, tmp_path):
    saved = invoke(here, "download", made["task"]["id"], "-o", f"{tmp_path}/new/folder/")
    assert Path(saved.stdout.strip()).parent == tmp_path / "new" / "folder"


def test_the_engine_of_the_environment_is_asked_for_at_a_gateway_that_runs_already(here, made):
    result = invoke(here, "generate", "sea", "--no-wait", "--json", VIDEOGEN_ENGINE="nowhere")
    assert failure(result, code=1)["code"] == "unknown_engine"
    told = document(invoke(here, "engines", "--json", VIDEOGEN_ENGINE="ark"))
    assert told["default"] == "ark"


@pytest.mark.parametrize("words", [["list"], ["status", "1-2"], ["generate", "sea"]], ids=str)
def test_another_program_at_the_address_is_told(here, words):
    with served(Starlette()) as url:
        result = invoke(here, "--url", url, *words)
    assert result.exit_code == 1
    assert f" {url} is not a video-gen gateway" in " ".join(result.stderr.split())


def test_nothing_is_created_from_what_is_no_image(here, tmp_path):
    text = tmp_path / "notes.jpg"
    text.write_text("no image")
    before = document(invoke(here, "list", "--json"))["total"]
    result = invoke(here, "generate", "x", "--image", str(text))
    assert result.exit_code == 2
    assert "JPG, PNG, WEBP or HEIC" in " ".join(result.stderr.split())
    assert document(invoke(here, "list", "--json"))["total"] == before


def test_a_gateway_that_is_not_there_has_a_code_of_its_own(here):
    result = invoke(here, "--url", "http://127.0.0.1:9", "list", "--json")
    assert failure(result, code=3)["code"] == "gateway_unreachable"


def test_an_older_gateway_is_driven_just_as_well(here):
    with OlderGateway().serve() as url:
        words = ("--url", url, "generate", "sea", "--no-wait", "--json")
        made = document(invoke(here, *words))["task"]
        listed = document(invoke(here, "list", "--json", VIDEOGEN_URL=url))
        assert invoke(here, "status", made["message_id"], VIDEOGEN_URL=url).exit_code == 4
    assert [task["id"] for task in listed["tasks"]] == [made["id"]]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for another process")
@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
def test_ctrl_c_ends_the_waiting_and_says_how_to_come_back(here, as_json):
    gateway = OlderGateway(speed=1)
    with gateway.serve() as url:
        made = document(invoke(here, "--url", url, "generate", "sea", "--no-wait", "--json"))
        task_id = made["task"]["id"]
        gateway.log.clear()
        with subprocess.Popen(
            [sys.executable, "-m", "videogen_nb", "wait", task_id, *["--json"][: int(as_json)]],
            env=environment(here, VIDEOGEN_URL=url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            while gateway.log.count("status") < 2:  # the second look is the waiting's
                assert process.poll() is None
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (130, "")
        assert f"videogen-nb wait {task_id}" in err
        assert "Traceback" not in err
        if as_json:
            error = json.loads(err)["error"]
            assert (error["code"], error["task"]) == ("interrupted", task_id)
        assert invoke(here, "--url", url, "status", task_id).exit_code == 4  # it goes on


def test_the_menu_works_through_a_pipe(here):
    result = subprocess.run(
        [sys.executable, "-m", "videogen_nb"],
        input="4\nseven\n0\n",
        env=environment(here, VIDEOGEN_LANG="zh"),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("请选择 (0-5): ") == 3
    for line in ("1. 图生视频（本地图片）", "5. 运行全部示例", "示例 4: 快速测试", "消息ID: "):
        assert line in result.stdout
    assert "请输入 0 到 5 之间的数字。" in result.stdout
    assert result.stdout.rstrip().endswith("👋 再见！")


@pytest.mark.parametrize("typed", ["2\nnonsense\n0\n", "2\n\n0\n"])
def test_the_second_example_asks_for_a_url(here, typed, monkeypatch):
    asked: list[str | None] = []
    monkeypatch.setattr(menu, "example_2_image_to_video_url", asked.append)
    result = invoke(here, typed=typed)
    assert result.exit_code == 0
    assert "Image URL (Enter = the gateway's sample image): " in result.stdout
    assert asked == ["nonsense" if "nonsense" in typed else None]


def test_a_menu_whose_input_ends_is_left(here):
    result = invoke(here, typed="")
    assert result.exit_code == 0
    assert "1. Image to video (local image)" in result.stdout


def test_stop_ends_the_gateway_and_says_when_there_is_none(tmp_path):
    settings = settings_in(tmp_path)
    try:
        assert document(invoke(settings, "stop", "--json")) == {"stopped": False, "pid": None}
        assert invoke(settings, "list").exit_code == 0
        assert document(invoke(settings, "stop", "--json"))["stopped"]
        assert "No local gateway" in invoke(settings, "stop").stdout
    finally:
        end_gateway(settings)


def test_a_terminal_without_unicode_is_no_reason_to_fail(here):
    answer = run(here, "-m", "videogen_nb", "--lang", "zh", "--help", PYTHONIOENCODING="ascii")
    assert answer.returncode == 0, answer.stderr
    assert "videogen-nb" in answer.stdout
