"""What the inbox amounts to for the orders of a ladder.

After a restart a ladder is put together again from what the broker shows under the keys of its leg:
its stops, and whatever exits have left already.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from backstay.broker.doors.knowing import Inbox
from backstay.domain.edge.guards import Guard
from backstay.domain.edge.walking import WayOut
from backstay.domain.exits import hearing, members
from backstay.domain.exits.events import LadderEvent, Reshaped
from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.members import Member, Role
from backstay.domain.exits.rules import LadderRules
from backstay.domain.ids import Effect, IntentKey, Purpose
from backstay.domain.orders.intent import Limit, OrderIntent
from backstay.domain.orders.view import OrderView


def remember_orders(guard: Guard, keys: Iterable[IntentKey], inbox: Inbox) -> None:
    """Join what the guard gives with what is known of its leg."""
    approvals = [guard.exit, guard.protection, *([guard.target.exit] if guard.target else [])]
    shields = [guard.shield] if guard.shield is not None else []
    remember((*(approved.intent for approved in approvals), *shields), keys, inbox)


def remember(intents: Iterable[OrderIntent], keys: Iterable[IntentKey], inbox: Inbox) -> None:
    """Join what is given, the exit first, with what is known of a leg. What a process that is gone
    has sent is what the broker says that it is: an approval is for more than what has left under
    it, a stop was changed since it was written down, and a generation may not be given at all.
    """
    given = {intent.key: intent for intent in intents}
    for key, intent in given.items():
        view = inbox.view(key)
        inbox.remember(intent if view is None else _as_shown(intent, view))
    for key in keys:
        known, view = inbox.registered(key), inbox.view(key)
        if known is None or known.intent is not None or view is None:
            continue
        of_its_kind = (intent for each, intent in given.items() if each.purpose is key.purpose)
        like = next(of_its_kind, next(iter(given.values())))
        alike = replace(like, key=key, quantity=view.quantity, parent=None, oca=None)
        inbox.remember(_as_shown(alike, view))


def _as_shown(intent: OrderIntent, view: OrderView) -> OrderIntent:
    """The order in the quantity and on the terms in which the broker has shown it, if it has."""
    shown = next((life.described for life in view.instances if life.described), None)
    if shown is None:
        return intent
    quantity = shown.quantity or intent.quantity
    return replace(intent, quantity=quantity, terms=shown.terms or intent.terms)


def reducing(inbox: Inbox, first: IntentKey) -> tuple[IntentKey, ...]:
    """The orders of the leg of `first` that reduce, as far as they are known."""
    keys = (key for key in inbox.keys_of(first.trade) if key.leg == first.leg)
    return tuple(key for key in keys if key.purpose.effect is Effect.REDUCES)


def known_members(inbox: Inbox, rules: LadderRules, now: datetime) -> tuple[Member, ...]:
    """Every order of the ladder's leg that reduces, the stops first, as far as it is known."""
    keys = reducing(inbox, rules.first_key)
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


def joined(ladder: Ladder, way_out: WayOut, inbox: Inbox, now: datetime) -> Ladder:
    """A ladder that was kept elsewhere, with every order of its leg that is known here. What has
    left no trace here may have left nothing at all, so it is asked about at once.
    """
    approved = (way_out.exit.intent, way_out.protection.intent)
    sent = (member.intent for member in ladder.members)
    remember((*approved, *sent), reducing(inbox, way_out.key), inbox)
    known = (
        members.doubted(member, now)
        if member.is_live and inbox.registered(member.key) is None
        else member
        for member in ladder.members
    )
    others = (
        each for each in known_members(inbox, ladder.rules, now) if not ladder.member(each.key)
    )
    unseen = (members.sent(each.intent, each.role, now, ladder.rules.patience) for each in others)
    return replace(ladder, members=(*known, *unseen))


def shown(ladder: Ladder, inbox: Inbox, now: datetime) -> tuple[LadderEvent, ...]:
    """What is known of the orders of a ladder, told anew."""
    events: list[LadderEvent | None] = []
    for member in ladder.members:
        view = inbox.view(member.key)
        if view is not None:
            events += [hearing.seen(member.key, view, now), shape_shown(member, view)]
    return tuple(event for event in events if event is not None)


def role_of(intent: OrderIntent, rules: LadderRules) -> Role:
    """What an order does on the ladder, by its purpose and its terms."""
    if intent.key.purpose is Purpose.PROTECT:
        return Role.SHIELD
    is_first = intent.key.generation == rules.first_key.generation
    return Role.LIMIT if is_first and isinstance(intent.terms, Limit) else Role.LAST


def shape_shown(member: Member, view: OrderView) -> Reshaped | None:
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
