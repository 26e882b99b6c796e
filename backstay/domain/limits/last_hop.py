"""The last hop: what is asked again in the turn in which an order leaves.

Owns the tables of what can have changed since the approval: the kill epoch, the account behind the
session, the market, the position, the order itself. It is called for every order that is about to
be sent or modified, with what the edge sees at that moment, and its word is final.
"""

from collections.abc import Callable
from datetime import datetime

from backstay.domain.ids import Effect
from backstay.domain.limits import departure, rules
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.codes import NOT_CONFIGURED, Finding, Refused, refused
from backstay.domain.limits.facts import LastHopFacts
from backstay.domain.limits.question import LastHopQuestion, at_last_hop
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.orders.intent import OrderIntent

Rule = Callable[[LastHopQuestion], Finding]

RULES: dict[Effect, tuple[Rule, ...]] = {
    Effect.OPENS: (
        departure.wrong_account,
        departure.differs_from_approval,
        departure.quantity_exceeds_approval,
        rules.fractional,
        rules.trading_disabled,
        rules.live_not_armed,
        rules.account_mode,
        departure.killed,
        departure.approval_expired,
        rules.symbol_blocked,
        rules.session_closed,
        rules.no_reference,
        rules.stale_data,
        departure.price_collar,
        rules.rate,
    ),
    Effect.COVERS: (
        departure.wrong_account,
        departure.differs_from_approval,
        departure.quantity_exceeds_approval,
        rules.fractional,
        departure.flattening,
        departure.approval_expired,
        rules.session_closed,
    ),
    Effect.REDUCES: (
        departure.wrong_account,
        departure.differs_from_approval,
        rules.fractional,
        rules.session_closed,
        rules.too_many_generations,
        departure.exceeds_position,
    ),
}

LOOKS_AT_LIVE_ORDERS = frozenset(
    effect for effect, binding in RULES.items() if departure.exceeds_position in binding
)
"""The effects of the orders for which it has to be known what else may still fill."""


def recheck(
    approved: Approved,
    intent: OrderIntent,
    facts: LastHopFacts,
    settings: LimitSettings | None,
    now: datetime,
) -> Refused | None:
    """Why `intent`, which is what would be sent under `approved`, may not leave now, or None."""
    if settings is None:
        return refused(intent.key, NOT_CONFIGURED, now)
    question = at_last_hop(approved, intent, facts, settings, now)
    for rule in RULES[approved.effect]:
        finding = rule(question)
        if not finding.passed:
            return refused(intent.key, finding.verdict, now)
    return None
