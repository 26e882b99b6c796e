"""An order in a few figures: what was asked for, what has filled, and how it ended."""

from decimal import Decimal

from pydantic import TypeAdapter

from backstay.domain.edge.arms import ArmPhase, Progress, report_of
from backstay.domain.edge.changing import (
    CancelPending,
    CancelReport,
    CancelStanding,
    Ended,
    NothingToCancel,
    cancel_report,
)
from backstay.domain.edge.submission import NotSent, NotSentReason
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.summary import OrderSummary, summary_of
from backstay.domain.protection.cover import StopAtBroker
from backstay.domain.protection.naked import NakedTime
from backstay.domain.sides import Side
from tests.domain.orders.told import (
    at,
    cost,
    described,
    fill,
    rejected,
    status,
    through_json,
    view,
)

KEY = IntentKey("T7K2M9QX", 0, Purpose.ENTRY, 1)
STOP = IntentKey("T7K2M9QX", 0, Purpose.PROTECT, 1)


def test_a_filled_order_is_its_quantity_its_price_and_when() -> None:
    order = view(
        described(),
        fill("e.1.01", 40, "10.00", seconds=3),
        fill("e.2.01", 60, "10.10", seconds=1),
        cost("e.1.01"),
        status("Filled", 4, filled=100),
    )
    summary = summary_of(KEY, order)
    assert (summary.key, summary.side) == (KEY, Side.BUY)
    assert (summary.quantity, summary.filled) == (Decimal(100), Decimal(100))
    assert summary.value == Decimal("400.00") + Decimal("606.00")
    assert summary.average_price == Decimal("10.06")
    assert summary.executions == 2
    assert (summary.first_fill_at, summary.last_fill_at) == (at(1), at(3))
    assert summary.commissions == order.commissions
    assert summary.end is OrderEnd.FILLED
    assert summary.is_acknowledged
    assert summary.is_settled
    assert summary.is_counted
    assert summary.perm_ids == (7,)
    assert summary.signed_filled == 100
    assert through_json(TypeAdapter(OrderSummary), summary) == summary


def test_an_order_is_counted_where_executions_were_read_and_none_is_missing() -> None:
    filled = (described(), status("Filled", 4, filled=100))
    busted = (fill("e.1.01", 100), fill("e.1.02", 0))
    taken_back = summary_of(KEY, view(described(), *busted, status("Filled", 4, filled=0)))
    assert (taken_back.filled, taken_back.is_counted) == (Decimal(0), True)
    assert not summary_of(KEY, view(*filled)).is_counted
    assert not summary_of(KEY, view(*filled, fill("e.1.01", 60))).is_counted
    assert not summary_of(KEY, view(described(), fill("e.1.01", 60))).is_counted
    assert not summary_of(KEY, view(described(), status("Cancelled", 4))).is_counted


def test_a_sale_takes_away() -> None:
    sold = view(described(side=Side.SELL), fill(quantity=30, side=Side.SELL), side=Side.SELL)
    summary = summary_of(KEY, sold)
    assert summary.signed_filled == -30
    assert not summary.is_settled
    assert summary.end is None


def test_an_order_of_which_nothing_was_heard_has_no_figures() -> None:
    summary = summary_of(KEY, view())
    assert (summary.filled, summary.value, summary.executions) == (Decimal(0), Decimal(0), 0)
    assert (summary.average_price, summary.first_fill_at, summary.last_fill_at) == (None,) * 3
    assert not summary.is_acknowledged


def test_a_fill_that_is_taken_back_is_no_execution() -> None:
    busted = view(described(), fill("e.1.01", 40), fill("e.1.02", 0, seconds=2))
    summary = summary_of(KEY, busted)
    assert (summary.filled, summary.executions, summary.first_fill_at) == (Decimal(0), 0, None)


def test_a_rejection_is_told_in_the_words_of_the_broker() -> None:
    refused = view(rejected())
    assert refused.rejection is not None
    assert summary_of(KEY, refused).text == refused.rejection.text


def test_a_report_is_the_progress_in_a_few_figures() -> None:
    naked = NakedTime(Decimal(1), Decimal(0), at(0))
    entry, stop = view(described(), fill(quantity=10)), view(described(side=Side.SELL))
    progress = Progress(
        KEY,
        version=2,
        revision=5,
        phase=ArmPhase.WORKING,
        at=at(1),
        entry=entry,
        stops=(StopAtBroker(STOP, stop, is_attached=True),),
        naked=naked,
        why="it works",
    )
    report = report_of(progress)
    assert report.entry == summary_of(KEY, entry)
    assert report.stops == (summary_of(STOP, stop),)
    told = (report.key, report.version, report.revision, report.phase, report.at, report.why)
    assert told == (KEY, 2, 5, ArmPhase.WORKING, at(1), "it works")
    assert (report.naked, report.watch, report.refusal, report.rejection, report.asked) == (
        naked,
        None,
        None,
        None,
        None,
    )


def test_a_report_of_what_has_not_left_has_no_entry() -> None:
    assert report_of(Progress(KEY, 1, 1, ArmPhase.WAITING, at(0))).entry is None


def test_what_a_cancel_came_to_is_told_in_a_word() -> None:
    assert cancel_report(Ended(KEY, view(), at(0))) == CancelReport(KEY, CancelStanding.ENDED)
    pending = CancelPending(KEY, at(0), refused="not cancellable")
    expected = CancelReport(KEY, CancelStanding.PENDING, "not cancellable")
    assert cancel_report(pending) == expected
    assert cancel_report(NothingToCancel(KEY)) == CancelReport(KEY, CancelStanding.NOTHING)
    reason = next(iter(NotSentReason))
    unsent = cancel_report(NotSent(KEY, reason, at(0)))
    assert unsent == CancelReport(KEY, CancelStanding.NOT_SENT, reason.value)
