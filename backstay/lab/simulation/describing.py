"""A scenario in words: what is asked, what the market does, what goes wrong, each at its moment."""

from collections.abc import Iterator
from typing import assert_never

from backstay.domain.figures import plain
from backstay.domain.plan.complaints import PlanRefusedError
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.gateway.faults.rules import Rule
from backstay.gateway.faults.scalars import Moment
from backstay.gateway.times import SECOND_NS, from_ns
from backstay.lab.simulation.marks import strike_mark
from backstay.lab.simulation.scenario import (
    Act,
    Away,
    ByHand,
    Cue,
    Halt,
    Hand,
    Kill,
    Move,
    Print,
    Role,
    Scenario,
    Sight,
    Split,
    Strike,
    TradeAsked,
)

_PRINTS_TOLD = 12
_UNTOLD = frozenset({"cue", "kind", "role"})


def described(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Label and text of each line; a label that is empty goes on with the one above."""
    yield (
        "begins",
        f"{scenario.begins:%a %d %b %Y %H:%M:%S} UTC, quiet at +{scenario.quiet_at_seconds:g} s",
    )
    yield "broker", f"{scenario.profile}; believed: {scenario.believed}"
    if scenario.nightly_restart:
        yield "", "restarts every night"
    yield from _labelled("plans", map(_trade, scenario.trades))
    yield from _labelled("person", map(_hand, scenario.hands))
    yield from _labelled("market", _moves(scenario.moves))
    yield from _labelled("wrong", (*map(_strike, scenario.strikes), *map(_rule, scenario.rules)))
    yield from _labelled("away", map(_away, scenario.away))


def _labelled(label: str, texts: Iterator[str] | tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for place, text in enumerate(texts):
        yield ("" if place else label), text


def cue_text(cue: Cue) -> str:
    """When something is to happen."""
    if cue.sight is Sight.START:
        parts = [f"+{cue.after_seconds + cue.delay_seconds:g} s"]
    else:
        word = f" ({cue.word})" if cue.word else ""
        parts = [f"{cue.sight}{word}" if cue.nth == 1 else f"{cue.sight}{word} no. {cue.nth}"]
        if cue.after_seconds:
            parts.append(f"from +{cue.after_seconds:g} s on")
        if cue.delay_seconds:
            parts.append(f"{cue.delay_seconds:g} s later")
    if cue.steps:
        parts.append(f"before its step {cue.steps} from there")
    return ", ".join(parts)


def _trade(asked: TradeAsked) -> str:
    try:
        plan: object = read_toml(asked.plan)
    except PlanRefusedError:
        plan = None
    if not isinstance(plan, TradePlan):
        return f"{cue_text(asked.cue)}: a plan that can't be read"
    return f"{cue_text(asked.cue)}: {plan.id}, {plan.side} {plan.instrument.symbol}"


def _hand(hand: Hand) -> str:
    match hand:
        case Act(deed=deed, amount=amount, trade=trade, times=times):
            what = f"{deed} of plan {trade + 1}" + (f" to {plain(amount)}" if amount else "")
        case Kill(mode=mode, times=times):
            what = f"kill {mode}"
        case ByHand(what=verb, symbol=symbol, purpose=purpose):
            what, times = f"{verb} in TWS, {symbol} {purpose}".rstrip(), 1
        case _:
            assert_never(hand)
    return f"{cue_text(hand.cue)}: {what}" + (f", {times} times" if times > 1 else "")


def _moves(moves: tuple[Move, ...]) -> Iterator[str]:
    """Every halt and split, and as many prices as somebody reads."""
    prints = [move for move in moves if isinstance(move, Print)]
    told = prints if len(prints) <= _PRINTS_TOLD else prints[: _PRINTS_TOLD // 2]
    for each in told:
        yield f"+{each.seconds:g} s: {each.symbol} {plain(each.price)}"
    if len(told) < len(prints):
        last = prints[-1]
        yield (
            f"{len(prints) - len(told)} more prices, until +{last.seconds:g} s:"
            f" {last.symbol} {plain(last.price)}"
        )
    for move in moves:
        match move:
            case Halt(seconds, symbol, lasts_seconds):
                yield f"+{seconds:g} s: {symbol} is halted for {lasts_seconds:g} s"
            case Split(seconds, symbol, ratio):
                yield f"+{seconds:g} s: {symbol} splits, {plain(ratio)} for 1"
            case Print():
                pass
            case _:
                assert_never(move)


def _strike(strike: Strike) -> str:
    given = ", ".join(
        f"{name.replace('_', ' ')} {_value(getattr(strike, name))}"
        for name in strike.__slots__
        if name not in _UNTOLD and getattr(strike, name) != ""
    )
    told = f"{cue_text(strike.cue)}: {strike_mark(strike)}"
    return f"{told}, {given}" if given else told


def _rule(rule: Rule) -> str:
    when = [
        f"probability {rule.probability:g}" if rule.probability is not None else "",
        f"occasion no. {rule.nth}" if rule.nth is not None else "",
        f"every {rule.every_ns / SECOND_NS:g} s" if rule.every_ns is not None else "",
        f"{rule.count} times at most" if rule.count is not None else "",
        f"at {_moment(rule.at)}" if rule.at is not None else "",
        " to ".join(map(_moment, rule.between or ())),
        f"of {', '.join(rule.kinds)}" if rule.kinds else "",
    ]
    told = ", ".join(part for part in when if part) or "on every occasion"
    return f"{rule.name}: {told}"


def _moment(moment: Moment) -> str:
    if moment.from_start:
        return f"+{moment.ns / SECOND_NS:g} s"
    return f"{from_ns(moment.ns):%d %b %H:%M:%S} UTC"


def _away(away: Away) -> str:
    return f"from +{away.from_seconds:g} s to +{away.to_seconds:g} s"


def _value(value: object) -> str:
    if isinstance(value, Role):
        return value.value
    return f"{value:g}" if isinstance(value, float) else str(value)
