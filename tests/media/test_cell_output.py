"""The receipt means something without a kernel, and never runs what a person typed."""

import base64
import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from videogen_nb.media.cell_output import receipt
from videogen_nb.media.jupyter_files import serves_files
from videogen_nb.media.probe import probe
from videogen_nb.protocol.models import VideoTask
from videogen_nb.testing.testcard import video

IDS = {"conversation_id": "12345678901234567", "message_id": "98765432109876543"}


def make_task(**changes) -> VideoTask:
    known = {"status": "completed", "prompt": "a sea", "engine": "sketch", "seed": 7}
    return VideoTask.model_validate({**IDS, **known, **changes})


class Tags(HTMLParser):
    """The tags of a page as a browser reads them, each with its attributes' names."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, [key for key, _ in attrs]))


class Texts(HTMLParser):
    """The pieces of text between tags."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_data(self, data):
        self.seen.append(data)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos" / "a sea #1.mp4").write_bytes(video())
    return tmp_path


def receipt_of(path: Path, task: VideoTask, **options) -> dict[str, str]:
    return receipt(path, task, probe(path), **options)


def test_what_was_drawn_stands_in_the_receipt(folder: Path):
    drawn = {"shown": ["sea"], "missing": ["<b>"], "line": "Drawn: sea. Not drawn: <b>."}
    made = receipt_of(path_in(folder), make_task(drawn=drawn))
    assert "Drawn: sea. Not drawn: &lt;b&gt;." in made["text/html"]
    assert drawn["line"] in made["text/plain"].splitlines()


def path_in(folder: Path) -> Path:
    return folder / "videos" / "a sea #1.mp4"


def test_a_video_below_the_notebook_is_linked_by_relative_path(folder):
    page = receipt_of(path_in(folder), make_task(), base=folder)["text/html"]
    assert 'src="videos/a%20sea%20%231.mp4"' in page
    assert "controls" in page
    assert "autoplay" not in page


SERVED = {"JPY_SESSION_NAME": "work/notebook.ipynb"}


@pytest.fixture
def served(monkeypatch):
    """As in JupyterLab: a server has told the kernel which notebook it is for."""
    for name, value in SERVED.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    """The machine that runs the tests may itself be a notebook's."""
    for name in (*SERVED, "VSCODE_PID", "COLAB_RELEASE_TAG"):
        monkeypatch.delenv(name, raising=False)


def sources(page: str) -> list[str]:
    """Where a player looks for its video, in its order; of data only the kind."""
    player = page.partition("</video>")[0].partition("<img")[0]
    found = re.findall(r' src="([^"]+)"', player)
    return [one.partition(";")[0] for one in found]


def test_where_files_are_served_nothing_is_copied(folder, served):
    page = receipt_of(path_in(folder), make_task(), base=folder)["text/html"]
    assert sources(page) == ["videos/a%20sea%20%231.mp4"]
    assert len(page) < 45_000


def test_elsewhere_the_page_asks_for_the_file_and_has_a_copy(folder):
    page = receipt_of(path_in(folder), make_task(), base=folder)["text/html"]
    assert sources(page) == ["videos/a%20sea%20%231.mp4", "data:video/mp4"]
    (data,) = re.findall(r'src="data:video/mp4;base64,([^"]+)"', page)
    assert base64.b64decode(data) == video()


def test_what_is_too_large_says_so(folder, monkeypatch):
    monkeypatch.setattr("videogen_nb.media.cell_output.EMBED_BYTES", 100)
    page = receipt_of(path_in(folder), make_task(), base=folder)["text/html"]
    assert sources(page) == ["videos/a%20sea%20%231.mp4"]
    assert "Over 2 MiB" in page
    assert 'poster="data:image/jpeg' in page


def test_a_copy_can_be_asked_for_or_refused(folder, served):
    asked = receipt_of(path_in(folder), make_task(), base=folder, embed=True)["text/html"]
    assert "data:video/mp4" in asked
    refused = receipt_of(path_in(folder), make_task(), base=folder / "x", embed=False)["text/html"]
    assert "data:video/mp4" not in refused


@pytest.mark.parametrize(
    ("more", "known"),
    [
        pytest.param({}, True, id="jupyterlab"),
        pytest.param({"VOILA_SERVER_URL": "/"}, False, id="voila"),
        pytest.param({"COLAB_RELEASE_TAG": "x"}, False, id="colab"),
        pytest.param({"VSCODE_PID": "1"}, False, id="vscode"),
        pytest.param({"JPY_SESSION_NAME": ""}, False, id="papermill"),
    ],
)
def test_who_serves_files(more, known):
    assert serves_files({**SERVED, **more}) is known


def test_the_poster_stands_twice_and_is_small(folder):
    page = receipt_of(path_in(folder), make_task(), base=folder)["text/html"]
    posters = re.findall(r'(?:poster|src)="data:image/jpeg;base64,([^"]+)"', page)
    assert len(posters) == 2
    assert sum(len(base64.b64decode(p)) for p in posters) <= 30_000


def test_a_video_elsewhere_travels_inside_the_output(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    page = receipt_of(path_in(folder), make_task(), base=elsewhere)["text/html"]
    (data,) = re.findall(r'src="data:video/mp4;base64,([^"]+)"', page)
    assert base64.b64decode(data) == video()


@pytest.mark.parametrize("words", ["Procedural sketch", "程序化草图"])
def test_the_caption_says_what_it_is(folder, words):
    bundle = receipt_of(path_in(folder), make_task(engine_title=words), base=folder)
    for kind in ("text/html", "text/plain"):
        assert words in bundle[kind]
        assert "320×180" in bundle[kind]
        assert str(make_task().id) in bundle[kind]
        assert "videos/a sea #1.mp4" in html.unescape(bundle[kind])


MATH = ["between $5 and $10", r"\(x\) and \[y\]", "$$x$$", r"\begin{align}x\end{align}"]


@pytest.mark.parametrize("prompt", MATH)
def test_a_price_is_no_formula(folder, prompt):
    """Neither where MathJax knows the classes it leaves alone, nor where it does not."""
    page = receipt_of(path_in(folder), make_task(prompt=prompt), base=folder)["text/html"]
    assert re.search(r'<figure class="[^"]*\bmathjax_ignore tex2jax_ignore\b', page)
    texts = Texts()
    texts.feed(page)
    for text in texts.seen:  # a formula begins and ends in one piece of text
        assert not re.search(r"[$\\].", text, re.DOTALL)
    assert prompt in "".join(texts.seen)
    assert "$" not in page, "Markdown pages look for formulas in their source"


def test_a_prompt_of_several_paragraphs_stays_one_piece_of_html(folder):
    """A blank line would end it where the output is part of a Markdown page."""
    prompt = "first\n\n# second\n\n    third"
    bundle = receipt_of(path_in(folder), make_task(prompt=prompt), base=folder)
    assert "\n" not in bundle["text/html"]
    assert "first # second third" in bundle["text/html"]
    assert bundle["text/plain"].startswith(prompt)


def test_another_engines_video_is_not_called_a_sketch(folder):
    text = receipt_of(path_in(folder), make_task(engine="ark"), base=folder)["text/plain"]
    assert "ark" in text
    assert "sketch" not in text


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param("<script>alert(1)</script>", id="script"),
        pytest.param('"><img src=x onerror=alert(1)>', id="attribute"),
        pytest.param("' onmouseover='alert(1)", id="quote"),
        pytest.param("{poster}{0}{}", id="braces"),
    ],
)
def test_a_prompt_is_text_and_nothing_else(folder, prompt):
    page = receipt_of(path_in(folder), make_task(prompt=prompt), base=folder)["text/html"]
    assert html.escape(prompt) in page
    tags = Tags()
    tags.feed(page)
    assert {name for name, _ in tags.seen} == {
        "figure",
        "video",
        "img",
        "figcaption",
        "div",
        "code",
        "source",
        "span",
    }
    assert not [key for _, keys in tags.seen for key in keys if key.startswith("on")]
