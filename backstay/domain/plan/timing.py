"""A plan against the time.

Owns what a plan can't know by itself: whether its ends still lie ahead. A plan that was right when
it was written can be late when it is started, so this is asked at the start, not when it is read.
"""

from collections.abc import Iterable
from datetime import datetime

from backstay.domain.plan.complaints import Complaint, Path, instant_text
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.instrument import InstrumentQuery
from backstay.domain.plan.trade import TradePlan


def overdue(plan: TradePlan | GroupPlan, now: datetime) -> tuple[Complaint, ...]:
    """Every end in `plan` that is past; at its very instant an end has come."""
    past = [
        Complaint(path, f"{instant_text(end)} is past; it is {instant_text(now)}")
        for path, end in _ends(plan)
        if end <= now
    ]
    # By the date in UTC: wherever an option is traded, its last session ends within that date.
    expired = [
        Complaint((*path, "expiry"), f"{query.expiry} is past; it is {instant_text(now)}")
        for path, query in _queries(plan)
        if query.expiry is not None and query.expiry < now.date()
    ]
    return (*expired, *past)


def _ends(plan: TradePlan | GroupPlan) -> Iterable[tuple[Path, datetime]]:
    if isinstance(plan, TradePlan):
        if plan.entry.trigger is not None:
            yield ("entry", "trigger", "expires"), plan.entry.trigger.expires
        if plan.entry.expires is not None:
            yield ("entry", "expires"), plan.entry.expires
    if plan.time_exit is not None and plan.time_exit.at is not None:
        yield ("time_exit", "at"), plan.time_exit.at


def _queries(plan: TradePlan | GroupPlan) -> Iterable[tuple[Path, InstrumentQuery]]:
    if isinstance(plan, TradePlan):
        yield ("instrument",), plan.instrument
    else:
        for number, leg in enumerate(plan.group.legs):
            yield ("group", "leg", number, "instrument"), leg.instrument
