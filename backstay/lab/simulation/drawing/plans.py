"""An idea as the text of a plan, with all that a plan can say besides.

Owns which keys are given and how they agree; every plan that is written can be read.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.ticks.levels import Crossing
from backstay.lab.simulation.drawing.ideas import OPTION, Idea
from backstay.lab.simulation.drawing.moments import Hour, Moment
from backstay.lab.simulation.drawing.throws import falls, pick
from backstay.lab.simulation.seeds import Die, die

_CENT = Decimal("0.01")
_THIN_OFFSET = Decimal("0.04")
"""So that little more than the touch is within the limit where the trigger is hardly crossed."""

_SURE_UNITS = Decimal("0.3")
_FAR = 6 * 3600.0
_OPTION_INSTRUMENT = """symbol = "AAPL"
type = "OPT"
expiry = 2026-12-18
strike = 190
right = "C"
"""
_OFFSETS = ((0.1, 30.0), (0.3, 30.0), (0.04, 20.0), (0.0, 8.0), (0.4, 12.0))
"""In units; every target is farther away."""
_LADDER_SECONDS = (("2", 45.0), ("1", 20.0), ("0.5", 15.0), ("0", 10.0), ("4", 10.0))
_SLIPPAGES = (("0.5", 40.0), ("0.2", 30.0), ("0.05", 20.0), ("1.0", 10.0))


@dataclass(frozen=True, slots=True)
class _Ends:
    """In seconds: until when the trigger is watched, until when the order may stand, and when the
    position is left.
    """

    trigger: float
    order: float | None
    position: float | None


def plan(seed: int, idea: Idea, moment: Moment) -> str:
    """The plan of an idea, as TOML."""
    thrown = die(seed, f"plan {idea.number}")
    virtual = falls(thrown, 0.08)
    ends = _ends(die(seed, f"ends {idea.number}"), idea, moment)
    parts = [
        f'id = "{idea.id}"\nside = "{idea.side.value}"\n\n[instrument]\n',
        _OPTION_INSTRUMENT if idea.symbol == OPTION else f'symbol = "{idea.symbol}"\n',
        "\n[size]\n",
        _size(thrown, idea, virtual=virtual),
        "\n",
        _entry(die(seed, f"entry {idea.number}"), idea, moment, ends),
        "\n",
        _stop(thrown, idea, virtual=virtual),
        _targets(thrown, idea),
        _time_exit(thrown, moment, ends),
    ]
    return "".join(parts)


def _size(thrown: Die, idea: Idea, *, virtual: bool) -> str:
    way = pick(thrown, (("quantity", 78.0), ("risk", 11.0), ("budget", 11.0)))
    caps = falls(thrown, 0.08) and not virtual
    quantity = Decimal(idea.quantity)
    each = 100 if idea.is_option else 1
    amounts = {
        "quantity": quantity,
        "risk": quantity * idea.unit * each * Decimal("1.02"),
        "budget": quantity * idea.entry * each * Decimal("1.01"),
    }
    amount = amounts[way] if way == "quantity" else amounts[way].quantize(_CENT)
    text = f"{way} = {amount}\n"
    if caps:
        bound = (quantity * idea.entry * each).quantize(_CENT)
        text += f"max_disaster_loss = {bound}\n"
    return text


def _entry(thrown: Die, idea: Idea, moment: Moment, ends: _Ends) -> str:
    early = moment.hour is Hour.PREMARKET
    closed = moment.hour in {Hour.PREMARKET, Hour.OPEN} and idea.when is None
    at_market = falls(thrown, 0.3)
    lines = ["[entry]"]
    at_market = at_market and not early and not closed
    if at_market:
        lines.append('order = "MKT"')
    elif closed:
        lines += ['order = "LMT"', f"limit = {idea.level(0.3)}", 'if_closed = "queue"']
    else:
        units = Decimal(str(pick(thrown, _OFFSETS)))
        offset = (max(units, _SURE_UNITS if idea.is_sure else units) * idea.unit).quantize(_CENT)
        if idea.is_thin:
            offset = _thin_offset(idea)
        lines += ['order = "LMT"', f"limit_offset = {offset}"]
    if ends.order is not None and not closed:
        lines.append(f"expires = {_instant(moment.at(ends.order))}")
    if idea.when is not None:
        lines += ["[entry.trigger]", *_trigger(thrown, idea, moment, ends)]
        lines += _before_open(thrown, moment, at_market=at_market)
    return "\n".join(lines) + "\n"


def _thin_offset(idea: Idea) -> Decimal:
    """Little, and in any case short of the nearest target."""
    if idea.when is None:
        return Decimal("0.00")
    ways = (abs(idea.level(units) - idea.entry) - _CENT for units in idea.targets)
    return min((_THIN_OFFSET, *ways))


def _ends(thrown: Die, idea: Idea, moment: Moment) -> _Ends:
    """Mostly never; sometimes while things happen. Each of them follows the one before it."""
    soon = idea.asked_at + thrown.randint(3, 12)
    later = soon + thrown.randint(1, 12)
    if idea.is_sure or idea.leaves_at is not None:
        return _Ends(moment.quiet_at + _FAR, None, idea.leaves_at)
    is_soon, ends_order = falls(thrown, 0.1), falls(thrown, 0.1)
    leaves = falls(thrown, 0.1) and moment.hour is Hour.DAY
    trigger = soon if is_soon else moment.quiet_at + _FAR
    if leaves and (is_soon or idea.when is None):
        return _Ends(trigger, soon if ends_order else None, later)
    if ends_order:
        return _Ends(trigger, later if is_soon or idea.when is None else trigger + 1, None)
    return _Ends(trigger, None, None)


def _trigger(thrown: Die, idea: Idea, moment: Moment, ends: _Ends) -> list[str]:
    asks = 60.0 if idea.is_passed else 15.0
    missed = pick(thrown, (("fire", 60.0), ("skip", 25.0), ("ask", asks)))
    ticks = pick(thrown, ((1, 70.0), (2, 20.0), (3, 10.0)))
    source = pick(thrown, (("last", 85.0), ("mid", 8.0), ("bid", 4.0), ("ask", 3.0)))
    if idea.is_sure:
        missed, ticks, source = "fire", min(ticks, 2), "last"
    lines = [
        f"price = {idea.entry}",
        f'when = "{idea.when or Crossing.ABOVE}"',
        f"confirm_ticks = {ticks}",
        f'source = "{source}"',
        f'if_missed = "{missed}"',
        f"expires = {_instant(moment.at(ends.trigger))}",
    ]
    if falls(thrown, 0.1):
        lines.append("breach_pct = 0.01")
    return lines


def _before_open(thrown: Die, moment: Moment, *, at_market: bool) -> list[str]:
    """What prices before the open do; where the day has begun there are none."""
    watched = 'session = "premarket"'
    if moment.hour is Hour.PREMARKET:
        return [watched, 'premarket = "fire"']
    choice = thrown.choice(("fire", "wait", "rebase", "wait", ""))
    if moment.hour is not Hour.OPEN or not choice:
        return []
    if choice == "fire" and at_market:
        choice = "wait"
    return [watched, f'premarket = "{choice}"']


def _stop(thrown: Die, idea: Idea, *, virtual: bool) -> str:
    way = pick(thrown, (("price", 55.0), ("offset", 42.0), ("atr", 3.0)))
    if way == "atr" and idea.is_option:
        way = "offset"
    given = {"price": str(idea.stop), "offset": str(idea.unit), "atr": "0.5"}
    # The stop at the broker has to be wider than what is believed.
    widths = ((Decimal("2.0"), 45.0), (Decimal("0.6"), 30.0), (Decimal("1.2"), 25.0))
    width = pick(thrown, widths) if not idea.is_option else Decimal(25)
    ticks = pick(thrown, ((2, 55.0), (1, 30.0), (3, 15.0)))
    lines = ["[stop]", f"{way} = {given[way]}", f"breach_pct = {idea.breach_pct}"]
    lines.append(f"confirm_ticks = {ticks}")
    lines.append('protection = "virtual"' if virtual else f"disaster_pct = {width}")
    source = pick(thrown, (("", 88.0), ("mid", 5.0), ("bid", 4.0), ("ask", 3.0)))
    if idea.source or source:
        lines.append(f'source = "{idea.source or source}"')
    if idea.trail is not None:
        lines += ["[stop.trail]", f"activate_pct = {idea.trail.activate_pct}"]
        lines.append(f"distance = {idea.trail.distance}")
    lines += ["[stop.ladder]", f"slippage_pct = {pick(thrown, _SLIPPAGES)}"]
    lines.append(f"limit_seconds = {pick(thrown, _LADDER_SECONDS)}")
    return "\n".join(lines) + "\n"


def _targets(thrown: Die, idea: Idea) -> str:
    if not idea.targets:
        return ""
    whole = falls(thrown, 0.5)
    share = Decimal(1) / len(idea.targets) if whole else Decimal("0.9") / len(idea.targets)
    fraction = share.quantize(_CENT, rounding="ROUND_DOWN")
    text = []
    by_offset = falls(thrown, 0.3)
    breaks_even = falls(thrown, 0.4)
    for place, units in enumerate(idea.targets):
        at = Decimal(str(units)) * idea.unit
        where = f"offset = {at.quantize(Decimal('0.01'))}"
        if not by_offset:
            where = f"price = {idea.level(units)}"
        text.append(f"\n[[target]]\n{where}\nfraction = {fraction}\n")
        if place == 0 and breaks_even:
            text.append('then = "break_even"\n')
    return "".join(text)


def _time_exit(thrown: Die, moment: Moment, ends: _Ends) -> str:
    if ends.position is not None:
        return f"\n[time_exit]\nat = {_instant(moment.at(ends.position))}\n"
    if moment.hour in {Hour.CLOSE, Hour.HALF_DAY} and falls(thrown, 0.2):
        return "\n[time_exit]\nbefore_close_minutes = 1\n"
    return ""


def _instant(when: datetime) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"
