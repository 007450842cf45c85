"""Human-readable file sizes."""

from __future__ import annotations


def size_words(size: int) -> str:
    """Return a number of bytes in words: ``"812 kB"``, ``"3.4 MB"``, ``"1.2 GB"``."""
    if size < 999_500:
        return f"{size / 1e3:.0f} kB" if size >= 500 or not size else "1 kB"
    return f"{size / 1e6:.1f} MB" if size < 999_950_000 else f"{size / 1e9:.1f} GB"
