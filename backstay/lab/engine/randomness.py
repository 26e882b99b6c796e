"""The number from which a workflow's own dice follow: a hash of its first run's id.

The library's core computes it, and it decides what a workflow throws when it is replayed; so it is
the very same hash, SipHash with one round for a word and three at the end, and no key.
"""

from collections.abc import Iterator
from functools import lru_cache

_WORD = (1 << 64) - 1
_SEEDS = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_END_OF_TEXT = b"\xff"
_FINAL_ROUNDS = 3
_FINAL_MARK = 0xFF

_State = tuple[int, int, int, int]


@lru_cache(maxsize=4096)
def seed_of(run_id: str) -> int:
    """What a run of this id begins with."""
    state: _State = _SEEDS
    for word in _words(run_id.encode() + _END_OF_TEXT):
        a, b, c, d = state
        a, b, c, d = _round((a, b, c, d ^ word))
        state = a ^ word, b, c, d
    a, b, c, d = state
    state = a, b, c ^ _FINAL_MARK, d
    for _ in range(_FINAL_ROUNDS):
        state = _round(state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _words(text: bytes) -> Iterator[int]:
    whole = len(text) // 8 * 8
    for place in range(0, whole, 8):
        yield int.from_bytes(text[place : place + 8], "little")
    yield int.from_bytes(text[whole:], "little") | (len(text) & 0xFF) << 56


def _round(state: _State) -> _State:
    a, b, c, d = state
    a = (a + b) & _WORD
    b = _turned(b, 13) ^ a
    a = _turned(a, 32)
    c = (c + d) & _WORD
    d = _turned(d, 16) ^ c
    a = (a + d) & _WORD
    d = _turned(d, 21) ^ a
    c = (c + b) & _WORD
    b = _turned(b, 17) ^ c
    c = _turned(c, 32)
    return a, b, c, d


def _turned(word: int, by: int) -> int:
    return (word << by | word >> (64 - by)) & _WORD
