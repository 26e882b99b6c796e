"""The shots: each is a tick that fires a trigger and sends an order, down a lane to nowhere.

After as many shots as a second's messages allow, everything behind the trigger is set up anew, so
that nothing grows and no rule about the pace of entries holds one back.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from itertools import count

from backstay.broker.clock.broker_clock import BrokerClock
from backstay.broker.desk.around import Around
from backstay.broker.desk.kill import KillSwitch
from backstay.broker.desk.last_hop import LastHop
from backstay.broker.desk.release import Release
from backstay.broker.doors.ordering import Prepared
from backstay.broker.drill import blanks
from backstay.broker.inbox.inbox import BrokerInbox
from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.line.asks import BrokerAsks
from backstay.broker.line.encoding import Encoder
from backstay.broker.line.numbers import IdNumbers
from backstay.broker.line.questions import Questions
from backstay.broker.line.reading import Ears, Reading
from backstay.broker.translation.writing import FrameWriting
from backstay.broker.watch.watch import TickWatch
from backstay.domain.instruments import Instrument
from backstay.domain.limits.kill import KillState
from backstay.domain.ticks.triggers import TriggerDecision, TriggerState

SHOTS = 30
"""Of one set-up; entries may take so many messages in any second."""

_BELOW, _ABOVE, _ASK = b"99", b"101.05", b"102"
_BID_TYPE, _ASK_TYPE = 1, 2


PAUSE_SECONDS = 1.0
"""How often it is looked whether anything is armed by now."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a shot is fired at."""

    release: Release
    last_hop: LastHop


class Drill:
    """Walks the way from a tick to an order with blanks."""

    def __init__(self, clock: BrokerClock, zone: tzinfo) -> None:
        self._clock = clock
        self._zone = zone
        self.shots = 0
        """How many orders have left for nowhere."""

        now = clock.now()
        self._reading = Reading(Ears(object(), _ignore, began=clock.begin_read))
        self._market = blanks.OpenMarket(self._reading, now)
        self._watch = TickWatch(
            self._market, self._market, timedelta(0), clock.now, _ignore, read_at=clock.read_at
        )
        self._session = blanks.OpenSession(now)
        self._instruments = blanks.instruments(SHOTS)
        self._encoder = Encoder()
        self._writing = FrameWriting(self._encoder)
        self._numbers = count()
        self._frame = self._writing.order(
            blanks.order(0, self._instruments[0], now).intent, transmit=True
        )

    async def run(
        self, every: timedelta, armed: Callable[[], int], sign: Callable[[], None]
    ) -> None:
        """Shoot whenever anything is armed, for ever."""
        seconds = every / timedelta(seconds=1)
        while True:
            sign()
            if not armed():
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            desk = self._set_up()
            for instrument in self._instruments:
                await asyncio.sleep(seconds)
                self._shoot(desk, instrument)

    def _set_up(self) -> "_Desk":
        """A desk, and all that stands behind it, as it is at the beginning of a day."""
        now = self._clock.now
        inbox, lanes = BrokerInbox(blanks.ACCOUNT, 1, now, _ignore), OutgoingLanes(_ignore, now)
        lanes.attach(self._count)
        kill = KillSwitch()
        kill.heard(KillState())
        numbers = IdNumbers()
        asks = BrokerAsks(Questions(lanes), numbers, self._encoder, self._writing)
        around = Around(
            lanes, numbers, self._writing, inbox, self._session, asks, now, _ignore, self._zone
        )
        last_hop = LastHop(
            blanks.LIMITS, kill, lambda: (blanks.ACCOUNT,), self._market, self._watch, inbox
        )
        return _Desk(Release(around, last_hop), last_hop)

    def _shoot(self, desk: "_Desk", instrument: Instrument) -> None:
        submission = blanks.order(next(self._numbers), instrument, self._clock.now())
        cleared = desk.last_hop.clearance(submission)
        prepared = Prepared(submission, self._frame, None, None, self._session.epoch, cleared)

        def fire(_decision: TriggerDecision, _state: TriggerState) -> None:
            desk.release.release(prepared)

        key = submission.intent.key
        seat = self._watch.arm(key, instrument, blanks.TRIGGER, None, fire, _ignore)
        request = b"%d" % instrument.con_id
        self._reading.read(iter((b"58\x001\x00%b\x001\x00" % request,)))
        first = (_tick(request, _ASK_TYPE, _ASK), _tick(request, _BID_TYPE, _BELOW))
        self._reading.read(iter(first))
        self._reading.read(iter((_tick(request, _BID_TYPE, _ABOVE),)))
        if seat is not None:
            seat.end()

    def _count(self, _frames: bytes) -> None:
        """This is where the wire would be."""
        self.shots += 1


def _tick(request: bytes, kind: int, price: bytes) -> bytes:
    return b"1\x006\x00%b\x00%d\x00%b\x00100\x000\x00" % (request, kind, price)


def _ignore(_what: object) -> None:
    """Nobody is told of a drill."""
