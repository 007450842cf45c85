"""The facts that travel with a film, inside it or beside it."""

import json

import pytest

from tests.media.test_probe import make_film
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


def test_facts_beside_a_film_are_read(tmp_path):
    film = make_film(tmp_path / "film.mp4", 3)
    before = film.read_bytes()
    assert write_sidecar(film, FACTS) == sidecar(film) == tmp_path / "film.mp4.json"
    assert provenance(str(film)) == {**FACTS, "made_by": "videogen-nb"}
    assert film.read_bytes() == before


def test_facts_beside_something_unreadable_are_read_all_the_same(tmp_path):
    film = tmp_path / "film.webm"
    film.write_bytes(b"an upstream's own format")
    write_sidecar(film, FACTS)
    assert provenance(film)["engine"] == "ark"


def test_facts_with_bytes_that_are_not_utf8_are_read(tmp_path):
    film = make_film(tmp_path / "film.mp4", 3, comment=metadata({"prompt": "caf\u00e9"})["comment"])
    film.write_bytes(film.read_bytes().replace("caf\u00e9".encode(), b"caf\xe9\xe9"))
    assert provenance(film)["prompt"] == "caf\ufffd\ufffd"


@pytest.mark.parametrize(
    "beside",
    [None, "", "not json", "[1]", '{"prompt": "another program\'s"}', "\udcff"],
    ids=["none", "empty", "words", "list", "foreign", "broken"],
)
def test_a_film_without_facts_is_told(tmp_path, beside):
    film = make_film(tmp_path / "film.mp4", 3)
    if beside is not None:
        sidecar(film).write_text(beside, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(BadInput, match=r"film\.mp4"):
        provenance(film)


def test_a_missing_film_is_told(tmp_path):
    with pytest.raises(BadInput, match=r"nowhere\.mp4"):
        provenance(tmp_path / "nowhere.mp4")
