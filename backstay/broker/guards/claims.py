"""Who holds what of a contract's position.

Several tranches may share a contract: other trades, and the parts of one. What a hand closes is
taken off the oldest first, so each has to know what all the others hold, watched or being left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Protocol

from backstay.domain.figures import total
from backstay.domain.ids import IntentKey


class Claimant(Protocol):
    """A tranche that is watched, or being left."""

    @property
    def claim(self) -> Decimal:
        """What of the contract's position is its to watch, or to leave."""

    @property
    def executed(self) -> Decimal:
        """The same by its own executions alone, whatever the position is."""

    @property
    def is_leaving(self) -> bool:
        """Whether its way out has begun."""

    @property
    def age(self) -> tuple[datetime, IntentKey]:
        """When it was written down, and its name."""


@dataclass(frozen=True, slots=True)
class Others:
    """The other tranches of a contract, and the elder ones of them. Each figure is reckoned when it
    is asked for: what a tranche holds may depend on what the others have executed, and that depends
    on nobody.
    """

    all: tuple[Claimant, ...] = ()
    elders: tuple[Claimant, ...] = ()

    @property
    def open_quantity(self) -> Decimal:
        """What they hold of the contract's position."""
        return total(each.claim for each in self.all)

    @property
    def older(self) -> Decimal:
        """What those hold that were written down before."""
        return total(each.claim for each in self.elders)

    @property
    def executed(self) -> Decimal:
        """What they hold by their executions alone."""
        return total(each.executed for each in self.all)

    @property
    def is_any_leaving(self) -> bool:
        """Whether one of them is being left."""
        return any(each.is_leaving and each.claim for each in self.all)

    @property
    def legs(self) -> frozenset[tuple[str, int]]:
        """The trade and the leg of each."""
        keys = (each.age[1] for each in self.all)
        return frozenset((key.trade, key.leg) for key in keys)


class Claims:
    """All tranches, by contract."""

    def __init__(self) -> None:
        self._by_contract: dict[int, list[Claimant]] = {}

    def join(self, con_id: int, claimant: Claimant) -> None:
        """From now on it holds something of the contract."""
        self._by_contract.setdefault(con_id, []).append(claimant)

    def drop(self, con_id: int, claimant: Claimant) -> None:
        """It holds nothing any more."""
        claimants = self._by_contract.get(con_id, [])
        if claimant in claimants:
            claimants.remove(claimant)

    def besides(self, con_id: int, claimant: Claimant) -> Callable[[], Others]:
        """What the others hold, asked whenever it is to be known."""
        return partial(self._others, con_id, claimant)

    def _others(self, con_id: int, claimant: Claimant) -> Others:
        others = [each for each in self._by_contract.get(con_id, ()) if each is not claimant]
        elders = (each for each in others if each.age < claimant.age)
        return Others(tuple(others), tuple(elders))
