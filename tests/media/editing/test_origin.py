"""Where an edited video comes from: parents, kept labels, lost signatures."""

import json

import pytest

from videogen_nb.errors import EditWarning
from videogen_nb.media.editing.edit_provenance import labels, signatures
from videogen_nb.media.editing.join import join
from videogen_nb.media.editing.sources import sha256
from videogen_nb.media.probe import probe
from videogen_nb.media.provenance import describe, metadata, provenance, write_sidecar
from videogen_nb.media.video import Video
from videogen_nb.protocol.models import VideoTask

from .clips import make_clip

LABEL = '{"Label":"1","ContentProducer":"001"}'
C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


@pytest.fixture
def sketch(tmp_path):
    facts = describe(engine="sketch", prompt="a lake", parameters={"fps": 12}, seed=7)
    return make_clip(tmp_path / "lake.mp4", 6, metadata=metadata(facts))


@pytest.fixture
def upstream(tmp_path):
    path = make_clip(tmp_path / "sea.mp4", 6, metadata={"AIGC": LABEL})
    facts = describe(engine="ark", prompt="the sea", parameters={}, seed=None, task="1-2")
    write_sidecar(path, facts)
    return path


@pytest.fixture
def signed(tmp_path):
    path = make_clip(tmp_path / "signed.mp4", 6)
    box = b"uuid" + C2PA + b"manifest"
    data = path.read_bytes()
    path.write_bytes(data + (len(box) + 4).to_bytes(4, "big") + box)
    return path


def test_the_parents_are_listed_with_all_that_is_known(sketch, upstream, tmp_path):
    known = {
        "conversation_id": "1",
        "message_id": "98765432109876543",
        "status": "completed",
        "finished_at": "2026-11-26T05:00:00+00:00",
    }
    video = Video(sketch, probe(sketch), VideoTask.model_validate(known))
    joined = join([video, upstream, video], path=tmp_path / "all.mp4")
    facts = provenance(joined)
    assert facts["edit"] == "join"
    first, second = facts["parents"]
    assert first == {
        "file": "lake.mp4",
        "sha256": sha256(sketch),
        "engine": "sketch",
        "prompt": "a lake",
        "seed": 7,
        "parameters": {"fps": 12},
        "task": "1-98765432109876543",
        "created_at": "2026-11-26T05:00:00+00:00",
    }
    assert (second["engine"], second["prompt"], second["task"]) == ("ark", "the sea", "1-2")
    assert [part["file"] for part in facts["parameters"]["parts"]] == [
        "lake.mp4", "sea.mp4", "lake.mp4",
    ]  # fmt: skip


def test_a_video_made_of_joined_ones_names_the_whole_family(sketch, tmp_path):
    once = join([sketch], path=tmp_path / "once.mp4")
    twice = join([once], path=tmp_path / "twice.mp4")
    (parent,) = provenance(twice)["parents"]
    assert parent["edit"] == "join"
    assert parent["parents"][0]["prompt"] == "a lake"


def test_a_label_is_carried_over(sketch, upstream, tmp_path):
    joined = join([sketch, upstream], path=tmp_path / "all.mp4")
    assert labels(joined.path) == LABEL
    assert provenance(joined)["parents"][1]["label"] == LABEL
    assert json.loads(LABEL)


def test_a_lost_signature_is_reported(sketch, signed, tmp_path):
    assert signatures(sketch) == []
    assert signatures(signed) == ["C2PA"]
    with pytest.warns(EditWarning, match="C2PA"):
        joined = join([sketch, signed], path=tmp_path / "all.mp4")
    (note,) = provenance(joined)["notes"]
    assert "signed.mp4" in note["en"]
    assert "C2PA" in note["zh"]
