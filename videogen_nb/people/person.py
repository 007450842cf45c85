"""A person: a name, a role, and how much they may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final, Literal, get_args

Role = Literal["teacher", "student", "service"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one person may have; None = no limit of their own.

    ``running``: tasks under way at once. ``queued``: unfinished tasks, those under way included.
    ``videos_per_day``: tasks created within 24 hours, without those that failed or were cancelled.
    ``upload_mb``: megabytes of stored images. ``spend_per_day`` (within 24 hours) and
    ``spend_total``: amounts by currency; nothing may be spent in a currency that is not named.
    """

    running: int | None = None
    queued: int | None = None
    videos_per_day: int | None = None
    upload_mb: float | None = None
    spend_per_day: Mapping[str, float] | None = None
    spend_total: Mapping[str, float] | None = None

    def over(self, defaults: Limits) -> Limits:
        """These limits, and those of ``defaults`` where there is none."""
        missing = {f: getattr(defaults, f) for f in LIMITS if getattr(self, f) is None}
        return replace(self, **missing)


LIMITS: Final = tuple(field.name for field in fields(Limits))
NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may use the gateway. ``revoked``: known here, but without a token."""

    name: str
    role: Role = "student"
    limits: Limits = NO_LIMITS
    revoked: bool = False

    @property
    def sees_all(self) -> bool:
        """Whether they see and stop what everybody makes, and what it costs."""
        return self.role == "teacher"


#: Whoever runs the gateway: its own token, or none where it asks for none.
OWNER: Final = Person("", "teacher")
