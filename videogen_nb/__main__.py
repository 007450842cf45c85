"""The command ``videogen-nb``, also available as ``python -m videogen_nb``."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the program. Ctrl-C during loading exits silently."""
    told = signal.getsignal(signal.SIGINT)
    if told is signal.default_int_handler:  # and not ignored, as it is in the background
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .cli import main as run

    signal.signal(signal.SIGINT, told)
    run()


if __name__ == "__main__":
    main()
