"""A history that keeps itself up to date."""

from collections.abc import Callable

from backstay.gateway.agenda import Agenda, Appointment
from backstay.gateway.front.ticks import Draft
from backstay.gateway.market.words import Instrument, Moved, Quote
from backstay.gateway.messages.data_replies import Bar, HistoricalBarUpdate
from backstay.gateway.messages.replies import Reply
from backstay.gateway.times import SECOND_NS

UPDATE_NS = 5 * SECOND_NS


class BarStream:
    """The running bar, at most every five seconds; a bar that has ended is told once more."""

    __slots__ = ("_agenda", "_next", "_read", "_req_id", "_send", "_shown", "con_id")
    wants_rt_volume = False

    def __init__(
        self,
        agenda: Agenda,
        req_id: int,
        instrument: Instrument,
        send: Callable[[Reply], None],
        read: Callable[[], tuple[Bar, ...]],
        shown: Bar,
    ) -> None:
        self.con_id = instrument.con_id
        self._agenda = agenda
        self._req_id = req_id
        self._send = send
        self._read = read
        self._shown = shown
        self._next: Appointment | None = None

    def refresh(self, quote: Quote) -> None:
        """After a silence the running bar is told when the price moves next."""

    def hear(self, moved: Moved, drafts: tuple[Draft, ...], rt_volume: str) -> None:  # noqa: ARG002
        """Look at the bars soon."""
        if self._next is None:
            self._next = self._agenda.after(UPDATE_NS, "bar update", self._tell)

    def end(self) -> None:
        """Nothing is to come any more."""
        if self._next is not None:
            self._next.call_off()

    def _tell(self) -> None:
        self._next = None
        shown = self._shown
        bars = self._read()
        known = next((at for at, bar in enumerate(bars) if bar.date == shown.date), 0)
        for bar in bars[known:]:
            if bar != shown:
                self._send(HistoricalBarUpdate(self._req_id, bar))
        if bars:
            self._shown = bars[-1]
