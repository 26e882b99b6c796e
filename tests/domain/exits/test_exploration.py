"""Every interleaving of a small tranche's exit, with every freedom of the broker.

The whole graph of situations is built, and each way into each situation is held against the
ladder's promises. Liveness is read off the same graph: from every situation there is a way to the
end that needs no further fault.
"""

from dataclasses import fields
from itertools import product

import pytest

from backstay.domain.exits.market import MarketNow
from backstay.domain.profile import PESSIMISTIC, BrokerProfile
from tests.domain.exits.armed import OPTION
from tests.domain.exits.graph import MARKETS, MEETINGS, NO_BID, explore, first_world
from tests.domain.exits.world import OPEN

pytestmark = pytest.mark.exploration

SWITCHES = tuple(switch.name for switch in fields(BrokerProfile))
ALL_PROFILES = tuple(
    BrokerProfile(**dict(zip(SWITCHES, answers, strict=True)))
    for answers in product((False, True), repeat=len(SWITCHES))
)

# A pair has the most situations by far; that its market turns while it works is among them anyway.
STARTS = tuple(
    (meeting, market)
    for meeting, market in product(MEETINGS, MARKETS)
    if not meeting.startswith("pair") or market == "open"
)


@pytest.mark.req("S4.5", "I1", "I8", "I11", "L2")
@pytest.mark.parametrize("profile", ALL_PROFILES)
def test_without_faults_one_unit_gets_out_under_every_profile(profile: BrokerProfile) -> None:
    assert not explore(first_world(profile, OPEN, faults=0, quantity=1)).stuck()


@pytest.mark.req("S4.5", "I1", "I8", "I11", "L2")
@pytest.mark.parametrize(("meeting", "market"), STARTS)
def test_with_one_fault_two_units_get_out(meeting: str, market: str) -> None:
    first = first_world(MEETINGS[meeting], MARKETS[market], faults=1, quantity=2)
    assert not explore(first).stuck()


@pytest.mark.req("S4.5", "I1", "I8", "I11", "L2")
def test_with_two_faults_one_unit_gets_out() -> None:
    assert not explore(first_world(PESSIMISTIC, OPEN, faults=2, quantity=1)).stuck()


@pytest.mark.req("S4.5", "I8", "L2")
@pytest.mark.parametrize("market", [OPEN, NO_BID], ids=["open", "no bid"])
def test_an_option_gets_out_also_when_bids_come_and_go(market: MarketNow) -> None:
    first = first_world(PESSIMISTIC, market, faults=1, quantity=2, instrument=OPTION)
    assert not explore(first).stuck()
