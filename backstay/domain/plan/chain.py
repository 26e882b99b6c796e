"""An option's terms against what the exchange lists.

Owns the early refusal: an expiry or a strike that does not exist is refused before anything is
armed, with the nearest ones that do.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from backstay.domain.figures import plain
from backstay.domain.plan.complaints import Complaint, Path, both
from backstay.domain.plan.instrument import InstrumentQuery


@dataclass(frozen=True, slots=True)
class ListedExpiry:
    """The strikes that can be traded for one expiry, rising."""

    expiry: date
    strikes: tuple[Decimal, ...]

    def __post_init__(self) -> None:
        if not _rises(self.strikes):
            raise ValueError(f"the strikes of {self.expiry} must be there and rise")


@dataclass(frozen=True, slots=True)
class OptionChain:
    """What is listed for a symbol, the next expiry first."""

    symbol: str
    expiries: tuple[ListedExpiry, ...]

    def __post_init__(self) -> None:
        if not _rises([listed.expiry for listed in self.expiries]):
            raise ValueError(f"the expiries of {self.symbol} must be there and rise")


def unlisted(path: Path, query: InstrumentQuery, chain: OptionChain) -> Complaint | None:
    """What is wrong with the option that stands at `path` of a plan; None where it is listed."""
    if query.expiry is None or query.strike is None:
        return None
    expiries = [listed.expiry for listed in chain.expiries]
    if query.expiry not in expiries:
        near = [day.isoformat() for day in _nearest(expiries, query.expiry)]
        text = f"{query.expiry} is not listed for {chain.symbol}; {_named(near)}"
        return Complaint((*path, "expiry"), text)
    strikes = chain.expiries[expiries.index(query.expiry)].strikes
    if query.strike not in strikes:
        near = [plain(strike) for strike in _nearest(strikes, query.strike)]
        where = f"{chain.symbol} {query.expiry}"
        text = f"{query.strike} is not listed for {where}; {_named(near)}"
        return Complaint((*path, "strike"), text)
    return None


def _nearest(listed: Sequence[Any], wish: object) -> Sequence[Any]:
    """The listed ones around `wish`: one on each side, where there is one."""
    at = bisect_left(listed, wish)
    return listed[max(at - 1, 0) : at + 1]


def _named(near: Sequence[str]) -> str:
    return f"nearest {'are' if len(near) > 1 else 'is'} {both(near)}"


def _rises(listed: Sequence[Any]) -> bool:
    return bool(listed) and all(lower < upper for lower, upper in pairwise(listed))
