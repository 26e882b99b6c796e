"""The typed stubs by which a workflow calls an activity.

It owns the one table of timeouts and retries, each with its reason. It refuses to know how a call
is carried out: it imports the domain's values and none of the other doors, so that `workflows` may
import it.

Every retry is safe because what is called is idempotent by a key, so attempts are not counted. A
short call has a bound on how long it may lie about before a worker takes it: that nobody is there
is something that a person has to be told. What lasts has none, because the call would be given up
with it, and with the call what its last heartbeat has left for the next attempt; whether anybody
serves its queue is watched from outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from backstay.domain.edge.arms import (
    AmendAnswer,
    Arm,
    ArmChange,
    ArmReport,
)
from backstay.domain.edge.changing import CancelReport
from backstay.domain.edge.guards import (
    Guard,
    GuardChange,
    GuardResult,
    SplitAnswer,
    SplitOff,
)
from backstay.domain.edge.looking import DeclareAnswer
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.preflight import Preflight
from backstay.domain.trade.prospect import ProspectAnswer
from backstay.domain.trade.settlement import Settlement

TRADES_QUEUE = "trades"
STEP_WITHIN = timedelta(seconds=5)
"""How long a worker may take for one step of a workflow, which takes milliseconds. One that dies in
the midst of a step is waited for so long; the engine's own bound of ten seconds would be the time
for which a part that was split off has no stop."""

BRIEFLY_TAKEN_UP_WITHIN = timedelta(seconds=5)
BRIEFLY_ANSWERED_WITHIN = timedelta(seconds=20)
"""Of a quote that never comes the edge says so after a little more than 15 seconds."""


class Door(StrEnum):
    """Whose worker carries a call out."""

    ENGINE = "trades"
    ARMS = "edge-arms"
    OPS = "edge-ops"

    def queue(self, account: str) -> str:
        """The task queue of this door for an account."""
        return TRADES_QUEUE if self is Door.ENGINE else f"{self.value}:{account}"


class Wait(StrEnum):
    """What a call does while no worker takes it up."""

    TELL = "tell"
    """It comes back after a while, so that a person can be told."""

    FOR_EVER = "for ever"

    BRIEFLY = "briefly"
    """It comes back very soon, answered or not, tried again or not: somebody sits and waits."""


@dataclass(frozen=True, slots=True)
class ArmCall:
    """Arm, or go on with, `arm`, and tell of progress newer than `after`.

    Changes of a version above `version` are not in it; without `is_first` there may be some. News
    that can wait is told no sooner than `pause_seconds` after the last.
    """

    arm: Arm
    version: int
    after: int
    pause_seconds: float
    is_first: bool = True


@dataclass(frozen=True, slots=True)
class GuardCall:
    """Guard, or go on guarding, and tell what comes after the news numbered `after`.

    Changes of a version above `version` are not in it; without `is_first` there may be some.
    """

    guard: Guard
    version: int
    after: int
    is_first: bool = True


@dataclass(frozen=True, slots=True)
class AmendArm:
    """Change a running arm."""

    key: IntentKey
    version: int
    change: ArmChange


@dataclass(frozen=True, slots=True)
class AmendGuard:
    """Change a running guard."""

    key: IntentKey
    version: int
    change: GuardChange


@dataclass(frozen=True, slots=True)
class Release:
    """Let an arm or a guard go."""

    key: IntentKey
    version: int


@dataclass(frozen=True, slots=True)
class DeclareAbsent:
    """A person's word that the broker does not have an order that it shows no more."""

    key: IntentKey
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that a person has to be told."""

    account: str
    kind: IncidentKind
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a call may take and how it is tried again, and why so."""

    door: Door
    start_to_close: timedelta
    schedule_to_start: timedelta | None
    heartbeat: timedelta | None
    first_retry: timedelta
    backoff: float
    last_retry: timedelta
    because: str


def _lasting(heartbeat_seconds: int, because: str) -> Terms:
    """An activity that waits, for days if need be, where the ticks are."""
    return Terms(
        door=Door.ARMS,
        start_to_close=timedelta(days=3650),
        schedule_to_start=None,
        heartbeat=timedelta(seconds=heartbeat_seconds),
        first_retry=timedelta(milliseconds=10),
        backoff=1.0,
        last_retry=timedelta(milliseconds=10),
        because=because,
    )


def _short(door: Door, start_to_close_seconds: int, because: str) -> Terms:
    """An activity that answers, or is asked again."""
    return Terms(
        door=door,
        start_to_close=timedelta(seconds=start_to_close_seconds),
        schedule_to_start=timedelta(seconds=30),
        heartbeat=None,
        first_retry=timedelta(milliseconds=50),
        backoff=2.0,
        last_retry=timedelta(seconds=5),
        because=because,
    )


TERMS: Mapping[str, Terms] = {
    "arm": _lasting(
        60,
        "a dead worker's attempts are failed by the next one at once; the heartbeat is only there"
        " in case none comes, and what it says of an arm changes seldom: a thousand of them beat 50"
        " times a second",
    ),
    "guard": _lasting(
        30,
        "as for an arm, but a trail moves: what the next worker knows of it is ten seconds old at"
        " most; meanwhile the stop at the broker stands",
    ),
    "walk": _lasting(5, "an exit is under way: there are few of them, and each second counts"),
    "prospect": _short(Door.OPS, 60, "a first look at an option chain takes the broker seconds"),
    "amend_arm": _short(Door.OPS, 5, "it is decided in one turn of the edge's loop"),
    "amend_guard": _short(Door.OPS, 5, "it is decided in one turn of the edge's loop"),
    "release": _short(Door.OPS, 5, "it is decided in one turn of the edge's loop"),
    "split_off": _short(Door.OPS, 15, "the stop at the broker has to be shown smaller first"),
    "cancel": _short(Door.OPS, 15, "the edge gives a cancel 1.5 s and tells that it is pending"),
    "declare_absent": _short(Door.OPS, 30, "the broker is read once more, completely"),
    "admit": _short(Door.ENGINE, 10, "one transaction in the account's book"),
    "preflight": _short(Door.ENGINE, 10, "the account's book is read, and nothing written"),
    "settle": _short(Door.ENGINE, 10, "one transaction in the account's book"),
    "alert": _short(Door.ENGINE, 10, "what a person must hear is handed on until it is taken"),
}


async def prospect(wait: Wait, account: str, order: TradeOrder, summary: str) -> ProspectAnswer:
    """What the broker says of a plan: the contract, the market, the margin."""
    answer: ProspectAnswer = await _call("prospect", account, order, ProspectAnswer, summary, wait)
    return answer


async def admit(wait: Wait, account: str, asked: AdmissionRequest, summary: str) -> AdmissionAnswer:
    """Whether the account has room for the orders of a trade; they are reserved if so."""
    answer: AdmissionAnswer = await _call("admit", account, asked, AdmissionAnswer, summary, wait)
    return answer


async def preflight(wait: Wait, account: str, asked: AdmissionRequest, summary: str) -> Preflight:
    """What the account would say of the orders of a trade; nothing is reserved."""
    answer: Preflight = await _call("preflight", account, asked, Preflight, summary, wait)
    return answer


async def arm(wait: Wait, account: str, asked: ArmCall, summary: str) -> ArmReport:
    """Keep an entry ready at the edge, and hear how it comes along."""
    answer: ArmReport = await _call("arm", account, asked, ArmReport, summary, wait)
    return answer


async def guard(wait: Wait, account: str, asked: GuardCall, summary: str) -> GuardResult:
    """Watch a position at the edge until it is being left, or is gone."""
    answer: GuardResult = await _call("guard", account, asked, GuardResult, summary, wait)
    return answer


async def walk(wait: Wait, account: str, asked: Walk, summary: str) -> Walked:
    """Take the next steps of a way out at the edge."""
    answer: Walked = await _call("walk", account, asked, Walked, summary, wait)
    return answer


async def amend_arm(wait: Wait, account: str, asked: AmendArm, summary: str) -> AmendAnswer:
    """Change a running arm."""
    answer: AmendAnswer = await _call("amend_arm", account, asked, AmendAnswer, summary, wait)
    return answer


async def amend_guard(wait: Wait, account: str, asked: AmendGuard, summary: str) -> AmendAnswer:
    """Change a running guard."""
    answer: AmendAnswer = await _call("amend_guard", account, asked, AmendAnswer, summary, wait)
    return answer


async def release(wait: Wait, account: str, asked: Release, summary: str) -> AmendAnswer:
    """Let an arm or a guard go before anything of it has left."""
    answer: AmendAnswer = await _call("release", account, asked, AmendAnswer, summary, wait)
    return answer


async def split_off(wait: Wait, account: str, asked: SplitOff, summary: str) -> SplitAnswer:
    """Take a part out of what a guard watches."""
    answer: SplitAnswer = await _call("split_off", account, asked, SplitAnswer, summary, wait)
    return answer


async def cancel(wait: Wait, account: str, key: IntentKey, summary: str) -> CancelReport:
    """Cancel an order at the broker."""
    answer: CancelReport = await _call("cancel", account, key, CancelReport, summary, wait)
    return answer


async def declare_absent(
    wait: Wait, account: str, asked: DeclareAbsent, summary: str
) -> DeclareAnswer:
    """Take a person's word for what became of an order."""
    answer: DeclareAnswer = await _call(
        "declare_absent", account, asked, DeclareAnswer, summary, wait
    )
    return answer


async def settle(wait: Wait, account: str, settlement: Settlement, summary: str) -> None:
    """Book what a trade has come to, and give back what was reserved for it."""
    await _call("settle", account, settlement, None, summary, wait)


async def alert(account: str, asked: Alert, summary: str) -> None:
    """Have a person told."""
    await _call("alert", account, asked, None, summary, Wait.FOR_EVER)


async def _call(name: str, account: str, asked: Any, answer: Any, summary: str, wait: Wait) -> Any:
    terms = TERMS[name]
    return await workflow.execute_activity(
        name,
        asked,
        result_type=answer,
        task_queue=terms.door.queue(account),
        start_to_close_timeout=terms.start_to_close,
        schedule_to_start_timeout=_taken_up_within(terms, wait),
        schedule_to_close_timeout=BRIEFLY_ANSWERED_WITHIN if wait is Wait.BRIEFLY else None,
        heartbeat_timeout=terms.heartbeat,
        retry_policy=RetryPolicy(
            initial_interval=terms.first_retry,
            backoff_coefficient=terms.backoff,
            maximum_interval=terms.last_retry,
        ),
        cancellation_type=ActivityCancellationType.ABANDON,
        summary=summary,
    )


def _taken_up_within(terms: Terms, wait: Wait) -> timedelta | None:
    match wait:
        case Wait.TELL:
            return terms.schedule_to_start
        case Wait.BRIEFLY:
            return BRIEFLY_TAKEN_UP_WITHIN
        case Wait.FOR_EVER:
            return None
