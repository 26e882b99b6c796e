"""One key per intent.

Owns the identity of everything we mean to have at the broker: the same text is the `orderRef` on
the wire, the idempotency key of a retry, the label in a log and the name in the UI. Keys are pure
functions of the account, the plan and the step, so a replay after a crash derives the same ones.

A reference that does not parse, to the letter, is *foreign*: placed by hand or by another program.
It is never touched.
"""

import re
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from hashlib import sha256

ORDER_REF_CHARACTERS_MAX = 40
LEG_MAX = 99
GENERATION_MAX = 9999

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TRADE_CHARACTERS = 8
_TRADE = re.compile(f"[{_CROCKFORD}]{{{_TRADE_CHARACTERS}}}")
_VERSION = "bs1"
_ORDER_REF = re.compile(
    rf"{_VERSION}:(?P<trade>[{_CROCKFORD}]{{{_TRADE_CHARACTERS}}})"
    r":(?P<leg>0|[1-9][0-9]?):(?P<purpose>[A-Z]{2}):(?P<generation>[1-9][0-9]{0,3})"
)


class Lane(IntEnum):
    """The order in which messages leave: a lower value never waits for a higher one."""

    CANCEL = 0
    EXIT = 1
    PROTECT = 2
    HEDGE = 3
    ENTRY = 4
    DATA = 5


class Effect(StrEnum):
    """What an order means to do to the risk of the account."""

    OPENS = "opens"
    COVERS = "covers"
    REDUCES = "reduces"


class Purpose(StrEnum):
    """Why an order exists; the two letters stand in its reference."""

    ENTRY = "EN"
    PROTECT = "PR"
    EXIT_STOP = "XS"
    EXIT_TARGET = "XT"
    EXIT_MANUAL = "XM"
    HEDGE = "HG"
    UNDO = "UN"

    @property
    def lane(self) -> Lane:
        """The lane in which an order of this purpose is sent."""
        return _LANES[self]

    @property
    def effect(self) -> Effect:
        """Whether an order of this purpose opens, covers or reduces a risk."""
        return _EFFECTS[self]

    @property
    def is_exit(self) -> bool:
        """Whether an order of this purpose is a running exit (protection only rests)."""
        return self.lane is Lane.EXIT


_PURPOSES = {purpose.value: purpose for purpose in Purpose}

_LANES = {
    Purpose.ENTRY: Lane.ENTRY,
    Purpose.PROTECT: Lane.PROTECT,
    Purpose.EXIT_STOP: Lane.EXIT,
    Purpose.EXIT_TARGET: Lane.EXIT,
    Purpose.EXIT_MANUAL: Lane.EXIT,
    Purpose.HEDGE: Lane.HEDGE,
    Purpose.UNDO: Lane.HEDGE,
}

_EFFECTS = {
    Purpose.ENTRY: Effect.OPENS,
    Purpose.PROTECT: Effect.REDUCES,
    Purpose.EXIT_STOP: Effect.REDUCES,
    Purpose.EXIT_TARGET: Effect.REDUCES,
    Purpose.EXIT_MANUAL: Effect.REDUCES,
    Purpose.HEDGE: Effect.COVERS,
    Purpose.UNDO: Effect.REDUCES,
}


def trade_id(account: str, plan_id: str) -> str:
    """The eight Crockford characters that name the trade of `plan_id` in `account`.

    40 bits of a digest: two plans can meet, so admission checks for a collision.
    """
    digest = sha256(f"{account}\n{plan_id}".encode()).digest()
    bits = int.from_bytes(digest[:5])
    shifts = range(5 * (_TRADE_CHARACTERS - 1), -1, -5)
    return "".join(_CROCKFORD[(bits >> shift) & 31] for shift in shifts)


def is_trade_id(text: str) -> bool:
    """Whether `text` can name a trade in keys."""
    return _TRADE.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class IntentKey:
    """Trade, leg, purpose, generation: the name of one order we mean to have.

    A new generation exists only after the old one is proven terminal.
    """

    trade: str
    leg: int
    purpose: Purpose
    generation: int

    def __post_init__(self) -> None:
        if not is_trade_id(self.trade):
            raise ValueError(f"{self.trade!r} is not a trade id of 8 Crockford characters")
        if not 0 <= self.leg <= LEG_MAX:
            raise ValueError(f"the leg is {self.leg}; it is from 0 to {LEG_MAX}")
        if not 1 <= self.generation <= GENERATION_MAX:
            raise ValueError(
                f"the generation is {self.generation}; it is from 1 to {GENERATION_MAX}"
            )

    @property
    def order_ref(self) -> str:
        """The reference that the order carries at the broker."""
        return f"{_VERSION}:{self.trade}:{self.leg}:{self.purpose}:{self.generation}"

    def next_generation(self) -> "IntentKey":
        """The key of the order that takes this one's place, once this one is proven terminal."""
        return replace(self, generation=self.generation + 1)

    def __str__(self) -> str:
        return self.order_ref


def parse_order_ref(order_ref: str) -> IntentKey | None:
    """The key that `order_ref` stands for, or None for a foreign order."""
    match = _ORDER_REF.fullmatch(order_ref)
    purpose = _PURPOSES.get(match["purpose"]) if match else None
    if match is None or purpose is None:
        return None
    return IntentKey(match["trade"], int(match["leg"]), purpose, int(match["generation"]))
