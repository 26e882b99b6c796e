"""What is judged ahead, and what is left of the moment, come to the last hop's word."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.domain.limits.approval import Approved
from backstay.domain.limits.clearance import clearance
from backstay.domain.limits.facts import AccountKind, LastHopFacts, Touch
from backstay.domain.limits.kill import KillMode, KillState
from backstay.domain.limits.last_hop import recheck
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.orders.intent import Limit, Market, OrderIntent, OrderTerms
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from backstay.domain.ticks.quotes import Flaw
from tests.domain.limits.hops import approval
from tests.domain.limits.samples import ACCOUNT, ENTRY, EXIT, HEDGE, NOW, SETTINGS, SHIELD

APPROVED = {
    terms: approval(replace(ENTRY, terms=terms)) for terms in (Market(), Limit(Decimal(100)))
}
TERMS: st.SearchStrategy[OrderTerms] = st.sampled_from(
    [Market(), *(Limit(Decimal(price)) for price in (94, 95, 100, 105, 106))]
)
PRICES = st.sampled_from([None, *(Decimal(price) for price in ("94.99", "95", "100", "105.01"))])
MICROSECOND = timedelta(microseconds=1)
MOMENTS = st.sampled_from([0.0, 0.999999, 1.0, 9.999999, 10.0, 60.0]).map(
    lambda seconds: timedelta(seconds=seconds)
)


@st.composite
def orders(draw: st.DrawFn) -> tuple[Approved, OrderIntent]:
    """An entry, as it was approved and as it would be sent."""
    approved = draw(st.sampled_from(list(APPROVED.values())))
    meant = replace(approved.intent, side=draw(st.sampled_from(Side)))
    approved = replace(approved, intent=meant, epoch=draw(st.integers(-1, 3)))
    other = replace(
        meant,
        terms=draw(TERMS),
        quantity=draw(st.sampled_from([Decimal(99), Decimal("99.5"), Decimal(100), Decimal(101)])),
        account=draw(st.sampled_from([ACCOUNT, ACCOUNT, "DU7654321"])),
        outside_regular_hours=draw(st.booleans()),
    )
    return approved, draw(st.sampled_from([meant, other]))


LIMITS = st.builds(
    lambda trading, armed, blocked, interval: replace(
        SETTINGS,
        trading=trading,
        live_armed=armed,
        blocked_symbols=("AAPL",) if blocked else (),
        entry_interval_seconds_min=interval,
    ),
    st.sampled_from([TradingMode.PAPER, *TradingMode]),
    st.booleans(),
    st.sampled_from([False, False, True]),
    st.sampled_from([Decimal(1), Decimal("0.9999995"), Decimal("1e30")]),
)
FACTS = st.builds(
    LastHopFacts,
    accounts=st.sampled_from([(ACCOUNT,), (ACCOUNT, "DU7654321"), ()]),
    account_kind=st.just(AccountKind.PAPER),
    kill=st.sampled_from([None, *map(KillState, range(4)), KillState(1, KillMode.FREEZE)]),
    phase=st.sampled_from([MarketPhase.REGULAR, *MarketPhase]),
    touch=st.one_of(
        st.none(),
        st.builds(
            Touch,
            PRICES,
            PRICES,
            MOMENTS.map(lambda age: NOW - age),
            st.sampled_from([None, *Flaw]),
        ),
    ),
    position=st.just(Decimal(0)),
    last_entry_at=st.one_of(st.none(), MOMENTS.map(lambda age: NOW - age)),
)


@pytest.mark.req("S3.4")
@settings(max_examples=400)
@given(
    order=orders(),
    facts=FACTS,
    limits=LIMITS,
    expires_in=MOMENTS,
    kind=st.sampled_from(AccountKind),
)
def test_a_clearance_holds_exactly_where_the_last_hop_lets_an_entry_pass(
    order: tuple[Approved, OrderIntent],
    facts: LastHopFacts,
    limits: LimitSettings,
    expires_in: timedelta,
    kind: AccountKind,
) -> None:
    approved, intent = order
    approved = replace(approved, valid_until=NOW - MICROSECOND + expires_in)
    facts = replace(facts, account_kind=kind)
    passes = recheck(approved, intent, facts, limits, NOW) is None
    cleared = clearance(approved, intent, kind, limits)
    holds = cleared is not None and cleared.holds(
        facts.accounts, facts.kill, facts.phase, facts.touch, facts.last_entry_at, NOW
    )
    assert holds == passes


def test_only_an_entry_under_limits_is_cleared() -> None:
    approved = approval(ENTRY)
    assert clearance(approved, ENTRY, AccountKind.PAPER, SETTINGS) is not None
    assert clearance(approved, ENTRY, AccountKind.PAPER, None) is None
    for intent in (HEDGE, SHIELD, EXIT):
        assert clearance(approval(intent), intent, AccountKind.PAPER, SETTINGS) is None
