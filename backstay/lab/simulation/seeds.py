"""One seed, and for each concern a die of its own: a new question asked of one die moves no other.

The seam to randomness of everything that is simulated.
"""

from hashlib import blake2b
from random import Random

Die = Random
"""What is thrown; nobody else needs to know where it comes from."""


def die(seed: int, concern: str) -> Die:
    """The die of one concern; the same in every process."""
    digest = blake2b(f"{seed}:{concern}".encode(), digest_size=16).digest()
    return Die(int.from_bytes(digest, "big"))


def falls(seed: int, concern: str, probability: float) -> bool:
    """Whether something happens; cheaper than a die, where there is but one throw."""
    digest = blake2b(f"{seed}:{concern}?".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < probability * 2**64
