"""A trade's life in lines: in true sequence, by whose clock, and nothing that nobody knows."""

from datetime import timedelta

import pytest
from pydantic import TypeAdapter

from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import Entry
from backstay.domain.trade.timeline.lines import Clock, What
from backstay.domain.trade.timeline.story import Timeline, timeline_of
from tests.domain.trade.lives import (
    AHEAD,
    Life,
    call,
    whole_life,
)
from tests.domain.trade.samples import at


def test_a_whole_life_is_told_in_the_sequence_in_which_it_happened() -> None:
    assert whole_life().told() == [
        "-1 e begun: buy AAPL in DU1234567: the plan aapl-test, trade ZT9FAJXY",
        "0 b learned: 100 at 100.1, stop 98, 96.04 at the broker",
        "0.2 e admitted: the account has room for 4 orders: EN:1, PR:1, XS:1, XM:1",
        "0.3 e written: EN:1 buy 100 LMT 100.10 may leave from now on",
        "0.3 e written: PR:1 sell 100 STP 96.04 LMT 91.23 may leave from now on",
        "0.3 e waits: until last is above 100",
        "2 b sent: EN:1 buy 100 LMT 100.10",
        "2 b sent: PR:1 sell 100 STP 96.04 LMT 91.23",
        "2.1 b acknowledged: EN:1 the broker has it as 1",
        "2.2 b acknowledged: PR:1 the broker has it as 1",
        "3 b filled: EN:1 100 of 100 fill at 100.05",
        "3.1 e guarded: 100 from the first share on: stop 98 on last",
        "3.1 e written: XS:1 sell 100 LMT 97.51 may leave from now on, when it is due",
        "9.9 b leaves: 100 leave: the stop 98 is broken",
        "9.9 b sent: PR:1 its cancel; it is over only once that is proven",
        "9.95 b ended: PR:1 cancelled",
        "10 b sent: XS:1 sell 100 LMT 97.51",
        "10.1 e leaves: 100 AAPL go out, led by exit:0",
        "10.3 b acknowledged: XS:1 the broker has it as 1",
        "10 b filled: XS:1 100 of 100 fill at 97.5",
        "11 b flat: 100 of 100 are out; the broker holds 0 in all",
        "12.1 e settled: profit -255, naked for 2.5 unit seconds",
        "12.2 e over: closed: stop",
    ]


def test_the_clocks_are_compared_by_the_answer_that_came_back_fastest() -> None:
    assert timeline_of(whole_life().facts()).broker_ahead == AHEAD
    assert timeline_of(Life().facts()) == Timeline((), timedelta(0))


def test_every_line_says_whose_moment_it_is_and_how_exact() -> None:
    lines = whole_life().lines()
    assert {line.clock for line in lines} == set(Clock)
    to_the_second = [line.what for line in lines if line.to_the_second]
    assert to_the_second == [What.FILLED, What.FILLED]
    assert all(line.at is not None for line in lines)


def test_a_stamp_finer_than_a_second_is_not_taken_for_a_coarse_one() -> None:
    life = Life().admitted()
    news = life.report(entry=life.entry(100, sent=2, heard=2.1, fill=2.5))
    life.add(call(chronicle.Arming(life.agreed.arm(), news), 0.3, 3.01))
    (filled,) = [line for line in life.lines() if line.what is What.FILLED]
    assert (filled.at, filled.to_the_second) == (at(2.5), False)


@pytest.mark.parametrize(
    "value", [*whole_life().entries, *whole_life().facts().entries[:1]], ids=lambda each: each.kind
)
def test_an_entry_survives_the_journey_as_json(value: Entry) -> None:
    adapter: TypeAdapter[Entry] = TypeAdapter(Entry)
    assert adapter.validate_json(adapter.dump_json(value)) == value
