"""``videogen-nb``, and ``python -m videogen_nb``, which is the same."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the program. Ctrl-C while it is still being loaded ends it without a word."""
    told = signal.getsignal(signal.SIGINT)
    if told is signal.default_int_handler:  # and not ignored, as it is in the background
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from .cli import main as run

    signal.signal(signal.SIGINT, told)
    run()


if __name__ == "__main__":
    main()
