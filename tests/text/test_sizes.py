"""Numbers of bytes: one way of telling them, for terminal, panels and doctor."""

from __future__ import annotations

import pytest

from videogen_nb.text.byte_sizes import size_words


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (0, "0 kB"),
        (1, "1 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (999_949_999, "999.9 MB"),
        (999_950_000, "1.0 GB"),
        (1_234_000_000_000, "1234.0 GB"),
    ],
)
def test_a_number_of_bytes_is_told_in_its_unit(size: int, told: str) -> None:
    assert size_words(size) == told
