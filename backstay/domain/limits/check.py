"""Admission: the one place that approves an order.

Owns the tables of which rules bind which orders, in the order in which they are asked; the first
that says no is the answer. What opens a position is under all of them. What reduces one must stay
possible whatever has happened, so it is bound by the position and nothing else that could be used
up; what covers a risk, by that risk. Nothing is approved without settings.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from backstay.domain.ids import Effect
from backstay.domain.limits import admission, rules
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.codes import NOT_CONFIGURED, Finding, Refused, Verdict, refused
from backstay.domain.limits.facts import AdmissionFacts, Request
from backstay.domain.limits.question import AdmissionQuestion, at_admission
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.limits.valuation import Collar, collar_around
from backstay.domain.orders.intent import OrderIntent

Answer = Annotated[Approved | Refused, Field(discriminator="kind")]
Rule = Callable[[AdmissionQuestion], Finding]

RULES: dict[Effect, tuple[Rule, ...]] = {
    Effect.OPENS: (
        admission.wrong_account,
        admission.key_used,
        rules.fractional,
        rules.trading_disabled,
        rules.live_not_armed,
        rules.account_mode,
        admission.killed,
        admission.halted,
        rules.symbol_blocked,
        admission.session_closed_now,
        rules.no_reference,
        admission.stale_data_now,
        admission.no_exchange_rate,
        admission.price_collar,
        admission.order_value,
        admission.opposite_direction,
        admission.position_limit,
        admission.exposure_cap,
        admission.open_trades,
        admission.daily_limit,
        rules.rate,
        admission.margin,
    ),
    Effect.COVERS: (
        admission.wrong_account,
        admission.key_used,
        rules.fractional,
        admission.flattening,
        admission.exceeds_uncovered,
    ),
    Effect.REDUCES: (
        admission.wrong_account,
        admission.key_used,
        rules.fractional,
        rules.too_many_generations,
        admission.exceeds_position,
    ),
}


def check(
    intent: OrderIntent,
    facts: AdmissionFacts,
    book: Book,
    settings: LimitSettings | None,
    now: datetime,
) -> Approved | Refused:
    """Whether `intent` may be sent. Whoever uses the approval reserves it in the book first."""
    if settings is None:
        return refused(intent.key, NOT_CONFIGURED, now)
    question = at_admission(intent, facts, book, settings, now)
    for finding in _asked(question):
        if not finding.passed:
            return refused(intent.key, finding.verdict, now)
    return _approved(question)


def verdicts(
    intent: OrderIntent,
    facts: AdmissionFacts,
    book: Book,
    settings: LimitSettings | None,
    now: datetime,
) -> tuple[Verdict, ...]:
    """What every rule says of `intent`, for a dry run; it is refused if one of them says no."""
    if settings is None:
        return (NOT_CONFIGURED,)
    question = at_admission(intent, facts, book, settings, now)
    return tuple(finding.verdict for finding in _asked(question))


def admit(
    requests: tuple[Request, ...], book: Book, settings: LimitSettings | None, now: datetime
) -> tuple[Book, tuple[Approved, ...] | Refused]:
    """Check and reserve in one step, all requests or none of them.

    An entry comes before what protects it and gets out of it: these close what it reserves.
    """
    reserved, approvals = book, []
    for request in requests:
        answer = check(request.intent, request.facts, reserved, settings, now)
        if isinstance(answer, Refused):
            return book, answer
        reserved = reserved.reserved(answer, request.facts.trading_day)
        approvals.append(answer)
    return reserved, tuple(approvals)


def _asked(question: AdmissionQuestion) -> Iterator[Finding]:
    return (rule(question) for rule in RULES[question.intent.key.purpose.effect])


def _approved(question: AdmissionQuestion) -> Approved:
    return Approved(
        intent=question.intent,
        epoch=question.book.kill.epoch,
        at=question.now,
        valid_until=_valid_until(question),
        collar=_collar(question),
        unit_value=question.unit_value,
        margin=question.claim.margin,
    )


def _collar(question: AdmissionQuestion) -> Collar | None:
    if question.reference is None or not question.claim.opens:
        return None
    percent = question.settings.collar_pct(question.intent.instrument)
    return collar_around(question.reference, percent)


def _valid_until(question: AdmissionQuestion) -> datetime | None:
    if not question.claim.takes_risk:
        return None
    settings = question.settings
    seconds = (
        settings.waiting_approval_seconds_max
        if question.waits_for_trigger
        else settings.approval_seconds_max
    )
    return question.now + timedelta(seconds=float(seconds))
