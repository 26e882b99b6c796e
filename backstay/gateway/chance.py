"""Every die of the gateway, thrown from one seed.

Each concern has its own sequence, so that asking one more question about one thing changes no
answer about another. Strings are seeded through their digest: the same in every process.
"""

from random import Random

Dice = Random
"""One sequence of throws; rooms that are given one name its type by this."""


class Chance:
    """Where randomness comes from."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, *concern: str | int) -> Dice:
        """A fresh sequence for `concern`; the same words begin the same sequence."""
        return Dice("/".join(str(part) for part in (self.seed, *concern)))
