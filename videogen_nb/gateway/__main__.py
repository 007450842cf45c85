"""``python -m videogen_nb.gateway``: run one gateway process.

Notebooks use ``--embedded``: a free port, a random token in the info file, and a stop when idle.
Without it, the gateway listens on VIDEOGEN_HOST and VIDEOGEN_PORT, for example in a container;
``videogen-nb serve`` does the same with more output, and takes over from a running gateway.
"""

from __future__ import annotations

import argparse
import sys

from ..errors import VideogenError
from ..people.lookup import own_token
from ..settings import Settings
from ..text.console import say
from .server.listener import listen
from .server.server import run, run_embedded


def main(arguments: list[str] | None = None) -> int:
    """Run a gateway; return 1 if it could not be started."""
    parser = argparse.ArgumentParser(prog="python -m videogen_nb.gateway")
    parser.add_argument("--embedded", action="store_true", help="loopback, free port, idle end")
    chosen = parser.parse_args(arguments)
    try:
        settings = Settings.from_environment()
        if chosen.embedded:
            run_embedded(settings)
        else:
            token = own_token(settings)
            listener = listen(settings.host, settings.port, token=token)
            run(settings, listener, kind="serve", token=token)
    except VideogenError as error:
        say(error, to=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
