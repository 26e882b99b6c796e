"""Fills that are booked as they come: late, twice, backwards, and beside the settlement."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from backstay.accounts.admitting import admit
from backstay.accounts.reporting import Reporting, report
from backstay.accounts.settling import settle
from backstay.accounts.state import AccountState, TradeRecord
from backstay.domain.ids import Purpose
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.sides import Side
from backstay.domain.trade.settlement import Settlement
from tests.accounts.cases import request, round_trip, settlement, summary
from tests.domain.limits.samples import ACCOUNT, OTHER_TRADE, SETTINGS, SHARE, TRADE, key, later

ENTRY, EXIT = key(), key(Purpose.EXIT_STOP)


def admitted() -> tuple[AccountState, TradeRecord]:
    done = admit(AccountState(ACCOUNT), None, request(TRADE), SETTINGS)
    return done.state, done.record


def working(filled: int) -> OrderSummary:
    return summary(ENTRY, filled, is_settled=False)


def told(*what: OrderSummary | Settlement) -> tuple[AccountState, TradeRecord]:
    state, record = admitted()
    for each in what:
        if isinstance(each, Settlement):
            done = settle(state, record, each)
            state, record = done.state, done.record
        else:
            state, record = reported(report(state, record, each))
    return state, record


def reported(done: Reporting) -> tuple[AccountState, TradeRecord]:
    assert done.record is not None
    return done.state, done.record


def test_what_an_entry_has_filled_is_no_longer_in_flight_before_its_trade_is_settled() -> None:
    state, _ = told(working(40))
    assert state.book.held(SHARE.con_id) == 40
    assert state.book.exposure == 10_000
    assert state.book.margin_in_flight == 2500
    state, _ = told(working(40), summary(ENTRY, 100))
    assert state.book.held(SHARE.con_id) == 100
    assert state.book.exposure == 10_000
    assert state.book.margin_in_flight == 0


def test_an_entry_that_is_over_gives_back_what_it_will_not_fill() -> None:
    state, _ = told(summary(ENTRY, 40))
    assert state.book.exposure == 4000
    assert state.book.margin_in_flight == 0
    state, _ = told(summary(ENTRY, 0))
    assert state.book.exposure == 0
    assert state.book.open_trades == 0


def test_what_is_not_proven_over_keeps_its_room() -> None:
    state, record = admitted()
    done = report(state, record, working(0))
    assert (done.state, done.doubt) == (state, "")


def test_a_report_that_is_old_or_comes_again_changes_nothing() -> None:
    newest = told(summary(ENTRY, 60))
    assert told(summary(ENTRY, 60), working(40), summary(ENTRY, 60)) == newest
    assert told(summary(ENTRY, 60), working(40)) == newest
    assert told(summary(ENTRY, 60), working(60)) == newest


def test_the_newest_of_an_entry_is_kept_until_its_trade_is_settled() -> None:
    assert told()[1].entry is None
    assert told(working(40), working(60))[1].entry == working(60)
    assert told(working(40), summary(ENTRY, 60))[1].entry == summary(ENTRY, 60)
    assert told(working(60), settlement(working(60), left_over=60))[1].entry == working(60)
    assert told(summary(ENTRY, 100), round_trip())[1].entry is None


def test_a_price_that_nobody_knows_any_more_replaces_none_that_was_known() -> None:
    unread = replace(summary(ENTRY, 60), value=Decimal(0), average_price=None)
    assert told(summary(ENTRY, 60), unread)[1].entry == summary(ENTRY, 60)
    assert told(unread, summary(ENTRY, 60))[1].entry == summary(ENTRY, 60)


def test_what_executions_say_was_taken_back_is_kept_as_less() -> None:
    less = replace(summary(ENTRY, 40), is_counted=True)
    assert told(summary(ENTRY, 60), less)[1].entry == less


def test_an_exit_that_is_reported_is_not_kept_as_the_entry() -> None:
    assert told(summary(EXIT, 40))[1].entry is None


def test_a_report_after_the_settlement_changes_nothing() -> None:
    state, record = told(round_trip())
    assert report(state, record, summary(ENTRY, 100)) == Reporting(state, record)


def test_a_fill_that_the_settlement_did_not_have_is_told() -> None:
    state, record = told(settlement(summary(ENTRY, 60), left_over=60))
    assert report(state, record, summary(ENTRY, 100)) == Reporting(
        state, record, f"{ENTRY} has filled 100, its trade was settled with 60"
    )
    state, record = told(settlement())
    assert report(state, record, working(1)).doubt.endswith("settled with 0")


def test_an_entry_that_was_never_approved_here_is_left_to_the_settlement_and_told() -> None:
    state, record = admitted()
    strange = summary(key(trade=OTHER_TRADE), 50)
    assert report(state, None, strange) == Reporting(
        state, None, f"bs1:{OTHER_TRADE}:0:EN:1 buy was never approved here, and has filled 50"
    )
    assert report(state, None, replace(strange, filled=Decimal(0))) == Reporting(state, None)
    other_side = summary(ENTRY, 50, side=Side.SELL)
    assert report(state, record, other_side).doubt == (
        f"{ENTRY} sell was never approved here, and has filled 50"
    )


def test_a_fill_that_the_broker_took_back_is_taken_back_by_the_settlement_and_told() -> None:
    state, record = told(summary(ENTRY, 100))
    done = settle(state, record, settlement(summary(ENTRY, 60), left_over=60))
    assert done.state.book.held(SHARE.con_id) == 60
    assert done.answer.doubts == (f"{ENTRY} was reported with 100 filled, the settlement says 60",)


def test_a_fill_that_the_settlement_does_not_know_stays_and_is_told() -> None:
    state, record = told(working(40))
    done = settle(state, record, settlement())
    assert done.state.book.held(SHARE.con_id) == 40
    assert done.answer.doubts == (f"{ENTRY} was reported with 40 filled, the settlement says 0",)


def test_an_approval_after_a_report_keeps_what_has_filled() -> None:
    """Its answer was lost, the entry has left, and the same orders are asked for anew."""
    state, record = told(working(40))
    done = admit(state, record, request(TRADE, at=later(5)), SETTINGS)
    assert done.state.book.held(SHARE.con_id) == 40
    assert done.state.book.exposure == 10_000


@given(st.data(), st.integers(0, 100), st.booleans())
def test_reports_in_any_order_beside_the_settlement_come_to_the_same_book(
    data: st.DataObject, filled: int, lives_at_first: bool
) -> None:
    """What the reports say is some of what the settlement says: each was true when it was made."""
    closed = data.draw(st.integers(0, filled))
    exits, left = summary(EXIT, closed), filled - closed
    final = settlement(summary(ENTRY, filled), exits, left_over=left, at=later(9))
    first = settlement(working(filled), exits, left_over=left)
    reports = [working(each) for each in data.draw(st.lists(st.integers(0, filled), max_size=4))]
    reports += [summary(ENTRY, filled)] * data.draw(st.integers(0, 2))
    settlements = [first, final] if lives_at_first else [final]
    places = st.integers(0, len(settlements))
    mixed: list[OrderSummary | Settlement] = list(settlements)
    for each in data.draw(st.permutations(reports)):
        mixed.insert(data.draw(places), each)
    state, record = told(*mixed)
    plain_state, plain_record = told(*settlements)
    assert (state, record) == (plain_state, plain_record)


@given(st.lists(st.tuples(st.integers(0, 100), st.booleans()), min_size=1, max_size=6))
def test_a_report_only_ever_moves_shares_from_in_flight_to_held(
    reports: list[tuple[int, bool]],
) -> None:
    state, record = admitted()
    for filled, is_settled in reports:
        before, state = (
            state,
            report(state, record, summary(ENTRY, filled, is_settled=is_settled)).state,
        )
        assert state.book.held(SHARE.con_id) >= before.book.held(SHARE.con_id)
        assert state.book.margin_in_flight <= before.book.margin_in_flight
        assert state.book.exposure <= max(before.book.exposure, Decimal(100 * filled))
    most = max(filled for filled, _ in reports)
    assert state.book.held(SHARE.con_id) == most
    is_over = any(is_settled for _, is_settled in reports) or most == 100
    assert (state.book.margin_in_flight == 0) == is_over
