"""Why an option does not exist, and the nearest that do.

A chain as the broker tells it is a list of expiries and a list of strikes; not every strike exists
for every expiry. So a strike is called near only after the broker has shown that it is there.
"""

from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from backstay.broker.contracts.choosing import named
from backstay.broker.translation.contracts import OptionChain as TradedChain
from backstay.domain.edge.contracts import InstrumentQuery, Unresolvable
from backstay.domain.figures import plain
from backstay.domain.instruments import OptionTerms
from backstay.domain.plan.chain import ListedExpiry, OptionChain, missing
from backstay.domain.plan.complaints import either

PROBES_MAX = 4
"""How many strikes on each side are tried."""

Exists = Callable[[InstrumentQuery], Awaitable[bool]]


async def why_unlisted(
    query: InstrumentQuery, terms: OptionTerms, chains: Sequence[TradedChain], exists: Exists
) -> Unresolvable:
    """What of the terms is not listed."""
    meant = _meant(query, chains)
    if not meant:
        return _without_chain(query, chains)
    strikes = _strikes_by_expiry(meant)
    chain = _chain(query.symbol, strikes)
    found = missing(terms.expiry, terms.strike, chain)
    if found is None or found.term == "strike":
        real = await _real_strikes(query, terms, strikes[terms.expiry], exists)
        if not real:
            return _no_strike(query, terms)
        found = missing(
            terms.expiry, terms.strike, _chain(query.symbol, strikes | {terms.expiry: real})
        )
    if found is None:
        return _no_strike(query, terms)
    return Unresolvable(f"option.{found.term}", found.value, found.near, found.text)


def _meant(query: InstrumentQuery, chains: Sequence[TradedChain]) -> list[TradedChain]:
    """The chains of the class that is wanted, on the exchange that is wanted if it has any."""
    of_class = [each for each in chains if query.trading_class in {None, each.trading_class}]
    of_class = [each for each in of_class if each.expiries and each.strikes]
    return [each for each in of_class if each.exchange == query.exchange] or of_class


def _without_chain(query: InstrumentQuery, chains: Sequence[TradedChain]) -> Unresolvable:
    near = tuple(sorted({each.trading_class for each in chains}))
    if query.trading_class is None or not near:
        text = f"there are no options of {query.symbol}"
        return Unresolvable("symbol", query.symbol, (), text)
    text = (
        f"{query.trading_class} is no class of options of {query.symbol}; there is {either(near)}"
    )
    return Unresolvable("trading_class", query.trading_class, near, text)


def _no_strike(query: InstrumentQuery, terms: OptionTerms) -> Unresolvable:
    """The chain lists what the contract details refuse, or nothing near it is there."""
    text = f"{named(query)} is not listed, and nothing near it was found"
    return Unresolvable("option.strike", plain(terms.strike), (), text)


def _strikes_by_expiry(chains: Iterable[TradedChain]) -> dict[date, tuple[Decimal, ...]]:
    strikes: dict[date, set[Decimal]] = {}
    for chain in chains:
        for expiry in chain.expiries:
            strikes.setdefault(expiry, set()).update(chain.strikes)
    return {expiry: tuple(sorted(strikes[expiry])) for expiry in sorted(strikes)}


def _chain(symbol: str, strikes: dict[date, tuple[Decimal, ...]]) -> OptionChain:
    listed = (ListedExpiry(expiry, strikes[expiry]) for expiry in sorted(strikes))
    return OptionChain(symbol, tuple(listed))


async def _real_strikes(
    query: InstrumentQuery, terms: OptionTerms, strikes: Sequence[Decimal], exists: Exists
) -> tuple[Decimal, ...]:
    """The nearest below and above that the broker shows for this very expiry."""
    at = bisect_left(strikes, terms.strike)
    below = strikes[max(at - PROBES_MAX, 0) : at][::-1]
    above = [strike for strike in strikes[at:] if strike != terms.strike][:PROBES_MAX]
    real = []
    for side in (below, above):
        for strike in side:
            if await exists(replace(query, option=replace(terms, strike=strike))):
                real.append(strike)
                break
    return tuple(real)
