"""Room that is given back: once, all of it, and never what may still fill."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.accounts.admitting import admit
from backstay.accounts.errors import SettlementDiffersError
from backstay.accounts.settling import Settling, settle
from backstay.accounts.state import AccountState, Settled, TradeRecord
from backstay.domain.ids import Purpose
from backstay.domain.limits.book import Book
from backstay.domain.limits.claims import ForeignHolding
from backstay.domain.sides import Side
from backstay.domain.trade.settlement import Settlement
from tests.accounts.cases import request, round_trip, settlement, summary
from tests.domain.limits.samples import ACCOUNT, OTHER_TRADE, SETTINGS, SHARE, TRADE, key, later

ENTRY, EXIT, SHIELD = key(), key(Purpose.EXIT_STOP), key(Purpose.PROTECT)


def admitted(
    trade: str = TRADE, state: AccountState | None = None
) -> tuple[AccountState, TradeRecord]:
    done = admit(state or AccountState(ACCOUNT), None, request(trade), SETTINGS)
    assert done.record.is_open
    return done.state, done.record


def settled(*what: Settlement) -> Settling:
    state, record = admitted()
    done = Settling(state, record, Settled(is_over=False))
    for each in what:
        done = settle(done.state, done.record, each)
    return done


def test_a_trade_that_is_flat_leaves_nothing_in_the_book() -> None:
    done = settled(round_trip())

    assert (done.state.book.claims, done.state.book.foreign) == ((), ())
    assert done.answer == Settled(is_over=True)
    assert done.record.settlement == round_trip()
    assert not done.record.is_open


def test_a_trade_that_never_filled_gives_its_room_back() -> None:
    assert settled(settlement()).state.book.claims == ()


def test_the_entry_that_was_admitted_counts_for_the_day_all_the_same() -> None:
    assert settled(settlement()).state.book.entries.knows(ENTRY)


def test_what_nobody_has_closed_stays_as_a_foreign_holding_at_its_value() -> None:
    done = settled(round_trip(closed=30))

    assert done.state.book.foreign == (ForeignHolding(SHARE.con_id, Decimal(70), Decimal(100)),)
    assert done.answer == Settled(is_over=True)


def test_the_same_settlement_again_changes_nothing() -> None:
    once = settled(round_trip(closed=30))
    twice = settle(once.state, once.record, replace(round_trip(closed=30), at=later(5)))

    assert (twice.state, twice.record) == (once.state, once.record)
    assert twice.answer == Settled(is_over=True)


def test_a_settlement_that_comes_again_has_its_doubts_again() -> None:
    """Whoever was to tell them may have died in between."""
    odd = settlement(summary(key(trade=OTHER_TRADE), 50), trade=OTHER_TRADE, left_over=20)
    once = settle(AccountState(ACCOUNT), None, odd)

    assert len(once.answer.doubts) == 2
    assert settle(once.state, once.record, odd).answer == once.answer


def test_doubts_stay_while_an_order_may_still_fill() -> None:
    entry = summary(key(trade=OTHER_TRADE), 50, is_settled=False)
    odd = settlement(entry, trade=OTHER_TRADE, left_over=50)
    once = settle(AccountState(ACCOUNT), None, odd)
    twice = settle(once.state, once.record, odd)

    assert len(once.answer.doubts) == 1
    assert twice == once


def test_another_settlement_of_a_trade_that_is_over_is_an_error() -> None:
    once = settled(round_trip())

    with pytest.raises(SettlementDiffersError, match="what was booked first stands"):
        settle(once.state, once.record, round_trip(closed=30))


def test_an_order_that_may_still_fill_keeps_the_whole_trade_in_the_book() -> None:
    entry = summary(ENTRY, 40, is_settled=False)
    done = settled(settlement(entry, left_over=40))

    assert done.answer == Settled(is_over=False, live=(ENTRY,))
    assert done.record.is_open
    assert done.state.book.position_at_most(SHARE.con_id) == 100
    assert done.state.book.held(SHARE.con_id) == 40


def test_a_trade_is_over_once_the_last_order_is_settled() -> None:
    waiting = settlement(summary(ENTRY, 40, is_settled=False), left_over=40)
    final = settlement(summary(ENTRY, 60), summary(EXIT, 60), left_over=0)

    done = settled(waiting, waiting, final)

    assert done.answer == Settled(is_over=True)
    assert done.state.book == Book(entries=done.state.book.entries)


def test_the_fills_of_a_later_generation_are_booked_under_its_own_key() -> None:
    later_exit = EXIT.next_generation()
    done = settled(settlement(summary(ENTRY, 100), summary(EXIT, 30), summary(later_exit, 70)))

    assert (done.state.book.claims, done.state.book.foreign) == ((), ())
    assert done.answer.doubts == ()


def test_what_an_order_has_filled_counts_although_nobody_here_has_approved_it() -> None:
    by_hand = key(Purpose.EXIT_MANUAL)
    done = settled(settlement(summary(ENTRY, 100), summary(by_hand, 100)))

    assert done.state.book.foreign == ()
    assert done.answer.doubts == ()


def test_an_entry_that_was_never_approved_here_is_booked_and_doubted() -> None:
    """The file may be an older one than the trade remembers."""
    what = settlement(summary(key(trade=OTHER_TRADE), 50), trade=OTHER_TRADE, left_over=50)
    done = settle(AccountState(ACCOUNT), None, what)

    assert done.state.book.held(SHARE.con_id) == 50
    assert done.answer.is_over
    assert done.answer.doubts == (
        f"bs1:{OTHER_TRADE}:0:EN:1 opened 50 and was never approved here",
    )


def test_an_entry_that_was_never_approved_and_never_filled_is_no_doubt() -> None:
    what = settlement(summary(key(trade=OTHER_TRADE), 0), trade=OTHER_TRADE)

    assert settle(AccountState(ACCOUNT), None, what).answer == Settled(is_over=True)


def test_a_settlement_that_does_not_add_up_is_booked_by_its_orders_and_doubted() -> None:
    done = settled(settlement(summary(ENTRY, 100), summary(EXIT, 30), left_over=60))

    assert done.state.book.held(SHARE.con_id) == 70
    assert done.answer.doubts == (
        f"the orders of {TRADE} leave 70 of the contract 265598, the settlement says 60",
    )


def test_a_short_position_that_is_left_over_is_foreign_and_short() -> None:
    entry = summary(key(trade=OTHER_TRADE), 50, side=Side.SELL)
    done = settle(AccountState(ACCOUNT), None, settlement(entry, trade=OTHER_TRADE, left_over=50))

    assert [holding.quantity for holding in done.state.book.foreign] == [Decimal(-50)]
    assert len(done.answer.doubts) == 1


def test_a_settlement_of_another_account_is_an_error() -> None:
    with pytest.raises(ValueError, match="for DU7654321, the book is that of"):
        settled(replace(round_trip(), account="DU7654321"))


def test_a_trade_that_was_settled_before_it_was_admitted_is_over() -> None:
    done = settle(AccountState(ACCOUNT), None, settlement())

    assert done.record.is_over
    assert not done.record.is_open


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=6))
def test_trades_that_are_settled_move_no_share(fills: list[tuple[int, int]]) -> None:
    """What the trades have filled is held before and after, whoever it belongs to then."""
    state, records, whats = AccountState(ACCOUNT), [], []
    settings = replace(SETTINGS, entry_interval_seconds_min=Decimal("0.001"))
    for number, (entered, closed) in enumerate(fills):
        trade = f"T000000{number}"
        done = admit(state, None, request(trade, at=later(number / 10)), settings)
        state = done.state
        records.append(done.record)
        whats.append(
            settlement(
                summary(key(trade=trade), entered),
                summary(key(Purpose.EXIT_STOP, trade=trade), min(closed, entered)),
                trade=trade,
                left_over=entered - min(closed, entered),
            )
        )
    for record, what in zip(records, whats, strict=True):
        done_with = settle(state, record, what)
        state = done_with.state
        assert done_with.answer.doubts == ()

    assert state.book.claims == ()
    assert state.book.held(SHARE.con_id) == sum(what.left_over for what in whats)
