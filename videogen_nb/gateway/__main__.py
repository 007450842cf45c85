"""``python -m videogen_nb.gateway``: one gateway process, until it is ended.

``--embedded`` is how notebooks start theirs: a free port, a random token in the info file, an end
when idle. Without it the gateway listens where VIDEOGEN_HOST and VIDEOGEN_PORT say, as in a
container; ``videogen-nb serve`` does the same with more words and takes over from a running one.
"""

from __future__ import annotations

import argparse
import sys

from ..errors import VideogenError
from ..people.registry import own_token
from ..settings import Settings
from ..text.console import say
from .server.listener import listen
from .server.server import run, run_embedded


def main(arguments: list[str] | None = None) -> int:
    """Run a gateway; the exit code is 1 where it could not be started."""
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
