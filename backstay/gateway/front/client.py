"""One connection: its id, what it has subscribed to, and what it has been told."""

from collections.abc import Callable
from typing import Protocol

from backstay.gateway.front.bar_stream import BarStream
from backstay.gateway.front.lines import AnyLine
from backstay.gateway.front.pacing import Pacing
from backstay.gateway.front.portfolio_streams import (
    AccountUpdates,
    AccountUpdatesMulti,
    PnlSingleStream,
    PnlStream,
    SummaryStream,
)
from backstay.gateway.front.tick_streams import TickStream
from backstay.gateway.messages.replies import Reply
from backstay.gateway.messages.requests import Request

LIVE = 1


class Dispatch(Protocol):
    """What a client needs of the front."""

    def handle(self, client: "Client", request: Request) -> None:
        """Have the request answered."""

    def forget(self, client: "Client") -> None:
        """Drop everything that was kept for it."""


class Client:
    """A connection as the handlers see it; `client_id` is None until it has started."""

    __slots__ = (
        "_close",
        "_dispatch",
        "_send",
        "account_updates",
        "account_updates_multi",
        "bars",
        "binds_orders",
        "client_id",
        "conn",
        "data_type",
        "hears_positions",
        "is_open",
        "lines",
        "pacing",
        "pnls",
        "pnls_single",
        "summaries",
        "tick_streams",
    )

    def __init__(
        self,
        conn: int,
        send: Callable[[Reply], None],
        close: Callable[[str], None],
        dispatch: Dispatch,
        pacing: Pacing,
    ) -> None:
        self.conn = conn
        self.client_id: int | None = None
        self.is_open = True
        self.pacing = pacing
        self.data_type = LIVE
        self.binds_orders = False
        self.hears_positions = False
        self.lines: dict[int, AnyLine] = {}
        self.tick_streams: dict[int, TickStream] = {}
        self.bars: dict[int, BarStream] = {}
        self.account_updates: AccountUpdates | None = None
        self.account_updates_multi: dict[int, AccountUpdatesMulti] = {}
        self.summaries: dict[int, SummaryStream] = {}
        self.pnls: dict[int, PnlStream] = {}
        self.pnls_single: dict[int, PnlSingleStream] = {}
        self._send = send
        self._close = close
        self._dispatch = dispatch

    def handle(self, request: Request) -> None:
        """The client has asked something."""
        if self.is_open:
            self._dispatch.handle(self, request)

    def gone(self) -> None:
        """The connection has ended; twice is no fault."""
        if self.is_open:
            self.is_open = False
            self._dispatch.forget(self)

    def send(self, reply: Reply) -> None:
        """Tell it; who has gone hears nothing."""
        if self.is_open:
            self._send(reply)

    def end(self, reason: str) -> None:
        """Hang up on it."""
        if self.is_open:
            self.gone()
            self._close(reason)
