"""One order, and everything that a rule may look at.

Owns the two questions that are asked of every order, at admission and at the last hop, so that each
rule is a function of one argument. Both prepare what several rules need; neither judges.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.claims import Claim
from backstay.domain.limits.facts import (
    AccountKind,
    AdmissionFacts,
    LastHopFacts,
    Touch,
    TriggerPrice,
)
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.limits.valuation import reference_price, unit_value, valued_at
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.sessions import MarketPhase


@dataclass(frozen=True, slots=True)
class Question:
    """What both questions look at. Without a `reference` nobody can tell where it would trade."""

    intent: OrderIntent
    settings: LimitSettings
    now: datetime
    account_kind: AccountKind
    phase: MarketPhase
    touch: Touch | None
    reference: Decimal | None
    last_entry_at: datetime | None


@dataclass(frozen=True, slots=True)
class AdmissionQuestion(Question):
    """May this order be sent, as far as the account is concerned?

    `after` is the book as it would be with the order. `price` is what the order is valued at,
    `unit_value` what one unit of it is worth in the base currency; None where that can't be said.
    """

    facts: AdmissionFacts
    book: Book
    after: Book
    claim: Claim
    price: Decimal | None
    unit_value: Decimal | None

    @property
    def waits_for_trigger(self) -> bool:
        """Whether session and market data are the last hop's concern, because it isn't time yet."""
        return isinstance(self.facts.reference, TriggerPrice)


@dataclass(frozen=True, slots=True)
class LastHopQuestion(Question):
    """May this order leave now, although time has passed since it was approved?"""

    facts: LastHopFacts
    approved: Approved


def at_admission(
    intent: OrderIntent, facts: AdmissionFacts, book: Book, settings: LimitSettings, now: datetime
) -> AdmissionQuestion:
    """The question that admission asks."""
    reference = reference_price(intent, facts.reference)
    price = value = None
    if reference is not None:
        price = valued_at(intent, reference)
        if facts.rates.base == settings.base_currency:
            value = unit_value(intent, price, facts.rates)
    margin = facts.margin.required if facts.margin else Decimal(0)
    claim = Claim.of(intent, value, margin)
    return AdmissionQuestion(
        intent=intent,
        settings=settings,
        now=now,
        account_kind=facts.account_kind,
        phase=facts.phase,
        touch=facts.reference if isinstance(facts.reference, Touch) else None,
        reference=reference,
        last_entry_at=book.entries.last_at(intent.instrument.symbol, intent.key),
        facts=facts,
        book=book,
        after=book.with_claim(claim),
        claim=claim,
        price=price,
        unit_value=value,
    )


def at_last_hop(
    approved: Approved,
    intent: OrderIntent,
    facts: LastHopFacts,
    settings: LimitSettings,
    now: datetime,
) -> LastHopQuestion:
    """The question that the last hop asks."""
    return LastHopQuestion(
        intent=intent,
        settings=settings,
        now=now,
        account_kind=facts.account_kind,
        phase=facts.phase,
        touch=facts.touch,
        reference=reference_price(intent, facts.touch),
        last_entry_at=facts.last_entry_at,
        facts=facts,
        approved=approved,
    )
