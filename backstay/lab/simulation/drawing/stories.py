"""Small scenarios with names, in which nothing goes wrong: what a crash is put into, step by step.

Each is a trade from its plan to flat, within some seconds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal

from backstay.domain.limits.kill import KillMode
from backstay.lab.simulation.drawing.moments import MONDAY, new_york
from backstay.lab.simulation.scenario import (
    Act,
    Cue,
    Deed,
    Hand,
    Kill,
    Print,
    Scenario,
    TradeAsked,
)

_DAY, _PREMARKET = new_york(MONDAY, time(10)), new_york(MONDAY, time(8))
_DEEP = 500
_EXPIRES = "2026-11-23T20:55:00Z"

_BREAKOUT = f"""
id = "breakout"
side = "buy"
[instrument]
symbol = "AAPL"
[size]
quantity = 100
[entry]
order = "LMT"
limit_offset = 0.10
[entry.trigger]
price = 190.00
when = "above"
if_missed = "fire"
expires = {_EXPIRES}
[stop]
price = 188.50
"""
_AT_ONCE = """
id = "{id}"
side = "{side}"
[instrument]
symbol = "AAPL"
[size]
quantity = 100
[entry]
order = "LMT"
limit_offset = {offset}
[stop]
price = {stop}
[stop.ladder]
slippage_pct = 0.2
limit_seconds = 1
"""
_TARGET = """
[[target]]
price = {price}
fraction = 1
"""
_HALF = """
[[target]]
price = 190.50
fraction = 0.5
then = "break_even"
"""
_TRAIL = """
[stop.trail]
activate_pct = 0.4
distance = 0.60
"""
_EARLY = _BREAKOUT.replace("breakout", "premarket").replace(
    "if_missed", 'session = "premarket"\npremarket = "fire"\nif_missed'
)

_Prices = Sequence[tuple[float, str]]


def _at_once(name: str, *, side: str = "buy", stop: str = "188.00", offset: str = "0.10") -> str:
    return _AT_ONCE.format(id=name, side=side, stop=stop, offset=offset)


def _told(
    plan: str,
    prices: _Prices,
    quiet_at: float,
    *,
    hands: tuple[Hand, ...] = (),
    begins: datetime = _DAY,
    shares: int = _DEEP,
) -> Scenario:
    return Scenario(
        seed=0,
        begins=begins,
        profile="pessimistic",
        believed="pessimistic",
        trades=(TradeAsked(Cue(0.5), plan),),
        hands=hands,
        moves=tuple(
            Print(at, "AAPL", Decimal(price), bid_size=shares, ask_size=shares)
            for at, price in prices
        ),
        strikes=(),
        rules=(),
        quiet_at_seconds=quiet_at,
    )


STORIES: Mapping[str, Scenario] = {
    "breakout": _told(
        _BREAKOUT + _TARGET.format(price="191.50"),
        ((0.0, "189.40"), (5.0, "190.02"), (7.0, "190.80"), (9.0, "191.52"), (9.2, "191.55")),
        13.0,
    ),
    "gap": _told(
        _at_once("gap"),
        ((0.0, "189.00"), (5.0, "188.40"), (6.0, "186.50"), (6.2, "186.40"), (7.5, "186.60")),
        13.0,
    ),
    "trail": _told(
        _BREAKOUT.replace("breakout", "trail") + _TRAIL,
        (
            (0.0, "189.40"),
            (5.0, "190.02"),
            (6.0, "190.90"),
            (6.2, "190.95"),
            (7.5, "191.60"),
            (7.7, "191.62"),
            (9.0, "190.70"),
            (9.2, "190.68"),
        ),
        14.0,
    ),
    "short": _told(
        _at_once("short", side="sell", stop="190.20") + _TARGET.format(price="187.50"),
        ((0.0, "189.00"), (5.0, "188.20"), (6.0, "187.45"), (6.2, "187.40")),
        11.0,
    ),
    "parts": _told(
        _at_once("parts", offset="0.02"),
        (
            (0.0, "189.00"),
            (4.0, "189.02"),
            (5.0, "189.00"),
            (6.0, "189.40"),
            (8.0, "187.70"),
            (8.2, "187.68"),
            (9.5, "187.75"),
        ),
        16.0,
        shares=12,
    ),
    "half": _told(
        _at_once("half") + _HALF,
        ((0.0, "189.00"), (5.0, "190.52"), (5.2, "190.55"), (7.0, "188.70"), (7.2, "188.68")),
        13.0,
    ),
    "flatten": _told(
        _at_once("flatten"),
        ((0.0, "189.00"), (5.0, "189.30")),
        12.0,
        hands=(Kill(Cue(6.0), KillMode.FLATTEN),),
    ),
    "close": _told(
        _at_once("close"),
        ((0.0, "189.00"), (5.0, "189.30")),
        12.0,
        hands=(Act(Cue(6.0), 0, Deed.CLOSE),),
    ),
    "premarket": _told(
        _EARLY,
        ((0.0, "189.40"), (5.0, "190.02"), (7.0, "189.20"), (8.0, "188.20"), (8.2, "188.15")),
        15.0,
        begins=_PREMARKET,
    ),
}
"""By name."""


def story(name: str) -> Scenario:
    """The one of that name; raises ValueError with the names that there are."""
    if name not in STORIES:
        raise ValueError(f"{name} is no story; expected one of {', '.join(STORIES)}")
    return STORIES[name]
