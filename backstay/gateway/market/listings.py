"""Finding what a client means: the catalogue, asked with as little as IB is content with."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from backstay.gateway.market.catalogue import Listing, instrument_of
from backstay.gateway.market.words import Instrument
from backstay.gateway.values.contract import Contract

_ALIASES = {"ISLAND": "NASDAQ"}
"""Exchanges by the names that IB used before."""


class Listings:
    """What is listed."""

    def __init__(self, catalogue: Sequence[Listing]) -> None:
        self._listings = {listing.con_id: listing for listing in catalogue}
        self._instruments = {listing.con_id: instrument_of(listing) for listing in catalogue}

    def listing(self, con_id: int) -> Listing | None:
        """The entry of the catalogue; options have none of their own."""
        return self._listings.get(con_id)

    def instrument(self, con_id: int) -> Instrument | None:
        """What `con_id` names."""
        return self._instruments.get(con_id)

    def named(self, name: str) -> Instrument | None:
        """By symbol, by local symbol without its blanks, or by con_id."""
        if name.isdecimal():
            return self.instrument(int(name))
        return next(
            (each for each in self._instruments.values() if each.contract.symbol == name.upper()),
            None,
        )

    def find(self, wanted: Contract) -> tuple[Instrument, ...]:
        """Everything that `wanted` may mean; nothing if it contradicts itself."""
        if wanted.con_id:
            found = self.instrument(wanted.con_id)
            candidates = iter((found,) if found else ())
        else:
            candidates = self._candidates(wanted)
        return tuple(
            routed
            for candidate in candidates
            if (routed := _routed(candidate, wanted.exchange)) is not None
        )

    def _candidates(self, wanted: Contract) -> Iterator[Instrument]:
        for instrument in self._instruments.values():
            if _is_meant(instrument, wanted):
                yield instrument


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
