"""The cell output of a finished video, which is still useful without a kernel.

It contains a player for the video's relative path (which Jupyter resolves to its file server), an
embedded poster of at most 30 KB, a caption and the file's path. On pages that remove the player
(GitHub), the poster remains; if the file is missing (exported pages), the player shows the poster.

If no Jupyter server is known to serve the file, a small video is embedded as well: the page tries
the path first and falls back to the embedded copy.
"""

from __future__ import annotations

import base64
import os
import re
from functools import lru_cache
from html import escape
from pathlib import Path
from urllib.parse import quote

from ..i18n import Text
from ..protocol.models import VideoTask
from ..security.file_stamp import Stamp, file_stamp
from .jupyter_files import serves_files
from .probe import VideoFacts, poster_jpeg

_POSTER_BYTES = 15_000  # it stands twice in the output: as the player's poster and in its place
#: Larger videos are not copied into an output.
EMBED_BYTES = 2 * 2**20

_SECONDS = Text("{s} s", "{s} 秒")
_SEED = Text("seed {seed}", "种子 {seed}")
_LABEL = Text("Video: {caption}", "视频：{caption}")
_TASK = Text("task {id}", "任务 {id}")
_OPEN = Text(
    "Over {limit} MiB, so it is not embedded in this output. If it does not play, open the file.",
    "视频超过 {limit} MiB，未嵌入此输出；若无法播放，请直接打开该文件。",
    {"limit": EMBED_BYTES // 2**20},
)
_SOURCE = '<source{} type="video/mp4">'
_WHOLE = '<span style="display:inline-block">{}</span>'  # an id is not broken where a line ends
_HINT = '<div style="opacity:.75">{}</div>'

#: What MathJax leaves alone: JupyterLab's version 3 and nbconvert's version 2.
NO_MATH = "mathjax_ignore tex2jax_ignore"
_FORMULA = re.compile(r"[$\\]")  # what begins a formula where a page does not know those classes

_FIGURE = (
    '<figure class="videogen-receipt {no_math}" style="margin:0;max-width:{width}px">'
    '<video controls playsinline preload="metadata" poster="{poster}"{plain} aria-label="{label}"'
    ' style="display:block;width:100%;max-height:70vh;background:#000;border-radius:6px">'
    '{sources}<img src="{poster}" alt="{label}" style="max-width:100%">'
    "</video>"
    '<figcaption style="padding:6px 2px;line-height:1.5;font-family:var(--jp-ui-font-family,'
    'system-ui,sans-serif);font-size:13px;color:var(--jp-ui-font-color1,inherit)">'
    '<div style="overflow-wrap:anywhere">{prompt}</div>'
    '{drawn}<div style="opacity:.75">{details}</div>'
    '<div style="opacity:.75;overflow-wrap:anywhere"><code>{path}</code></div>{hint}'
    "</figcaption></figure>"
)


def receipt(
    path: Path,
    task: VideoTask | None,
    facts: VideoFacts,
    *,
    base: Path | None = None,
    language: str | None = None,
    embed: bool | None = None,
) -> dict[str, str]:
    """Return the receipt of a video as a MIME bundle: ``text/html`` and ``text/plain``.

    Args:
        path: the video on disk.
        task: the task that generated it; None = it was joined or exported here.
        facts: the properties of the file.
        base: the folder for relative links (the notebook's; None = the working folder).
        language: "en" or "zh"; None = the user's.
        embed: whether to embed a small video; None = only if nothing serves its path.

    Raises:
        NotAVideo: the file cannot be decoded. OSError: it cannot be read.
    """
    shown = _relative(path, base)
    prompt = (task and task.prompt) or path.stem
    details = _details(facts, task, language)
    drawn = task.drawn.line if task and task.drawn else ""
    served = shown is not None and serves_files()
    inside = not served if embed is None else embed
    data = _embedded(path) if inside else ""
    by_path = f' src="{escape(quote(shown), quote=True)}"' if shown else ""
    hint = "" if served or data or embed is False else _HINT.format(_plain(_OPEN.render(language)))
    html = _FIGURE.format(
        no_math=NO_MATH,
        width=640 if facts.width >= facts.height else 360,
        poster=_data_url("image/jpeg", _poster(path)),
        plain="" if data else by_path,
        sources="".join(_SOURCE.format(src) for src in (by_path, data) if src) if data else "",
        hint=hint,
        label=_attribute(_LABEL(caption=prompt[:200]).render(language)),
        prompt=_plain(prompt),
        drawn=f"<div>{_plain(drawn)}</div>" if drawn else "",
        details=" · ".join(_WHOLE.format(_plain(part)) for part in details),
        path=_plain(shown or str(path)),
    )
    said = (prompt, drawn, " · ".join(details), str(shown or path))
    return {"text/html": html, "text/plain": "\n".join(filter(None, said))}


def _poster(path: Path) -> bytes:
    """Return the poster, decoded only once per file."""
    return _decoded(path, file_stamp(path))


@lru_cache(64)
def _decoded(path: Path, _stamp: Stamp) -> bytes:
    return poster_jpeg(path, max_bytes=_POSTER_BYTES, max_side=640)


def _plain(words: str) -> str:
    """Return text as HTML that no page interprets further.

    Pages search the text between tags for formulas, so a character that begins one gets its own
    tag; in Markdown, a blank line would end the HTML.
    """
    line = escape(" ".join(words.split()))
    return _FORMULA.sub(lambda mark: f"<span>&#{ord(mark[0])};</span>", line)


def _attribute(words: str) -> str:
    return _FORMULA.sub(lambda mark: f"&#{ord(mark[0])};", escape(" ".join(words.split())))


def _relative(path: Path, base: Path | None) -> str | None:
    """Return the path relative to ``base`` in POSIX form, or None if it is outside."""
    try:
        relative = os.path.relpath(path.resolve(), (base or Path.cwd()).resolve())
    except (OSError, ValueError):  # no working folder any more; on Windows, another drive
        return None
    return None if relative.startswith("..") else Path(relative).as_posix()


def _embedded(path: Path) -> str:
    """Return the video as a data URL; "" if it is too large."""
    if path.stat().st_size > EMBED_BYTES:
        return ""
    return f' src="{_data_url("video/mp4", path.read_bytes())}"'


def _data_url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _details(facts: VideoFacts, task: VideoTask | None, language: str | None) -> list[str]:
    parts = [f"{facts.width}×{facts.height}"]
    parts.append(_SECONDS(s=f"{facts.duration_s:.1f}".removesuffix(".0")).render(language))
    if task is None:
        return parts
    if engine := task.engine_title or task.engine:
        parts.append(engine)
    if task.seed is not None:
        parts.append(_SEED(seed=task.seed).render(language))
    parts.append(_TASK(id=task.id).render(language))
    return parts
