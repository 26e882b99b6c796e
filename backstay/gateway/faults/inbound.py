"""Requests of one client on their way in.

Requests are read in the order in which they came. Under the pessimistic profile an order request,
and whatever comes behind it, is read a moment after it arrived: if the connection drops in between,
the dice say how many of the unread ones were still read. Those behind the first that was not are
lost with it, as bytes are.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from backstay.gateway.agenda import Agenda
from backstay.gateway.faults.clients import Clients
from backstay.gateway.faults.doors import Connection, Exchange
from backstay.gateway.faults.engine import Faults
from backstay.gateway.faults.kinds import ORDER_REQUESTS, QUERIES, REQUESTS
from backstay.gateway.faults.order_requests import Hold, OrderRequests
from backstay.gateway.faults.outbound import Outbound
from backstay.gateway.faults.references import of_request
from backstay.gateway.faults.rules import Rule
from backstay.gateway.messages.requests import CancelAll, CancelOrder, PlaceOrder, Request, StartApi
from backstay.gateway.times import MILLISECOND_NS

UNREAD_NS = MILLISECOND_NS
"""For so long what a client wrote may still be unread when its connection drops."""

Handle = Callable[[Request], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every connection's way in stands in; `is_read_at_once` is the easy profile."""

    faults: Faults
    agenda: Agenda
    exchange: Exchange
    clients: Clients
    hold: Hold
    is_read_at_once: bool


class Inbound:
    """One client's way in. `receive` is what its decoded requests are given to."""

    def __init__(
        self, around: Surroundings, connection: Connection, out: Outbound, conn: int, handle: Handle
    ) -> None:
        faults = around.faults
        self._faults = faults
        self._agenda = around.agenda
        self._exchange = around.exchange
        self._clients = around.clients
        self._is_read_at_once = around.is_read_at_once
        self._connection = connection
        self._out = out
        self._conn = conn
        self._handle = handle
        self._orders = OrderRequests(
            faults, around.agenda, around.exchange, out, around.hold, handle
        )
        self._unread: deque[Request] = deque()
        self._dice = faults.dice("unread", conn)
        self._is_deaf = False

    def receive(self, request: Request) -> None:
        """A request has arrived whole."""
        if self._is_deaf:
            return
        if self._is_read_at_once or not (self._unread or type(request) in ORDER_REQUESTS):
            self._read(request)
            return
        self._unread.append(request)
        self._agenda.after(UNREAD_NS, "read", self._read_next)

    def dropped(self) -> None:
        """The connection has ended: some of what is unread may still be read, and no more."""
        unread = tuple(self._unread)
        self._unread.clear()
        self._out.silence()
        read = len(unread) if self._is_read_at_once else self._dice.randint(0, len(unread))
        for request in unread[:read]:
            self._read(request)
        self._is_deaf = True
        if self._out.client is not None:
            self._clients.let_go(self._out.client, self._conn)

    def fall_half_open(self, lasting_ns: int) -> None:
        """Nothing flows any more in either direction; after so long the socket is closed."""
        self._stop()
        self._agenda.after(lasting_ns, "half-open", self._notice_half_open)

    def _read_next(self) -> None:
        if self._unread:
            self._read(self._unread.popleft())

    def _read(self, request: Request) -> None:
        if self._is_deaf:
            return
        if not self._faults.any_planned:
            self._handle(request)
        elif self._arrives(request):
            self._carry_out(request)
            self._reset_after(request)

    def _arrives(self, request: Request) -> bool:
        """Whether the frame is read at all."""
        client = self._out.client
        subject = f"{REQUESTS[type(request)]} of client {client}"
        if rule := self._strikes("half-open", request):
            self.fall_half_open(rule.ns("lasting"))
        elif self._strikes("reset-before-frame", request):
            self._stop()
            self._connection.reset("before a frame was read")
        elif self._faults.strikes("reset-mid-frame", subject, "in", client):
            self._stop()
            self._connection.reset("after half a frame")
        else:
            return True
        return False

    def _reset_after(self, request: Request) -> None:
        if self._strikes("reset-after-frame", request):
            self._stop()
            self._connection.reset("after a frame was carried out")

    def _strikes(self, name: str, request: Request) -> Rule | None:
        kind, client = REQUESTS[type(request)], self._out.client
        reference = partial(of_request, self._exchange, client, request)
        subject = f"{kind} of client {client}"
        return self._faults.strikes(name, subject, kind, client, reference=reference)

    def _carry_out(self, request: Request) -> None:
        if isinstance(request, PlaceOrder | CancelOrder | CancelAll):
            self._orders.take(request)
        elif isinstance(request, StartApi):
            self._start(request)
        elif kind := QUERIES.get(type(request)):
            self._ask(request, kind)
        else:
            self._answer(request)

    def _start(self, request: StartApi) -> None:
        client = request.client_id
        self._out.client = client
        if self._clients.claim(client, self._conn) and (
            rule := self._faults.strikes("ids-roll-back", f"client {client}", "reconnect", client)
        ):
            self._exchange.roll_back_ids(rule.whole("by"))
        self._answer(request)

    def _ask(self, request: Request, kind: str) -> None:
        client = self._out.client
        subject = f"{kind} of client {client}"
        if self._faults.strikes("request-unanswered", subject, kind, client):
            return
        if rule := self._faults.strikes("answers-slow", subject, kind, client):
            self._agenda.after(rule.ns("delay"), rule.name, lambda: self._answer(request))
            return
        self._answer(request)

    def _answer(self, request: Request) -> None:
        """Have it answered; what is said meanwhile was asked for, and nothing is done to it."""
        if self._is_deaf:
            return
        self._out.is_answering = True
        try:
            self._handle(request)
        finally:
            self._out.is_answering = False

    def _notice_half_open(self) -> None:
        self._connection.close("half open for too long")

    def _stop(self) -> None:
        """Nothing more is read or said on this connection."""
        self._is_deaf = True
        self._unread.clear()
        self._out.silence()
