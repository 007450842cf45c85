"""The cost of a task that has ended: with a video, without one, or with an unknown outcome.

``row`` has the expected cost from when the task was accepted or sent; ``told`` is what the
provider said last. None = nothing was spent.
"""

from __future__ import annotations

from dataclasses import replace

from ....engines.remote import RemoteEngine, Stopped, Upstream
from ...storage.ledger import Cost
from ...storage.task_writer import TaskWriter


def of_video(row: TaskWriter, engine: RemoteEngine, told: Upstream) -> Cost | None:
    """Return the cost of a video: from the usage, else as the provider says, else as expected.

    It was made, so it is paid for even if it could not be downloaded.
    """
    price = engine.price
    counted = None if price is None else price.actual(row.record.parameters, told.usage)
    if price is not None and counted is not None:
        return Cost(counted, price.currency, settled=True)
    return Cost.from_wire(told.cost) or of_unknown(row)


def of_failure(row: TaskWriter, engine: RemoteEngine, told: Upstream) -> Cost | None:
    """Return the cost of a task that failed at the provider: only what the provider reports."""
    return of_video(row, engine, told) if told.usage or told.cost else None


def of_cancelled(row: TaskWriter, stopped: Stopped) -> Cost | None:
    """Return the cost of a cancelled task: the expected one if the provider charges for it."""
    return of_unknown(row) if stopped.charged else None


def of_unknown(row: TaskWriter) -> Cost | None:
    """Return the cost of a task with an unknown outcome: it may be paid, so it counts as paid."""
    return row.expected and replace(row.expected, settled=True)
