"""Has lines happen that are written while they are played, each when it is read.

What stands already when the gateway starts is a market and no news: it is shown as it ended, and
nothing of it fills, elects or prints a second time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import partial
from typing import Protocol, Unpack

from backstay.gateway.market import tape_player
from backstay.gateway.market.mover import QuoteChange
from backstay.gateway.market.tape import Deed, Does, TapeLine, TapeSplit, TapeTick
from backstay.gateway.market.tape_player import change_of, instrument_of, perform, price_of

Refuse = Callable[[int, str], None]
"""Hears the number of a line that can't be played, and why."""


class Stage(tape_player.Stage, Protocol):
    """Where lines are played that nobody knew before."""

    def is_watched(self, con_id: int) -> bool:
        """Whether anybody has been shown where it stands."""

    def show(self, con_id: int, **change: Unpack[QuoteChange]) -> None:
        """Display what stands there already, and stand there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How an instrument stands after some lines about it."""

    tick: TapeTick
    is_halted: bool = False
    walks: bool = False

    def after(self, does: Does) -> "Standing":
        """How it stands after one more."""
        match does:
            case TapeTick() as tick:
                before = TapeTick() if self.walks else self.tick
                return replace(self, tick=_put_over(before, tick), walks=False)
            case TapeSplit(ratio):
                return replace(self, tick=_divided(self.tick, ratio))
            case Deed.HALT:
                return replace(self, is_halted=True)
            case Deed.RESUME:
                return replace(self, is_halted=False)
            case Deed.WALK:
                return replace(self, walks=True)


_UNTOLD = Standing(TapeTick())


class TapeFollower:
    """Plays lines as they come; an instrument that was named once stands still otherwise."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._named: dict[int, None] = {}

    def begin(self, lines: Iterable[TapeLine], refuse: Refuse) -> None:
        """Show the market as these lines have left it, however many they are."""
        standings: dict[int, Standing] = {}
        for line in lines:
            try:
                con_id = instrument_of(self._stage, line.name).con_id
            except ValueError as wrong:
                refuse(line.number, str(wrong))
            else:
                standings[con_id] = standings.get(con_id, _UNTOLD).after(line.does)
        for con_id, standing in standings.items():
            self._show(con_id, standing)

    def prepared(self, line: TapeLine) -> Callable[[], None]:
        """What has it happen; a ValueError says that it means nobody."""
        con_id = instrument_of(self._stage, line.name).con_id
        return partial(self._play, con_id, line.does)

    def _play(self, con_id: int, does: Does) -> None:
        if con_id not in self._named:
            # Whoever watches has seen another level: from there the price moves, and is no jump
            # of the whole path.
            self._enter(con_id, None if self._stage.is_watched(con_id) else does)
        perform(self._stage, con_id, does)

    def _show(self, con_id: int, standing: Standing) -> None:
        self._enter(con_id, standing.tick)
        change = change_of(standing.tick)
        if change:
            self._stage.show(con_id, **change)
        if standing.is_halted:
            self._stage.halt(con_id)
        if standing.walks:
            perform(self._stage, con_id, Deed.WALK)

    def _enter(self, con_id: int, level: Does | None) -> None:
        self._named[con_id] = None
        price = price_of(level) if isinstance(level, TapeTick) else None
        if price is not None:
            self._stage.scale(con_id, float(price))
        self._stage.hold(con_id)


def _put_over(before: TapeTick, tick: TapeTick) -> TapeTick:
    """What is displayed after one tick and another."""
    given = {part.name: getattr(tick, part.name) for part in fields(TapeTick)}
    return replace(before, **{name: value for name, value in given.items() if value is not None})


def _divided(tick: TapeTick, ratio: Decimal) -> TapeTick:
    """The same prices in new shares."""
    prices = {name: getattr(tick, name) for name in ("bid", "ask", "last")}
    known = {name: price for name, price in prices.items() if price is not None}
    return replace(tick, **{name: price / ratio for name, price in known.items()})
