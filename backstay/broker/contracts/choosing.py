"""Which of the contracts that fit is meant.

Owns the refusal to guess: where more than one fits, nobody knows which, and the candidates are
named.
"""

from collections.abc import Callable, Sequence

from backstay.broker.translation.contracts import Listing
from backstay.domain.edge.contracts import InstrumentQuery, Unresolvable
from backstay.domain.figures import plain
from backstay.domain.instruments import InstrumentType
from backstay.domain.plan.complaints import either


def choose(query: InstrumentQuery, listings: Sequence[Listing]) -> Listing | Unresolvable | None:
    """The one contract that a query means, or why there isn't one; None: nothing fits at all."""
    fitting = [listing for listing in listings if _fits(query, listing)]
    if not fitting:
        return None
    for field, wanted, of in (
        ("primary_exchange", query.primary_exchange, _primary_exchange),
        ("trading_class", query.trading_class, _trading_class),
    ):
        if wanted is None:
            continue
        near = _distinct(fitting, of)
        fitting = [listing for listing in fitting if of(listing) == wanted]
        if not fitting:
            text = f"{wanted} is not the {field} of {query.symbol}; there is {either(near)}"
            return Unresolvable(field, wanted, near, text)
    return fitting[0] if len(fitting) == 1 else _ambiguous(query, fitting)


def unknown(query: InstrumentQuery) -> Unresolvable:
    """Nothing of that name."""
    what = "stock" if query.option is None else "option"
    where = f"in {query.currency} on {query.exchange}"
    of_id = "" if query.con_id is None else f" with the id {query.con_id}"
    text = f"the broker knows no {what} {named(query)}{of_id} {where}"
    return Unresolvable("symbol", query.symbol, (), text)


def named(query: InstrumentQuery) -> str:
    """A contract in words, such as `AAPL 2026-12-18 185 C`."""
    if query.option is None:
        return query.symbol
    terms = query.option
    return f"{query.symbol} {terms.expiry} {plain(terms.strike)} {terms.right}"


def _fits(query: InstrumentQuery, listing: Listing) -> bool:
    """Brokers answer generously: more than what was asked for is left out."""
    kind = InstrumentType.STOCK if query.option is None else InstrumentType.OPTION
    return (
        listing.type == kind
        and listing.symbol == query.symbol
        and listing.currency == query.currency
        and listing.option == query.option
        and query.con_id in {None, listing.con_id}
    )


def _ambiguous(query: InstrumentQuery, fitting: Sequence[Listing]) -> Unresolvable:
    field, of = (
        ("primary_exchange", _primary_exchange)
        if query.option is None
        else ("trading_class", _trading_class)
    )
    near = _distinct(fitting, of)
    if len(near) < len(fitting):
        # What would tell them apart doesn't.
        near = tuple(f"{of(each)} ({each.local_symbol or each.con_id})" for each in fitting)
    count = len(fitting)
    text = f"{query.symbol} means {count} contracts; give its {field}: {either(near)}"
    return Unresolvable(field, query.symbol, near, text)


def _distinct(listings: Sequence[Listing], of: Callable[[Listing], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(of(listing) for listing in listings))


def _primary_exchange(listing: Listing) -> str:
    return listing.primary_exchange


def _trading_class(listing: Listing) -> str:
    return listing.trading_class
