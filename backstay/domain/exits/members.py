"""The orders that a ladder answers for, and what has been heard of each.

A member is *live* until it is over, and *proven* when it is over and its fills have been read after
that, or when it has filled completely. What is heard is taken in by revision, so that a stale or
repeated message changes nothing; a newer one may well say that an order thought dead is alive.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from backstay.domain.exits.events import FillsRead, Refused, Reshaped, Seen
from backstay.domain.exits.rules import (
    ACKNOWLEDGE_WITHIN,
    CANCEL_CONFIRMED_WITHIN,
    FILLS_READ_WITHIN,
    MARKET_FILLED_WITHIN,
    REPRICE_EVERY,
    RESHAPE_CONFIRMED_WITHIN,
)
from backstay.domain.ids import IntentKey
from backstay.domain.orders.intent import Market, OrderIntent
from backstay.domain.orders.outcome import RejectionClass


class Role(StrEnum):
    """What an order does on the ladder."""

    SHIELD = "shield"
    LIMIT = "limit"
    LAST = "last"


class Standing(StrEnum):
    """How far an order is known to have come."""

    SENT = "sent"
    WORKING = "working"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class NewShape:
    """What a modification would make of an order, or may have made of it already."""

    intent: OrderIntent
    role: Role
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """One order of the ladder. `look_at` is when it is looked after if nothing is heard of it,
    and `looked_after` whether that was done already since it was last asked to change.
    `cancel_asked_at` is when its cancel was decided on, as far as that is known.
    """

    intent: OrderIntent
    role: Role
    since: datetime
    look_at: datetime | None
    standing: Standing = Standing.SENT
    filled: Decimal = Decimal(0)
    revision: int = 0
    fills_read: bool = False
    cancel_asked: bool = False
    refused: RejectionClass | None = None
    new_shape: NewShape | None = None
    keeps_shape: bool = False
    looked_after: bool = False
    cancel_asked_at: datetime | None = None

    @property
    def key(self) -> IntentKey:
        """The key of its intent."""
        return self.intent.key

    @property
    def is_live(self) -> bool:
        """Whether it may still fill."""
        return self.standing is not Standing.OVER

    @property
    def quantity_max(self) -> Decimal:
        """The most that it is for: a modification may have been made before it is confirmed."""
        shape = self.new_shape
        return max(self.intent.quantity, shape.intent.quantity) if shape else self.intent.quantity

    @property
    def is_proven(self) -> bool:
        """Whether it is over and no fill of it can be missing."""
        return not self.is_live and (self.fills_read or self.filled >= self.quantity_max)

    @property
    def remaining(self) -> Decimal:
        """The most that it could still fill while it lives."""
        return max(self.quantity_max - self.filled, Decimal(0))

    @property
    def is_market(self) -> bool:
        """Whether it is a market order."""
        return isinstance(self.intent.terms, Market)

    @property
    def is_changing(self) -> bool:
        """Whether a cancel or a modification of it is under way."""
        return self.cancel_asked or self.new_shape is not None


def sent(intent: OrderIntent, role: Role, now: datetime, patience: timedelta) -> Member:
    """A member just handed over to be sent."""
    return Member(intent, role, since=now, look_at=now + look_after(intent, role, patience))


def look_after(intent: OrderIntent, role: Role, patience: timedelta) -> timedelta:
    """How long a member of this role is left alone."""
    if role is Role.LIMIT:
        return patience
    if role is Role.SHIELD:
        return ACKNOWLEDGE_WITHIN
    return MARKET_FILLED_WITHIN if isinstance(intent.terms, Market) else REPRICE_EVERY


def seen(member: Member, event: Seen) -> Member:
    """`member` with what the broker's newest facts say; older facts change nothing."""
    if event.revision <= member.revision:
        return member
    heard = replace(member, filled=event.filled, revision=event.revision)
    return over(heard) if event.over else _alive(heard, event.at)


def _alive(member: Member, at: datetime) -> Member:
    """`member`, able to fill. One that was thought dead is looked after at once; the cancel that
    was asked for died with it.
    """
    alive = replace(member, standing=Standing.WORKING, refused=None)
    if not member.is_live:
        alive = replace(
            alive, fills_read=False, cancel_asked=False, cancel_asked_at=None, look_at=at
        )
    rests = alive.role is Role.SHIELD and not alive.is_changing
    return replace(alive, look_at=None) if rests else alive


def over(member: Member) -> Member:
    """`member`, no longer able to fill, whose fills are still to be read if any can be missing."""
    if member.is_live:
        return replace(member, standing=Standing.OVER, looked_after=False, look_at=None)
    return replace(member, look_at=None) if member.is_proven else member


def refused(member: Member, event: Refused) -> Member:
    """`member` with the reason of a refusal, which also proves that it is dead and has filled
    nothing, unless more than the refusal has been heard of it.
    """
    noted = replace(member, refused=event.rejection)
    if member.revision or not member.is_live:
        return noted
    return replace(over(noted), fills_read=True)


def absent(member: Member) -> Member:
    """`member`, proven never to have existed, unless it is known to have lived."""
    if member.revision or not member.is_live:
        return member
    return replace(over(member), fills_read=True)


def fills_read(member: Member, event: FillsRead) -> Member:
    """`member`, over and with all its fills, unless it is known to have lived since."""
    if event.revision < member.revision or (event.revision == member.revision and member.is_live):
        return member
    heard = replace(member, filled=event.filled, revision=event.revision)
    return replace(over(heard), fills_read=True, look_at=None)


def doubted(member: Member, now: datetime) -> Member:
    """`member`, worth a look now; but only once, so that a broker that goes on refusing is not
    asked any faster.
    """
    return member if member.looked_after else replace(member, look_at=now)


def asked_to_cancel(member: Member, now: datetime) -> Member:
    """`member` with a cancel under way, which may yet be overtaken by a modification."""
    return replace(
        member,
        cancel_asked=True,
        cancel_asked_at=now,
        looked_after=False,
        look_at=now + CANCEL_CONFIRMED_WITHIN,
    )


def asked_for_fills(member: Member, now: datetime) -> Member:
    """`member` with a question for its fills under way."""
    return replace(member, look_at=now + FILLS_READ_WITHIN)


def asked_to_reshape(member: Member, shape: NewShape) -> Member:
    """`member` with a modification under way."""
    return replace(
        member,
        new_shape=shape,
        looked_after=False,
        look_at=shape.asked_at + RESHAPE_CONFIRMED_WITHIN,
    )


def not_reshaped(member: Member, now: datetime) -> Member:
    """`member` as it was, known to refuse modifications; an exit is looked after at once."""
    same = replace(member, new_shape=None, keeps_shape=True)
    if member.cancel_asked:
        return same
    look_at = None if member.role is Role.SHIELD else now
    return replace(same, looked_after=False, look_at=look_at)


def reshaped(member: Member, event: Reshaped, patience: timedelta) -> Member:
    """`member` with the shape that was asked for, if that is what the broker shows; its rung
    counts from when it was asked.
    """
    shape = member.new_shape
    if shape is None or not member.is_live:
        return member
    if (event.terms, event.quantity) != (shape.intent.terms, shape.intent.quantity):
        return member
    changed = replace(
        member,
        intent=shape.intent,
        role=shape.role,
        since=shape.asked_at,
        standing=Standing.WORKING,
        new_shape=None,
    )
    if member.cancel_asked:
        return changed
    look_at = shape.asked_at + look_after(shape.intent, shape.role, patience)
    return replace(changed, looked_after=False, look_at=look_at)
