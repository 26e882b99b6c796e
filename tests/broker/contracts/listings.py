"""What a broker's catalogue says, made up."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from backstay.broker.doors.wire import EdgeError, RequestRefusedError
from backstay.broker.translation.contracts import DayBar, Listing, OptionChain
from backstay.domain.edge.contracts import InstrumentQuery
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.prices import PriceBand

HOURS = "20261123:0400-20261123:2000;20261124:0400-20261124:2000"
LIQUID = "20261123:0930-20261123:1600;20261124:0930-20261124:1600"
CALL = OptionTerms(date(2026, 12, 18), Decimal(185), Right.CALL)

STOCK = Listing(
    con_id=1,
    type="STK",
    symbol="ABC",
    local_symbol="ABC",
    currency="USD",
    exchange="SMART",
    valid_exchanges=("SMART", "NYSE"),
    market_rules=(("SMART", 26), ("NYSE", 27)),
    min_tick=Decimal("0.0001"),
    multiplier=Decimal(1),
    trading_hours=HOURS,
    liquid_hours=LIQUID,
    time_zone_id="US/Eastern",
    under_con_id=None,
    option=None,
    primary_exchange="NYSE",
    trading_class="ABC",
)
OPTION = replace(
    STOCK,
    con_id=2,
    type="OPT",
    local_symbol="ABC   261218C00185000",
    multiplier=Decimal(100),
    market_rules=(("SMART", 32),),
    under_con_id=1,
    option=CALL,
    primary_exchange="",
)

QUERY = InstrumentQuery("ABC")
OPTION_QUERY = replace(QUERY, option=CALL)


@dataclass
class Shelf:
    """Asks that are answered from lists, in a moment, unless an error is put in the way."""

    listings: Sequence[Listing] = (STOCK, OPTION)
    chains: Sequence[OptionChain] = ()
    rules: dict[int, tuple[PriceBand, ...]] = field(default_factory=dict)
    days: Sequence[DayBar] = ()
    errors: list[EdgeError] = field(default_factory=list)
    asked: list[object] = field(default_factory=list)

    def _note(self, asked: object) -> None:
        self.asked.append(asked)
        if self.errors:
            raise self.errors.pop(0)

    async def contract_details(self, query: InstrumentQuery) -> tuple[Listing, ...]:
        self._note(query)
        found = tuple(
            each
            for each in self.listings
            if (each.symbol, each.option) == (query.symbol, query.option)
        )
        if not found:
            raise RequestRefusedError(200, "No security definition has been found")
        return found

    async def option_parameters(self, under_con_id: int, symbol: str) -> tuple[OptionChain, ...]:
        self._note((under_con_id, symbol))
        return tuple(self.chains)

    async def market_rule(self, rule_id: int) -> tuple[PriceBand, ...]:
        self._note(rule_id)
        return self.rules.get(rule_id, (PriceBand(Decimal(0), Decimal("0.01")),))

    async def bars(self, instrument: Instrument, days: int) -> tuple[DayBar, ...]:
        self._note((instrument.con_id, days))
        return tuple(self.days)
