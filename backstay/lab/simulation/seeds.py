"""One seed, and for each concern a die of its own: a new question asked of one die moves no other.

The seam to randomness of everything that is simulated.
"""

from hashlib import blake2b
from random import Random


def die(seed: int, concern: str) -> Random:
    """The die of one concern; the same in every process."""
    digest = blake2b(f"{seed}:{concern}".encode(), digest_size=16).digest()
    return Random(int.from_bytes(digest, "big"))  # noqa: S311 - nothing here is a secret
