"""Market-data lines: what one reqMktData of one client has subscribed to."""

from collections.abc import Callable

from backstay.gateway.agenda import Agenda, Appointment
from backstay.gateway.front.greeks import model_tick, option_ticks
from backstay.gateway.front.ticks import (
    DELAYED,
    RT_VOLUME,
    Draft,
    all_ticks,
    is_complete,
    moved_ticks,
)
from backstay.gateway.market.words import Greeks, Instrument, Moved, Quote
from backstay.gateway.messages.data_replies import SnapshotEnd, TickString
from backstay.gateway.messages.replies import Reply
from backstay.gateway.times import SECOND_NS

Send = Callable[[Reply], None]
SNAPSHOT_NS_MAX = 11 * SECOND_NS
DELAY_NS = 15 * 60 * SECOND_NS


class Line:
    """Live prices of one instrument for one request."""

    __slots__ = ("_req_id", "_send", "con_id", "instrument", "wants_rt_volume")

    def __init__(
        self, req_id: int, instrument: Instrument, send: Send, *, wants_rt_volume: bool = False
    ) -> None:
        self.instrument = instrument
        self.con_id = instrument.con_id
        self.wants_rt_volume = wants_rt_volume
        self._req_id = req_id
        self._send = send

    def refresh(self, quote: Quote) -> None:
        """All that is known."""
        self._tell(all_ticks(quote))

    def hear(self, moved: Moved, drafts: tuple[Draft, ...], rt_volume: str) -> None:  # noqa: ARG002
        """Pass on what is new."""
        send, req_id = self._send, self._req_id
        for make, parts in drafts:
            send(make(req_id, *parts))
        if rt_volume and self.wants_rt_volume:
            send(TickString(req_id, RT_VOLUME, rt_volume))

    def end(self) -> None:
        """Nothing is to come any more."""

    def _tell(self, drafts: tuple[Draft, ...]) -> None:
        for make, parts in drafts:
            self._send(make(self._req_id, *parts))


class OptionLine(Line):
    """An option's prices, what they imply, and its model: with each price, else once a second."""

    __slots__ = ("_model", "_modelled_ns")

    def __init__(
        self,
        req_id: int,
        instrument: Instrument,
        send: Send,
        *,
        wants_rt_volume: bool,
        model: Callable[[], Greeks | None],
    ) -> None:
        super().__init__(req_id, instrument, send, wants_rt_volume=wants_rt_volume)
        self._model = model
        self._modelled_ns = 0

    def refresh(self, quote: Quote) -> None:
        """All that is known, and what it implies."""
        super().refresh(quote)
        self._tell_greeks(Quote(quote.time_ns), quote)

    def hear(self, moved: Moved, drafts: tuple[Draft, ...], rt_volume: str) -> None:
        """Pass on what is new, and what it implies."""
        super().hear(moved, drafts, rt_volume)
        self._tell_greeks(moved.before, moved.after)

    def _tell_greeks(self, before: Quote, after: Quote) -> None:
        model = self._model()
        if model is None:
            return
        drafts = option_ticks(model, before, after)
        self._tell(drafts)
        if drafts or after.time_ns - self._modelled_ns >= SECOND_NS:
            self._modelled_ns = after.time_ns
            self._tell((model_tick(model),))


class DelayedLine:
    """Prices that come a quarter of an hour late, at most one picture a second.

    Only its first picture is of now, for want of an older one.
    """

    __slots__ = ("_agenda", "_ended", "_req_id", "_sampled_ns", "_send", "_shown", "con_id")
    wants_rt_volume = False

    def __init__(self, agenda: Agenda, req_id: int, instrument: Instrument, send: Send) -> None:
        self.con_id = instrument.con_id
        self._agenda = agenda
        self._req_id = req_id
        self._send = send
        self._sampled_ns = agenda.now_ns
        self._shown = Quote(agenda.now_ns)
        self._ended = False

    def refresh(self, quote: Quote) -> None:
        """All that is known."""
        self._shown = quote
        self._tell(all_ticks(quote))

    def hear(self, moved: Moved, drafts: tuple[Draft, ...], rt_volume: str) -> None:  # noqa: ARG002
        """Remember it for later."""
        if moved.after.time_ns - self._sampled_ns < SECOND_NS:
            return
        self._sampled_ns = moved.after.time_ns
        self._agenda.after(DELAY_NS, "delayed ticks", lambda: self._show(moved.after))

    def end(self) -> None:
        """What was remembered is forgotten."""
        self._ended = True

    def _show(self, quote: Quote) -> None:
        if self._ended:
            return
        printed = quote.last is not None and quote.last_time_ns != self._shown.last_time_ns
        drafts = moved_ticks(self._shown, quote, printed=printed)
        self._shown = quote
        self._tell(drafts)

    def _tell(self, drafts: tuple[Draft, ...]) -> None:
        for make, (field, *parts) in drafts:
            self._send(make(self._req_id, DELAYED[field], *parts))


class SnapshotLine:
    """A line that ends by itself: when nothing is lacking, or after some seconds."""

    __slots__ = ("_done", "_ending", "_line", "_req_id", "_send", "con_id")
    wants_rt_volume = False

    def __init__(
        self,
        agenda: Agenda,
        req_id: int,
        line: Line | DelayedLine,
        send: Send,
        done: Callable[[], None],
    ) -> None:
        self.con_id = line.con_id
        self._req_id = req_id
        self._line = line
        self._send = send
        self._done = done
        self._ending: Appointment = agenda.after(SNAPSHOT_NS_MAX, "snapshot end", self._finish)

    def refresh(self, quote: Quote) -> None:
        """All that is known."""
        self._line.refresh(quote)
        self._look(quote)

    def hear(self, moved: Moved, drafts: tuple[Draft, ...], rt_volume: str) -> None:
        """Pass on what is new."""
        self._line.hear(moved, drafts, rt_volume)
        self._look(moved.after)

    def end(self) -> None:
        """Called off before its end."""
        self._ending.call_off()
        self._line.end()

    def _look(self, quote: Quote) -> None:
        if is_complete(quote):
            self._ending.call_off()
            self._finish()

    def _finish(self) -> None:
        self._done()
        self._send(SnapshotEnd(self._req_id))


AnyLine = Line | SnapshotLine | DelayedLine
