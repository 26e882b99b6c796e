"""What has to be known of a contract before it can be traded: when its market is open.

Whoever is given an instrument knows its id, so it is asked for by that; by its symbol alone it can
be ambiguous. That the broker knows no such contract is told, for nothing will ever leave in it.
"""

import asyncio
from contextlib import suppress
from functools import partial

from backstay.broker.doors.market import Catalogue
from backstay.broker.doors.wire import Now
from backstay.broker.errands import Errands
from backstay.broker.notices import Notice, Tell
from backstay.domain.edge.contracts import InstrumentQuery, NotAnswered, Unresolvable
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.instruments import Instrument

AGAIN_SECONDS = 1.0
SOON_SECONDS = 1.0


class Knowing:
    """Asks, on each session that is synced, until there is an answer."""

    def __init__(
        self,
        catalogue: Catalogue,
        synced: asyncio.Event,
        errands: Errands,
        now: Now,
        tell: Tell,
    ) -> None:
        self._catalogue = catalogue
        self._synced = synced
        self._errands = errands
        self._now = now
        self._tell = tell

    def begin(self, *instruments: Instrument | None) -> None:
        """Have each of them known; nobody waits for it."""
        for instrument in instruments:
            if instrument is not None:
                know = partial(self.know, instrument)
                self._errands.begin(f"get to know {instrument.con_id}", know)

    async def know_soon(self, instrument: Instrument) -> None:
        """Have it known, and wait no longer than a moment: whoever leaves can't wait."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.know(instrument), SOON_SECONDS)

    async def know(self, instrument: Instrument) -> None:
        """Have the sessions of an instrument known, for as long as that takes."""
        query = InstrumentQuery(
            instrument.symbol,
            instrument.exchange,
            instrument.currency,
            instrument.option,
            con_id=instrument.con_id,
        )
        while self._catalogue.calendar(instrument.con_id) is None:
            await self._synced.wait()
            answer = await self._catalogue.resolve(query)
            if isinstance(answer, Unresolvable):
                self._say_unknown(instrument, answer)
            if not isinstance(answer, NotAnswered):
                return
            await asyncio.sleep(AGAIN_SECONDS)

    def _say_unknown(self, instrument: Instrument, answer: Unresolvable) -> None:
        subject = f"{instrument.symbol}, contract {instrument.con_id}"
        text = f"nothing can be sent in it, because its hours are unknown: {answer.text}"
        self._tell(Notice(IncidentKind.STATE_INCONSISTENT, subject, text, self._now()))
