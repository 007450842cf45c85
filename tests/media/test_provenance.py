"""The facts that travel with a video, inside it or beside it."""

import json

import pytest

from tests.media.test_probe import make_video
from videogen_nb.errors import BadInput
from videogen_nb.media.provenance import metadata, provenance, sidecar, write_sidecar

FACTS = {"prompt": '雪山 🏔️ at "night"', "engine": "ark", "seed": None, "parameters": {"a": [1]}}


def test_metadata_holds_everything_and_a_short_title():
    made = metadata({"prompt": "x " * 400, "seed": 3})
    assert json.loads(made["comment"]) == {
        "made_by": "videogen-nb",
        "prompt": "x " * 400,
        "seed": 3,
    }
    assert len(made["title"]) == 120


def test_facts_beside_a_video_are_read(tmp_path):
    video = make_video(tmp_path / "video.mp4", 3)
    before = video.read_bytes()
    assert write_sidecar(video, FACTS) == sidecar(video) == tmp_path / "video.mp4.json"
    assert provenance(str(video)) == {**FACTS, "made_by": "videogen-nb"}
    assert video.read_bytes() == before


def test_facts_beside_something_unreadable_are_read_all_the_same(tmp_path):
    video = tmp_path / "video.webm"
    video.write_bytes(b"an upstream's own format")
    write_sidecar(video, FACTS)
    assert provenance(video)["engine"] == "ark"


def test_facts_with_bytes_that_are_not_utf8_are_read(tmp_path):
    video = make_video(
        tmp_path / "video.mp4", 3, comment=metadata({"prompt": "caf\u00e9"})["comment"]
    )
    video.write_bytes(video.read_bytes().replace("caf\u00e9".encode(), b"caf\xe9\xe9"))
    assert provenance(video)["prompt"] == "caf\ufffd\ufffd"


@pytest.mark.parametrize(
    "beside",
    [None, "", "not json", "[1]", '{"prompt": "another program\'s"}', "\udcff"],
    ids=["none", "empty", "words", "list", "foreign", "broken"],
)
def test_a_video_without_facts_is_told(tmp_path, beside):
    video = make_video(tmp_path / "video.mp4", 3)
    if beside is not None:
        sidecar(video).write_text(beside, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(BadInput, match=r"video\.mp4"):
        provenance(video)


def test_a_missing_video_is_told(tmp_path):
    with pytest.raises(BadInput, match=r"nowhere\.mp4"):
        provenance(tmp_path / "nowhere.mp4")
