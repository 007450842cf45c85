"""The light table of scenes says what the scenes' classes say of themselves."""

import pytest

from videogen_nb.engines.sketch.scenes import scene_class
from videogen_nb.engines.sketch.shapes import RESOLUTIONS
from videogen_nb.engines.sketch.vocabulary import SCENES


@pytest.mark.parametrize("name", SCENES)
def test_the_table_and_the_class_agree(name):
    entry, scene = SCENES[name], scene_class(name)
    assert scene.name == name
    assert (scene.title, scene.example) == (entry.title, entry.example)
    assert scene.understands == entry.understands
    assert entry.default_resolution in RESOLUTIONS


def test_an_unknown_scene_is_a_key_error():
    with pytest.raises(KeyError):
        scene_class("moon")
