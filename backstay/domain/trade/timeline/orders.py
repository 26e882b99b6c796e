"""The orders of a trade, line by line: written down, sent, acknowledged, filled, over.

Every report says how an order stands, so a line is the difference to what was told before. What
nobody knows is said to be unknown. That an order was written down is looked up where it was first
allowed to leave: as itself, or as one of the generations that an approval is for.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.orders.words import order_text
from backstay.domain.trade.timeline.lines import ANYWHERE, Place, Sheet, What, Window
from backstay.domain.trade.timeline.words import unknown_moment

_FIGURE = Decimal("0.0001")


@dataclass(slots=True)
class _Told:
    """What of an order was told, and where its last line stands."""

    last: Place
    quantity: Decimal
    is_sent: bool = False
    is_acknowledged: bool = False
    filled: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    cancels: int = 0
    end: OrderEnd | None = None


class _News(NamedTuple):
    """A line about an order."""

    at: datetime | None
    what: What
    text: str


class Orders:
    """What of each order has stood in the timeline so far."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._approved: dict[tuple[int, Purpose], datetime] = {}
        self._written: dict[IntentKey, Place] = {}
        self._meant: dict[IntentKey, OrderIntent] = {}
        self._handed_over: dict[IntentKey, datetime] = {}
        self._cancelled: dict[IntentKey, list[datetime]] = {}
        self._over_before: dict[IntentKey, datetime] = {}
        self._told: dict[IntentKey, _Told] = {}

    def approve(self, key: IntentKey, at: datetime) -> None:
        """From now on every generation of this order may leave."""
        self._approved.setdefault((key.leg, key.purpose), at)

    def write(self, intent: OrderIntent, at: datetime) -> None:
        """This order is written down, and may leave from now on."""
        self._meant[intent.key] = intent
        if intent.key not in self._written:
            text = f"{order_text(intent)} may leave from now on"
            self._written[intent.key] = self._sheet.engine(at, What.WRITTEN, text, intent.key)

    def hand_over(self, intent: OrderIntent, since: datetime) -> None:
        """The edge has handed this order over to be sent, at `since` by the broker's clock."""
        self._meant.setdefault(intent.key, intent)
        self._handed_over.setdefault(intent.key, since)

    def cancel(self, key: IntentKey, at: datetime) -> None:
        """Its cancel has left, `at` a moment of the broker's."""
        asked = self._cancelled.setdefault(key, [])
        if at not in asked:
            asked.append(at)

    def over_before(self, key: IntentKey, at: datetime) -> None:
        """What had to wait until it was over has left, `at` a moment of the broker's."""
        self._over_before[key] = min(at, self._over_before.get(key, at))

    def hear(self, order: OrderSummary, told_at: datetime, *, within: Window) -> None:
        """An order as it was told at `told_at`, within these moments of the engine's."""
        told = self._told.get(order.key)
        if told is None:
            last = self._written_at(order) or ANYWHERE
            told = self._told[order.key] = _Told(last, order.quantity)
        end = self._end(order, told, told_at)
        for line in (self._sent(order, told), self._acknowledged(order, told)):
            told.last = self._tell(line, order.key, told.last, within)
        cancels = [
            self._tell(line, order.key, told.last, within)
            for line in self._cancels(order.key, told)
        ]
        over_by = self._over_before.get(order.key, told_at)
        by = min((over_by, order.ended_at or told_at, *self._cancelled.get(order.key, ())))
        self._tell(self._quantity(order, told, told_at), order.key, told.last, within, by=by)
        fills = self._fills(order, told)
        told.last = self._tell(fills, order.key, told.last, within, by=told_at)
        if end is not None:
            by = over_by if end.at is None else None
            last = max((told.last, *cancels))
            told.last = self._tell(end, order.key, last, within, by=by)

    def _tell(
        self,
        line: _News | None,
        key: IntentKey,
        following: Place,
        within: Window,
        *,
        by: datetime | None = None,
    ) -> Place:
        """Where the last line stands by now. What nobody knows the moment of is put where it was
        asked for, or before what had to wait for it.
        """
        if line is None:
            return following
        return self._sheet.broker(
            line.at,
            line.what,
            line.text,
            key,
            within=within,
            following=following,
            by=by,
        )

    def _written_at(self, order: OrderSummary) -> Place | None:
        """Where it was written down; what was approved for every generation is told now."""
        key = order.key
        if key not in self._written:
            approved = self._approved.get((key.leg, key.purpose))
            if approved is None:
                return None
            text = f"{_asked(order, self._meant.get(key))} may leave from now on, when it is due"
            self._written[key] = self._sheet.engine(approved, What.WRITTEN, text, key)
        return self._written[key]

    def _sent(self, order: OrderSummary, told: _Told) -> _News | None:
        is_known = order.sent_at is not None
        if told.is_sent or not (is_known or order.is_acknowledged or order.filled or order.end):
            return None
        told.is_sent = True
        at, text = order.sent_at, _asked(order, self._meant.get(order.key))
        if at is None:
            at = self._handed_over.get(order.key)
            gone = "; when it left is not known: the process that has sent it is gone"
            text += gone if at is None else "; handed over then, when it left is not known"
        return _News(at, What.SENT, text)

    def _acknowledged(self, order: OrderSummary, told: _Told) -> _News | None:
        if told.is_acknowledged or not order.is_acknowledged:
            return None
        told.is_acknowledged = True
        names = ", ".join(str(each) for each in order.perm_ids)
        text = "the broker has it" + (f" as {names}" if names else "")
        if order.acknowledged_at is None:
            text += "; since when is not known"
        return _News(order.acknowledged_at, What.ACKNOWLEDGED, text)

    def _cancels(self, key: IntentKey, told: _Told) -> Iterator[_News]:
        asked = self._cancelled.get(key, [])
        for at in asked[told.cancels :]:
            yield _News(at, What.SENT, "its cancel; it is over only once that is proven")
        told.cancels = len(asked)

    def _quantity(self, order: OrderSummary, told: _Told, told_at: datetime) -> _News | None:
        before, told.quantity = told.quantity, order.quantity
        if order.quantity == before:
            return None
        text = f"it is for {plain(order.quantity)} now, not for {plain(before)}"
        return _News(None, What.CHANGED, text + unknown_moment(told_at))

    def _fills(self, order: OrderSummary, told: _Told) -> _News | None:
        more, worth = order.filled - told.filled, order.value - told.value
        told.filled, told.value = order.filled, order.value
        if not more:
            return None
        of_all = f"{plain(order.filled)} of {plain(order.quantity)}"
        if more < 0:
            text = f"{plain(-more)} are taken back; {of_all} have filled"
        elif more == order.filled:
            text = f"{of_all} fill at {_price(worth / more)}{_parts(order)}"
        else:
            text = f"{plain(more)} more fill at {_price(worth / more)}: {of_all}"
        return _News(order.last_fill_at, What.FILLED, text)

    def _end(self, order: OrderSummary, told: _Told, told_at: datetime) -> _News | None:
        """How it ended; one that is filled has said so."""
        before, told.end = told.end, order.end
        if order.end is None or order.end in (OrderEnd.FILLED, before):
            return None
        text = order.end.value
        if order.filled:
            text += f" with {plain(order.filled)} of {plain(order.quantity)} filled"
        if order.text:
            text += f": {order.text}"
        if order.ended_at is None:
            text += unknown_moment(told_at)
        return _News(order.ended_at, What.ENDED, text)


def _asked(order: OrderSummary, meant: OrderIntent | None) -> str:
    """What it is, as far as that is known."""
    if meant is not None and meant.quantity == order.quantity:
        return order_text(meant)
    return f"{order.side.value} {plain(order.quantity)}"


def _parts(order: OrderSummary) -> str:
    return f" in {order.executions} parts" if order.executions > 1 else ""


def _price(price: Decimal) -> str:
    """An average can have more digits than anybody reads."""
    return plain(price.quantize(_FIGURE))
