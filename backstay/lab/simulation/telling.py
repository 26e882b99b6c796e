"""The story of one run, in the words of a trader: what a journal tells, line by line.

Owns which lines are told and how each reads. Ticks, answers and the engine's own book-keeping say
nothing new and are left out. It judges nothing: what was found comes from whoever judged.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any, assert_never

from backstay.domain.ids import IntentKey, trade_id
from backstay.domain.plan.complaints import PlanRefusedError
from backstay.domain.plan.reading import read_toml
from backstay.gateway.times import from_ns
from backstay.lab.showcase.narration import Narration, name_in_trade
from backstay.lab.showcase.record import Fields
from backstay.lab.simulation.journal import Entry, Source
from backstay.lab.simulation.outcome import Finding
from backstay.lab.simulation.scenario import Scenario
from backstay.lab.simulation.venue import ACCOUNT
from backstay.lab.telling import Event, Who
from backstay.lab.words import elapsed_text

_EVENTS: Mapping[tuple[str, str], str] = {
    ("workflow_execution_started", "Trade"): "the plan is handed in",
    ("workflow_execution_started", "Exit"): "a way out begins",
    ("activity_task_scheduled", "prospect"): "the broker is asked about the plan",
    ("activity_task_scheduled", "admit"): "the account is asked for room",
    ("activity_task_completed", "admit"): "the account has answered",
    ("activity_task_scheduled", "arm"): "armed: the edge is to keep the entry ready",
    ("activity_task_completed", "arm"): "the edge tells of the entry",
    ("activity_task_scheduled", "guard"): "guarded: the edge is to watch the position",
    ("activity_task_completed", "guard"): "the edge watches it no more",
    ("activity_task_scheduled", "walk"): "the next steps of the way out",
    ("activity_task_scheduled", "split_off"): "a part is to leave by itself",
    ("activity_task_scheduled", "cancel"): "an order is to be cancelled",
    ("activity_task_completed", "settle"): "settled: the account has booked it",
}
_ENDS: Mapping[str, str] = {
    "workflow_execution_completed": "over",
    "workflow_execution_failed": "over: refused",
    "workflow_execution_canceled": "over: the workflow was cancelled",
    "workflow_execution_timed_out": "over: out of time",
    "workflow_execution_terminated": "over: terminated",
    "workflow_task_failed": "a step of the workflow has failed",
    "workflow_execution_cancel_requested": "somebody cancels the workflow",
    "workflow_execution_signaled": "a signal has come",
    "activity_task_timed_out": "a call is out of time",
}
_WORKERS = {"broker": "the broker worker", "trades": "the trades worker"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story. `is_trouble` marks what went wrong on purpose, `is_found` what must
    not be.
    """

    event: Event
    is_trouble: bool = False
    is_found: bool = False


def story_of(
    entries: Iterable[Entry], findings: Sequence[Finding], names: Mapping[str, str]
) -> Iterator[Line]:
    """The lines in their sequence. `names` are the plans by the codes of their trades."""
    story = _Story(names)
    told = ((entry.at_ns, line) for entry in entries for line in story.lines(entry))
    found = sorted((finding.at_ns, index) for index, finding in enumerate(findings))
    marked = ((at_ns, _found(findings[index])) for at_ns, index in found)
    for _, line in merge(told, marked, key=lambda each: each[0]):
        yield line


def names_of(scenario: Scenario) -> dict[str, str]:
    """The plans by the codes of their trades; one that can't be read has none."""
    found: dict[str, str] = {}
    for asked in scenario.trades:
        with suppress(PlanRefusedError):
            plan = read_toml(asked.plan)
            found[trade_id(ACCOUNT, plan.id)] = plan.id
    return found


def _found(finding: Finding) -> Line:
    event = Event(from_ns(finding.at_ns), Who.RULES, f"{finding.law} is broken", finding.text)
    return Line(event, is_found=True)


class _Story:
    """What has to be remembered from line to line."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._narration = Narration(_References(), self._name)
        self._last_seen: dict[str, str] = {}
        self._calls: set[tuple[str, str]] = set()
        self._died_at: dict[str, datetime] = {}

    def lines(self, entry: Entry) -> Iterator[Line]:
        if not entry.text.startswith("{"):
            return
        fields, at = json.loads(entry.text), from_ns(entry.at_ns)
        match entry.source:
            case Source.WIRE | Source.AUDIT:
                is_trouble = fields.get("what") == "fault"
                for event in self._narration.events([fields]):
                    yield Line(event, is_trouble)
            case Source.ENGINE:
                yield from self._engine(at, fields)
            case Source.NOTICE:
                what = f"is told: {fields['kind']}"
                yield Line(Event(at, Who.PERSON, what, fields["text"]))
            case Source.HAND:
                yield Line(Event(at, Who.PERSON, *_hand(fields)))
            case Source.STRIKE:
                yield self._strike(at, fields)
            case Source.MARKET:
                yield from self._market(at, fields)
            case _:
                assert_never(entry.source)

    def _name(self, key: IntentKey) -> str:
        name = name_in_trade(key)
        plan = self._names.get(key.trade, key.trade)
        return name if len(self._names) == 1 else f"{plan} {name}"

    def _engine(self, at: datetime, fields: Mapping[str, Any]) -> Iterator[Line]:
        what, run = fields["what"], fields["run"]
        told = _EVENTS.get((what, fields.get("name", ""))) or _ENDS.get(what)
        if told is None:
            return
        # An entry that fills in many parts is told of as often; the first time says it all.
        is_news = (run, told) not in self._calls
        self._calls.add((run, told))
        if is_news:
            yield Line(Event(at, Who.RULES, told, self._workflow(run)))

    def _workflow(self, run: str) -> str:
        """A trade by the id of its plan, and a way out by that of its trade."""
        kind, _, rest = run.partition(":")
        name, _, more = rest.partition(":")
        if kind == "trade":
            return more
        return f"{self._names.get(name, name)} {more}" if kind == "exit" else run

    def _strike(self, at: datetime, fields: Mapping[str, Any]) -> Line:
        what, who = fields["what"], fields.get("who")
        worker = _WORKERS.get(who or "", "")
        if not worker:
            more = {key: value for key, value in fields.items() if key != "what"}
            return Line(Event(at, Who.HOUSE, _trouble(what), _details(more)), what not in _CALM)
        if what != "begins":
            self._died_at[worker] = at
            return Line(Event(at, Who.HOUSE, f"{worker} {what}", ""), is_trouble=what == "died")
        gone = self._died_at.pop(worker, None)
        after = f"after {elapsed_text(at - gone)}" if gone is not None else ""
        return Line(Event(at, Who.HOUSE, f"{worker} is {'back' if after else 'there'}", after))

    def _market(self, at: datetime, fields: Mapping[str, Any]) -> Iterator[Line]:
        what, symbol = fields["what"], fields["symbol"]
        match what:
            case "print":
                price = fields["price"]
                if self._last_seen.get(symbol) != price:
                    self._last_seen[symbol] = price
                    yield Line(Event(at, Who.MARKET, f"{symbol} {price}", ""))
            case "split":
                text = f"{symbol} splits: {fields['ratio']} for 1"
                yield Line(Event(at, Who.MARKET, text, ""), is_trouble=True)
            case _:
                text = "trading is halted" if what == "halt" else "trading goes on"
                yield Line(Event(at, Who.MARKET, f"{symbol}: {text}", ""), what == "halt")


class _References:
    """Which order a line is about; a cancel names only the number."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], str] = {}

    def ref_of(self, line: Fields) -> str:
        number = (line.get("client") or 0, line.get("order_id") or 0)
        ref = line["ref"]
        if ref and "dir" in line and number[1]:
            self._known[number] = str(ref)
        return str(ref) if ref else self._known.get(number, "")


_CALM = frozenset({"quiet", "back"})
_TROUBLES = {
    "quiet": "from here on nothing goes wrong any more",
    "away": "everybody goes home",
    "back": "somebody is there again",
    "clock step": "the machine's clock jumps",
    "engine restart": "the engine is gone",
    "late timers": "the engine's timers come late",
    "lost reports": "what a worker reports gets lost",
    "signals twice": "each signal arrives twice",
    "evictions": "runs are forgotten between two steps",
    "cut lines": "every connection to the gateway breaks",
    "gateway restart": "the gateway ends every connection",
    "broker crash": "the broker worker is killed",
    "trades crash": "the trades worker is killed",
    "broker stall": "the broker worker stands still",
    "trades stall": "the trades worker stands still",
    "rival": "a second broker worker begins beside one that stands still",
}


def _trouble(what: str) -> str:
    return _TROUBLES.get(what, what)


def _details(more: Mapping[str, Any]) -> str:
    parts = [
        f"{key.replace('_', ' ')} {value}" for key, value in more.items() if value not in ("", 0)
    ]
    return ", ".join(parts)


def _hand(fields: Mapping[str, Any]) -> tuple[str, str]:
    if "deed" not in fields:
        return f"{fields['what']}, {fields['symbol']}", str(fields.get("ref") or "")
    deed, plan = fields["deed"].replace("_", "-"), fields["plan"]
    asked = f"{deed} {plan}".strip()
    answer = fields.get("answer")
    return (f"{asked}: answered", str(answer)) if answer is not None else (asked, "")
