"""The options of the catalogue: which are listed, and each as an instrument.

What is listed depends on the broker's day and on nothing else. An option that has expired, or that
isn't listed yet, is still known by its con_id.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from backstay.gateway.market import expiries
from backstay.gateway.market.catalogue import ORDER_TYPES, Listing, instrument_of
from backstay.gateway.market.grid import INDEX_OPTION_RULE, PENNY_OPTION_RULE, RULES
from backstay.gateway.market.hours import INDEX, OPTIONS
from backstay.gateway.market.option_numbers import OptionNumber, local_symbol, option_number
from backstay.gateway.market.words import Chain, Instrument
from backstay.gateway.values.contract import Contract

MULTIPLIER = "100"
_EXCHANGES = ("SMART", "CBOE")
_RIGHTS = {"C": "C", "CALL": "C", "P": "P", "PUT": "P"}
_STOCK_SPAN, _INDEX_SPAN = (Decimal("0.4"), Decimal("1.8")), (Decimal("0.5"), Decimal("1.5"))
_CLOSE = Decimal("0.1")
_COARSER = 5
"""Far from the reference price, the index has only each fifth strike."""
_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an option must be; None is left open. `expiry` may be a whole month, `202612`."""

    expiry: str = ""
    strike: Decimal | None = None
    right: str | None = None
    trading_class: str = ""


def wanted_option(contract: Contract) -> Wanted | None:
    """What a client's description asks for; None if it can't be meant of any option."""
    right = _RIGHTS.get(contract.right.upper())
    if right is None and contract.right not in {"", "0", "?"}:
        return None
    if contract.multiplier not in {"", MULTIPLIER}:
        return None
    return Wanted(contract.expiry, contract.strike or None, right, contract.trading_class.upper())


class Options:
    """All options of the underlyings that have any."""

    def __init__(self, catalogue: Sequence[Listing]) -> None:
        self._under = {listing.number: listing for listing in catalogue}
        if len(self._under) < len(catalogue):
            raise ValueError("two entries of the catalogue have one number")
        self._models = {each.number: _model(each) for each in catalogue}
        self.instrument = lru_cache(_KEPT)(self._instrument)

    def under(self, con_id: int) -> Listing | None:
        """The underlying of an option's con_id."""
        number = option_number(con_id)
        return self._under.get(number.under) if number else None

    def chains(self, listing: Listing, today: date) -> tuple[Chain, ...]:
        """What is listed on a day, by exchange and trading class."""
        return tuple(
            Chain(exchange, trading_class, MULTIPLIER, days, strikes(listing))
            for exchange in _EXCHANGES
            for trading_class, days in _classes(listing, today)
        )

    def find(self, listing: Listing, today: date, wanted: Wanted) -> Iterator[Instrument]:
        """The listed ones that are wanted, by expiry, strike and right."""
        listed = strikes(listing)
        if wanted.strike is not None:
            listed = (wanted.strike,) if wanted.strike in _strikes(listing) else ()
        rights = (wanted.right,) if wanted.right else ("C", "P")
        days = sorted(
            day
            for trading_class, written in _classes(listing, today)
            for day in written
            if day.startswith(wanted.expiry) and wanted.trading_class in {"", trading_class}
        )
        for day in days:
            for strike in listed:
                for right in rights:
                    units = int(strike / listing.strike_step)
                    expiry = date.fromisoformat(day)
                    number = OptionNumber(listing.number, expiry, units, right == "P")
                    found = self.instrument(number.con_id)
                    if found is not None:
                        yield found

    def _instrument(self, con_id: int) -> Instrument | None:
        """The option that a con_id says, whenever it is or was listed."""
        number = option_number(con_id)
        listing = self._under.get(number.under) if number else None
        if number is None or listing is None:
            return None
        strike = number.units * listing.strike_step
        trading_class = _class_of(listing, number.expiry)
        if trading_class is None or strike not in _strikes(listing):
            return None
        return _option(self._models[number.under], number, strike, trading_class)


def is_listed(option: Instrument, today: date) -> bool:
    """Whether an option hasn't expired before `today`."""
    return option.contract.expiry >= f"{today:%Y%m%d}"


@lru_cache(maxsize=64)
def _strikes(listing: Listing) -> frozenset[Decimal]:
    return frozenset(strikes(listing))


@lru_cache(maxsize=64)
def strikes(listing: Listing) -> tuple[Decimal, ...]:
    """In steps around the reference price; those of the index get coarser away from it."""
    step, reference = listing.strike_step, listing.reference
    lowest, highest = _INDEX_SPAN if listing.is_index else _STOCK_SPAN
    first, last = int(reference * lowest / step), int(reference * highest / step)
    return tuple(
        units * step
        for units in range(first, last + 1)
        if not listing.is_index
        or units % _COARSER == 0
        or abs(units * step - reference) <= reference * _CLOSE
    )


def _classes(listing: Listing, today: date) -> tuple[tuple[str, tuple[str, ...]], ...]:
    closing = _written(expiries.closing_expiries(today))
    if not listing.is_index:
        return ((listing.symbol, closing),)
    opening = _written(expiries.opening_expiries(today))
    return ((listing.symbol, opening), (f"{listing.symbol}W", closing))


@lru_cache(maxsize=4096)
def _class_of(listing: Listing, expiry: date) -> str | None:
    if expiries.is_closing_expiry(expiry):
        return f"{listing.symbol}W" if listing.is_index else listing.symbol
    if listing.is_index and expiries.is_opening_expiry(expiry):
        return listing.symbol
    return None


def _written(days: tuple[date, ...]) -> tuple[str, ...]:
    return tuple(f"{day:%Y%m%d}" for day in days)


def _model(listing: Listing) -> Instrument:
    """What all options of one underlying have in common."""
    rule = INDEX_OPTION_RULE if listing.is_index else PENNY_OPTION_RULE
    return replace(
        instrument_of(listing),
        calendar=INDEX if listing.is_index else OPTIONS,
        order_types=ORDER_TYPES,
        valid_exchanges=",".join(_EXCHANGES),
        market_rule_id=rule,
        steps=RULES[rule],
        under_con_id=listing.con_id,
        under_symbol=listing.symbol,
        under_sec_type=listing.sec_type,
        stock_type="",
        is_tradable=True,
    )


def _option(
    model: Instrument, number: OptionNumber, strike: Decimal, trading_class: str
) -> Instrument:
    right = "P" if number.is_put else "C"
    contract = Contract(
        con_id=number.con_id,
        symbol=model.under_symbol,
        sec_type="OPT",
        expiry=f"{number.expiry:%Y%m%d}",
        strike=strike,
        right=right,
        multiplier=MULTIPLIER,
        exchange="CBOE" if model.under_sec_type == "IND" else "SMART",
        currency="USD",
        local_symbol=local_symbol(trading_class, number.expiry, right, strike),
        trading_class=trading_class,
    )
    return replace(
        model,
        contract=contract,
        market_name=trading_class,
        contract_month=contract.expiry[:6],
    )
