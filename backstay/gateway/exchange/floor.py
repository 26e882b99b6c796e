"""Orders at work: what elects and fills them, what ends them, and what follows for others.

Everything happens in turns. A turn begins with one cause (an order, a move of the market, an
instant that has come) and ends when no order can do anything more. Who is told of an event must not
call back from inside the telling: it puts what it wants to do on the agenda.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from backstay.gateway.agenda import Agenda
from backstay.gateway.events import Event, Executed, OrderNoted
from backstay.gateway.exchange import brackets, oca, remarks
from backstay.gateway.exchange.deadlines import instant_ns
from backstay.gateway.exchange.doors import Accounts, Market
from backstay.gateway.exchange.executions import Executions
from backstay.gateway.exchange.hours import may_work
from backstay.gateway.exchange.lifecycle import is_over
from backstay.gateway.exchange.matching import (
    ADDED,
    REMOVED,
    Fill,
    Taken,
    action_of,
    is_touched,
    through,
    urgency,
    walk,
)
from backstay.gateway.exchange.order_book import OrderBook
from backstay.gateway.exchange.remarks import Remark
from backstay.gateway.exchange.triggers import counted, elects, is_stop
from backstay.gateway.exchange.waiting import WHY_HELD, Wait, placed
from backstay.gateway.market.words import Instrument, Moved, Quote
from backstay.gateway.profile import Profile
from backstay.gateway.times import broker_day
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status

BY_TRADER = "Cancelled by Trader"
BY_SYSTEM = "Cancelled by System"
BY_REJECTION = "Rejected by System"


class Floor:
    """Where orders meet the market and each other."""

    def __init__(
        self,
        agenda: Agenda,
        market: Market,
        accounts: Accounts,
        profile: Profile,
        tell: Callable[[Event], None],
        book: OrderBook,
        executions: Executions,
    ) -> None:
        self._agenda = agenda
        self._market = market
        self._accounts = accounts
        self._profile = profile
        self._tell = tell
        self._book = book
        self._executions = executions
        self._taken: dict[int, Taken] = {}
        self._elections: dict[int, int] = {}
        self._unlocated: dict[int, None] = {}
        self._due: dict[int, None] = {}
        self._unblocked: list[tuple[HeldOrder, HeldOrder]] = []
        self._is_in_turn = False

    # -- what begins a turn

    def admit(self, held: HeldOrder, *, needs_locate: bool = False) -> HeldOrder:
        """A new order: it is told of as it stands, and looked at in this turn."""
        if needs_locate:
            self._unlocated[held.perm_id] = None
        self._due[held.perm_id] = None
        self._begin_session(held)
        return self._book.put(self._placed(held), reworded=True)

    def transmit(self, held: HeldOrder) -> tuple[HeldOrder, ...]:
        """One of a bracket was sent: now all of it is; those that were sent along."""
        root = self._book.held(held.parent_perm_id) or held
        if root.perm_id != held.perm_id:
            return self.transmit(root)
        family, along = [root], []
        for member in family:
            family.extend(self._book.children(member.perm_id))
            if not member.order.transmit and not is_over(member):
                sent = replace(member, order=replace(member.order, transmit=True))
                self._begin_session(sent)
                along.append(self._book.put(self._placed(sent), reworded=True))
                self._due[member.perm_id] = None
        return tuple(along)

    def rework(self, held: HeldOrder) -> None:
        """A modified order: told of, and looked at afresh."""
        before = self._book.held(held.perm_id)
        if before is not None and before.order.tif != held.order.tif:
            self._book.begin_anew(held.perm_id)
        self._elections.pop(held.perm_id, None)
        self._due[held.perm_id] = None
        self._book.put(self._placed(held), reworded=True)

    def look(self, perm_id: int) -> None:
        """Something that the order waits for may have come."""
        self._due[perm_id] = None

    def located(self, con_id: int) -> None:
        """There are shares to be borrowed now."""
        for held in self._book.living(con_id):
            if held.perm_id in self._unlocated:
                del self._unlocated[held.perm_id]
                self.look(held.perm_id)

    def restore(self, held: HeldOrder) -> None:
        """An order from before a restart."""
        if held.why_held == WHY_HELD[Wait.LOCATE]:
            self._unlocated[held.perm_id] = None

    def is_thinned(self, con_id: int) -> bool:
        """Whether somebody has taken of what is displayed, and it was not displayed anew."""
        return con_id in self._taken and self._taken[con_id].is_any

    def moved(self, news: Moved) -> None:
        """The market has moved: stops elect, orders fill, the most urgent first.

        This is the hot path: an order that the move can't touch is looked at once and left alone.
        """
        con_id, quote = news.instrument.con_id, news.after
        if (taken := self._taken.get(con_id)) is not None:
            taken.look(quote)
        living = () if quote.halted else self._book.living(con_id)
        touched, resting = [], []
        for held in living:
            wait = self.wait_of(held)
            if wait is Wait.TRIGGER:
                self._elect(held, quote, news.before, printed=news.printed)
            elif wait is None:
                resting.append(held)
                if is_touched(held.order, quote):
                    touched.append(held)
        for held in sorted(touched, key=lambda held: urgency(held.order)):
            self.look(held.perm_id)
        self.run()
        if news.printed and quote.last is not None:
            self._print_through(resting, quote.last, quote.last_size)
            self.run()

    def run(self) -> None:
        """Do what is to be done until nothing is."""
        if self._is_in_turn:
            return
        self._is_in_turn = True
        try:
            while self._due or self._unblocked:
                while self._due:
                    perm_id = next(iter(self._due))
                    del self._due[perm_id]
                    self._work(perm_id)
                if self._unblocked:
                    before, after = self._unblocked.pop(0)
                    self._hit_group(before, after)
        finally:
            self._is_in_turn = False

    # -- what an order waits for

    def wait_of(self, held: HeldOrder) -> Wait | None:
        """What the order waits for first; None if it can work."""
        order = held.order
        if not order.transmit:
            return Wait.TRANSMIT
        if held.parent_perm_id and self._available(held) <= 0 < held.remaining:
            return Wait.PARENT
        if self._is_early(order.good_after_time):
            return Wait.TIME
        if held.perm_id in self._unlocated:
            return Wait.LOCATE
        if is_stop(order) and not held.triggered:
            return Wait.TRIGGER
        return None if self._is_open_for(held) else Wait.HOURS

    def _is_early(self, text: str) -> bool:
        begins_ns = instant_ns(text) if text else None
        return begins_ns is not None and begins_ns > self._agenda.now_ns

    def _is_open_for(self, held: HeldOrder) -> bool:
        return may_work(held.order, self._market.phase(held.contract.con_id))

    def _available(self, held: HeldOrder) -> Decimal:
        return brackets.available(held, self._book.held(held.parent_perm_id), self._profile)

    def _placed(self, held: HeldOrder) -> HeldOrder:
        return placed(held, self.wait_of(held), self._agenda.now_ns)

    # -- one order

    def _begin_session(self, held: HeldOrder) -> bool:
        """Whether this is the first time that the order could work, by the clock."""
        order = held.order
        if not order.transmit or self._is_early(order.good_after_time):
            return False
        if not self._is_open_for(held):
            return False
        return self._book.begin_session(held.perm_id, broker_day(self._agenda.now_ns))

    def stand(self, perm_id: int) -> HeldOrder | None:
        """Have an order that lives stand as its situation says, and do nothing more."""
        held = self._book.held(perm_id)
        if held is None or is_over(held):
            return None
        begins = self._begin_session(held)
        if (now := self._placed(held)) is not held or begins:
            # Where only its day has begun the same status is told again, so that it is stored.
            held = self._book.put(now)
        return held

    def _work(self, perm_id: int) -> None:
        held = self.stand(perm_id)
        if held is None:
            return
        wait = self.wait_of(held)
        if wait is Wait.TRIGGER and perm_id not in self._elections:
            # The first look is at what stands there already; who comes to look while the market
            # sleeps waits for something new.
            self._elections[perm_id] = 0
            quote = self._market.quote(held.contract.con_id)
            self._elect(held, quote, None, printed=False)
            held = self._book.held(perm_id) or held
            wait = self.wait_of(held)
        if wait is None:
            self._trade(held)
        elif wait is Wait.HOURS and held.order.tif == "IOC":
            self.end(held, remarks.cancelled(), BY_SYSTEM)

    def _elect(self, held: HeldOrder, quote: Quote, before: Quote | None, *, printed: bool) -> None:
        if quote.halted or not self._is_open_for(held):
            return
        instrument = self._instrument(held)
        answer = counted(held.order, instrument, quote, before, printed=printed)
        if answer is None:
            return
        count = answer and self._elections.get(held.perm_id, 0) + answer
        self._elections[held.perm_id] = count
        if elects(held.order, instrument, count):
            self._book.put(self._placed(replace(held, triggered=True)))
            self.look(held.perm_id)

    def _trade(self, held: HeldOrder) -> None:
        con_id = held.contract.con_id
        quote = self._market.quote(con_id)
        if not quote.halted:
            action = action_of(held.order)
            taken = self._taken.setdefault(con_id, Taken())
            taken.look(quote)  # it may have moved while nobody watched
            levels = self._market.depth(con_id, action)
            for fill in walk(held.order, self._available(held), levels, taken):
                taken.take(action, fill)
                held = self.fill(held, fill, REMOVED)
                if is_over(held):
                    break
        if held.order.tif == "IOC" and not is_over(held):
            self.end(held, remarks.cancelled(), BY_SYSTEM)

    def _print_through(self, resting: list[HeldOrder], price: Decimal, size: Decimal) -> None:
        for each in sorted(resting, key=lambda held: urgency(held.order)):
            held = self._book.held(each.perm_id)
            if held is None or is_over(held) or self._market.quote(held.contract.con_id).halted:
                continue
            fill = through(held.order, self._available(held), price, size)
            if fill is not None:
                size -= fill.shares
                self.fill(held, fill, ADDED)
                self.run()

    def fill(self, held: HeldOrder, fill: Fill, liquidity: int) -> HeldOrder:
        """The order trades: told first as an execution, then in the account, then of the order."""
        now_ns = self._agenda.now_ns
        execution = self._executions.of_fill(held, fill.price, fill.shares, now_ns, liquidity)
        self._executions.keep(held.contract, execution)
        self._tell(Executed(held.contract, execution))
        self._executions.charge(self._accounts.book(held.contract, execution))
        after = replace(
            held,
            filled=execution.cum_quantity,
            average_price=execution.average_price,
            last_price=fill.price,
            changed_ns=now_ns,
        )
        return self.traded(held, after)

    def traded(self, before: HeldOrder, after: HeldOrder) -> HeldOrder:
        """The order has other fills than before; once there is nothing left of it, it is over.

        One that is over already stays so, and what it is tied to stays as it is.
        """
        if is_over(before):
            return self._book.put(after)
        if after.remaining <= 0:
            after = replace(
                after,
                status=Status.FILLED,
                why_held="",
                completed_ns=self._agenda.now_ns,
                completed_status=f"Filled Size: {after.filled}",
            )
            self._let_go(after.perm_id)
        self._book.put(after)
        if after.filled > before.filled:
            self._follow_fill(before, after)
        # What follows may have come back: a child can share a group with its parent.
        return self._book.held(after.perm_id) or after

    # -- what follows for others

    def _follow_fill(self, before: HeldOrder, after: HeldOrder) -> None:
        if oca.type_of(after.order) == oca.REDUCE:
            self._unblocked.append((before, after))
        else:
            self._hit_group(before, after)
        for child in self._book.children(after.perm_id):
            self.look(child.perm_id)

    def _hit_group(self, before: HeldOrder, after: HeldOrder) -> None:
        ends_others = (
            after.status is Status.FILLED or oca.type_of(after.order) == oca.CANCEL_WITH_BLOCK
        )
        for each in self._book.siblings(after):
            other = self._book.held(each.perm_id)
            if other is None or is_over(other):
                continue
            shares = after.filled - before.filled
            less = None if ends_others else oca.reduced(other, before, shares, self._profile)
            if less is None:
                self.end(other, remarks.cancelled(), BY_SYSTEM, for_its_group=True)
            elif less.order.quantity != other.order.quantity:
                self._book.put(replace(less, changed_ns=self._agenda.now_ns), reworded=True)

    def end(
        self, held: HeldOrder, remark: Remark, completed_status: str, *, for_its_group: bool = False
    ) -> None:
        """The order is cancelled, for whatever reason, and with it what it takes along.

        What ends because another of its group traded takes nobody of the group along.
        """
        now_ns = self._agenda.now_ns
        over = self._book.put(
            replace(
                held,
                status=Status.CANCELLED,
                why_held="",
                changed_ns=now_ns,
                completed_ns=now_ns,
                completed_status=completed_status,
            )
        )
        self.note(over.order, remark)
        self._let_go(over.perm_id)
        spares = for_its_group or self._profile.cancelling_one_spares_siblings
        if oca.is_named(over) and not spares:
            for each in self._book.siblings(over):
                other = self._book.held(each.perm_id)
                if other is not None and not is_over(other):
                    self.end(other, remarks.cancelled(), BY_SYSTEM, for_its_group=True)
        for each in self._book.children(over.perm_id):
            child = self._book.held(each.perm_id)
            if child is not None and not is_over(child):
                self._orphan(child, over)

    def _let_go(self, perm_id: int) -> None:
        """It is over: what was noted while it lived is of no use any more."""
        self._elections.pop(perm_id, None)
        self._unlocated.pop(perm_id, None)

    def _orphan(self, child: HeldOrder, parent: HeldOrder) -> None:
        left = brackets.orphaned(child, parent, self._profile)
        if left is None:
            self.end(child, remarks.cancelled(), BY_SYSTEM)
        elif left.order.quantity != child.order.quantity:
            self._book.put(replace(left, changed_ns=self._agenda.now_ns), reworded=True)
            self.look(child.perm_id)

    def note(self, order: Order, remark: Remark) -> None:
        """Say something of an order to whoever sent it."""
        self._tell(
            OrderNoted(order.client_id, order.order_id, remark.code, remark.text, order.perm_id)
        )

    def _instrument(self, held: HeldOrder) -> Instrument:
        instrument = self._market.instrument(held.contract.con_id)
        if instrument is None:
            raise LookupError(f"order {held.perm_id} is for {held.contract.con_id}: not listed")
        return instrument
