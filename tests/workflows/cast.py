"""Who plays in the stories: what the activities answer where a story does not say otherwise."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import Prospect
from tests.domain.trade import samples
from tests.domain.trade.samples import (
    ACCOUNT,
    NOW,
    OPTION_PLAN,
    PLAN,
    an_order,
    at,
    report,
    summary,
)

__all__ = ["ACCOUNT", "NOW", "OPTION_PLAN", "PLAN", "an_order", "at", "report", "summary"]


async def prospect_of(order: TradeOrder) -> Prospect:
    """What the broker says of it."""
    return samples.prospect_of(order)


async def admitted(asked: AdmissionRequest) -> AdmissionAnswer:
    """What the real rules say of it, in an empty account."""
    return samples.admitted(asked)


async def admitted_now(asked: AdmissionRequest) -> AdmissionAnswer:
    """The same, at the time of the house."""
    return await admitted(replace(asked, at=activity.info().current_attempt_scheduled_time))


def always(value: Any) -> Any:
    """An answer that does not depend on the question."""

    async def answer(_: Any) -> Any:
        return value

    return answer


def later(pause: timedelta) -> ApplicationError:
    """What an activity fails with that has nothing to tell yet: so time can pass while it waits."""
    return ApplicationError("nothing has happened", next_retry_delay=pause)
