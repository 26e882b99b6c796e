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


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Which of an option's terms is not listed, and the nearest values that are."""

    term: str
    value: str
    near: tuple[str, ...]
    where: str

    @property
    def text(self) -> str:
        """One line for a person."""
        nearest = f"nearest {'are' if len(self.near) > 1 else 'is'} {both(self.near)}"
        return f"{self.value} is not listed for {self.where}; {nearest}"


def missing(expiry: date, strike: Decimal, chain: OptionChain) -> Unlisted | None:
    """The term that keeps an option from being listed; None where it is listed."""
    expiries = [listed.expiry for listed in chain.expiries]
    if expiry not in expiries:
        near = tuple(day.isoformat() for day in _nearest(expiries, expiry))
        return Unlisted("expiry", expiry.isoformat(), near, chain.symbol)
    strikes = chain.expiries[expiries.index(expiry)].strikes
    if strike not in strikes:
        near = tuple(plain(each) for each in _nearest(strikes, strike))
        return Unlisted("strike", str(strike), near, f"{chain.symbol} {expiry}")
    return None


def unlisted(path: Path, query: InstrumentQuery, chain: OptionChain) -> Complaint | None:
    """What is wrong with the option that stands at `path` of a plan; None where it is listed."""
    if query.expiry is None or query.strike is None:
        return None
    found = missing(query.expiry, query.strike, chain)
    return None if found is None else Complaint((*path, found.term), found.text)


def _nearest(listed: Sequence[Any], wish: object) -> Sequence[Any]:
    """The listed ones around `wish`: one on each side, where there is one."""
    at = bisect_left(listed, wish)
    return listed[max(at - 1, 0) : at + 1]


def _rises(listed: Sequence[Any]) -> bool:
    return bool(listed) and all(lower < upper for lower, upper in pairwise(listed))
