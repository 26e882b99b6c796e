"""Tick-by-tick subscriptions: every trade, every quote, or every middle."""

from collections.abc import Callable
from decimal import Decimal

from backstay.gateway.front.ticks import Draft
from backstay.gateway.market.words import Instrument, Moved, Quote
from backstay.gateway.messages.data_replies import TickBidAsk, TickLast, TickMidPoint
from backstay.gateway.messages.replies import Reply
from backstay.gateway.times import SECOND_NS

Send = Callable[[Reply], None]
_ZERO = Decimal(0)


class LastStream:
    """Every trade; `kind` is 1 for Last and 2 for AllLast."""

    __slots__ = ("_exchange", "_kind", "_req_id", "_send", "con_id")
    wants_rt_volume = False

    def __init__(self, req_id: int, instrument: Instrument, send: Send, kind: int) -> None:
        self.con_id = instrument.con_id
        self._req_id = req_id
        self._exchange = instrument.contract.primary_exchange or instrument.contract.exchange
        self._send = send
        self._kind = kind

    def refresh(self, quote: Quote) -> None:
        """A trade is told when it happens, and never again."""

    def hear(self, moved: Moved, drafts: tuple[Draft, ...], rt_volume: str) -> None:  # noqa: ARG002
        """Tell a trade."""
        after = moved.after
        if moved.printed and after.last is not None:
            seconds = after.last_time_ns // SECOND_NS
            self._send(
                TickLast(
                    self._req_id,
                    self._kind,
                    seconds,
                    after.last,
                    after.last_size,
                    exchange=self._exchange,
                )
            )


class BidAskStream:
    """Every change of the quote; with `ignore_size` only those of a price."""

    __slots__ = ("_ignore_size", "_req_id", "_send", "con_id")
    wants_rt_volume = False

    def __init__(
        self, req_id: int, instrument: Instrument, send: Send, *, ignore_size: bool
    ) -> None:
        self.con_id = instrument.con_id
        self._req_id = req_id
        self._send = send
        self._ignore_size = ignore_size

    def refresh(self, quote: Quote) -> None:
        """The quote as it stands."""
        self._send(
            TickBidAsk(
                self._req_id,
                quote.time_ns // SECOND_NS,
                quote.bid or _ZERO,
                quote.ask or _ZERO,
                quote.bid_size,
                quote.ask_size,
            )
        )

    def hear(self, moved: Moved, drafts: tuple[Draft, ...], rt_volume: str) -> None:  # noqa: ARG002
        """Tell a change."""
        before, after = moved.before, moved.after
        if (
            after.bid != before.bid
            or after.ask != before.ask
            or (
                not self._ignore_size
                and (after.bid_size != before.bid_size or after.ask_size != before.ask_size)
            )
        ):
            self.refresh(after)


class MidPointStream:
    """Every change of the middle."""

    __slots__ = ("_req_id", "_send", "con_id")
    wants_rt_volume = False

    def __init__(self, req_id: int, instrument: Instrument, send: Send) -> None:
        self.con_id = instrument.con_id
        self._req_id = req_id
        self._send = send

    def refresh(self, quote: Quote) -> None:
        """The middle as it stands; without two sides there is none."""
        if quote.bid is not None and quote.ask is not None:
            middle = (quote.bid + quote.ask) / 2
            self._send(TickMidPoint(self._req_id, quote.time_ns // SECOND_NS, middle))

    def hear(self, moved: Moved, drafts: tuple[Draft, ...], rt_volume: str) -> None:  # noqa: ARG002
        """Tell a change."""
        before, after = moved.before, moved.after
        if after.bid != before.bid or after.ask != before.ask:
            self.refresh(after)


TickStream = LastStream | BidAskStream | MidPointStream
