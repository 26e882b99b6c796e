"""The other side: the gateway, the market that it shows, and a person at its own screen.

Owns how a move of the market, a restart or a hand in TWS is carried out there. It tells what
the gateway records to whoever listens, as it is recorded, and decides nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from functools import partial
from typing import Any, assert_never

from backstay.domain.ids import parse_order_ref
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.profile import parse
from backstay.gateway.server.memory import MemoryServer
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.times import SECOND_NS, to_ns
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.wire_log import Said
from backstay.lab.memory_net import MemoryNet
from backstay.lab.simulation.scenario import ByHand, Halt, Move, Print, Scenario, Split

ACCOUNT = "DU1234567"
HOST, PORT = "gateway", 4002
CASH = Decimal(1_000_000)
NIGHTLY = time(23, 45)
"""When the gateway restarts in runs in which it does, in New York."""
SIZE_MAX = 100
"""How much a trade that is shown prints: no more than stands in the book."""
MARKET_SEED = 1
"""Prices that nobody shows are the same in every run: they are thrown once a process."""

Recorded = Callable[[str], None]
"""Hears each line of the audit."""

Heard = Callable[[Said], None]
"""Hears each message on the wire."""


@dataclass(slots=True)
class _Shown:
    """What is shown of one symbol, again and again."""

    con_id: int
    move: Print
    is_odd: bool = field(default=False)
    more: int = field(default=0)
    """What is displayed beyond the sizes of the move: other people's orders come and go."""


class Venue:
    """The gateway of one run."""

    def __init__(
        self, scenario: Scenario, net: MemoryNet, recorded: Recorded, heard: Heard
    ) -> None:
        settings = Settings(
            seed=scenario.seed,
            market_seed=MARKET_SEED,
            accounts=(AccountSettings(ACCOUNT, CASH),),
            profile=parse(scenario.profile),
            restart_at=NIGHTLY if scenario.nightly_restart else None,
        )
        self.gateway = Gateway(
            settings,
            to_ns(scenario.begins),
            plan=scenario.rules,
            outlets=Outlets(audit=recorded, said=heard),
        )
        self._net = net
        self._server: MemoryServer = net.serve(HOST, PORT, self.gateway)
        self._shown: dict[str, _Shown] = {}

    # --- the market ---

    def move(self, move: Move) -> None:
        """The market moves."""
        match move:
            case Print():
                con_id = self.con_id(move.symbol)
                self._shown[move.symbol] = _Shown(con_id, move)
                self._show(self._shown[move.symbol])
            case Halt():
                self.act(lambda: self.gateway.market.halt(self.con_id(move.symbol)))
            case Split():
                self._shown.pop(move.symbol, None)
                self.act(partial(self.gateway.market.split, self.con_id(move.symbol), move.ratio))
            case _:
                assert_never(move)

    def resume(self, symbol: str) -> None:
        """A halt is over."""
        self.act(lambda: self.gateway.market.resume(self.con_id(symbol)))

    def show_again(self) -> None:
        """Every symbol trades once more where it stands."""
        for shown in self._shown.values():
            self._show(shown)

    def _show(self, shown: _Shown) -> None:
        move, half = shown.move, shown.move.spread / 2
        printed = min(SIZE_MAX, move.bid_size, move.ask_size)
        shown.is_odd = not shown.is_odd
        if self.gateway.exchange.is_thinned(shown.con_id):
            shown.more = 1 - shown.more

        def inject() -> None:
            self.gateway.market.inject(
                shown.con_id,
                bid=move.price - half,
                ask=move.price + half,
                bid_size=Decimal(move.bid_size + shown.more),
                ask_size=Decimal(move.ask_size + shown.more),
                last=move.price,
                last_size=Decimal(printed + shown.is_odd),
            )

        self.act(inject)

    # --- what happens to the gateway ---

    def act(self, act: Callable[[], Any]) -> None:
        """Something happens there, in a turn of its own."""

        def turn() -> None:
            with self.gateway.turn():
                act()

        self._server.act(turn)

    def cut_lines(self) -> int:
        """Every connection breaks off; how many there were."""
        lines = self._net.lines
        for line in lines:
            line.reset()
        return len(lines)

    def restart(self, down_seconds: float) -> None:
        """It ends every connection, and takes none for so long."""
        self._server.act(lambda: self.gateway.restart(round(down_seconds * SECOND_NS)))

    def by_hand(self, deed: ByHand) -> tuple[str, ...]:
        """Somebody does something in TWS; the references of the orders that it is done to, and
        nothing but an empty one where a position is closed.
        """
        exchange = self.gateway.exchange
        if deed.what == "cancel":
            found = [held for held in self._living(deed.symbol) if _has(held, deed.purpose)]
            for held in found:
                self.act(partial(exchange.cancel_by_hand, held.perm_id))
            return tuple(held.order.order_ref for held in found)
        con_id = self.con_id(deed.symbol)
        if con_id not in self.positions():
            return ()
        self.act(partial(exchange.close_by_hand, ACCOUNT, con_id))
        return ("",)

    # --- what is really there ---

    @property
    def now_ns(self) -> int:
        """Broker time."""
        return self.gateway.now_ns

    def positions(self) -> dict[int, Decimal]:
        """What the account holds, by contract."""
        accounts = self.gateway.accounts
        return {
            position.contract.con_id: position.quantity
            for position in accounts.positions(accounts.default)
            if position.quantity
        }

    def living(self) -> tuple[str, ...]:
        """The references of the orders that live."""
        return tuple(held.order.order_ref for held in self.gateway.exchange.open_orders())

    def _living(self, symbol: str) -> Iterator[HeldOrder]:
        for held in tuple(self.gateway.exchange.open_orders()):
            if held.contract.con_id == self.con_id(symbol):
                yield held

    def con_id(self, symbol: str) -> int:
        """The number of a stock, or of an option by its own name."""
        shown = self._shown.get(symbol)
        if shown is not None:
            return shown.con_id
        instrument = self.gateway.market.named(symbol)
        if instrument is None:
            raise LookupError(f"{symbol} is not listed")
        return instrument.con_id


def _has(held: HeldOrder, purpose: str) -> bool:
    key = parse_order_ref(held.order.order_ref)
    return key is not None and (not purpose or key.purpose.value == purpose)
