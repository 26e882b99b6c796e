"""What a split may leave of a share: no order can be for it, so a person has to be told of it."""

from backstay.domain.incidents.kinds import IncidentKind as Kind
from backstay.lab.oracle.exchange import NOTHING, Exchange
from backstay.lab.oracle.told import Told

NO_ORDER_FOR_IT = frozenset({Kind.FRACTIONAL_REMAINDER})


def is_fraction(exchange: Exchange, told: Told, trade: str) -> bool:
    """Whether all that a trade holds is less than one of each, and a person knows."""
    contracts = exchange.contracts.values()
    held = [abs(each.open_of.get(trade, NOTHING)) for each in contracts if each.ours()]
    return 0 < max(held, default=NOTHING) < 1 and told.names(NO_ORDER_FOR_IT, trade)
