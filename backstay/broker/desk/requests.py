"""What was asked last of an order id, so that an error about it can be understood.

The same code means one thing about a new order and another about its modification or its cancel.
Order ids mean nothing beyond their session.
"""

from backstay.broker.translation.judging import LastAsked


class Requests:
    """The last request by order id, of this session."""

    def __init__(self) -> None:
        self._last: dict[int, LastAsked] = {}

    def asked(self, order_id: int, request: LastAsked) -> None:
        """This leaves now."""
        self._last[order_id] = request

    def last(self, order_id: int) -> LastAsked | None:
        """What left last; None if nothing has in this session."""
        return self._last.get(order_id)

    def line_lost(self) -> None:
        """Order ids begin anew."""
        self._last.clear()
