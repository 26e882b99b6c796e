"""Everything that was said on the wire: one JSON line a message, in the protocol's own words.

    t conn client dir msg order_id perm_id ref fields

The ids are those of the order that the message is about, `null` where it is about none; so all
that was ever said about one order can be picked out without knowing the messages. `fields` is the
message without what is as by default. Beside the messages there is the client's `hello`, and what
could not be read (`unread`), with the reason. The same messages give the same bytes.

What came is written before anything comes of it, and so before the store has that. What is said is
written before it leaves: of the last words in a log nobody knows whether they did.
"""

from collections.abc import Callable, Mapping
from json import JSONEncoder
from typing import Literal, NamedTuple

from backstay.gateway.agenda import Agenda
from backstay.gateway.messages.order_replies import (
    CompletedOrder,
    ExecutionDetails,
    OpenOrder,
    OrderStatus,
)
from backstay.gateway.messages.replies import Reply
from backstay.gateway.messages.requests import CancelOrder, PlaceOrder, Request
from backstay.gateway.wire.handshake import Hello
from backstay.gateway.wire.names import fields_of, name_of

Direction = Literal["in", "out"]
Message = Request | Reply
About = tuple[int | None, int | None, str | None]

_NO_ORDER: About = (None, None, None)
_written = JSONEncoder(separators=(",", ":")).encode


class Said(NamedTuple):
    """One line of the log; it is put into words only where somebody asks for them."""

    time_ns: int
    conn: int
    client_id: int | None
    direction: Direction
    name: str
    message: Message | None
    more: Mapping[str, object] | None
    """What it says, where that is no message of the protocol's."""

    def line(self) -> dict[str, object]:
        """What stands in the line."""
        order_id, perm_id, ref = _about(self.message)
        fields = self.more if self.message is None else fields_of(self.message)
        return {
            "t": self.time_ns,
            "conn": self.conn,
            "client": self.client_id,
            "dir": self.direction,
            "msg": self.name,
            "order_id": order_id,
            "perm_id": perm_id,
            "ref": ref,
            "fields": fields,
        }

    def text(self) -> str:
        """The line as it is written."""
        return _written(self.line()) + "\n"


class WireLog:
    """Hands the log on, line by line."""

    def __init__(self, hand: Callable[[Said], None], agenda: Agenda) -> None:
        self._hand = hand
        self._agenda = agenda

    def note(
        self, conn: int, client_id: int | None, direction: Direction, message: Message
    ) -> None:
        """Log one message; before its first words a client has no id."""
        now_ns, name = self._agenda.now_ns, name_of(message)
        self._hand(Said(now_ns, conn, client_id, direction, name, message, None))

    def note_hello(self, conn: int, hello: Hello) -> None:
        """Log which versions a client knows, and which one both speak."""
        fields = {"min_version": hello.min_version, "max_version": hello.max_version}
        self._came(conn, None, "hello", {**fields, "version": hello.version})

    def note_unread(self, conn: int, client_id: int | None, reason: str) -> None:
        """Log that something came which could not be read, or was not understood."""
        self._came(conn, client_id, "unread", {"reason": reason})

    def _came(self, conn: int, client_id: int | None, name: str, more: dict[str, object]) -> None:
        self._hand(Said(self._agenda.now_ns, conn, client_id, "in", name, None, more))


def _about(message: Message | None) -> About:
    """The order id, permanent id and reference of the order that the message is about."""
    match message:
        case PlaceOrder():
            return message.order_id, message.order.perm_id or None, message.order.order_ref or None
        case CancelOrder():
            return message.order_id, None, None
        case OpenOrder(order=order):
            return order.order_id, order.perm_id, order.order_ref or None
        case CompletedOrder(order=order):
            return None, order.perm_id, order.order_ref or None
        case OrderStatus():
            return message.order_id, message.perm_id, None
        case ExecutionDetails(execution=execution):
            return execution.order_id, execution.perm_id, execution.order_ref or None
        case _:
            return _NO_ORDER
