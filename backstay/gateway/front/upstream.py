"""The gateway's own line to IB, and what is held back while it is down.

What the exchange tells meanwhile waits, and so does what clients ask. If the line comes back with
its data, both are caught up with in their order; if the data is lost, so are they: then only asking
anew shows what has happened.
"""

from backstay.gateway.events import Event
from backstay.gateway.front.client import Client
from backstay.gateway.messages.requests import Request

WAITING_MAX = 10_000
"""More than so many events or requests are lost."""


class Upstream:
    """What waits for the line."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._requests: list[tuple[Client, Request]] = []

    def hold_event(self, event: Event) -> None:
        """Something has happened at the exchange."""
        if len(self._events) < WAITING_MAX:
            self._events.append(event)

    def hold_request(self, client: Client, request: Request) -> None:
        """A client has asked what only IB can answer."""
        if len(self._requests) < WAITING_MAX:
            self._requests.append((client, request))

    def released(self) -> tuple[list[Event], list[tuple[Client, Request]]]:
        """Everything that has waited; nothing waits any more."""
        events, requests = self._events, self._requests
        self._events, self._requests = [], []
        return events, requests
