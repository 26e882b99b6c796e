"""What happens to orders because it is time: the close, a date, a late cancel, midnight.

An instant that comes too early or for nothing is no fault: whatever is due is looked up again in
the order as it is by then.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import partial

from backstay.gateway.agenda import Agenda
from backstay.gateway.events import Event, ExecutionForgotten, OrderForgotten
from backstay.gateway.exchange import remarks
from backstay.gateway.exchange.deadlines import instant_ns
from backstay.gateway.exchange.doors import Market
from backstay.gateway.exchange.executions import Executions
from backstay.gateway.exchange.floor import BY_SYSTEM, BY_TRADER, Floor
from backstay.gateway.exchange.hours import may_work
from backstay.gateway.exchange.lifecycle import is_over
from backstay.gateway.exchange.order_book import OrderBook
from backstay.gateway.profile import Profile
from backstay.gateway.times import ZONE, broker_day, to_ns
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.state import Status


class Timetable:
    """Puts on the agenda what orders have coming."""

    def __init__(
        self,
        agenda: Agenda,
        market: Market,
        profile: Profile,
        tell: Callable[[Event], None],
        book: OrderBook,
        executions: Executions,
        floor: Floor,
    ) -> None:
        self._agenda = agenda
        self._market = market
        self._profile = profile
        self._tell = tell
        self._book = book
        self._executions = executions
        self._floor = floor
        self._await_midnight()

    def enter(self, held: HeldOrder) -> None:
        """An order is new, or has new dates."""
        if held.order.tif == "GTD":
            self._at(held.order.good_till_date, "good till date", held.perm_id)
        if held.order.good_after_time:
            self._at(held.order.good_after_time, "good after time", held.perm_id)

    def answer_cancel(self, perm_id: int, delay_ns: int) -> None:
        """A cancel was asked for; it is answered after a while, if the order still lives."""
        self._agenda.after(delay_ns, "cancel", partial(self._answer_cancel, perm_id))

    def phase_changed(self, calendar: str) -> None:
        """A market has opened, closed or changed its hours: day orders end, others wake."""
        for held in self._book.living():
            instrument = self._market.instrument(held.contract.con_id)
            if instrument is not None and instrument.calendar == calendar:
                self._look(held.perm_id, self._floor.look)
        self._floor.run()

    def resume(self) -> None:
        """After a restart: what has come in the meantime happens now.

        Where an instrument stands until somebody moves it, what it shows is from before: its orders
        have met it already, as far as they could, and wait for what is new.
        """
        for held in self._book.living():
            if held.status is Status.PENDING_CANCEL:
                self._answer_cancel(held.perm_id)
            self.enter(held)
            if self._market.stands(held.contract.con_id):
                self._look(held.perm_id, self._floor.stand)
            else:
                self._look(held.perm_id, self._floor.look)
        self._forget()
        self._floor.run()

    def _at(self, text: str, name: str, perm_id: int) -> None:
        due_ns = instant_ns(text)
        if due_ns is not None and due_ns > self._agenda.now_ns:
            self._agenda.at(due_ns, name, partial(self._come, perm_id))

    def _come(self, perm_id: int) -> None:
        self._look(perm_id, self._floor.look)
        self._floor.run()

    def _look(self, perm_id: int, look: Callable[[int], object]) -> None:
        """End what is past its time, and have `look` at the rest."""
        held = self._book.held(perm_id)
        if held is None or is_over(held):
            return
        if self._is_past(held):
            self._floor.end(held, remarks.cancelled(), BY_SYSTEM)
        else:
            look(perm_id)

    def _is_past(self, held: HeldOrder) -> bool:
        if held.order.tif == "GTD":
            until_ns = instant_ns(held.order.good_till_date)
            return until_ns is not None and until_ns <= self._agenda.now_ns
        day = self._book.session_day(held.perm_id)
        if held.order.tif != "DAY" or day is None:
            return False
        is_closed = not may_work(held.order, self._market.phase(held.contract.con_id))
        return is_closed or day < broker_day(self._agenda.now_ns)

    def _answer_cancel(self, perm_id: int) -> None:
        held = self._book.held(perm_id)
        if held is not None and held.status is Status.PENDING_CANCEL:
            self._floor.end(held, remarks.cancelled(), BY_TRADER)
            self._floor.run()

    def _await_midnight(self) -> None:
        tomorrow = broker_day(self._agenda.now_ns) + timedelta(days=1)
        due_ns = to_ns(datetime.combine(tomorrow, time(), ZONE))
        self._agenda.at(due_ns, "midnight", self._midnight)

    def _midnight(self) -> None:
        self._await_midnight()
        self._forget()

    def _forget(self) -> None:
        """Let go of what is over since before today, or before yesterday."""
        day_first = broker_day(self._agenda.now_ns)
        if self._profile.yesterday_stays_visible:
            day_first -= timedelta(days=1)
        for held in self._book.completed():
            if held.completed_ns is not None and broker_day(held.completed_ns) < day_first:
                self._book.forget(held.perm_id)
                self._tell(OrderForgotten(held.perm_id))
        for exec_id in self._executions.forget_before(day_first):
            self._tell(ExecutionForgotten(exec_id))
