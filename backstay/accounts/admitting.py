"""How an account answers a request for room.

The rules of the limits decide. What is added here is about asking twice. A request that comes again
as it was, because its answer was lost on the way, gets the same answer, whatever has changed in
between: the room is taken already. Only a kill in between ends that: what opens is refused from
then on, because the approvals died with their epoch. A request with new facts is judged anew, and
takes no more room for the same orders.

A trade's name is taken by the plan that asks first, whether it is admitted or not: the 40 bits of
the name could belong to two plans, and nothing may ever be booked for the wrong one.
"""

from dataclasses import dataclass, replace

from backstay.accounts.state import (
    ANSWERS_KEPT,
    REFUSALS_KEPT,
    AccountState,
    KeptAnswer,
    KeptRefusal,
    TradeRecord,
    digest_of,
)
from backstay.domain.ids import Effect
from backstay.domain.limits import check
from backstay.domain.limits.codes import RefusalCode, Refused, Verdict, refused
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest, Admitted


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer, and the account and the trade after it."""

    state: AccountState
    record: TradeRecord
    answer: AdmissionAnswer


def admit(
    state: AccountState,
    known: TradeRecord | None,
    request: AdmissionRequest,
    settings: LimitSettings | None,
) -> Admission:
    """Approve and reserve all that is asked for, or nothing of it."""
    if not request.requests:
        raise ValueError(f"the request of {request.plan_id} names no order")
    digest = digest_of(request)
    record = known or TradeRecord(request.trade, request.plan_id)
    if (verdict := out_of_place(state, record, request)) is not None:
        return _refused(state, record, request, digest, _refusal(request, verdict))
    before = next((each.admitted for each in record.answers if each.digest == digest), None)
    if before is not None and before.kill.epoch == state.kill.epoch:
        return Admission(state, record, before)
    for kept in state.refusals:
        if kept.digest == digest:
            return Admission(state, record, kept.refused)
    if before is not None and _opens(request):
        return _refused(state, record, request, digest, _refusal(request, _outlived(state, before)))
    book, approvals = check.admit(request.requests, state.book, settings, request.at)
    if isinstance(approvals, Refused):
        return _refused(state, record, request, digest, approvals)
    admitted = Admitted(approvals, state.kill)
    answers = (*(a for a in record.answers if a.digest != digest), KeptAnswer(digest, admitted))
    return Admission(
        replace(state, book=book), replace(record, answers=answers[-ANSWERS_KEPT:]), admitted
    )


def out_of_place(
    state: AccountState, record: TradeRecord, request: AdmissionRequest
) -> Verdict | None:
    """Why nothing that this request could ask for can be judged here."""
    if request.account != state.account:
        text = f"the request is for {request.account}, the book is that of {state.account}"
        return Verdict(RefusalCode.WRONG_ACCOUNT, passed=False, text=text)
    if record.plan_id != request.plan_id:
        text = (
            f"{request.trade} is the trade of the plan {record.plan_id};"
            f" {request.plan_id} has the same name by chance and needs another id"
        )
        return Verdict(RefusalCode.TRADE_TAKEN, passed=False, text=text)
    if record.is_over:
        text = f"{request.trade} has been settled"
        return Verdict(RefusalCode.KEY_USED, passed=False, text=text)
    return None


def _outlived(state: AccountState, before: Admitted) -> Verdict:
    text = (
        f"it was approved in the kill epoch {before.kill.epoch},"
        f" which ended; the epoch is {state.kill.epoch}, {state.kill.text}"
    )
    return Verdict(RefusalCode.KILLED, passed=False, text=text)


def _opens(request: AdmissionRequest) -> bool:
    return any(each.intent.key.purpose.effect is Effect.OPENS for each in request.requests)


def _refusal(request: AdmissionRequest, verdict: Verdict) -> Refused:
    return refused(request.requests[0].intent.key, verdict, request.at)


def _refused(
    state: AccountState,
    record: TradeRecord,
    request: AdmissionRequest,
    digest: str,
    refusal: Refused,
) -> Admission:
    """Nothing but the refusal itself is kept, and that once."""
    if all(kept.digest != digest for kept in state.refusals):
        kept_refusal = KeptRefusal(digest, request.plan_id, refusal)
        state = replace(state, refusals=(*state.refusals, kept_refusal)[-REFUSALS_KEPT:])
    return Admission(state, record, refusal)
