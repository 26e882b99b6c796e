"""What the inbox amounts to for the orders of a ladder.

After a restart a ladder is put together again from what the broker shows under the keys of its leg:
its stops, and whatever exits have left already.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from backstay.broker.doors.knowing import Inbox
from backstay.domain.edge.guards import Guard
from backstay.domain.exits import hearing, members
from backstay.domain.exits.events import LadderEvent, Reshaped
from backstay.domain.exits.members import Member, Role
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import Effect, IntentKey, Purpose
from backstay.domain.orders.intent import Limit, OrderIntent
from backstay.domain.orders.view import OrderView


def remember_orders(guard: Guard, keys: Iterable[IntentKey], inbox: Inbox) -> None:
    """Join what the guard gives with what is known of its leg. A generation that it does not give,
    because a process that is gone has sent it, is what the broker says that it is.
    """
    approvals = [guard.exit, guard.protection, *([guard.target.exit] if guard.target else [])]
    given = {approved.intent.key: approved.intent for approved in approvals}
    for intent in given.values():
        inbox.remember(intent)
    if guard.shield is not None:
        inbox.remember(guard.shield)
    for key in keys:
        known, view = inbox.registered(key), inbox.view(key)
        if known is None or known.intent is not None or view is None:
            continue
        like = next(
            (intent for each, intent in given.items() if each.purpose is key.purpose),
            guard.exit.intent,
        )
        told = [life.described.terms for life in view.instances if life.described]
        terms = next((each for each in told if each is not None), like.terms)
        inbox.remember(
            replace(like, key=key, quantity=view.quantity, terms=terms, parent=None, oca=None)
        )


def known_members(inbox: Inbox, rules: LadderRules, now: datetime) -> tuple[Member, ...]:
    """Every order of the ladder's leg that reduces, the stops first, as far as it is known."""
    first = rules.first_key
    keys = [
        key
        for key in inbox.keys_of(first.trade)
        if key.leg == first.leg and key.purpose.effect is Effect.REDUCES
    ]
    ordered = sorted(keys, key=lambda key: (key.purpose is not Purpose.PROTECT, key))
    found = (member_of(inbox, key, rules, now) for key in ordered)
    return tuple(member for member in found if member is not None)


def member_of(inbox: Inbox, key: IntentKey, rules: LadderRules, now: datetime) -> Member | None:
    """An order as a member of a ladder, with all that was heard of it."""
    known, view = inbox.registered(key), inbox.view(key)
    if known is None or known.intent is None:
        return None
    member = members.sent(known.intent, role_of(known.intent, rules), now, rules.patience)
    if view is None:
        return member
    seen = hearing.seen(key, view, now)
    return member if seen is None else members.seen(member, seen)


def role_of(intent: OrderIntent, rules: LadderRules) -> Role:
    """What an order does on the ladder, by its purpose and its terms."""
    if intent.key.purpose is Purpose.PROTECT:
        return Role.SHIELD
    is_first = intent.key.generation == rules.first_key.generation
    return Role.LIMIT if is_first and isinstance(intent.terms, Limit) else Role.LAST


def shape_shown(member: Member, view: OrderView) -> LadderEvent | None:
    """That the broker shows the shape which a modification has asked for."""
    shape = member.new_shape
    if shape is None:
        return None
    for instance in view.instances:
        shown = instance.described
        if shown is None or shown.terms is None or shown.received_at < shape.asked_at:
            continue
        if (shown.terms, shown.quantity) == (shape.intent.terms, shape.intent.quantity):
            return Reshaped(member.key, shown.terms, shown.quantity, shown.received_at)
    return None
