"""Images and videos that several tests of the sketch engine look at."""

import hashlib

import numpy as np
import pytest
from PIL import Image

from videogen_nb.engines import InputImage

from .camera.marks import mark_chart, mark_places


@pytest.fixture(scope="session")
def places():
    """Where the chart's marks are, ``(n, 2)`` pixel coordinates, whole number = pixel centre."""
    return mark_places()


@pytest.fixture(scope="session")
def chart(places):
    """An image of soft round marks on gray, ``(450, 800, 3)`` uint8."""
    return mark_chart(places)


@pytest.fixture
def input_image(tmp_path):
    """Saves an RGB array as an image and gives it as the gateway would."""

    def make(rgb, role="first", name="image.png"):
        path = tmp_path / name
        Image.fromarray(np.asarray(rgb, np.uint8)).save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return InputImage(path, digest, rgb.shape[1], rgb.shape[0], role)

    return make
