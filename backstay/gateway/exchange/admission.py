"""Whether an order may come in, and with which words.

What is wrong with the request itself refuses it: nothing is held. What the exchange or the account
can't take is rejected (201): the order is shown, as Inactive.
"""

from collections.abc import Iterator
from dataclasses import replace

from backstay.gateway.agenda import Agenda
from backstay.gateway.exchange import checks, modifies, oca, remarks
from backstay.gateway.exchange.both_sides import is_opposed
from backstay.gateway.exchange.doors import Accounts, Market
from backstay.gateway.exchange.hours import may_work, next_opening_ns, works_outside
from backstay.gateway.exchange.order_book import OrderBook
from backstay.gateway.exchange.remarks import Remark
from backstay.gateway.market.words import Instrument
from backstay.gateway.profile import Profile
from backstay.gateway.times import stamp
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview

_DAYS_AHEAD = 7


class Admission:
    """Looks at what comes, and changes nothing but its own list of what can't be borrowed."""

    def __init__(
        self, agenda: Agenda, market: Market, accounts: Accounts, profile: Profile, book: OrderBook
    ) -> None:
        self._agenda = agenda
        self._market = market
        self._accounts = accounts
        self._profile = profile
        self._book = book
        self._hard_to_borrow: dict[int, None] = {}

    def deny_borrow(self, con_id: int) -> None:
        """Nobody lends it from now on."""
        self._hard_to_borrow[con_id] = None

    def allow_borrow(self, con_id: int) -> None:
        """It can be borrowed again."""
        self._hard_to_borrow.pop(con_id, None)

    def found(self, contract: Contract) -> Instrument | Remark:
        """The one instrument that a contract means."""
        return checks.found(self._market.find(contract))

    def refusal(self, instrument: Instrument, order: Order) -> Remark | None:
        """What is wrong with the order by itself."""
        return checks.refusal(instrument, order, self._accounts.names, self._agenda.now_ns)

    def rejection(self, instrument: Instrument, held: HeldOrder) -> Remark | None:
        """Why the exchange or the account can't take it."""
        living = self._book.living(instrument.con_id)
        if is_opposed(instrument, held.order, living, held.parent_perm_id):
            return remarks.BOTH_SIDES
        key = oca.group_of(held)
        if oca.is_named(held) and key is not None:
            members = self._book.group(key)
            if not oca.may_join(members, self._agenda.now_ns, self._profile):
                return remarks.GROUP_WORKS
        return self._for_margin(instrument, held.order)

    def preview(self, contract: Contract, order: Order) -> MarginPreview | Remark:
        """What the order would do to its account, or why it can't be."""
        instrument = self.found(contract)
        if isinstance(instrument, Remark):
            return instrument
        named = replace(order, account=order.account or self._accounts.default)
        refusal = self.refusal(instrument, order) or self._for_margin(instrument, named)
        return refusal or self._accounts.preview(named.account, instrument, named)

    def refused_change(self, held: HeldOrder, contract: Contract, order: Order) -> Remark | None:
        """Why a known order can't be changed into `order`."""
        again = modifies.sent_again(held, self._agenda.now_ns)
        if again is not None:
            return again
        instrument = self.found(contract)
        if isinstance(instrument, Remark):
            return instrument
        # Who changes an order needs not say again whose it is.
        named = replace(order, account=order.account or held.order.account)
        refusal = self.refusal(instrument, named) or modifies.refusal(
            held, instrument.con_id, order, self._profile
        )
        open_part = replace(
            order, account=held.order.account, quantity=order.quantity - held.filled
        )
        return refusal or self._for_margin(instrument, open_part)

    def warnings(self, instrument: Instrument, held: HeldOrder, worded: Order) -> Iterator[Remark]:
        """What is said of an order that was taken; `worded` is what the client wrote."""
        yield from checks.warnings(instrument, worded)
        if self.needs_locate(held):
            yield remarks.HELD_FOR_LOCATE
        yield from self.sleeps(instrument, held)

    def sleeps(self, instrument: Instrument, held: HeldOrder) -> Iterator[Remark]:
        """What is said of an order that is sent while its market is closed to it."""
        order = held.order
        if order.transmit and not may_work(order, self._market.phase(instrument.con_id)):
            when = stamp(self._opens_ns(instrument, order))
            symbol = instrument.contract.symbol
            yield remarks.waits_until(order.action, order.quantity, symbol, when)

    def needs_locate(self, held: HeldOrder) -> bool:
        """Whether the order sells what must be borrowed and can't be."""
        con_id = held.contract.con_id
        parent = self._book.held(held.parent_perm_id)
        return con_id in self._hard_to_borrow and self._is_short(con_id, held.order, parent)

    def sold_short(self, client_id: int, contract: Contract, order: Order) -> int | None:
        """The stock that an order would sell short, if it could be taken and needn't be held."""
        instrument = self.found(contract)
        if isinstance(instrument, Remark) or instrument.contract.sec_type != "STK":
            return None
        con_id = instrument.con_id
        named = replace(order, account=order.account or self._accounts.default)
        refusal = self.refusal(instrument, order) or self._for_margin(instrument, named)
        if refusal is not None or con_id in self._hard_to_borrow:
            return None
        parent = self._book.named(client_id, order.parent_id) if order.parent_id else None
        return con_id if self._is_short(con_id, named, parent) else None

    def _is_short(self, con_id: int, order: Order, parent: HeldOrder | None) -> bool:
        """Whether it sells more than there is, and than the parent buys that it waits for."""
        if order.action != "SELL":
            return False
        there_is = self._accounts.position(order.account, con_id).quantity
        if parent is not None and parent.order.action == "BUY":
            there_is += parent.remaining
        return order.quantity > there_is

    def _opens_ns(self, instrument: Instrument, order: Order) -> int:
        opens_ns = None
        if not works_outside(order):
            hours = self._market.liquid_hours(instrument, _DAYS_AHEAD)
            opens_ns = next_opening_ns(hours, self._agenda.now_ns)
        return opens_ns or self._market.next_phase_change_ns(instrument.con_id)

    def _for_margin(self, instrument: Instrument, order: Order) -> Remark | None:
        text = self._accounts.refuses(order.account, instrument, order)
        return None if text is None else Remark(remarks.REJECTED, text)
