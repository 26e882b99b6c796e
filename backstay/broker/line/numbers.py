"""Ids for orders and requests, so far apart that an error's id says which of both it means.

After a restart the broker's next id can fall back below ids that were used, and then gives out ids
again that an order had. So ours never fall back: they come after everything that any session of
this process has seen, and after whatever the broker shows. Higher than needed is never wrong; lower
is refused (103).

What has fallen back hits the ids that live, too: once an order is over whose id the broker would
give out again, that id sent once more is no change that comes too late (104), but a new order.
"""

from backstay.broker.line.errors import NumbersUsedUpError

REQUEST_ID_MIN = 1_500_000_000
"""The first id of a request. Ids have 31 bits, so there is room for 600 million on either side."""


class IdNumbers:
    """The next order id and the next request id; one object for all lines of a client id."""

    def __init__(self) -> None:
        self._next_order_id = 1
        self._spent_below = 1
        self._next_request_id = REQUEST_ID_MIN

    def next_order_id(self) -> int:
        """A new order id."""
        order_id = self._next_order_id
        if order_id >= REQUEST_ID_MIN:
            raise NumbersUsedUpError(f"order id {order_id} would be one of a request")
        self._next_order_id += 1
        self._spent_below = max(self._spent_below, order_id + 1)
        return order_id

    def next_request_id(self) -> int:
        """A new request id."""
        self._next_request_id += 1
        return self._next_request_id - 1

    def is_request(self, subject_id: int) -> bool:
        """Whether an error with this id is about a request."""
        return subject_id >= REQUEST_ID_MIN

    def heard(self, order_id: int) -> None:
        """An order id that the broker uses: ours come after it.

        One as high as a request's is another client's, for an id of ours is never given out there;
        a line whose own sequence has come as far is not opened.
        """
        if order_id < REQUEST_ID_MIN:
            self._next_order_id = max(self._next_order_id, order_id + 1)

    def goes_on_from(self, next_order_id: int) -> None:
        """A line was opened, and this is the id that the broker would give out next."""
        self._spent_below = next_order_id
        self.heard(next_order_id - 1)

    def is_spent(self, order_id: int) -> bool:
        """Whether the broker takes the id for one that was used, also once its order is over."""
        return order_id < self._spent_below
