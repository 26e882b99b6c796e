"""Has a tape happen: each line at its time, to the instrument that it means."""

from decimal import Decimal
from typing import Protocol, Unpack

from backstay.gateway.agenda import Agenda
from backstay.gateway.market.mover import QuoteChange
from backstay.gateway.market.tape import Deed, Does, Tape, TapeLine, TapeSplit, TapeTick
from backstay.gateway.market.words import Instrument


class Stage(Protocol):
    """Where a tape is played."""

    def named(self, name: str) -> Instrument | None:
        """The instrument with this symbol, local symbol or con_id."""

    def inject(self, con_id: int, **change: Unpack[QuoteChange]) -> None:
        """Display and print."""

    def hold(self, con_id: int) -> None:
        """Stand still."""

    def walk(self, con_id: int) -> None:
        """Move by itself."""

    def watch(self, con_id: int) -> None:
        """Have it move although nobody else watches."""

    def halt(self, con_id: int) -> None:
        """Halt trading."""

    def resume(self, con_id: int) -> None:
        """End a halt."""

    def split(self, con_id: int, ratio: Decimal) -> None:
        """Have each share become so many."""

    def scale(self, con_id: int, price: float) -> None:
        """Have the path pass through a price now."""


class TapePlayer:
    """One tape and how far it has come; a ValueError names a line about something unknown."""

    def __init__(self, agenda: Agenda, tape: Tape, stage: Stage) -> None:
        self._agenda = agenda
        self._stage = stage
        self._is_relative = tape.is_relative
        self._cast = _cast(tape, stage)
        self._lines = iter(tape.lines)
        self._zero_ns = 0

    def start(self) -> None:
        """Let those on the tape stand still, on its own level of prices, and await its lines."""
        self._zero_ns = self._agenda.now_ns if self._is_relative else 0
        for con_id, price in self._cast.values():
            if price is not None:
                self._stage.scale(con_id, float(price))
            self._stage.hold(con_id)
        self._await_line()

    def _await_line(self) -> None:
        line = next(self._lines, None)
        if line is not None:
            due_ns = self._zero_ns + line.time_ns
            self._agenda.at(due_ns, "tape", lambda: self._play(line))

    def _play(self, line: TapeLine) -> None:
        self._await_line()
        con_id, _ = self._cast[line.name]
        perform(self._stage, con_id, line.does)


def perform(stage: Stage, con_id: int, does: Does) -> None:
    """Have what a line says happen now."""
    match does:
        case TapeTick() as tick:
            stage.inject(con_id, **change_of(tick))
        case TapeSplit(ratio):
            stage.split(con_id, ratio)
        case Deed.HALT:
            stage.halt(con_id)
        case Deed.RESUME:
            stage.resume(con_id)
        case Deed.WALK:
            stage.walk(con_id)
            stage.watch(con_id)


def instrument_of(stage: Stage, name: str) -> Instrument:
    """Whom a line means; a ValueError says that it is nobody."""
    instrument = stage.named(name)
    if instrument is None:
        raise ValueError(f'"{name}" is not listed; expected a symbol, a local symbol or a con_id')
    return instrument


def _cast(tape: Tape, stage: Stage) -> dict[str, tuple[int, Decimal | None]]:
    """Who plays: by the name on the tape, the con_id and the first price."""
    cast: dict[str, tuple[int, Decimal | None]] = {}
    for line in tape.lines:
        known = cast.get(line.name)
        if known is None:
            try:
                known = (instrument_of(stage, line.name).con_id, None)
            except ValueError as wrong:
                raise ValueError(f"line {line.number}: {wrong}") from None
        if known[1] is None and isinstance(line.does, TapeTick):
            known = (known[0], price_of(line.does))
        cast[line.name] = known
    return cast


def price_of(tick: TapeTick) -> Decimal | None:
    """The level that a tick speaks of."""
    if tick.bid is not None and tick.ask is not None:
        return (tick.bid + tick.ask) / 2
    return next((p for p in (tick.last, tick.bid, tick.ask) if p is not None), None)


def change_of(tick: TapeTick) -> QuoteChange:
    """What a tick changes."""
    change = QuoteChange()
    if tick.bid is not None:
        change["bid"] = tick.bid
    if tick.ask is not None:
        change["ask"] = tick.ask
    if tick.bid_size is not None:
        change["bid_size"] = tick.bid_size
    if tick.ask_size is not None:
        change["ask_size"] = tick.ask_size
    if tick.last is not None:
        change["last"] = tick.last
    if tick.last_size is not None:
        change["last_size"] = tick.last_size
    return change
