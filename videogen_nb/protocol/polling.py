"""When to look again, when to send again, and how long to bear with a silence.

Frozen policies and functions of values: no clock, no sleep, no network. All durations are in
seconds. ``spread`` is where the jitter comes from: a function giving a float in [0, 1).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

Spread = Callable[[], float]

# A naive time may be another zone's: zones reach from UTC-12 to UTC+14.
ZONES_S = 26 * 3600.0


@dataclass(frozen=True, kw_only=True)
class PollingPolicy:
    """How a waiting loop looks at a task, where the gateway does not say when (``poll_after_ms``).

    Those from ``older_first_s`` on are for older gateways (docs/protocol.md), whose first attempt
    comes after ``quiet_s`` and further ones every ``retry_interval_s``; in between nothing changes.
    """

    first_s: float = 0.25  # after a change
    growth: float = 1.5  # each look without a change waits so much longer …
    longest_s: float = 10.0  # … up to this
    jitter: float = 0.2  # share of a delay that is left to chance
    max_wait_s: float = 1200.0  # the waiting (never the task) ends here
    outage_s: float = 60.0  # how long a gateway may be away while one waits
    looks_per_second: float = 100.0  # of all who wait on one client together
    older_first_s: float = 3.0
    quiet_s: float = 180.0
    quiet_look_s: float = 15.0  # between looks while it is quiet: what a display needs
    retry_interval_s: float = 180.0

    @property
    def stalled_s(self) -> float:
        """A task on an older gateway that has not moved for longer than this is given up."""
        return 2 * self.retry_interval_s

    def sped_up(self, factor: float) -> PollingPolicy:
        """Return the same policy for a gateway whose clock runs ``factor`` times faster."""
        durations = [f.name for f in fields(self) if f.name.endswith("_s")]
        return replace(self, **{name: getattr(self, name) / factor for name in durations})


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often, and after how long, a request that may be sent again is sent again."""

    attempts: int = 6  # in all, the first one included
    first_s: float = 0.5
    growth: float = 2.0
    longest_s: float = 10.0
    jitter: float = 0.5
    longest_retry_after_s: float = 60.0  # told to wait longer: give up and say so


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long one exchange may take in all; ``silence_s`` bounds each pause within it."""

    connect_s: float = 5.0
    silence_s: float = 30.0
    answer_s: float = 60.0
    create_s: float = 150.0  # an older gateway fetches the image and asks its upstream first
    upload_s: float = 300.0
    batch_s: float = 600.0  # the gateway may fetch many images first
    image_s: float = 60.0
    download_s: float = 900.0


def next_delay(
    policy: PollingPolicy,
    *,
    looks: int,
    poll_after_ms: int | None = None,
    older: bool = False,
    age_s: float = 0.0,
    crowd: int = 1,
    spread: Spread = random.random,
) -> float:
    """Return the seconds until the next look at a task.

    Args:
        looks: looks since the task last changed, the one that saw the change not counted.
        poll_after_ms: what the gateway asked for; it is never undercut.
        older: whether this is an older gateway's task.
        age_s: how old the task is, for an older gateway's quiet time.
        crowd: how many wait on this client; they share ``looks_per_second``.
    """
    share_s = _jittered(crowd / policy.looks_per_second, policy.jitter, spread)
    return max(share_s, _own_delay(policy, looks, poll_after_ms, older, age_s, spread))


def _own_delay(
    policy: PollingPolicy,
    looks: int,
    poll_after_ms: int | None,
    older: bool,
    age_s: float,
    spread: Spread,
) -> float:
    if poll_after_ms is not None:
        told = min(max(poll_after_ms / 1000, 0.05), 6 * policy.longest_s)
        return told * (1 + policy.jitter * spread())
    if older and age_s < policy.quiet_s:
        until_loud = policy.quiet_s - age_s + policy.older_first_s
        return min(_jittered(policy.quiet_look_s, policy.jitter, spread), until_loud)
    first = policy.older_first_s if older else policy.first_s
    return _jittered(_grown(first, policy.growth, policy.longest_s, looks), policy.jitter, spread)


def unmoved_for(observed_s: float, updated_at: datetime | None, now: datetime) -> float:
    """For how long a task has certainly not moved.

    ``observed_s`` is how long we ourselves saw no change. An older gateway's ``updated_at`` may
    be in another zone, so its age counts only beyond what zones can explain.
    """
    if updated_at is None:
        return observed_s
    return max(observed_s, (now - updated_at).total_seconds() - ZONES_S)


def retry_delay(
    policy: RetryPolicy,
    failures: int,
    retry_after_s: float | None = None,
    *,
    spread: Spread = random.random,
) -> float | None:
    """Seconds until a failed request is sent again; None = give up.

    Args:
        failures: how often it has failed, at least 1.
        retry_after_s: what the gateway asked for.
    """
    if failures >= policy.attempts:
        return None
    own = _jittered(
        _grown(policy.first_s, policy.growth, policy.longest_s, failures - 1),
        policy.jitter,
        spread,
    )
    if retry_after_s is None:
        return own
    if retry_after_s > policy.longest_retry_after_s:
        return None
    return max(own, retry_after_s)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds of a ``Retry-After`` header: a number or an HTTP date (RFC 9110 §10.2.3).

    None where there is none or it cannot be read.
    """
    value = (value or "").strip()
    if value.isascii() and value.isdecimal():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def _grown(first: float, growth: float, longest: float, steps: int) -> float:
    return min(longest, first * growth ** min(steps, 64))


def _jittered(delay: float, jitter: float, spread: Spread) -> float:
    """Only downwards, so that ``longest_s`` holds."""
    return delay * (1 - jitter * spread())
