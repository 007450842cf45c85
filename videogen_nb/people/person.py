"""A person: name, role and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final, Literal, get_args

Role = Literal["teacher", "student", "service"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one person; None = no individual limit.

    ``running``: tasks running at the same time. ``queued``: unfinished tasks, including running
    ones. ``videos_per_day``: tasks created within 24 hours, except failed and cancelled ones.
    ``upload_mb``: megabytes of stored images. ``spend_per_day`` (within 24 hours) and
    ``spend_total``: amounts by currency; nothing can be spent in other currencies.
    """

    running: int | None = None
    queued: int | None = None
    videos_per_day: int | None = None
    upload_mb: float | None = None
    spend_per_day: Mapping[str, float] | None = None
    spend_total: Mapping[str, float] | None = None

    def over(self, defaults: Limits) -> Limits:
        """Return these limits, with ``defaults`` for missing ones."""
        missing = {f: getattr(defaults, f) for f in LIMITS if getattr(self, f) is None}
        return replace(self, **missing)


LIMITS: Final = tuple(field.name for field in fields(Limits))
NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Person:
    """A person who may use the gateway. ``revoked``: listed, but without a token."""

    name: str
    role: Role = "student"
    limits: Limits = NO_LIMITS
    revoked: bool = False

    @property
    def sees_all(self) -> bool:
        """Whether they can see and stop everyone's tasks, and see the costs."""
        return self.role == "teacher"


#: The gateway's owner: its own token, or none where it asks for none.
OWNER: Final = Person("", "teacher")
