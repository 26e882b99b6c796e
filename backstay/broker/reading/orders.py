"""Every order of the account that is known here, ours and others', most urgent first."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from decimal import Decimal

from backstay.broker.arms.arms import Arms
from backstay.broker.arms.run import ArmRun
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.inbox.record import OrderRecord
from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.ordered import KnownOrder, OrderState, StrangeOrder, order_state
from backstay.domain.orders.intent import OrderTerms

_NOTHING = Decimal(0)


class Orders:
    """Reads the orders; whatever it is asked, nothing changes by it."""

    def __init__(self, arms: Arms, inbox: BrokerInbox) -> None:
        self._arms = arms
        self._inbox = inbox

    def ours(self, now: datetime, trades: Collection[str]) -> list[KnownOrder]:
        """Ours, of these trades or all; one that a person has to know of first comes first."""
        unknown = {run.key: run for run in self._arms.runs if run.phase is ArmPhase.UNKNOWN}
        unexplained = frozenset(self._inbox.unexplained())
        symbol = self._symbols()
        found = []
        for record in self._inbox.records():
            if trades and record.key.trade not in trades:
                continue
            run = unknown.pop(record.key, None)
            is_lost = run is not None or record.key in unexplained
            found.append(_line(record, run, symbol(record.con_id), now, is_lost_from_view=is_lost))
        found += [
            _never_shown(run) for run in unknown.values() if not trades or run.key.trade in trades
        ]
        return sorted(found, key=_place)

    def others(self) -> Iterator[StrangeOrder]:
        """Those of somebody else that may still fill."""
        symbol = self._symbols()
        for order in self._inbox.foreign_orders():
            yield StrangeOrder(symbol(order.con_id), order)

    def _symbols(self) -> Callable[[int], str]:
        """What contracts are called: by our orders, else by what is held; nothing if by neither."""
        intents = (record.intent for record in self._inbox.records())
        ours = (intent.instrument for intent in intents if intent is not None)
        known = {instrument.con_id: instrument.symbol for instrument in ours}
        return lambda con_id: known.get(con_id) or self._inbox.symbol(con_id)


def _place(order: KnownOrder) -> tuple[int, str, int, str, int]:
    key = order.key
    return order.state.urgency, key.trade, key.leg, key.purpose.value, key.generation


def _line(
    record: OrderRecord,
    run: ArmRun | None,
    symbol: str,
    now: datetime,
    *,
    is_lost_from_view: bool,
) -> KnownOrder:
    view, size = record.view, record.view or record.intent
    assert size is not None, "what is known was sent from here, or shown"
    state = order_state(view, record.sign_at, now, is_lost_from_view=is_lost_from_view)
    against = view.rejection if view is not None else None
    return KnownOrder(
        key=record.key,
        con_id=record.con_id,
        symbol=symbol,
        order_ids=tuple(sorted(record.order_ids)),
        perm_ids=view.perm_ids if view is not None else (),
        side=size.side,
        quantity=size.quantity,
        filled=view.filled if view is not None else _NOTHING,
        average_price=view.average_price if view is not None else None,
        terms=_terms(record),
        state=state,
        end=view.end if view is not None and state is OrderState.OVER else None,
        sent_at=record.sent_at,
        unknown_since=record.sign_at if state is OrderState.UNKNOWN else None,
        inquiry=run.pursuit.inquiry if run is not None else None,
        text=f"{against.code}: {against.text}" if against is not None else "",
    )


def _terms(record: OrderRecord) -> OrderTerms | None:
    """As the broker shows it, else as it was meant."""
    described = record.described
    if described is not None and described.terms is not None:
        return described.terms
    return record.intent.terms if record.intent is not None else None


def _never_shown(run: ArmRun) -> KnownOrder:
    """An entry that another process may have sent, and of which the broker shows nothing."""
    intent, inquiry = run.arm.entry.intent, run.pursuit.inquiry
    return KnownOrder(
        key=intent.key,
        con_id=intent.instrument.con_id,
        symbol=intent.instrument.symbol,
        order_ids=(),
        perm_ids=(),
        side=intent.side,
        quantity=intent.quantity,
        filled=_NOTHING,
        average_price=None,
        terms=intent.terms,
        state=OrderState.UNKNOWN,
        unknown_since=run.arm.asked.at,
        inquiry=inquiry,
        text=run.why,
    )
