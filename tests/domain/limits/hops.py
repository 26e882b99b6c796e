"""Approvals of epoch 2 that reach the last hop, and what the edge sees there."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from backstay.domain.ids import Purpose
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.facts import LastHopFacts
from backstay.domain.limits.kill import KillState
from backstay.domain.limits.last_hop import recheck
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.orders.intent import Limit, OrderIntent
from tests.domain.limits.samples import (
    ENTRY,
    EXIT,
    FACTS,
    HEDGE,
    LAST_HOP,
    NOW,
    SETTINGS,
    SHIELD,
    approved,
    with_entry,
)

EPOCH_2 = KillState(2)
HOLDING = replace(LAST_HOP, position=Decimal(100), kill=EPOCH_2)
LIMITED = replace(ENTRY, terms=Limit(Decimal(100)))

every_order = pytest.mark.parametrize(
    "intent", [ENTRY, HEDGE, SHIELD, EXIT], ids=["EN", "HG", "PR", "XS"]
)
reducing_order = pytest.mark.parametrize("intent", [SHIELD, EXIT], ids=["PR", "XS"])


def approval(intent: OrderIntent) -> Approved:
    """The approval of `intent` in epoch 2."""
    entered = Book() if intent.key.purpose is Purpose.ENTRY else with_entry(filled=100)
    facts = replace(FACTS, uncovered=Decimal(5))
    return approved(intent, replace(entered, kill=EPOCH_2), facts)


def hop(
    intent: OrderIntent,
    facts: LastHopFacts = HOLDING,
    sent: OrderIntent | None = None,
    settings: LimitSettings | None = SETTINGS,
    now: datetime = NOW,
) -> str:
    """The reason why `sent`, by default `intent` itself, is refused, or nothing."""
    refusal = recheck(approval(intent), sent or intent, facts, settings, now)
    return refusal.reason if refusal else ""
