"""What the judge is told before a run begins: the contracts, the sessions, the limits."""

from datetime import timedelta

from backstay.domain.plan.stop import Protection
from backstay.domain.trade.order import TradeOrder
from backstay.gateway.market.catalogue import CATALOGUE
from backstay.gateway.market.hours import STOCKS, session
from backstay.gateway.profile import parse
from backstay.gateway.times import local, to_ns
from backstay.lab.oracle.premises import Premises
from backstay.lab.simulation.scenario import Scenario
from backstay.lab.simulation.venue import ACCOUNT
from workers.config import Settings

DAYS = 6
"""No run lasts longer."""


def premises_of(scenario: Scenario, settings: Settings, orders: tuple[TradeOrder, ...]) -> Premises:
    """What holds for the whole of it."""
    limits = settings.bounds
    if limits is None:
        raise ValueError("a run has limits")
    bare = (each for each in orders if each.plan.stop.protection is Protection.VIRTUAL)
    return Premises(
        account=ACCOUNT,
        client_id=settings.broker.client_id,
        profile=parse(scenario.profile),
        limits=limits,
        symbols={listing.con_id: listing.symbol for listing in CATALOGUE},
        regular=_regular(scenario),
        bare=frozenset(each.trade for each in bare),
    )


def _regular(scenario: Scenario) -> tuple[tuple[int, int], ...]:
    first = local(to_ns(scenario.begins)).date()
    days = (session(STOCKS, first + timedelta(days=day)) for day in range(DAYS))
    return tuple(
        (each.regular_opens_ns, each.regular_closes_ns) for each in days if each is not None
    )
