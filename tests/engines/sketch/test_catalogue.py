"""The light table of scenes names classes that exist, and parts of a mood that exist."""

from dataclasses import fields

import pytest

from videogen_nb.engines.sketch.catalogue import RESOLUTIONS, SCENES, Mood
from videogen_nb.engines.sketch.scenes import scene_class
from videogen_nb.engines.sketch.scenes.base import Scene


@pytest.mark.parametrize("name", SCENES)
def test_each_scene_can_be_loaded(name):
    entry = SCENES[name]
    assert issubclass(scene_class(name), Scene)
    assert set(entry.understands) <= {field.name for field in fields(Mood)}
    assert entry.default_resolution in RESOLUTIONS


def test_an_unknown_scene_is_a_key_error():
    with pytest.raises(KeyError):
        scene_class("moon")
