"""The options of the catalogue: which are listed, and each as an instrument.

What is listed depends on the broker's day and on nothing else. An option that has expired, or that
isn't listed yet, is still known by its con_id. Whoever asks for many is given whole rows, each the
options of one expiry at one exchange, which are made once and kept until they expire.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from typing import NamedTuple

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
    """What an option must be; None is left open. `expiry` may be a whole month, `202612`.

    `exchange` is where it is to be traded, or nothing: where it is by itself.
    """

    expiry: str = ""
    strike: Decimal | None = None
    right: str | None = None
    trading_class: str = ""
    exchange: str = ""


class Series(NamedTuple):
    """The options of an underlying that expire together, at one exchange."""

    expiry: str
    trading_class: str
    exchange: str


def wanted_option(contract: Contract) -> Wanted | None:
    """What a client's description asks for; None if it can't be meant of any option."""
    right = _RIGHTS.get(contract.right.upper())
    if right is None and contract.right not in {"", "0", "?"}:
        return None
    if contract.multiplier not in {"", MULTIPLIER}:
        return None
    return Wanted(
        contract.expiry,
        contract.strike or None,
        right,
        contract.trading_class.upper(),
        contract.exchange.upper(),
    )


class Options:
    """All options of the underlyings that have any."""

    def __init__(self, catalogue: Sequence[Listing]) -> None:
        self._under = {listing.number: listing for listing in catalogue}
        if len(self._under) < len(catalogue):
            raise ValueError("two entries of the catalogue have one number")
        self._makers = {each.number: _Maker(each) for each in catalogue}
        self._rows: dict[tuple[int, Series], tuple[Instrument, ...]] = {}
        self._today = date.min
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
        if wanted.exchange not in {"", *_EXCHANGES}:
            return
        if wanted.strike is not None and wanted.strike not in _strikes(listing):
            return
        series = sorted(
            Series(day, trading_class, wanted.exchange or exchange_of(listing))
            for trading_class, written in _classes(listing, today)
            for day in written
            if day.startswith(wanted.expiry) and wanted.trading_class in {"", trading_class}
        )
        self._forget_before(today)
        for each in series:
            if wanted.strike is None:
                row = self._whole_row(listing, each)
            else:
                strike = int(wanted.strike / listing.strike_step) * listing.strike_step
                row = self._makers[listing.number].row(each, (strike,))
            for option in row:
                if wanted.right in {None, option.contract.right}:
                    yield option

    def _whole_row(self, listing: Listing, series: Series) -> tuple[Instrument, ...]:
        key = listing.number, series
        row = self._rows.get(key)
        if row is None:
            row = self._makers[listing.number].row(series, strikes(listing))
            self._rows[key] = row
        return row

    def _forget_before(self, today: date) -> None:
        if today != self._today:
            self._today = today
            first = f"{today:%Y%m%d}"
            self._rows = {key: row for key, row in self._rows.items() if key[1].expiry >= first}

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
        series = Series(f"{number.expiry:%Y%m%d}", trading_class, exchange_of(listing))
        call, put = self._makers[number.under].row(series, (strike,))
        return put if number.is_put else call


def exchange_of(listing: Listing) -> str:
    """Where options are traded if nothing else is said."""
    return "CBOE" if listing.is_index else "SMART"


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


class _Maker:
    """Makes the options of one underlying: what they have in common is put together once."""

    def __init__(self, listing: Listing) -> None:
        rule = INDEX_OPTION_RULE if listing.is_index else PENNY_OPTION_RULE
        under = instrument_of(listing)
        self._listing = listing
        self._contract: Callable[..., Contract] = partial(
            Contract,
            symbol=listing.symbol,
            sec_type="OPT",
            multiplier=MULTIPLIER,
            currency="USD",
        )
        self._instrument: Callable[..., Instrument] = partial(
            Instrument,
            calendar=INDEX if listing.is_index else OPTIONS,
            long_name=under.long_name,
            order_types=ORDER_TYPES,
            valid_exchanges=",".join(_EXCHANGES),
            market_rule_id=rule,
            steps=RULES[rule],
            under_con_id=listing.con_id,
            under_symbol=listing.symbol,
            under_sec_type=listing.sec_type,
            industry=under.industry,
            category=under.category,
            subcategory=under.subcategory,
        )

    def row(self, series: Series, listed: Sequence[Decimal]) -> tuple[Instrument, ...]:
        """The call and the put at each of these strikes."""
        contract = partial(
            self._contract,
            expiry=series.expiry,
            exchange=series.exchange,
            trading_class=series.trading_class,
        )
        instrument = partial(
            self._instrument,
            market_name=series.trading_class,
            contract_month=series.expiry[:6],
        )
        expiry, step = date.fromisoformat(series.expiry), self._listing.strike_step
        return tuple(
            instrument(
                contract=contract(
                    con_id=OptionNumber(
                        self._listing.number, expiry, int(strike / step), right == "P"
                    ).con_id,
                    strike=strike,
                    right=right,
                    local_symbol=local_symbol(series.trading_class, series.expiry, right, strike),
                )
            )
            for strike in listed
            for right in ("C", "P")
        )
