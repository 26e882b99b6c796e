"""Requests as whole frames, encoded by ib_async.

An order is encoded once, ahead, with marks where its own id and its parent's belong; nothing else
in a frame can look like a mark, because no text of ours may hold one. What leaves is letter for
letter what ib_async would have written for these ids.
"""

from typing import Any

from backstay.broker.doors.wire import OrderFrame
from backstay.broker.line.encoding import Encoder
from backstay.broker.translation.contracts import contract_of
from backstay.broker.translation.figures import text_on_the_wire
from backstay.broker.translation.orders import order_of
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import OrderIntent

_LENGTH_BYTES = 4
_OWN_ID, _PARENT_ID = "\x01own\x01", "\x01parent\x01"


class FrameWriting:
    """Writes for one version of the protocol: the encoder's."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def order(self, intent: OrderIntent, *, transmit: bool, what_if: bool = False) -> OrderFrame:
        """A new order, or with the id of a live one its modification."""
        contract = contract_of(intent.instrument)
        order: Any = order_of(intent, transmit=transmit, what_if=what_if)
        order.parentId = _PARENT_ID
        frame = self._encoder.frames(lambda client: client.placeOrder(_OWN_ID, contract, order))
        head, middle, tail = _split(frame[_LENGTH_BYTES:])
        return OrderFrame(head, middle, tail, is_child=intent.parent is not None)

    def cancel(self, order_id: int) -> bytes:
        """A cancelOrder request."""
        return self._encoder.frames(lambda client: client.cancelOrder(order_id))

    def market_data(self, request_id: int, instrument: Instrument, generic: str) -> bytes:
        """A reqMktData request, streaming."""
        contract = contract_of(instrument)
        ticks = text_on_the_wire("a list of generic ticks", generic)
        return self._encoder.frames(
            lambda client: client.reqMktData(request_id, contract, ticks, False, False, [])
        )

    def end_market_data(self, request_id: int) -> bytes:
        """A cancelMktData request."""
        return self._encoder.frames(lambda client: client.cancelMktData(request_id))

    def market_data_type(self, data_type: int) -> bytes:
        """A reqMarketDataType request."""
        return self._encoder.frames(lambda client: client.reqMarketDataType(data_type))


def _split(body: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before, between and after the two ids."""
    head, own, rest = body.partition(_OWN_ID.encode())
    middle, parent, tail = rest.partition(_PARENT_ID.encode())
    if not own or not parent or b"\x01" in head + middle + tail:
        raise ValueError("an order's frame has not exactly one place for each of its ids")
    return head, middle, tail
