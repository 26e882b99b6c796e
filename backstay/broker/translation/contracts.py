"""Instruments as contracts, and what the broker's catalogue says, as values.

A contract is named by its id; the rest is said along, so that a mix-up is refused by the broker
instead of traded.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ib_async.contract import Contract, ContractDetails
from ib_async.objects import BarData, PriceIncrement

from backstay.broker.translation.figures import number, on_the_wire, stated, text_on_the_wire
from backstay.broker.translation.times import broker_day
from backstay.domain.instruments import Instrument, InstrumentType, OptionTerms, Right
from backstay.domain.prices import PriceBand

_RIGHTS = {"C": Right.CALL, "CALL": Right.CALL, "P": Right.PUT, "PUT": Right.PUT}
_DERIVATIVES = frozenset({"OPT", "FUT", "FOP", "WAR"})


@dataclass(frozen=True, slots=True)
class Listing:
    """contractDetails: one contract of the catalogue, its hours and zone in IB's own words.

    `market_rules` are the price rules by exchange; options have an underlying, stocks none.
    """

    con_id: int
    type: str
    symbol: str
    local_symbol: str
    currency: str
    exchange: str
    valid_exchanges: tuple[str, ...]
    market_rules: tuple[tuple[str, int], ...]
    min_tick: Decimal
    multiplier: Decimal
    trading_hours: str
    liquid_hours: str
    time_zone_id: str
    under_con_id: int | None
    option: OptionTerms | None
    primary_exchange: str
    trading_class: str

    def market_rule(self, exchange: str) -> int | None:
        """The number of the price rule on an exchange."""
        return dict(self.market_rules).get(exchange)


@dataclass(frozen=True, slots=True)
class OptionChain:
    """securityDefinitionOptionParameter: what is listed of one class on one exchange."""

    exchange: str
    under_con_id: int
    trading_class: str
    multiplier: Decimal
    expiries: tuple[date, ...]
    strikes: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class DayBar:
    """historicalData: one day of prices."""

    day: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


def contract_of(instrument: Instrument) -> Contract:
    """The contract of an instrument, in ib_async's words."""
    contract = Contract(
        conId=instrument.con_id,
        secType=instrument.type.value,
        symbol=text_on_the_wire("a symbol", instrument.symbol),
        exchange=text_on_the_wire("an exchange", instrument.exchange),
        currency=text_on_the_wire("a currency", instrument.currency),
    )
    if terms := instrument.option:
        contract.lastTradeDateOrContractMonth = terms.expiry.strftime("%Y%m%d")
        contract.strike = on_the_wire(terms.strike)
        contract.right = terms.right.value
    return contract


def listing_of(details: ContractDetails) -> Listing:
    """What the catalogue says of one contract."""
    contract = details.contract
    if contract is None or contract.conId <= 0:
        raise ValueError("contract details without a contract id")
    return Listing(
        con_id=contract.conId,
        type=contract.secType,
        symbol=contract.symbol,
        local_symbol=contract.localSymbol,
        currency=contract.currency,
        exchange=contract.exchange,
        valid_exchanges=_names(details.validExchanges),
        market_rules=_market_rules(details),
        min_tick=stated("the least increment", details.minTick),
        multiplier=multiplier_of(contract),
        trading_hours=details.tradingHours,
        liquid_hours=details.liquidHours,
        time_zone_id=details.timeZoneId,
        under_con_id=details.underConId or None,
        option=_option_terms(contract),
        primary_exchange=contract.primaryExchange,
        trading_class=contract.tradingClass,
    )


def chain_of(
    exchange: str,
    under_con_id: int | str,
    trading_class: str,
    multiplier: str,
    expirations: list[str],
    strikes: list[float],
) -> OptionChain:
    """What is listed of one class on one exchange."""
    return OptionChain(
        exchange=exchange,
        under_con_id=int(under_con_id),
        trading_class=trading_class,
        multiplier=stated("the multiplier of a chain", multiplier),
        expiries=tuple(sorted(broker_day(day) for day in expirations)),
        strikes=tuple(sorted(stated("a strike", strike) for strike in strikes)),
    )


def bar_of(bar: BarData) -> DayBar:
    """One day of prices."""
    return DayBar(
        day=broker_day(str(bar.date)),
        open=stated("the open of a day", bar.open),
        high=stated("the high of a day", bar.high),
        low=stated("the low of a day", bar.low),
        close=stated("the close of a day", bar.close),
    )


def band_of(increment: PriceIncrement) -> PriceBand:
    """One band of a price rule."""
    return PriceBand(
        stated("the low edge of a price band", increment.lowEdge),
        stated("the increment of a price band", increment.increment),
    )


def multiplier_of(contract: Contract) -> Decimal:
    """The multiplier of a contract; a derivative must tell it, and for the others it is 1."""
    multiplier = number(contract.multiplier)
    if multiplier is None and contract.secType in _DERIVATIVES:
        raise ValueError(f"{contract.secType} {contract.symbol} has no multiplier")
    return Decimal(1) if multiplier is None else multiplier


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _market_rules(details: ContractDetails) -> tuple[tuple[str, int], ...]:
    """The rules stand in the same sequence as the exchanges."""
    rules = [int(rule) for rule in _names(details.marketRuleIds)]
    return tuple(zip(_names(details.validExchanges), rules, strict=True)) if rules else ()


def _option_terms(contract: Contract) -> OptionTerms | None:
    if contract.secType != InstrumentType.OPTION:
        return None
    return OptionTerms(
        expiry=broker_day(contract.lastTradeDateOrContractMonth),
        strike=stated("the strike", contract.strike),
        right=_RIGHTS[contract.right],
    )
