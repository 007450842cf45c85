"""Policies: when to poll again, when to retry, and how long to wait for a response.

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

# Not the shared generator: `random.seed(1)` in a notebook gives the same numbers while tasks are
# polled. Needs no state, so processes that were forked do not draw the same delays.
system_random: Spread = random.SystemRandom().random

# A naive time may be another zone's: zones reach from UTC-12 to UTC+14.
ZONES_S = 26 * 3600.0


@dataclass(frozen=True, kw_only=True)
class PollingPolicy:
    """How often to poll a task if the gateway does not say (``poll_after_ms``).

    Fields from ``older_first_s`` on are for older gateways (docs/protocol.md), whose first attempt
    comes after ``quiet_s`` and further ones every ``retry_interval_s``; nothing changes in between.
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
        """The time without a change after which an older gateway's task is given up on."""
        return 2 * self.retry_interval_s

    def sped_up(self, factor: float) -> PollingPolicy:
        """Return the same policy for a gateway whose clock runs ``factor`` times faster."""
        durations = [f.name for f in fields(self) if f.name.endswith("_s")]
        return replace(self, **{name: getattr(self, name) / factor for name in durations})


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How often and after how long a repeatable request is retried."""

    attempts: int = 6  # in all, the first one included
    first_s: float = 0.5
    growth: float = 2.0
    longest_s: float = 10.0
    jitter: float = 0.5
    longest_retry_after_s: float = 60.0  # told to wait longer: give up and say so


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Total time limits for one exchange; ``silence_s`` limits each pause within it."""

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
    spread: Spread = system_random,
) -> float:
    """Return the seconds until the next poll of a task.

    Args:
        looks: polls since the task last changed, not counting the one that saw the change.
        poll_after_ms: the minimum requested by the gateway.
        older: whether this is an older gateway's task.
        age_s: how old the task is, for an older gateway's quiet time.
        crowd: the number of waits on this client, which share ``looks_per_second``.
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
    """Return for how long a task has certainly not changed.

    ``observed_s`` is how long we saw no change. An older gateway's ``updated_at`` may be in another
    time zone, so its age counts only as far as zones cannot explain it.
    """
    if updated_at is None:
        return observed_s
    return max(observed_s, (now - updated_at).total_seconds() - ZONES_S)


def retry_delay(
    policy: RetryPolicy,
    failures: int,
    retry_after_s: float | None = None,
    *,
    spread: Spread = system_random,
) -> float | None:
    """Return the seconds until a failed request is retried; None = give up.

    Args:
        failures: the number of failures, at least 1.
        retry_after_s: the delay requested by the gateway.
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

    None if it is missing or invalid.
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
    """Apply jitter, only downwards, so that ``longest_s`` holds."""
    return delay * (1 - jitter * spread())
