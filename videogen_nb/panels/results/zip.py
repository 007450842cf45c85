"""Chosen videos as one zip: videos, posters, ``tasks.csv``, and a page to look at them."""

from __future__ import annotations

import csv
import io
import secrets
import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from ...i18n import Text
from ...media.names import longer_name, video_name
from ...media.probe import poster_jpeg
from ...media.video import Video

_COLUMNS = (
    "task", "prompt", "engine", "seed", "duration_s", "width", "height", "created_at",
    "finished_at", "sha256", "video", "poster",
)  # fmt: skip
_TITLE = Text("Videos made with videogen-nb", "用 videogen-nb 生成的视频")

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 1200px; margin: 2rem auto; padding: 0 1rem }}
main {{ display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(280px, 1fr)) }}
figure {{ margin: 0 }}
video {{ width: 100%; border-radius: 10px; background: #000 }}
figcaption {{ overflow-wrap: anywhere; font-size: .9rem }}
small {{ opacity: .75 }}
</style>
</head>
<body><h1>{title}</h1><main>
{figures}
</main></body>
</html>
"""
_FIGURE = (
    '<figure><video controls playsinline preload="none" poster="{poster}" src="{video}"></video>'
    "<figcaption>{prompt}<br><small>{facts}</small></figcaption></figure>"
)


def export_zip(videos: Sequence[Video], path: Path, language: str = "en") -> Path:
    """Write the videos as a zip at ``path``; it gets its name only when complete.

    Raises:
        OSError: it cannot be written. NotAVideo: a video cannot be decoded any more.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    names = _names(videos)
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for video, name in zip(videos, names, strict=True):
                archive.write(video.path, f"videos/{name}.mp4")
                archive.writestr(f"posters/{name}.jpg", poster_jpeg(video.path))
            archive.writestr("tasks.csv", tasks_csv(videos, names))
            archive.writestr("index.html", page(videos, names, language))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def tasks_csv(videos: Sequence[Video], names: Sequence[str]) -> str:
    """Return CSV with a header and a line per video; UTF-8 with a BOM for spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for video, name in zip(videos, names, strict=True):
        task, facts = video.task, video.facts
        writer.writerow([
            str(task.id), _cell(task.prompt or ""), _cell(task.engine or ""), task.seed,
            f"{facts.duration_s:.3f}", facts.width, facts.height, task.created_at or "",
            task.finished_at or "", task.sha256 or "", f"videos/{name}.mp4", f"posters/{name}.jpg",
        ])  # fmt: skip
    return "\ufeff" + out.getvalue()


def page(videos: Sequence[Video], names: Sequence[str], language: str = "en") -> str:
    """Return a web page that shows the videos in its folder, without scripts or network."""
    figures = []
    for video, name in zip(videos, names, strict=True):
        facts = f"{video.facts.width} × {video.facts.height} · {video.facts.duration_s:.1f} s"
        told = f"{facts} · {video.task.engine or ''} · {video.task.seed or ''}"
        figures.append(
            _FIGURE.format(
                poster=escape(f"posters/{name}.jpg"),
                video=escape(f"videos/{name}.mp4"),
                prompt=escape(video.task.prompt or video.path.stem),
                facts=escape(told.strip(" ·")),
            )
        )
    title = escape(_TITLE.render(language))
    return _PAGE.format(language=language, title=title, figures="\n".join(figures))


def _names(videos: Sequence[Video]) -> list[str]:
    """Return the stems of the names inside the zip: those of files saved one by one."""
    found: list[str] = []
    for task in (video.task for video in videos):
        name = video_name(task.prompt, task.message_id).removesuffix(".mp4")
        if name.casefold() in map(str.casefold, found):
            whole = longer_name(task.prompt, task.conversation_id, task.message_id)
            name = whole.removesuffix(".mp4")
        found.append(name)
    return found


def _cell(words: str) -> str:
    """Return text that a spreadsheet does not interpret as a formula."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words
