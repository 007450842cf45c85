"""``Estimate``: the size, time and cost of a table before anything is created."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...i18n import Text

if TYPE_CHECKING:
    from ...protocol.models import BatchAnswer, BatchEstimate

_ESTIMATE = Text(
    "{name}: {rows} rows, {new} new, {existing} existing{time}{money}{unpriced}",
    "{name}：共 {rows} 行，新增 {new}，已有 {existing}{time}{money}{unpriced}",
)
_TIME = Text(", about {s} s of work", "，约需 {s} 秒")
_NO_TIME = Text(", no time estimate yet", "，暂无时间估计")
_COST = Text(", about {money}", "，约 {money}")
_UNPRICED = Text(", plus {n} for which the price is unknown", "，另有 {n} 个付费视频价格未知")


@dataclass(frozen=True, slots=True)
class Estimate:
    """The number of new rows in a table, the time they take and what they cost.

    ``seconds`` is the work time of the new rows if nothing else is waiting (None = unknown);
    ``cost`` is by currency; ``unpriced`` counts rows of paid engines whose price is unknown.
    """

    name: str
    rows: int
    new: int
    existing: int
    seconds: float | None
    cost: dict[str, float]
    unpriced: int = 0

    @classmethod
    def of(cls, answer: BatchAnswer) -> Estimate:
        """Create an estimate from a gateway's response."""
        told: BatchEstimate = answer.estimate
        return cls(
            answer.name,
            len(answer.rows),
            answer.new,
            answer.existing,
            told.seconds,
            dict(told.cost),
            told.unpriced,
        )

    def __str__(self) -> str:
        money = ", ".join(f"{amount:.2f} {currency}" for currency, amount in self.cost.items())
        return str(
            _ESTIMATE(
                name=self.name,
                rows=self.rows,
                new=self.new,
                existing=self.existing,
                time=_TIME(s=f"{self.seconds:.0f}") if self.seconds is not None else _NO_TIME,
                money=_COST(money=money) if money else "",
                unpriced=_UNPRICED(n=self.unpriced) if self.unpriced else "",
            )
        )
