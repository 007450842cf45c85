"""Nothing that is printed stops the work, or acts on a terminal."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import end_gateway
from videogen_nb.cli import cli
from videogen_nb.cli.framework.printing import console, put
from videogen_nb.errors import BadParameter, VideogenError
from videogen_nb.i18n import Text
from videogen_nb.settings import Settings
from videogen_nb.text.console import Forgiving, say, visible

NASTY = "a\x1b[2J\x9b31m\u202ecod\r\u2066\x07\x7f\udcff"
SHOWN = r"a\u001b[2J\u009b31m\u202ecod\u000d\u2066\u0007\u007f\udcff"
POSIX = pytest.mark.skipif(os.name != "posix", reason="the shell's redirections")


def test_what_acts_on_a_terminal_is_written_out():
    assert visible(NASTY) == SHOWN
    assert visible("雪山 ❄\tso\r\n👨\u200d👩") == "雪山 ❄\tso\n👨\u200d👩"


def test_so_it_is_in_sentences_and_errors():
    told = VideogenError(Text("It responded {words}.", "它说{words}。")(words=NASTY))
    assert str(told) == f"It responded {SHOWN}."
    assert str(VideogenError(NASTY)) == SHOWN
    assert "\x1b" not in str(BadParameter(Text("{x!r}", "{x!r}")(x=NASTY)))
    assert str(Text("{p}", "{p}")(p=Path("a\x1bb"))) == r"a\u001bb"


def test_what_a_person_gave_is_quoted_short_and_without_its_password():
    said = str(Text("{x!r} does not fit.", "{x!r} 不合适。")(x="http://me:pw@host/" + "y" * 10_000))
    assert len(said) < 120
    assert said.startswith("'http://***@host/yyy")
    in_a_list = ["http://me:pw@host", *range(1000)]
    said = str(Text("{x!r} does not fit.", "{x!r} 不合适。")(x=in_a_list))
    assert len(said) < 120
    assert said.startswith("['http://***@host', 0, 1, ")


@pytest.mark.parametrize("terminal", [True, False])
def test_so_it_is_in_the_programs_output(terminal):
    out = io.StringIO()
    place = console()
    place.file, place._force_terminal = out, terminal  # as if a person looked on
    put(place, NASTY, "bold red")
    for sign in ("\x1b[2J", "\x9b", "\u202e", "\r", "\x07", "\udcff"):
        assert sign not in out.getvalue()
    assert "[2J" in out.getvalue()


class Broken(io.StringIO):
    """A stream whose disk is full."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("code", ["gbk", "cp1252", "latin-1", "ascii", "utf-16"])
def test_what_an_encoding_lacks_becomes_a_question_mark(code, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=code, newline=""))
    say("📤 雪 é")
    assert raw.getvalue().decode(code).endswith("\n")


@pytest.mark.parametrize("stream", [None, Broken(), io.TextIOWrapper(io.BytesIO())])
def test_where_nothing_can_be_written_it_is_dropped(stream, monkeypatch):
    if isinstance(stream, io.TextIOWrapper):
        stream.close()
    monkeypatch.setattr(sys, "stdout", stream)
    say("a", "b")
    out = Forgiving(stream)
    out.write("a")
    out.flush()
    assert not out.isatty()
    assert stream is None or out.trouble is not None


SCRIPT = """
import sys
import videogen_nb as v
{before}
v.connect()
attachment = v.upload_image(open(sys.argv[1], "rb").read(), "image.jpg")
made = v.create_video_task("sea 🎬", attachment, duration=1, resolution="480p")
v.wait_for_video(made["conversation_id"], made["message_id"])
sys.stderr.write("DONE")
"""
LAKE = Path(__file__).parents[2] / "videogen_nb" / "gateway" / "samples" / "lake.jpg"


def run_script(before: str = "", **environment: str) -> bytes:
    command = [sys.executable, "-c", SCRIPT.format(before=before), str(LAKE)]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, timeout=90, check=False
    )
    return done.stderr


@pytest.fixture
def _ended():
    yield
    end_gateway(Settings.from_environment())


@pytest.mark.usefixtures("_ended")
def test_the_functions_of_tutorials_work_whatever_stdout_is():
    for code in ("gbk", "cp1252", "ascii"):
        assert run_script(PYTHONIOENCODING=code) == b"DONE"
    for before in ("sys.stdout = None", "sys.stdout.close()"):
        assert b"DONE" in run_script(before)


@POSIX
@pytest.mark.parametrize("where", [">/dev/full", ">&-", "| true"])
@pytest.mark.usefixtures("_ended")
def test_the_program_does_its_work_wherever_its_output_goes(where):
    for arguments in ("engines", "engines --json", "--version"):
        words = f"{sys.executable} -m videogen_nb {arguments} {where}; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", words], capture_output=True, timeout=90, check=False)
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
        assert (b"could not be written" in done.stderr) == (where == ">/dev/full")


def test_json_is_whole_in_every_encoding(monkeypatch):
    err = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stderr", err)
    with pytest.raises(SystemExit):
        cli.main(["status", "--json", "--url", "http://127.0.0.1:9", "雪\x9b"])
    err.seek(0)
    told = err.read()
    assert "?" not in told
    assert json.loads(told)["error"]["code"]
