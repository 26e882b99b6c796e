"""Whether what happened may happen: judged from the gateway's record and the engine's histories.

Nothing that the house says of itself is believed, and none of its reasons is known here.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey, parse_order_ref
from backstay.lab.lives import Intent, Life
from backstay.lab.oracle.oracle import Oracle
from backstay.lab.showcase.record import Record, SentOrder
from backstay.lab.telling import Check
from backstay.lab.words import count


def of_trade(record: Record, trade: str) -> list[SentOrder]:
    """The orders that were sent for a trade, in the order in which they were read."""
    found = []
    for order in record.orders.values():
        key = parse_order_ref(order.ref)
        if key is not None and key.trade == trade:
            found.append(order)
    return found


def trade_checks(record: Record, trade: str, lives: Iterable[Life]) -> Iterator[Check]:
    """What must hold of every trade."""
    orders = of_trade(record, trade)
    intents = [intent for life in lives for intent in life.intents()]
    covered = [order for order in orders if _is_covered(order, intents, record.ahead(order.life))]
    found = f"{count(len(orders), 'order')}, {len(covered)} with an intent before"
    yield Check("every order had its intent written first", len(covered) == len(orders), found)
    once = [order for order in orders if len(order.numbers) == 1]
    found = f"{len(orders)} references, {len(once)} placed once"
    yield Check("no reference was used for two orders", len(once) == len(orders), found)
    open_quantity = sum((_signed(order) for order in orders), Decimal(0))
    yield Check("it ended flat", not open_quantity, f"{plain(open_quantity)} left by its fills")


def house_checks(record: Record) -> Iterator[Check]:
    """What must hold of all of it."""
    oracle = Oracle()
    for line in record.lines:
        oracle.read(line)
    found = oracle.verdict()
    text = str(found[0]) if found else f"{count(len(record.lines), 'line')} read"
    yield Check("the gateway's own record is without a fault", not found, text)
    held = [quantity for quantity in record.positions.values() if quantity]
    yield Check("the account holds nothing", not held, count(len(held), "position"))


def intents_of(lives: Iterable[Life]) -> set[IntentKey]:
    """Every order that was ever written down as allowed."""
    return {intent.key for life in lives for intent in life.intents()}


def _is_covered(order: SentOrder, intents: Iterable[Intent], ahead: timedelta) -> bool:
    """Whether the order was written down before its frame was read; the engine's clock is this
    machine's, and the gateway's is so far ahead of it.
    """
    key = parse_order_ref(order.ref)
    assert key is not None
    return any(each.covers(key) and each.at + ahead <= order.read_at for each in intents)


def _signed(order: SentOrder) -> Decimal:
    return order.filled if order.side == "buy" else -order.filled
