"""One leg of a group: what it trades, which way, and whether it covers or exposes."""

from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from backstay.domain.hedging.exposure import LEGS_MAX, LegRole
from backstay.domain.plan.instrument import InstrumentQuery
from backstay.domain.plan.scalars import LegNumber, Ratio
from backstay.domain.plan.tables import Expected, Table, items
from backstay.domain.sides import Side


def _role(value: object) -> object:
    """In a plan roles are capitals, so that they stand out among the keys of a leg."""
    capitals = {role.upper(): role for role in LegRole}
    return value if isinstance(value, LegRole) else capitals.get(str(value))


_Role = Annotated[
    LegRole, BeforeValidator(_role), PlainSerializer(str.upper), Expected('"HEDGE" or "RISK"')
]


class Leg(Table):
    """`[[group.leg]]`: legs are numbered from 0, as in the references of their orders."""

    role: _Role
    side: Side
    instrument: Annotated[InstrumentQuery, Expected("a table with a symbol")]
    ratio: Ratio = 1
    """Shares or contracts of this leg in one set of the group."""
    covers: Annotated[
        tuple[LegNumber, ...] | None,
        items(1, LEGS_MAX),
        Expected("a list of the numbers of RISK legs"),
    ] = None
    """The RISK legs that this HEDGE leg covers; without it they are derived from the contracts."""
