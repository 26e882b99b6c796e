"""A dry run: the questions of a trade before its first order, put without wanting anything.

Owns their order, which is that of a trade, and what it means that nobody answers one of them. A
trade asks until it is answered; here a person waits, so whoever does not answer soon is named, and
that is the end of it.
"""

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutType
from temporalio.exceptions import TimeoutError as CallTimeoutError

with workflow.unsafe.imports_passed_through():
    from activities import calls
    from backstay.domain.figures import plain, seconds
    from backstay.domain.trade.admission import request_for_room
    from backstay.domain.trade.dry_run import DryRunReport, Foreseen, Unanswered, Unworkable
    from backstay.domain.trade.opening import first_orders
    from backstay.domain.trade.order import TradeOrder
    from backstay.domain.trade.prospect import NoProspect


@workflow.defn(name="DryRun")
class DryRun:
    """What a plan would do now; nothing is sent and nothing reserved."""

    @workflow.run
    async def run(self, order: TradeOrder) -> DryRunReport:
        """Ask the broker, then the account."""
        account, briefly = order.account, calls.Wait.BRIEFLY
        try:
            prospect = await calls.prospect(briefly, account, order, "ask the broker")
        except ActivityError as error:
            return Unanswered(order, _of_broker(error, account))
        if isinstance(prospect, NoProspect):
            return Unworkable(order, prospect)
        first = first_orders(
            order.plan, account, prospect.instrument, prospect.sized, order.profile
        )
        asked = request_for_room(order, first, prospect)
        try:
            summary = f"ask the account about {len(asked.requests)} orders"
            preflight = await calls.preflight(briefly, account, asked, summary)
        except ActivityError as error:
            return Unanswered(order, _why(error, "the account's book"))
        return Foreseen(order, prospect, preflight)


def _of_broker(error: ActivityError, account: str) -> str:
    if _is_timeout(error, TimeoutType.SCHEDULE_TO_START):
        return (
            f"no broker worker serves {account}: none is running, or it has no session with the"
            " broker"
        )
    return _why(error, "the broker")


def _why(error: ActivityError, who: str) -> str:
    """What the last attempt has failed of, or merely that the time was over."""
    cause: BaseException | None = error.cause
    if isinstance(cause, CallTimeoutError):
        cause = cause.cause
    if isinstance(cause, ApplicationError):
        return cause.message
    within = plain(seconds(calls.BRIEFLY_ANSWERED_WITHIN))
    return f"{who} has not answered within {within} seconds"


def _is_timeout(error: ActivityError, kind: TimeoutType) -> bool:
    cause = error.cause
    return isinstance(cause, CallTimeoutError) and cause.type is kind
