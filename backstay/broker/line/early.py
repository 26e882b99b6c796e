"""Ticks before anything else is done with them: found in their bytes, told as bytes.

Nothing here is decoded but the type of a tick. Prices that nobody has asked for, sizes, option
figures and other remarks on a stream are market data, too, and go nowhere.
"""

from collections.abc import Callable

from backstay.broker.doors.wire import TickSink

Unread = Callable[[bytes, Exception], None]
"""Told which message could not be read or heard, and why."""

_PRICE, _STRING, _GENERIC, _DATA_TYPE = b"1", b"46", b"45", b"58"
_DROPPED = frozenset({b"2", b"21", b"57", b"81"})
"""tickSize, tickOptionComputation, tickSnapshotEnd, tickReqParams."""

_MARKET_DATA = _DROPPED | {_PRICE, _STRING, _GENERIC, _DATA_TYPE}
_NUMBERS = {b"%d" % number: number for number in range(1, 100)}
"""The usual tick types, which are read a thousand times as often as they differ."""

_PARTS_MAX = 5
"""Where a message is cut at most: message id, version, request id, tick type, value."""


def is_market_data(message: bytes) -> bool:
    """Whether the message tells prices, so that it may be heard after what tells facts."""
    return message.partition(b"\0")[0] in _MARKET_DATA


class EarlyTicks:
    """Who hears the market data of which request."""

    def __init__(self, unread: Unread) -> None:
        self._unread = unread
        self._sinks: dict[bytes, TickSink] = {}

    def sink(self, request_id: int, sink: TickSink | None) -> None:
        """Have a request's market data heard by `sink`; None: by nobody any more."""
        if sink is None:
            self._sinks.pop(b"%d" % request_id, None)
        else:
            self._sinks[b"%d" % request_id] = sink

    def take(self, message: bytes) -> bool:
        """Have the message heard if it is market data; whether it is."""
        fields = message.split(b"\0", _PARTS_MAX)
        kind = fields[0]
        if kind not in _MARKET_DATA:
            return False
        if kind in _DROPPED:
            return True
        try:
            if kind == _PRICE:
                _, _, request_id, number, value, _ = fields
                sink = self._sinks.get(request_id)
                if sink is not None and value:
                    sink.on_price(_NUMBERS.get(number) or int(number), value)
            else:
                self._tell(fields)
        except Exception as error:  # noqa: BLE001 - a sink's fault is told; the line goes on
            self._unread(message, error)
        return True

    def _tell(self, fields: list[bytes]) -> None:
        kind, _version, request_id, number, value, *rest = fields
        sink = self._sinks.get(request_id)
        if sink is None:
            return
        if kind == _DATA_TYPE:
            sink.on_data_type(int(number))
            return
        if not rest:
            raise ValueError("it is cut short")
        if kind == _STRING:
            sink.on_text(int(number), value)
        else:
            sink.on_generic(int(number), value)
