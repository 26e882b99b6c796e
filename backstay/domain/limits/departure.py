"""The rules that only the last hop can judge, because they are about this very moment.

Owns the comparison of an order that is about to leave with its approval, and of what the edge sees
with what it was approved in. An approval is data that has travelled, so it is believed in nothing
that can be looked up here.
"""

from dataclasses import fields

from backstay.domain.figures import plain, seconds
from backstay.domain.ids import Effect
from backstay.domain.limits.claims import is_later_generation
from backstay.domain.limits.closing import closing
from backstay.domain.limits.codes import Finding, RefusalCode
from backstay.domain.limits.kill import KillMode
from backstay.domain.limits.question import LastHopQuestion
from backstay.domain.limits.rules import bounded
from backstay.domain.orders.intent import OrderIntent, prices_of

_ADJUSTABLE = ("key", "quantity", "terms")
_FIXED = tuple(field.name for field in fields(OrderIntent) if field.name not in _ADJUSTABLE)
_IDENTITY = ("account", "instrument", "side")


def wrong_account(asked: LastHopQuestion) -> Finding:
    """The account must be the one of the limits, and one of those that the session is for."""
    mine, theirs, reported = asked.settings.account, asked.intent.account, asked.facts.accounts
    return Finding(
        RefusalCode.WRONG_ACCOUNT,
        mine == theirs and theirs in reported,
        lambda: (
            f"the order is for {theirs}, the limits are for {mine},"
            f" the session is for {', '.join(reported) or 'none'}"
        ),
    )


def differs_from_approval(asked: LastHopQuestion) -> Finding:
    """Only quantity and prices may be adjusted.

    What reduces may change how it does so, too, and each of its later generations stands under the
    approval of the first: a ladder must be able to go on when nobody is there to approve.
    """
    intent, approved = asked.intent, asked.approved.intent
    differing = [] if intent is approved else _differing(intent, approved)
    return Finding(
        RefusalCode.DIFFERS_FROM_APPROVAL,
        not differing,
        lambda: f"the order differs from the approved one in: {', '.join(differing)}",
    )


def quantity_exceeds_approval(asked: LastHopQuestion) -> Finding:
    """Never more than was approved."""
    quantity, bound = asked.intent.quantity, asked.approved.intent.quantity
    return bounded(
        RefusalCode.QUANTITY_EXCEEDS_APPROVAL,
        quantity,
        bound,
        lambda: f"the quantity is {plain(quantity)}; {plain(bound)} are approved",
    )


def killed(asked: LastHopQuestion) -> Finding:
    """Nothing opens under a kill, and nothing that was approved before one opens ever after."""
    kill = asked.facts.kill
    passed = kill is not None and kill.mode is None and asked.approved.epoch >= kill.epoch
    return Finding(RefusalCode.KILLED, passed, lambda: _kill_text(asked))


def flattening(asked: LastHopQuestion) -> Finding:
    """A freeze does not stop what covers a risk, a flatten does.

    Once trading is resumed nobody knows which of the two lies between: what is older is dead.
    """
    kill = asked.facts.kill
    freezes = kill is not None and kill.mode is KillMode.FREEZE
    clear = kill is not None and kill.mode is None and asked.approved.epoch >= kill.epoch
    return Finding(RefusalCode.KILLED, freezes or clear, lambda: _kill_text(asked))


def approval_expired(asked: LastHopQuestion) -> Finding:
    """An approval is worth something for a while."""
    approved = asked.approved

    def text() -> str:
        age = plain(seconds(asked.now - approved.at))
        return f"approved {age} s ago, valid until {approved.valid_until}"

    return Finding(RefusalCode.APPROVAL_EXPIRED, not approved.is_expired(asked.now), text)


def price_collar(asked: LastHopQuestion) -> Finding:
    """Neither the prices of the order nor the market may have left the collar."""
    market = () if asked.reference is None else (asked.reference,)
    stray = asked.approved.stray(*prices_of(asked.intent.terms), *market)
    return Finding(
        RefusalCode.PRICE_COLLAR,
        not stray,
        lambda: f"outside {asked.approved.collar}: {', '.join(map(plain, stray))}",
    )


def exceeds_position(asked: LastHopQuestion) -> Finding:
    """All live exits together close the position at most."""
    facts = asked.facts
    now = closing(asked.intent, facts.live_orders, facts.position, facts.untold)
    symbol = asked.intent.instrument.symbol
    return Finding(
        RefusalCode.EXCEEDS_POSITION,
        now.fits,
        lambda: (
            f"live exits could close {plain(now.after)} of {symbol}; at most {plain(now.closable)}"
        ),
        now.after,
        now.closable,
    )


def _differing(intent: OrderIntent, approved: OrderIntent) -> list[str]:
    """What of an order may not differ from the approved one, and does."""
    reduces = approved.key.purpose.effect is Effect.REDUCES
    names = _IDENTITY if reduces else _FIXED
    differing = [name for name in names if getattr(intent, name) != getattr(approved, name)]
    if not reduces and intent.terms.kind != approved.terms.kind:
        differing.append("terms")
    if intent.key != approved.key and not (
        reduces and is_later_generation(intent.key, approved.key)
    ):
        differing.append("key")
    return differing


def _kill_text(asked: LastHopQuestion) -> str:
    kill, approved_at = asked.facts.kill, asked.approved.epoch
    if kill is None:
        return f"approved in epoch {approved_at}; the kill state can't be read"
    return f"approved in epoch {approved_at}; the kill state of epoch {kill.epoch} is {kill.text}"
