"""What no client can ask for: corrections, a fill out of order, a second permId, expiry.

Only these can make an order's fills exceed its quantity, or change the fills of one that is over.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from backstay.gateway.agenda import Agenda
from backstay.gateway.events import Event, Executed
from backstay.gateway.exchange import remarks
from backstay.gateway.exchange.doors import Accounts, Market
from backstay.gateway.exchange.executions import Executions, average, next_version
from backstay.gateway.exchange.floor import BY_SYSTEM, Floor
from backstay.gateway.exchange.lifecycle import is_over
from backstay.gateway.exchange.matching import REMOVED, Fill, action_of, limit_of
from backstay.gateway.exchange.order_book import OrderBook
from backstay.gateway.market.words import Instrument, Phase
from backstay.gateway.times import broker_day
from backstay.gateway.values.execution import Execution
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status

_ZERO = Decimal(0)


class ByHand:
    """The operator's and the faults' tools."""

    def __init__(
        self,
        agenda: Agenda,
        market: Market,
        accounts: Accounts,
        tell: Callable[[Event], None],
        book: OrderBook,
        executions: Executions,
        floor: Floor,
    ) -> None:
        self._agenda = agenda
        self._market = market
        self._accounts = accounts
        self._tell = tell
        self._book = book
        self._executions = executions
        self._floor = floor
        self._split_ns: dict[int, int] = {}
        """When each stock was split last."""

    def split(self, con_id: int, ratio: Decimal) -> None:
        """A corporate action: every order in the stock ends, and whoever has shares has others.

        What was executed before can't be corrected any more: it was in shares that are gone.
        """
        for each in self._book.living(con_id):
            held = self._book.held(each.perm_id)
            if held is not None and not is_over(held):
                self._floor.end(held, remarks.BY_SPLIT, BY_SYSTEM)
        self._split_ns[con_id] = self._agenda.now_ns
        self._accounts.split(con_id, ratio)

    def correct(self, exec_id: str, price: Decimal | None, quantity: Decimal | None) -> None:
        """Have another version in the place of the one that stands; none of it left is a bust."""
        state = self._executions.standing(exec_id)
        if state is None or self._is_of_before(state.contract.con_id, state.execution.time_ns):
            return
        old = state.execution
        shares = old.shares if quantity is None else quantity
        new = _version(old, shares, old.price if price is None else price)
        before = self._book.held(old.perm_id)
        after = None if before is None else self._corrected(before, old, new)
        self._executions.keep(state.contract, new)
        self._tell(Executed(state.contract, new, old.exec_id))
        commission = self._accounts.correct(state.contract, old, new if shares else None)
        if commission is not None:
            self._executions.charge(commission)
        if before is not None and after is not None:
            self._floor.traded(before, after)

    def _corrected(self, held: HeldOrder, old: Execution, new: Execution) -> HeldOrder:
        filled = held.filled - old.shares + new.shares
        total = held.average_price * held.filled - old.price * old.shares + new.price * new.shares
        return replace(
            held,
            filled=filled,
            average_price=average(total, filled),
            changed_ns=self._agenda.now_ns,
        )

    def fill_anyway(self, perm_id: int, quantity: Decimal) -> None:
        """Let the order trade so much at what the market shows, whatever its status."""
        held = self._book.held(perm_id)
        if held is None or held.status is Status.INACTIVE:
            return
        if self._is_of_before(held.contract.con_id, held.accepted_ns):
            return
        price = self._price(held)
        if price is None:
            return
        if held.status in {Status.PENDING_SUBMIT, Status.PRE_SUBMITTED}:
            sent = replace(held.order, transmit=True)
            held = self._book.put(replace(held, order=sent, status=Status.SUBMITTED, why_held=""))
        self._floor.fill(held, Fill(price, quantity), REMOVED)

    def _is_of_before(self, con_id: int, at_ns: int) -> bool:
        split_ns = self._split_ns.get(con_id)
        return split_ns is not None and at_ns <= split_ns

    def _price(self, held: HeldOrder) -> Decimal | None:
        limit = limit_of(held.order)
        if limit is not None:
            return limit
        levels = self._market.depth(held.contract.con_id, action_of(held.order))
        return levels[0].price if levels else self._market.quote(held.contract.con_id).last

    def forked(self, perm_id: int, twin_perm_id: int) -> HeldOrder:
        """The order as it was before its last modify, as a second one with nothing filled."""
        held = self._book.held(perm_id)
        if held is None:
            raise LookupError(f"no order has the permId {perm_id}")
        former = self._book.former(perm_id) or held
        quantity = max(former.order.quantity - held.filled, Decimal(1))
        return replace(
            former,
            order=replace(former.order, perm_id=twin_perm_id, quantity=quantity),
            status=Status.PENDING_SUBMIT,
            filled=_ZERO,
            average_price=_ZERO,
            last_price=_ZERO,
            changed_ns=self._agenda.now_ns,
            completed_ns=None,
            completed_status="",
        )

    def settle_expired(self) -> None:
        """Options that have expired: their orders end, and what is held of them is closed for what
        it is worth in the underlying.
        """
        self._end_expired_orders()
        for account in self._accounts.names:
            for position in self._accounts.positions(account):
                instrument = self._market.instrument(position.contract.con_id)
                if position.quantity and instrument and self._has_expired(instrument):
                    self._settle(account, instrument, position.quantity)

    def _has_expired(self, instrument: Instrument) -> bool:
        today = broker_day(self._agenda.now_ns)
        expiry = instrument.contract.expiry
        if not instrument.is_option or expiry > f"{today:%Y%m%d}":
            return False
        con_id = instrument.con_id
        is_closed = self._market.phase(con_id) is Phase.CLOSED
        opens_again = broker_day(self._market.next_phase_change_ns(con_id))
        return expiry < f"{today:%Y%m%d}" or (is_closed and opens_again > today)

    def _end_expired_orders(self) -> None:
        for each in self._book.living():
            held = self._book.held(each.perm_id)
            instrument = self._market.instrument(each.contract.con_id)
            if held is None or is_over(held) or instrument is None:
                continue
            if self._has_expired(instrument):
                self._floor.end(held, remarks.cancelled(), BY_SYSTEM)

    def _settle(self, account: str, instrument: Instrument, quantity: Decimal) -> None:
        order = Order(action="SELL" if quantity > 0 else "BUY", account=account)
        now_ns = self._agenda.now_ns
        settled = HeldOrder(instrument.contract, order, Status.SUBMITTED, now_ns, now_ns)
        execution = self._executions.of_fill(
            settled, self._worth(instrument), abs(quantity), now_ns, REMOVED
        )
        self._executions.keep(instrument.contract, execution)
        self._tell(Executed(instrument.contract, execution))
        self._executions.charge(self._accounts.book(instrument.contract, execution))

    def _worth(self, instrument: Instrument) -> Decimal:
        quote = self._market.quote(instrument.under_con_id)
        price = quote.last or quote.close or _ZERO
        above = price - instrument.contract.strike
        return max(_ZERO, above if instrument.contract.right.startswith("C") else -above)


def _version(old: Execution, shares: Decimal, price: Decimal) -> Execution:
    """The next version of an execution; what its order had come to is as of that execution."""
    done = old.cum_quantity - old.shares + shares
    total = old.average_price * old.cum_quantity - old.price * old.shares + price * shares
    return replace(
        old,
        exec_id=next_version(old.exec_id),
        shares=shares,
        price=price,
        cum_quantity=done,
        average_price=average(total, done),
    )
