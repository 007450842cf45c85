"""Delays and retries as functions of values."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from videogen_nb.protocol.polling import (
    PollingPolicy,
    RetryPolicy,
    next_delay,
    parse_retry_after,
    retry_delay,
    unmoved_for,
)

POLLING = PollingPolicy()
RETRY = RetryPolicy()
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def none() -> float:
    return 0.0


def test_the_gateways_own_wish_is_followed_and_never_undercut():
    assert next_delay(POLLING, looks=40, poll_after_ms=200, spread=none) == 0.2
    assert 0.2 < next_delay(POLLING, looks=0, poll_after_ms=200, spread=lambda: 0.99) < 0.25


def test_a_wish_beyond_reason_is_bounded():
    assert next_delay(POLLING, looks=0, poll_after_ms=0, spread=none) == 0.05
    assert next_delay(POLLING, looks=0, poll_after_ms=10**9, spread=none) == 60


def test_a_task_that_moves_is_looked_at_within_fractions_of_a_second():
    assert next_delay(POLLING, looks=0, spread=none) == 0.25


def test_delays_grow_to_ten_seconds():
    delays = [next_delay(POLLING, looks=n, spread=none) for n in range(30)]
    assert delays == sorted(delays)
    assert delays[-1] == 10
    assert delays[5] < 2


def test_an_older_gateway_is_left_alone_while_nothing_can_have_happened():
    asked, age_s = 0, 0.0
    while age_s < 180:
        age_s += next_delay(POLLING, looks=asked, older=True, age_s=age_s, spread=none)
        asked += 1
    assert asked <= 13
    assert 180 <= age_s <= 190, "the first attempt must not be missed for long"


def test_an_older_gateway_is_not_hammered_afterwards():
    assert next_delay(POLLING, looks=0, older=True, age_s=200, spread=none) == 3


def test_a_crowd_shares_what_one_gateway_and_one_loop_can_bear():
    assert next_delay(POLLING, looks=0, poll_after_ms=200, crowd=20, spread=none) == 0.2
    assert next_delay(POLLING, looks=0, poll_after_ms=200, crowd=1000, spread=none) == 10


def test_a_policy_for_a_faster_clock():
    fast = POLLING.sped_up(60)
    assert fast.quiet_s == 3
    assert fast.stalled_s == 6
    assert fast.growth == POLLING.growth


@given(
    looks=st.integers(0, 10**6),
    poll_after_ms=st.none() | st.integers(-(10**6), 10**9),
    older=st.booleans(),
    age_s=st.floats(-1e9, 1e9) | st.just(float("inf")),
    spread=st.floats(0, 1, exclude_max=True),
)
def test_no_delay_is_zero_or_longer_than_a_minute_and_a_bit(
    looks, poll_after_ms, older, age_s, spread
):
    delay = next_delay(
        POLLING,
        looks=looks,
        poll_after_ms=poll_after_ms,
        older=older,
        age_s=age_s,
        spread=lambda: spread,
    )
    assert 0.05 <= delay <= 72


def test_retries_grow_and_end():
    delays = [retry_delay(RETRY, n, spread=none) for n in range(1, 7)]
    assert delays == [0.5, 1, 2, 4, 8, None]


def test_the_generator_of_a_notebook_is_left_alone():
    before = random.getstate()
    delays = [next_delay(POLLING, looks=4) for _ in range(9)]
    delays += [retry_delay(RETRY, 4) or 0 for _ in range(9)]
    assert len(set(delays)) == 18  # random all the same
    assert random.getstate() == before


def test_jitter_spreads_retries():
    assert retry_delay(RETRY, 1, spread=lambda: 0.5) == 0.375


def test_retry_after_is_waited_for_but_not_for_ever():
    assert retry_delay(RETRY, 1, 7.0, spread=none) == 7
    assert retry_delay(RETRY, 5, 1.0, spread=none) == 8
    assert retry_delay(RETRY, 1, 3600.0, spread=none) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("120", 120, id="seconds"),
        pytest.param(" 0 ", 0, id="zero"),
        pytest.param("Sun, 01 Mar 2026 12:00:30 GMT", 30, id="date"),
        pytest.param("Sun, 01 Mar 2026 11:00:00 GMT", 0, id="past-date"),
        pytest.param("Sun, 01 Mar 2026 12:00:30 -0000", 30, id="date-without-zone"),
        pytest.param("soon", None, id="words"),
        pytest.param("-5", None, id="negative"),
        pytest.param("1.5", None, id="fraction"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="none"),
    ],
)
def test_retry_after_in_all_its_forms(header, seconds):
    assert parse_retry_after(header, NOW) == seconds


@given(st.text(max_size=60))
def test_any_retry_after_can_be_read(header):
    seconds = parse_retry_after(header, NOW)
    assert seconds is None or seconds >= 0


def test_what_we_saw_ourselves_counts_in_full():
    assert unmoved_for(400, NOW, NOW) == 400
    assert unmoved_for(400, None, NOW) == 400


def test_a_naive_time_counts_only_beyond_what_zones_explain():
    eight_hours_off = NOW - timedelta(hours=8)
    assert unmoved_for(10, eight_hours_off, NOW) == 10
    assert unmoved_for(10, NOW - timedelta(days=2), NOW) == 22 * 3600
