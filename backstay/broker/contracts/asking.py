"""What is asked of the broker here. Each raises NotAnsweredError or RequestRefusedError."""

from typing import Protocol

from backstay.broker.translation.contracts import DayBar, Listing, OptionChain
from backstay.domain.edge.contracts import InstrumentQuery
from backstay.domain.instruments import Instrument
from backstay.domain.prices import PriceBand

NO_CONTRACT = 200
"""Nothing fits what was asked for."""


class CatalogueAsks(Protocol):
    """Requests about what can be traded, each with its complete answer."""

    async def contract_details(self, query: InstrumentQuery) -> tuple[Listing, ...]:
        """Every contract that fits; none is a refusal (200)."""

    async def option_parameters(self, under_con_id: int, symbol: str) -> tuple[OptionChain, ...]:
        """Which options there are on a stock, by exchange and class."""

    async def market_rule(self, rule_id: int) -> tuple[PriceBand, ...]:
        """The price bands of a rule."""

    async def bars(self, instrument: Instrument, days: int) -> tuple[DayBar, ...]:
        """The last days of trading, the oldest first."""
