"""How an order stands, in words for a person; and the pages of what is live as JSON."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from backstay.domain.edge.live import (
    BrokerStop,
    Distance,
    EdgeNow,
    EngineStop,
    LegPhase,
    LiveLeg,
    LivePage,
    LivePrice,
    LiveTarget,
    LiveTrigger,
    Nakedness,
    Profit,
    StopStanding,
)
from backstay.domain.edge.looking import Absent, Doubt, FindAnswer, Found, NotSeen, Unanswered
from backstay.domain.edge.ordered import (
    ANSWERED_WITHIN,
    Inquiry,
    KnownOrder,
    OrdersPage,
    OrderState,
    StrangeOrder,
    answer_text,
    order_state,
)
from backstay.domain.edge.session import BrokerTime, SessionReport, SessionState
from backstay.domain.edge.snapshot import ForeignOrder
from backstay.domain.ids import Purpose
from backstay.domain.limits.facts import AccountKind
from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Limit, Market, Stop
from backstay.domain.orders.reports import BrokerReport, CompletedReported, StatusReported
from backstay.domain.orders.view import OrderView, view_of
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource
from tests.domain.edge.samples import NOW, key


def view(*reports: BrokerReport) -> OrderView:
    return view_of(OrderFacts().with_reports(*reports), Side.BUY, Decimal(100))


def status(word: str, seconds: int = 0, perm_id: int = 7) -> StatusReported:
    return StatusReported(1, perm_id, word, Decimal(0), "", NOW + timedelta(seconds=seconds))


COMPLETED = CompletedReported(7, "Cancelled", Decimal(0), NOW)


@pytest.mark.parametrize(
    ("order", "lost", "state"),
    [
        (None, False, OrderState.SENDING),
        (None, True, OrderState.UNKNOWN),
        (view(status("PendingSubmit", perm_id=0)), False, OrderState.SENDING),
        (view(status("PendingSubmit")), False, OrderState.ACKNOWLEDGED),
        (view(status("PreSubmitted")), False, OrderState.WORKING),
        (view(status("Submitted")), False, OrderState.WORKING),
        (view(status("Submitted")), True, OrderState.UNKNOWN),
        (view(status("PendingCancel")), False, OrderState.CANCELLING),
        (view(status("Inactive")), False, OrderState.ACKNOWLEDGED),
        (view(status("Cancelled")), False, OrderState.OVER),
        (view(COMPLETED), True, OrderState.OVER),
        (view(COMPLETED, status("Submitted", 1)), False, OrderState.UNKNOWN),
    ],
)
def test_an_order_is_called_by_what_is_known_of_it(
    order: OrderView | None, lost: bool, state: OrderState
) -> None:
    assert order_state(order, NOW, NOW, is_lost_from_view=lost) is state


def test_what_the_broker_does_not_name_in_time_is_unknown() -> None:
    before = ANSWERED_WITHIN - timedelta(microseconds=1)
    silent = view(status("PendingSubmit", perm_id=0))
    for order in (None, silent):
        early = order_state(order, NOW, NOW + before, is_lost_from_view=False)
        assert early is OrderState.SENDING
        late = order_state(order, NOW, NOW + ANSWERED_WITHIN, is_lost_from_view=False)
        assert late is OrderState.UNKNOWN
    never = order_state(None, None, NOW + ANSWERED_WITHIN, is_lost_from_view=False)
    assert never is OrderState.SENDING


def test_the_unknown_come_first_and_the_over_last() -> None:
    order = sorted(OrderState, key=lambda state: state.urgency)
    assert (order[0], order[-1]) == (OrderState.UNKNOWN, OrderState.OVER)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (None, "no answer yet"),
        (Found(key(Purpose.ENTRY), view(), NOW), "it has it"),
        (Absent(key(Purpose.ENTRY), ()), "it never had it"),
        (
            NotSeen(key(Purpose.ENTRY), (), (Doubt.ANOTHER_DAY, Doubt.POSITION_DIFFERS)),
            f"not shown; it may have existed: {Doubt.ANOTHER_DAY}; {Doubt.POSITION_DIFFERS}",
        ),
        (Unanswered(key(Purpose.ENTRY), "open orders", NOW), "not answered: open orders"),
    ],
)
def test_an_answer_is_told_in_one_line(answer: FindAnswer | None, text: str) -> None:
    assert answer_text(answer) == text


def known(purpose: Purpose) -> KnownOrder:
    return KnownOrder(
        key=key(purpose),
        con_id=265598,
        symbol="AAPL",
        order_ids=(3,),
        perm_ids=(7,),
        side=Side.BUY,
        quantity=Decimal(100),
        filled=Decimal(0),
        average_price=None,
        terms=Stop(Decimal(95)),
        state=OrderState.UNKNOWN,
        end=OrderEnd.MIXED,
        sent_at=NOW,
        unknown_since=NOW,
        inquiry=Inquiry(NOW, 2, NOW, NotSeen(key(purpose), (), (Doubt.ANOTHER_DAY,))),
    )


def test_only_of_an_entry_a_persons_word_is_enough() -> None:
    assert [each for each in Purpose if known(each).may_be_declared] == [Purpose.ENTRY]


EDGE = EdgeNow(
    account="DU1234567",
    kind=AccountKind.PAPER,
    client_id=1,
    at=NOW,
    time=BrokerTime(NOW, 0.25),
    session=SessionReport(SessionState.READY, NOW),
    last_tick_at=NOW,
)


def test_the_page_of_orders_is_the_same_after_its_journey() -> None:
    foreign = ForeignOrder(
        9, 0, 0, 265598, "", Side.SELL, Decimal(5), Decimal(0), Market(), "Submitted"
    )
    page = OrdersPage(
        EDGE,
        NOW,
        2,
        1,
        (known(Purpose.ENTRY),),
        (StrangeOrder("AAPL", foreign),),
    )
    adapter = TypeAdapter(OrdersPage)
    assert adapter.validate_json(adapter.dump_json(page)) == page


def test_the_page_of_legs_is_the_same_after_its_journey() -> None:
    away = Distance(Decimal(1), Decimal("1.0000"))
    leg = LiveLeg(
        key=key(Purpose.ENTRY),
        trade=key(Purpose.ENTRY).trade,
        leg=0,
        con_id=265598,
        symbol="AAPL",
        option=None,
        side=Side.BUY,
        phase=LegPhase.GUARDING,
        quantity=Decimal(100),
        filled=Decimal(60),
        open=Decimal(60),
        average_price=Decimal("100.02"),
        price=LivePrice(Decimal(101), PriceSource.LAST, NOW),
        trigger=LiveTrigger(Decimal(102), Crossing.ABOVE, PriceSource.BID, away, True),
        stop=EngineStop(Decimal(98), away, Decimal("1.5"), Decimal(103), True),
        at_broker=BrokerStop(
            StopStanding.ACKNOWLEDGED,
            Decimal(60),
            key(Purpose.PROTECT),
            Limit(Decimal(95)),
            away,
        ),
        targets=(LiveTarget(Decimal(110), Decimal(30), None, False),),
        leave_at=NOW,
        naked=Nakedness(Decimal("1.5"), Decimal(0), Decimal(0)),
        profit=Profit("USD", None, Decimal(1)),
        why="by hand",
    )
    page = LivePage(EDGE, 3, (leg,))
    adapter = TypeAdapter(LivePage)
    assert adapter.validate_json(adapter.dump_json(page)) == page
