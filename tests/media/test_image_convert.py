"""An image is looked at in a process of its own, which may die or hang without harm."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from videogen_nb.errors import BadImage
from videogen_nb.media.images import convert

from ..old_and_new_gateway import image_bytes


def python(folder: Path, monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    """Have Python begin with a line of shell."""
    script = folder / "python"
    script.write_text(f'#!/bin/sh\n{first}\nexec "{sys.executable}" "$@"\n')
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))


def test_an_image_that_fits_is_put_anew():
    made = convert.convert_apart(image_bytes((320, 180)))
    assert (made.width, made.height, made.data[:4]) == (320, 180, b"\x89PNG")


def test_a_process_that_dies_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    mark = tmp_path / "died"
    python(tmp_path, monkeypatch, f'[ -e "{mark}" ] || {{ touch "{mark}"; kill -9 $$; }}')
    convert.check_apart(image_bytes())
    assert mark.exists()


def test_an_image_is_not_blamed_for_two_deaths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    python(tmp_path, monkeypatch, "kill -9 $$")
    with pytest.raises(BadImage, match="The image itself may be fine") as caught:
        convert.check_apart(image_bytes())
    assert caught.value.code == "image_unchecked"


def test_a_process_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    python(tmp_path, monkeypatch, "exec sleep 60")
    monkeypatch.setattr(convert, "TIME_S", 0.3)
    with pytest.raises(BadImage) as caught:
        convert.check_apart(image_bytes())
    assert caught.value.code == "image_too_hard"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_process_that_takes_too_much_memory_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    code = "import videogen_nb.media.images.convert as c; c.MEMORY = 1 << 20; c.main()"
    python(tmp_path, monkeypatch, f'exec "{sys.executable}" -c "{code}" check')
    with pytest.raises(BadImage) as caught:
        convert.check_apart(image_bytes((2000, 2000), "JPEG"))
    assert caught.value.code == "image_too_hard"
