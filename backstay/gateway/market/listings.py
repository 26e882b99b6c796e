"""Finding what a client means: the catalogue, asked with as little as IB is content with."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from backstay.gateway.market.catalogue import Listing, instrument_of
from backstay.gateway.market.option_numbers import from_local_symbol
from backstay.gateway.market.options import Options, is_listed, wanted_option
from backstay.gateway.market.words import Chain, Instrument
from backstay.gateway.values.contract import Contract

_ALIASES = {"ISLAND": "NASDAQ"}
"""Exchanges by the names that IB used before."""


class Listings:
    """What is listed on the broker's day."""

    def __init__(self, catalogue: Sequence[Listing], today: Callable[[], date]) -> None:
        self._today = today
        self._listings = {listing.con_id: listing for listing in catalogue}
        self._instruments = {listing.con_id: instrument_of(listing) for listing in catalogue}
        self._options = Options(catalogue)

    def listing(self, con_id: int) -> Listing:
        """The entry of the catalogue: its own or, of an option, its underlying's."""
        listing = self._listings.get(con_id) or self._options.under(con_id)
        if listing is None:
            raise KeyError(f"no instrument has the con_id {con_id}")
        return listing

    def instrument(self, con_id: int) -> Instrument | None:
        """What `con_id` names, also if it has expired."""
        return self._instruments.get(con_id) or self._options.instrument(con_id)

    def named(self, name: str) -> Instrument | None:
        """By symbol, by local symbol without its blanks, or by con_id."""
        if name.isdecimal():
            return self.instrument(int(name))
        wanted = Contract(local_symbol=name, sec_type="OPT")
        symbols = (each for each in self._instruments.values() if _is(each, name.upper()))
        return next(symbols, None) or next(self._candidates(wanted), None)

    def chains(self, under_con_id: int, symbol: str) -> tuple[Chain, ...]:
        """The options of an underlying; nothing if number and symbol disagree."""
        listing = self._listings.get(under_con_id)
        if listing is None or symbol.upper() not in {"", listing.symbol}:
            return ()
        return self._options.chains(listing, self._today())

    def find(self, wanted: Contract) -> tuple[Instrument, ...]:
        """Everything that `wanted` may mean; nothing if it contradicts itself."""
        if wanted.con_id:
            found = self.instrument(wanted.con_id)
            candidates = iter((found,) if found and self._is_alive(found) else ())
        else:
            candidates = self._candidates(wanted)
        return tuple(
            routed
            for candidate in candidates
            if (routed := _routed(candidate, wanted.exchange)) is not None
        )

    def _is_alive(self, instrument: Instrument) -> bool:
        return not instrument.is_option or is_listed(instrument, self._today())

    def _candidates(self, wanted: Contract) -> Iterator[Instrument]:
        if wanted.sec_type.upper() == "OPT":
            yield from self._wanted_options(wanted)
            return
        for instrument in self._instruments.values():
            if _is_meant(instrument, wanted):
                yield instrument

    def _wanted_options(self, wanted: Contract) -> Iterator[Instrument]:
        if wanted.local_symbol:
            spelled = _spelled_out(wanted)
            if spelled is None:
                return
            wanted = spelled
        asked = wanted_option(wanted)
        if asked is None or wanted.currency.upper() not in {"", "USD"}:
            return
        for listing in self._listings.values():
            if wanted.symbol.upper() in _names(listing):
                yield from self._options.find(listing, self._today(), asked)


def _spelled_out(wanted: Contract) -> Contract | None:
    """What a local symbol says, in the other fields; None if it contradicts one of them."""
    found = from_local_symbol(wanted.local_symbol.upper())
    if found is None:
        return None
    trading_class, expiry, right, strike = found
    told = replace(
        wanted,
        symbol=wanted.symbol or trading_class,
        expiry=wanted.expiry or f"{expiry:%Y%m%d}",
        right=wanted.right or right,
        strike=wanted.strike or strike,
        trading_class=trading_class,
    )
    agrees = (
        f"{expiry:%Y%m%d}".startswith(told.expiry)
        and told.right[:1].upper() == right
        and told.strike == strike
        and wanted.trading_class.upper() in {"", trading_class}
    )
    return told if agrees else None


def _names(listing: Listing) -> tuple[str, ...]:
    """Its symbol and, for a figure, its other class of options: a local symbol has only that."""
    if listing.is_index:
        return listing.symbol, f"{listing.symbol}W"
    return (listing.symbol,)


def _is(instrument: Instrument, symbol: str) -> bool:
    return instrument.contract.symbol == symbol


def _is_meant(instrument: Instrument, wanted: Contract) -> bool:
    contract = instrument.contract
    symbol, local_symbol = wanted.symbol.upper(), wanted.local_symbol.upper()
    return (
        bool(symbol or local_symbol)
        and contract.sec_type == wanted.sec_type.upper()
        and symbol in {"", contract.symbol}
        and local_symbol in {"", contract.local_symbol}
        and wanted.currency.upper() in {"", contract.currency}
        and wanted.trading_class.upper() in {"", contract.trading_class}
        and _exchange(wanted.primary_exchange) in {"", contract.primary_exchange}
    )


def _routed(instrument: Instrument, exchange: str) -> Instrument | None:
    """The instrument at the exchange that is asked for; None if it isn't traded there."""
    exchange = _exchange(exchange)
    if exchange in {"", instrument.contract.exchange}:
        return instrument
    if exchange not in instrument.valid_exchanges.split(","):
        return None
    return replace(instrument, contract=replace(instrument.contract, exchange=exchange))


def _exchange(name: str) -> str:
    name = name.upper()
    return _ALIASES.get(name, name)
