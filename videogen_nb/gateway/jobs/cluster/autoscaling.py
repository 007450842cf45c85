"""Telling Dask how many tasks need workers, so that adaptive deployments start some."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from .serialization import TOPIC

if TYPE_CHECKING:
    from distributed import Client, Future

MOST: Final = 100  # Dask does not look at more, but extrapolates
_NOWHERE: Final = "videogen-nb-shortage"  # a resource that no worker has


class Shortage:
    """A placeholder in Dask for each task that waits in the gateway.

    Dask decides from the tasks it has how many workers an adaptive deployment needs. Placeholders
    are never computed, since no worker has the resource that they require. They count as jobs of
    the usual duration, because their keys begin like those of jobs.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._placeholders: list[Future] = []

    def tell(self, waiting: int) -> None:
        """Let Dask know how many tasks wait for a worker."""
        waiting = min(waiting, MOST)
        del self._placeholders[waiting:]  # Dask forgets them when nothing refers to them
        while len(self._placeholders) < waiting:
            key = f"{TOPIC}-{secrets.token_hex(16)}"
            self._placeholders.append(
                self._client.submit(int, key=key, resources={_NOWHERE: 1}, pure=False)
            )
