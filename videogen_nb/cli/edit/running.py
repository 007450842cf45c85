"""Running an edit in a terminal, with a progress bar and plain warnings."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import EditWarning
from ...i18n import Text
from ..framework.exit_codes import Exit
from ..framework.session import Session
from ..framework.waiting import Watching

if TYPE_CHECKING:
    from ...media.editing.writing import OnProgress

_DONE = Text(
    "{path}\n{seconds:.1f} s · {width}×{height} · {fps:g} fps",
    "{path}\n{seconds:.1f} 秒 · {width}×{height} · {fps:g} 帧/秒",
)


def run(session: Session, edit: Callable[[OnProgress], Path]) -> int:
    """Run an edit and print the result."""
    from ...media.probe import probe  # decoders: other commands need none

    with warnings.catch_warnings(record=True) as caught, Watching(session) as watching:
        warnings.simplefilter("always", EditWarning)
        path = edit(watching.written)
    told = [str(one.message) for one in caught if issubclass(one.category, EditWarning)]
    for line in told:
        session.note(line, "yellow")
    facts = probe(path, whole=False)
    session.say(
        _DONE(
            path=path,
            seconds=facts.duration_s,
            width=facts.width,
            height=facts.height,
            fps=facts.fps,
        )
    )
    session.answer(
        {
            "path": str(path.absolute()),
            "seconds": facts.duration_s,
            "width": facts.width,
            "height": facts.height,
            "fps": facts.fps,
            "warnings": told,
        }
    )
    return Exit.OK
