"""The exchange's doors: what clients ask for, and what only operators and faults can do.

Thin: ids, who may, and in which order things are looked at; the rules stand in the modules around
it. Nothing is answered directly: what happens is told, once, to whoever listens.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Chance
from backstay.gateway.events import Event, OrderNoted
from backstay.gateway.exchange import brackets, modifies, remarks
from backstay.gateway.exchange.admission import Admission
from backstay.gateway.exchange.by_hand import ByHand
from backstay.gateway.exchange.doors import Accounts, Market
from backstay.gateway.exchange.executions import Executions
from backstay.gateway.exchange.floor import BY_REJECTION, BY_TRADER, Floor
from backstay.gateway.exchange.lifecycle import is_over
from backstay.gateway.exchange.order_book import OrderBook
from backstay.gateway.exchange.remarks import Remark
from backstay.gateway.exchange.sequences import Sequences
from backstay.gateway.exchange.state import ExchangeState, OrderState, SequenceState
from backstay.gateway.exchange.timetable import Timetable
from backstay.gateway.market.words import Instrument, Moved, News, PhaseChanged, Split
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Commission, Execution
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview, Status

CANCEL_SECONDS = (1, 5)
"""How long a cancel stays unanswered in a fast market, at least and at most."""


class Exchange:
    """All orders of all clients."""

    def __init__(
        self,
        agenda: Agenda,
        chance: Chance,
        market: Market,
        accounts: Accounts,
        settings: Settings,
        tell: Callable[[Event], None],
    ) -> None:
        self._agenda = agenda
        self._chance = chance
        self._market = market
        self._accounts = accounts
        self._settings = settings
        self._tell = tell
        self._sequences = Sequences()
        self._executions = Executions(self._sequences)
        self._book = OrderBook(market, tell)
        profile = settings.profile
        self._floor = Floor(agenda, market, accounts, profile, tell, self._book, self._executions)
        self._timetable = Timetable(
            agenda, market, profile, tell, self._book, self._executions, self._floor
        )
        self._hand = ByHand(
            agenda, market, accounts, tell, self._book, self._executions, self._floor
        )
        self._admission = Admission(agenda, market, accounts, profile, self._book)

    # -- what can be asked

    def next_order_id(self, client_id: int) -> int:
        """The lowest order id that the client may use."""
        return self._sequences.order_id(client_id)

    def is_thinned(self, con_id: int) -> bool:
        """Whether somebody has taken of what is displayed, and it was not displayed anew."""
        return self._floor.is_thinned(con_id)

    def open_orders(self) -> tuple[HeldOrder, ...]:
        """All orders that work or wait."""
        return self._book.living()

    def completed_orders(self) -> tuple[HeldOrder, ...]:
        """The orders that are over and not forgotten."""
        return self._book.completed()

    def executions(self) -> tuple[tuple[Contract, Execution], ...]:
        """The executions that are not forgotten, corrections among them."""
        return tuple((state.contract, state.execution) for state in self._executions.all())

    def commissions(self) -> tuple[Commission, ...]:
        """What they cost."""
        states = self._executions.all()
        return tuple(state.commission for state in states if state.commission is not None)

    def held(self, perm_id: int) -> HeldOrder | None:
        """The order with that permId, if it is not forgotten."""
        return self._book.held(perm_id)

    # -- what clients send

    def place(self, client_id: int, order_id: int, contract: Contract, order: Order) -> None:
        """A new order, or a change of a live one: the same id decides which."""
        known = self._book.named(client_id, order_id)
        following = self._sequences.order_id(client_id)
        if self._settings.read_only:
            self._note(client_id, order_id, remarks.READ_ONLY)
        elif known is not None and (not is_over(known) or order_id < following):
            self._modify(known, contract, order)
        elif order_id < following:
            self._note(client_id, order_id, remarks.DUPLICATE)
        else:
            self._sequences.use_order_id(client_id, order_id)
            self._take_new(client_id, order_id, contract, order)
        self._floor.run()

    def what_if(
        self, client_id: int, order_id: int, contract: Contract, order: Order
    ) -> MarginPreview | OrderNoted:
        """What the order would do, without placing it."""
        preview = self._admission.preview(contract, order)
        if isinstance(preview, Remark):
            return OrderNoted(client_id, order_id, preview.code, preview.text)
        return preview

    def cancel(self, client_id: int, order_id: int) -> None:
        """The end of an order, please."""
        held = self._book.named(client_id, order_id)
        if self._settings.read_only:
            self._note(client_id, order_id, remarks.READ_ONLY)
        elif held is None:
            self._note(client_id, order_id, remarks.not_found(order_id))
        elif is_over(held):
            self._floor.note(held.order, remarks.cannot_cancel(order_id, held.status))
        elif held.status is Status.PENDING_CANCEL:
            self._floor.note(held.order, remarks.not_cancellable(held.perm_id))
        else:
            self._cancel(held)
        self._floor.run()

    def cancel_all(self, client_id: int) -> None:
        """The end of all orders, whoever placed them."""
        if self._settings.read_only:
            self._note(client_id, -1, remarks.READ_ONLY)
            return
        for each in self._book.living():
            held = self._book.held(each.perm_id)
            if held is not None and not is_over(held) and held.status is not Status.PENDING_CANCEL:
                self._cancel(held)
        self._floor.run()

    # -- what no client can ask for

    def roll_back_ids(self, by: int) -> None:
        """Let every client's next order id fall back by so much."""
        self._sequences.roll_back(by)

    def correct_execution(
        self, exec_id: str, *, price: Decimal | None = None, quantity: Decimal | None = None
    ) -> None:
        """Replace an execution by one with the next number."""
        self._hand.correct(exec_id, price, quantity)
        self._floor.run()

    def bust_execution(self, exec_id: str) -> None:
        """Take an execution back."""
        self._hand.correct(exec_id, None, Decimal(0))
        self._floor.run()

    def fill_anyway(self, perm_id: int, quantity: Decimal) -> None:
        """Fill an order, also one that is over."""
        self._hand.fill_anyway(perm_id, quantity)
        self._floor.run()

    def fork(self, perm_id: int) -> int:
        """Let the order as it was before its last modify live on under a permId of its own."""
        twin = self._hand.forked(perm_id, self._sequences.perm_id())
        self._admit(twin)
        self._floor.run()
        return twin.perm_id

    def place_by_hand(self, account: str, contract: Contract, order: Order) -> None:
        """An order that somebody types into TWS: client 0, an order id below zero."""
        typed = replace(order, account=account, transmit=True)
        self._take_new(0, self._sequences.hand_id(), contract, typed)
        self._floor.run()

    def close_by_hand(self, account: str, con_id: int) -> None:
        """Close a position from TWS, at the market."""
        position = self._accounts.position(account, con_id)
        if position.quantity:
            action = "SELL" if position.quantity > 0 else "BUY"
            order = Order(
                action=action, quantity=abs(position.quantity), order_type="MKT", tif="DAY"
            )
            self.place_by_hand(account, position.contract, order)

    def cancel_by_hand(self, perm_id: int) -> None:
        """End an order from TWS, where each is shown by itself: also one whose order id its client
        means another by, that is over.
        """
        held = self._book.held(perm_id)
        if held is not None and not is_over(held) and held.status is not Status.PENDING_CANCEL:
            self._cancel(held)
            self._floor.run()

    def settle_expired(self) -> None:
        """Settle in cash whatever has expired by today."""
        self._hand.settle_expired()

    def sold_short(self, client_id: int, contract: Contract, order: Order) -> int | None:
        """The stock that a new order would sell short with shares that can be borrowed."""
        return self._admission.sold_short(client_id, contract, order)

    def deny_borrow(self, con_id: int) -> None:
        """From now on short sales of it are held until shares are found (404)."""
        self._admission.deny_borrow(con_id)

    def locate(self, con_id: int) -> None:
        """Shares to borrow are found."""
        self._admission.allow_borrow(con_id)
        self._floor.located(con_id)
        self._floor.run()

    # -- what survives

    def state(self) -> ExchangeState:
        """Everything that has to survive the process, but for what the accounts keep."""
        return ExchangeState(self._book.state(), self._executions.all(), self._sequences.state())

    def order_state(self, perm_id: int) -> OrderState | None:
        """What has to survive of one order, if it is not forgotten."""
        return self._book.state_of(perm_id)

    def sequences(self) -> tuple[SequenceState, ...]:
        """All sequences as they are now."""
        return self._sequences.state()

    def restore(self, state: ExchangeState) -> None:
        """Go on from `state`; what came in the meantime happens when the agenda is next moved."""
        self._sequences.restore(state.sequences)
        self._executions.restore(state.executions)
        self._book.restore(state.orders)
        for held in self._book.living():
            self._floor.restore(held)
        self._agenda.after(0, "resume", self._resume)

    def _resume(self) -> None:
        self._hand.settle_expired()
        self._timetable.resume()

    def on_news(self, news: News) -> None:
        """Something has happened in the market."""
        match news:
            case Moved():
                self._floor.moved(news)
            case Split():
                self._hand.split(news.instrument.con_id, news.ratio)
                self._floor.run()
            case PhaseChanged():
                self._hand.settle_expired()
                self._timetable.phase_changed(news.calendar)

    # -- new orders

    def _take_new(self, client_id: int, order_id: int, contract: Contract, order: Order) -> None:
        instrument = self._admission.found(contract)
        if isinstance(instrument, Remark):
            self._note(client_id, order_id, instrument)
            return
        refusal = self._admission.refusal(instrument, order)
        if refusal is remarks.FRACTIONAL and order_id < 0:
            refusal = None  # TWS takes what its API does not
        parent = self._book.named(client_id, order.parent_id) if order.parent_id else None
        if order.parent_id and brackets.is_dead_end(parent):
            refusal = refusal or remarks.no_parent(order.parent_id)
        if refusal is not None and not refusal.rejects:
            self._note(client_id, order_id, refusal)
            return
        named = replace(
            order,
            order_id=order_id,
            client_id=client_id,
            perm_id=self._sequences.perm_id(),
            account=order.account or self._accounts.default,
            tif=order.tif or "DAY",
        )
        now_ns = self._agenda.now_ns
        held = HeldOrder(instrument.contract, named, Status.PENDING_SUBMIT, now_ns, now_ns)
        if parent is not None:
            held = replace(held, parent_perm_id=parent.perm_id)
        rejection = refusal or self._admission.rejection(instrument, held)
        if rejection is None:
            self._accept(instrument, held, order)
        else:
            self._reject(held, rejection)

    def _reject(self, held: HeldOrder, rejection: Remark) -> None:
        rejected = replace(
            held,
            status=Status.INACTIVE,
            completed_ns=held.accepted_ns,
            completed_status=BY_REJECTION,
        )
        self._book.put(rejected, reworded=True)
        self._floor.note(rejected.order, rejection)

    def _accept(self, instrument: Instrument, held: HeldOrder, worded: Order) -> None:
        held = self._admit(held)
        for remark in self._admission.warnings(instrument, held, worded):
            self._floor.note(held.order, remark)
        if held.order.transmit:
            self._note_sleepers(self._floor.transmit(held))

    def _admit(self, held: HeldOrder) -> HeldOrder:
        needs_locate = self._admission.needs_locate(held)
        admitted = self._floor.admit(held, needs_locate=needs_locate)
        self._timetable.enter(admitted)
        return admitted

    # -- known orders

    def _modify(self, held: HeldOrder, contract: Contract, order: Order) -> None:
        refusal = self._admission.refused_change(held, contract, order)
        if refusal is not None:
            self._floor.note(held.order, refusal)
            return
        self._book.remember(held)
        changed = modifies.modified(held, order, self._agenda.now_ns)
        self._floor.rework(changed)
        self._timetable.enter(changed)
        if changed.order.transmit and not held.order.transmit:
            self._note_sleepers((changed, *self._floor.transmit(changed)))

    def _note_sleepers(self, sent: tuple[HeldOrder, ...]) -> None:
        for held in sent:
            instrument = self._market.instrument(held.contract.con_id)
            if instrument is not None:
                for remark in self._admission.sleeps(instrument, held):
                    self._floor.note(held.order, remark)

    def _cancel(self, held: HeldOrder) -> None:
        if held.status is Status.PENDING_SUBMIT:
            self._floor.end(held, remarks.cancelled(), BY_TRADER)
            return
        now_ns = self._agenda.now_ns
        pending = self._book.put(replace(held, status=Status.PENDING_CANCEL, changed_ns=now_ns))
        is_prompt = self._settings.profile.cancels_are_prompt
        if is_prompt or not self._market.is_fast(held.contract.con_id):
            self._floor.end(pending, remarks.cancelled(), BY_TRADER)
            return
        dice = self._chance.of("cancel", held.perm_id)
        first_ns, last_ns = (seconds * SECOND_NS for seconds in CANCEL_SECONDS)
        self._timetable.answer_cancel(held.perm_id, dice.randint(first_ns, last_ns))

    def _note(self, client_id: int, order_id: int, remark: Remark) -> None:
        self._tell(OrderNoted(client_id, order_id, remark.code, remark.text))
