"""What a dry run has to say, as values: what would become of the plan, in one sentence, and why.

Owns the verdict on the whole. A plan whose trade was started before is not judged by what a new one
would meet: nothing would be started.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, assert_never

from pydantic import Field

from activities.ports import Differs, Same
from backstay.cli.plan.report import FirstTerms, first_terms
from backstay.domain.edge.market import MarketFacts
from backstay.domain.plan.entry import Trigger
from backstay.domain.ticks.levels import is_beyond, threshold
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.triggers import IfMissed
from backstay.domain.trade.dry_run import DryRunReport, Foreseen, Unanswered, Unworkable
from backstay.domain.trade.preflight import Refusal
from backstay.lab.words import instant_text

RUNNING = "running"

_PAST = "the price is past the trigger already"
_MISSED = {
    IfMissed.SKIP: f'and let go at once: {_PAST}, and if_missed is "skip".',
    IfMissed.FIRE: f'and ITS ENTRY SENT AT ONCE: {_PAST}, and if_missed is "fire".',
    IfMissed.ASK: f'and wait for a person: {_PAST}, and if_missed is "ask".',
}
"""What becomes of an entry whose price has crossed before anybody watched."""

StartedBefore = Annotated[Same | Differs, Field(discriminator="kind")]


class Outcome(StrEnum):
    """What would become of a plan that is handed in now."""

    ADMITTED = "admitted"
    SAME = "same"
    REFUSED = "refused"
    UNFIT = "unfit"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Foretold:
    """The whole of it. `terms` are known where the plan works."""

    outcome: Outcome
    sentence: str
    started_before: StartedBefore | None
    terms: FirstTerms | None
    report: DryRunReport


def foretold(report: DryRunReport, before: StartedBefore | None) -> Foretold:
    """What a dry run amounts to, and what was started under the plan's id before."""
    outcome, sentence = _judged(report, before)
    terms = None
    if isinstance(report, Foreseen):
        prospect = report.prospect
        terms = first_terms(report.order.plan, prospect.instrument, prospect.sized)
    return Foretold(outcome, sentence, before, terms, report)


def _judged(report: DryRunReport, before: StartedBefore | None) -> tuple[Outcome, str]:
    if isinstance(report, Unanswered):
        return Outcome.UNANSWERED, f"Nobody can say what it would do: {report.text}."
    if before is not None:
        return _known(before)
    match report:
        case Unworkable(prospect=prospect):
            first, *others = prospect.complaints
            because = _with_others(str(first), len(others), "complaint", "complaints")
            return Outcome.UNFIT, f"It would be refused because the plan does not work: {because}"
        case Foreseen(preflight=preflight) if preflight.refusals:
            return Outcome.REFUSED, f"It would be refused because {_because(preflight.refusals)}"
        case Foreseen():
            return Outcome.ADMITTED, _admitted(report)
        case _:
            assert_never(report)


def _known(before: StartedBefore) -> tuple[Outcome, str]:
    match before:
        case Differs(tables=tables):
            text = (
                f"It would be refused because another plan has this id: {', '.join(tables)} differ"
            )
            return Outcome.REFUSED, f"{text}{'s' if len(tables) == 1 else ''}. Give it another id."
        case Same(status=status) if status == RUNNING:
            return Outcome.SAME, "It would change nothing: this trade is under way already."
        case Same(status=status):
            text = "It would be refused because this trade was started before and is over"
            return Outcome.REFUSED, f"{text} ({status}). A new one needs another id."
        case _:
            assert_never(before)


def _because(refusals: tuple[Refusal, ...]) -> str:
    first, *others = refusals
    return _with_others(first.verdict.line, len(others), "rule says no", "rules say no")


def _with_others(text: str, others: int, one: str, many: str) -> str:
    if not others:
        return f"{text}."
    return f"{text}; and {others} more {one if others == 1 else many}."


def _admitted(report: Foreseen) -> str:
    due = report.prospect.not_before
    if due is not None:
        return (
            f"It would wait until {instant_text(due)} and be asked about again then;"
            " as things stand it would be admitted."
        )
    trigger = report.order.plan.entry.trigger
    if trigger is None:
        return "It would be admitted, and its entry sent at once."
    if _is_past(trigger, report.prospect.market):
        return f"It would be admitted, {_MISSED[trigger.if_missed]}"
    return "It would be admitted, and wait for its trigger."


def _is_past(trigger: Trigger, market: MarketFacts | None) -> bool:
    """Whether a good quote says so; where trades decide, both of its sides have to."""
    touch = None if market is None else market.touch
    if touch is None or touch.flaw is not None:
        return False
    sides = {PriceSource.BID: (touch.bid,), PriceSource.ASK: (touch.ask,)}
    level = threshold(trigger.when, trigger.price, trigger.breach_pct)
    return all(
        price is not None and is_beyond(trigger.when, price, level)
        for price in sides.get(trigger.source, (touch.bid, touch.ask))
    )
