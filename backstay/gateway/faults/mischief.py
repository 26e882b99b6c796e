"""The actor: what happens at the exchange, the market and the gateway without a client's doing.

It never acts from inside the telling of an event: whatever follows from one happens by the agenda,
later or at the same instant. What it acts on may be over by then; then nothing happens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial

from backstay.gateway.agenda import Agenda
from backstay.gateway.events import Event, Executed, OrderChanged, PositionChanged
from backstay.gateway.faults.doors import Accounts, Exchange, Front, Host, Market
from backstay.gateway.faults.engine import Faults
from backstay.gateway.faults.passages import Passages
from backstay.gateway.faults.rules import Rule
from backstay.gateway.times import SECOND_NS, ZONE, local, to_ns
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Execution
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import Status

CANCELLED_MAX = 10_000
"""So many cancelled orders are remembered, so that each is one occasion."""

NIGHTLY_DOWN_NS = 60 * SECOND_NS
"""How long the gateway of every night is gone."""

_DATA_FARM, _HISTORY_FARM = "usfarm", "ushmds"
_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the actor acts upon."""

    exchange: Exchange
    market: Market
    accounts: Accounts
    front: Front
    host: Host


class Mischief:
    """What goes wrong by itself."""

    def __init__(self, faults: Faults, agenda: Agenda, passages: Passages, rooms: Rooms) -> None:
        self._faults = faults
        self._agenda = agenda
        self._passages = passages
        self._rooms = rooms
        self._closing_dice = faults.dice("manual-close")
        self._competitors = 0
        self._losses = 0
        self._cancelled: dict[int, None] = {}
        self._listens = faults.plans(
            "fill-after-cancel", "execution-corrected", "execution-busted", "manual-close"
        )

    def start(self, restart_at: time | None = None) -> None:
        """Put on the agenda what has its hour; `restart_at` is the nightly restart's."""
        acts: dict[str, Callable[[Rule], None]] = {
            "half-open": self._half_open,
            "stream-dead": lambda _: self._rooms.front.streams_dead(),
            "farm-broken": self._farm_broken,
            "competing-login": self._competing_login,
            "upstream-lost": self._upstream_lost,
            "nightly-restart": lambda rule: self._restart(rule.ns("down")),
            "manual-order": self._manual_order,
            "manual-close": self._manual_close,
        }
        for name, act in acts.items():
            self._faults.begin(name, act)
        if restart_at is not None:
            self._restart_every_night(restart_at)

    def on_event(self, event: Event) -> None:
        """Something has happened at the exchange."""
        if not self._listens:
            return
        match event:
            case OrderChanged() if event.held.status is Status.CANCELLED:
                self._order_cancelled(event)
            case Executed() if not event.replaces:
                self._executed(event.execution)
            case PositionChanged() if event.quantity:
                self._position_changed(event)
            case _:
                pass

    def _order_cancelled(self, event: OrderChanged) -> None:
        held = event.held
        if held.perm_id in self._cancelled or not held.remaining:
            return
        self._cancelled[held.perm_id] = None
        if len(self._cancelled) > CANCELLED_MAX:
            del self._cancelled[next(iter(self._cancelled))]
        rule = self._faults.strikes(
            "fill-after-cancel",
            f"permId {held.perm_id}",
            "",
            held.order.client_id,
            reference=lambda: held.order.order_ref,
        )
        if rule is not None:
            quantity = max(_ONE, held.remaining * rule.number("share") // 1)
            fill = partial(self._fill_anyway, held.perm_id, min(quantity, held.remaining))
            self._agenda.after(rule.ns("delay"), rule.name, fill)

    def _fill_anyway(self, perm_id: int, quantity: Decimal) -> None:
        if self._rooms.exchange.held(perm_id) is not None:
            self._rooms.exchange.fill_anyway(perm_id, quantity)

    def _executed(self, execution: Execution) -> None:
        subject = f"execution {execution.exec_id}"

        def strikes(name: str) -> Rule | None:
            return self._faults.strikes(
                name, subject, "", execution.client_id, reference=lambda: execution.order_ref
            )

        if rule := strikes("execution-corrected"):
            self._agenda.after(rule.ns("delay"), rule.name, partial(self._correct, execution, rule))
        elif rule := strikes("execution-busted"):
            self._agenda.after(rule.ns("delay"), rule.name, partial(self._bust, execution))

    def _correct(self, execution: Execution, rule: Rule) -> None:
        if not self._stands(execution):
            return
        price = execution.price + rule.number("price_by")
        quantity = max(_ZERO, execution.shares + rule.number("quantity_by"))
        self._rooms.exchange.correct_execution(execution.exec_id, price=price, quantity=quantity)

    def _bust(self, execution: Execution) -> None:
        if self._stands(execution):
            self._rooms.exchange.bust_execution(execution.exec_id)

    def _stands(self, execution: Execution) -> bool:
        return any(
            known.exec_id == execution.exec_id for _, known in self._rooms.exchange.executions()
        )

    def _position_changed(self, event: PositionChanged) -> None:
        def fits(rule: Rule) -> bool:
            return rule.word("account") in {"", event.account} and (
                rule.word("symbol") in {"", event.contract.symbol}
            )

        subject = f"{event.account} {event.contract.symbol}"
        if rule := self._faults.strikes("manual-close", subject, fits=fits):
            close = partial(self._close_one, event.account, event.contract.con_id)
            self._agenda.after(rule.ns("delay"), rule.name, close)

    def _close_one(self, account: str, con_id: int) -> None:
        for position in self._rooms.accounts.positions(account):
            if position.contract.con_id == con_id and position.quantity:
                self._rooms.exchange.close_by_hand(account, con_id)
                return

    def _manual_close(self, rule: Rule) -> None:
        account = rule.word("account") or self._rooms.accounts.default
        open_ids = [
            position.contract.con_id
            for position in self._rooms.accounts.positions(account)
            if position.quantity and rule.word("symbol") in {"", position.contract.symbol}
        ]
        if open_ids:
            con_id = self._closing_dice.choice(open_ids)
            self._rooms.exchange.close_by_hand(account, con_id)

    def _manual_order(self, rule: Rule) -> None:
        wanted = Contract(
            symbol=rule.word("symbol"), sec_type="STK", exchange="SMART", currency="USD"
        )
        found = self._rooms.market.find(wanted)
        if not found:
            return
        limit = rule.number("limit")
        order = Order(
            action=rule.word("side"),
            quantity=Decimal(rule.whole("quantity")),
            order_type="LMT" if limit else "MKT",
            limit_price=limit or None,
            tif="DAY",
        )
        account = rule.word("account") or self._rooms.accounts.default
        self._rooms.exchange.place_by_hand(account, found[0].contract, order)

    def _half_open(self, rule: Rule) -> None:
        self._passages.fall_half_open(rule.client, rule.ns("lasting"))

    def _farm_broken(self, rule: Rule) -> None:
        front = self._rooms.front
        front.broadcast(2103, f"Market data farm connection is broken:{_DATA_FARM}")
        front.broadcast(2105, f"HMDS data farm connection is broken:{_HISTORY_FARM}")
        self._passages.farms.break_down()
        self._agenda.after(rule.ns("lasting"), rule.name, self._farm_mended)

    def _farm_mended(self) -> None:
        front = self._rooms.front
        self._passages.farms.mend()
        front.broadcast(2104, f"Market data farm connection is OK:{_DATA_FARM}")
        front.broadcast(2106, f"HMDS data farm connection is OK:{_HISTORY_FARM}")
        if not self._passages.farms.are_broken:
            front.streams_back()

    def _competing_login(self, rule: Rule) -> None:
        self._competitors += 1
        self._rooms.front.compete(on=True)
        self._agenda.after(rule.ns("lasting"), rule.name, self._competitor_gone)

    def _competitor_gone(self) -> None:
        self._competitors -= 1
        if not self._competitors:
            self._rooms.front.compete(on=False)

    def _upstream_lost(self, rule: Rule) -> None:
        self._losses += 1
        self._rooms.front.lose_upstream()
        self._agenda.after(rule.ns("lasting"), rule.name, partial(self._upstream_back, rule))

    def _upstream_back(self, rule: Rule) -> None:
        self._losses -= 1
        if not self._losses:
            self._rooms.front.restore_upstream(data_lost=rule.word("then") == "lost")

    def _restart(self, down_ns: int) -> None:
        if rule := self._faults.strikes("ids-roll-back", "a restart", "restart"):
            self._rooms.exchange.roll_back_ids(rule.whole("by"))
        self._rooms.host.restart(down_ns)

    def _restart_every_night(self, restart_at: time) -> None:
        def restart() -> None:
            self._restart(NIGHTLY_DOWN_NS)
            self._restart_every_night(restart_at)

        due_ns = next_local(self._agenda.now_ns, restart_at)
        self._agenda.at(due_ns, "nightly restart", restart)


def next_local(now_ns: int, clock: time) -> int:
    """When the clock in New York shows this next, after now."""
    today = local(now_ns).date()
    due_ns = to_ns(datetime.combine(today, clock, ZONE))
    if due_ns <= now_ns:
        due_ns = to_ns(datetime.combine(today + timedelta(days=1), clock, ZONE))
    return due_ns
