"""Claims in, requests out: who hears which prices, over which lines.

Owns the budget of market data lines. What is to be had is `plan`, what has become of each line is
`stages`; here it is carried out. A cancel always leaves before the request that takes its line, so
the broker never counts more lines than there may be. Whoever may have missed ticks is told.
"""

import asyncio
from collections.abc import Callable, Iterable

from backstay.broker.doors.market import Rank, Subscription
from backstay.broker.doors.wire import Line, Now, TickSink
from backstay.broker.feeds import plan, stages
from backstay.broker.feeds.requests import GENERIC_TICKS, REAL_TIME, Doors
from backstay.broker.feeds.rulings import Ending, Upset, ruling, upset
from backstay.broker.feeds.stages import Stage, Standing
from backstay.broker.feeds.stream import Claim, Stream
from backstay.broker.health import Sign
from backstay.broker.news import ErrorNews
from backstay.broker.notices import Notice, Tell
from backstay.domain.ids import Lane
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.instruments import Instrument
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.ticks.feeds import FeedReport
from backstay.domain.ticks.quotes import Feed

BEAT_SECONDS = 1.0
LINGER_SECONDS = 5.0
"""How long a line is kept that nobody wants: what was armed is guarded a moment later, and must
not find that somebody else has taken its place.
"""

REGAIN_SECONDS = 60.0
"""How long after the broker granted fewer lines than expected one more is tried."""

LOST_SECONDS = 5.0
SILENCES_TOLD = 3


class SharedFeeds:
    """The feeds of one edge, across its connections."""

    def __init__(
        self,
        doors: Doors,
        phase: Callable[[int], MarketPhase],
        now: Now,
        tell: Tell,
        lines_max: int,
    ) -> None:
        self._doors = doors
        self._phase = phase
        self._now = now
        self._tell = tell
        self._lines_max = lines_max
        self._budget = lines_max
        self._budget_told = lines_max
        self._regain_at = 0.0
        self._line: Line | None = None
        self._streams: dict[int, Stream] = {}
        self._by_request: dict[int, Stream] = {}
        self._interrupted: list[Callable[[int], None]] = []
        self._count = 0
        self._competed_at = 0.0
        self._told: set[tuple[IncidentKind, int]] = set()

    # --- the door --------------------------------------------------------------------------

    def want(self, instrument: Instrument, sink: TickSink, rank: Rank) -> Subscription | None:
        """Have the prices of an instrument heard; None if no line is left for this rank."""
        con_id = instrument.con_id
        self._count += 1
        stream = self._streams.get(con_id)
        if stream is None:
            stream = Stream(instrument, self._count, self._on_tick, self._on_delayed)
        if stream.standing.stage is Stage.BARRED:
            stream.standing = Standing()
        has_lingered = not stream.claims and stream.request_id is not None
        claim = Claim(con_id, sink, rank, self._give_up)
        stream.claim(claim)
        others = (each for each in self._streams.values() if each is not stream)
        if con_id not in self._chosen((*others, stream)):
            stream.give_up(claim)
            return None
        self._streams[con_id] = stream
        if has_lingered:
            # What stands was told to others; who comes new would wait for the next change.
            self._ask_again(stream)
        self._settle()
        return claim

    def report(self, con_id: int) -> FeedReport | None:
        """What is known of the instrument's line; None if nobody wants it."""
        stream = self._streams.get(con_id)
        if stream is None:
            return None
        line, standing = self._line, stream.standing
        return FeedReport(
            is_connected=line is not None and line.is_open and standing.stage is not Stage.DOUBTED,
            is_subscribed=standing.is_subscribed,
            lines_used=self.lines_used,
            lines_max=self._budget,
            feed=stream.feed,
        )

    def ask_anew(self, con_id: int) -> None:
        """Have the prices that stand told once more, if there is a line that lives."""
        stream = self._streams.get(con_id)
        if stream is not None and stream.standing.is_alive:
            self._ask_again(stream)

    def on_interrupted(self, told: Callable[[int], None]) -> None:
        """Have it told (by contract) that ticks may have been missed."""
        self._interrupted.append(told)

    @property
    def lines_used(self) -> int:
        """How many lines are taken."""
        return sum(stream.is_granted for stream in self._streams.values())

    @property
    def lines_max(self) -> int:
        """How many there are; fewer than configured once the broker has refused one."""
        return self._budget

    # --- connections --------------------------------------------------------------------------

    def attach(self, line: Line) -> None:
        """Subscribe everything, what is guarded first: on a new connection, or on the old one if
        the broker has forgotten what was subscribed (1101).
        """
        if line is self._line:
            for stream in self._asked():
                self._ask_again(stream)
        else:
            self._line = line
            self._budget = self._budget_told = self._lines_max
            self._told.clear()
            self._forget_requests()
            frame = self._doors.writing.market_data_type(REAL_TIME)
            self._doors.lanes.send(Lane.DATA, lambda: (frame,), _ignore)
        self._settle()
        self._interrupt(self._streams)

    def detach(self) -> None:
        """The connection is gone, and with it every line."""
        self._line = None
        self._forget_requests()
        self._interrupt(self._streams)

    def on_error(self, news: ErrorNews) -> None:
        """An error about one of our requests, or about the connection; others are not ours."""
        stream = self._by_request.get(news.subject_id)
        if stream is not None:
            self._on_request_error(stream, news)
            return
        match upset(news.code):
            case Upset.LOST | Upset.BROKEN:
                self._all_stand(stages.doubted)
            case Upset.BACK:
                self._all_stand(stages.restored)
            case None:
                """It says nothing about prices."""

    async def tend(self, sign: Sign) -> None:
        """For ever: ask again for what is due. To be run under supervision."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            sign()
            self.look()

    def look(self) -> None:
        """Ask again for what is due, drop what lingers, and try to regain a line."""
        now = _time()
        self._say_lowered()
        for stream in list(self._streams.values()):
            self._look_at(stream, now)
        if self._budget < self._lines_max and now >= self._regain_at:
            self._budget += 1
            self._regain_at = now + REGAIN_SECONDS
        self._settle()

    # --- one stream ---------------------------------------------------------------------------

    def _look_at(self, stream: Stream, now: float) -> None:
        if not stream.claims and now >= stream.lingers_until:
            self._stop(stream)
            del self._streams[stream.con_id]
        elif stages.is_due(stream.standing, now, is_open=self._is_open(stream.con_id)):
            if stream.standing.stage is Stage.BARRED:
                stream.standing = Standing()
                return
            if stages.is_silence(stream.standing):
                stream.standing = stages.silent(stream.standing)
                self._say_silent(stream)
            self._ask_again(stream)
            self._interrupt((stream.con_id,))

    def _is_open(self, con_id: int) -> bool:
        """Whether silence means something; where nothing is known of the hours, it does."""
        return self._phase(con_id) is not MarketPhase.CLOSED

    def _on_tick(self, stream: Stream) -> None:
        before = stream.standing
        stream.standing = stages.ticked(before, _time())
        if not stream.standing.is_alive:
            return
        # Whatever a person was told about it is over, and is told again if it comes back.
        self._told.discard((IncidentKind.DATA_LOST, stream.con_id))
        if stream.standing.since >= self._competed_at + stages.PROOF_SECONDS:
            self._told.discard((IncidentKind.COMPETING_SESSION, 0))
        if before.stage is not Stage.ASKED:
            # Only what changes comes by itself: a price that stands is told to who asks anew.
            self._ask_again(stream)
            self._interrupt((stream.con_id,))

    def _on_delayed(self, stream: Stream) -> None:
        self._say(IncidentKind.DATA_LOST, stream, f"its prices are {stream.feed}")

    def _on_request_error(self, stream: Stream, news: ErrorNews) -> None:
        judged = ruling(news.code)
        now = _time()
        match judged.ending:
            case Ending.GOES_ON:
                """The line lives."""
            case Ending.DELAYED:
                stream.feed = Feed.DELAYED
            case Ending.REFUSED:
                # Its id is kept: prices may come again by themselves.
                stream.standing = stages.refused(stream.standing, now, judged.pause_seconds)
            case Ending.BARRED:
                self._retire(stream)
                stream.standing = stages.barred(now, judged.pause_seconds)
                stream.is_granted = False
            case Ending.TOO_MANY:
                self._retire(stream)
                stream.standing = Standing()
                stream.is_granted = False
                self._lower_budget(now)
        if judged.ending is not Ending.GOES_ON:
            self._interrupt((stream.con_id,))
        if judged.incident is IncidentKind.COMPETING_SESSION:
            self._competed_at = now
        if judged.incident is not None:
            self._say(judged.incident, stream, f"{news.code}: {news.text}")
        self._settle()

    def _lower_budget(self, now: float) -> None:
        """What was asked for and not refused is what there is, or soon even fewer."""
        self._budget = sum(each.standing.is_subscribed for each in self._streams.values())
        self._regain_at = now + REGAIN_SECONDS

    def _say_lowered(self) -> None:
        if self._budget < self._budget_told:
            self._budget_told = self._budget
            text = f"the broker grants {self._budget} lines, not {self._lines_max}"
            self._tell(Notice(IncidentKind.DATA_LOST, "market data lines", text, self._now()))

    # --- requests -----------------------------------------------------------------------------

    def _chosen(self, streams: Iterable[Stream]) -> tuple[int, ...]:
        wanted = (each.demand for each in streams if each.standing.stage is not Stage.BARRED)
        return plan.lines(wanted, self._budget)

    def _settle(self) -> None:
        """Give the lines as planned: first take, then give, the most important first."""
        chosen = self._chosen(self._streams.values())
        displaced = [
            stream
            for con_id, stream in self._streams.items()
            if stream.is_granted and con_id not in chosen
        ]
        for stream in displaced:
            stream.is_granted = False
            self._stop(stream)
        for con_id in chosen:
            stream = self._streams[con_id]
            stream.is_granted = True
            if self._line is not None and stream.standing.stage is Stage.OFF:
                self._ask(stream)
        self._interrupt(stream.con_id for stream in displaced if stream.claims)
        self._say_without_line(chosen)

    def _ask(self, stream: Stream) -> None:
        """Queue the request; its id is taken as it leaves, and it leaves only if still meant."""
        meant = stages.queued(stream.standing, _time())
        stream.standing = meant
        stream.feed = Feed.REAL_TIME

        def depart() -> tuple[bytes, ...]:
            if stream.standing is not meant or self._line is None:
                return ()
            request_id = self._doors.numbers.next_request_id()
            stream.request_id = request_id
            self._by_request[request_id] = stream
            self._line.sink(request_id, stream)
            stream.standing = stages.asked(stream.standing, _time())
            doors = self._doors
            return (doors.writing.market_data(request_id, stream.instrument, GENERIC_TICKS),)

        def lost(_why: str) -> None:
            if stream.standing is meant:
                stream.standing = stages.refused(meant, _time(), LOST_SECONDS)

        self._doors.lanes.send(Lane.DATA, depart, lost)

    def _ask_again(self, stream: Stream) -> None:
        silences = stream.standing.silences
        self._stop(stream)
        stream.standing = Standing(silences=silences)
        self._ask(stream)

    def _stop(self, stream: Stream) -> None:
        """Give the line back, if the broker may think it taken."""
        request_id = self._retire(stream)
        stream.standing = Standing()
        if request_id is not None and self._line is not None:
            frame = self._doors.writing.end_market_data(request_id)
            self._doors.lanes.send(Lane.DATA, lambda: (frame,), _ignore)

    def _retire(self, stream: Stream) -> int | None:
        """Hear nothing of this request any more."""
        request_id, stream.request_id = stream.request_id, None
        if request_id is not None:
            del self._by_request[request_id]
            if self._line is not None:
                self._line.sink(request_id, None)
        return request_id

    def _give_up(self, claim: Claim) -> None:
        stream = self._streams.get(claim.con_id)
        if stream is None or not stream.give_up(claim):
            return
        if not stream.claims:
            stream.lingers_until = _time() + LINGER_SECONDS
        self._settle()

    def _asked(self) -> tuple[Stream, ...]:
        """Those whose request the broker has, the most important first."""
        order = self._chosen(self._streams.values())
        streams = (self._streams[con_id] for con_id in order)
        return tuple(stream for stream in streams if stream.request_id is not None)

    def _forget_requests(self) -> None:
        self._by_request.clear()
        for stream in self._streams.values():
            stream.request_id = None
            stream.standing = Standing()

    # --- telling ------------------------------------------------------------------------------

    def _all_stand(self, step: Callable[[Standing, float], Standing]) -> None:
        now = _time()
        changed = []
        for stream in self._streams.values():
            before, stream.standing = stream.standing, step(stream.standing, now)
            if stream.standing.stage is not before.stage:
                changed.append(stream.con_id)
        self._interrupt(changed)

    def _interrupt(self, con_ids: Iterable[int]) -> None:
        for con_id in tuple(con_ids):
            for told in self._interrupted:
                told(con_id)

    def _say(self, kind: IncidentKind, stream: Stream, text: str) -> None:
        """Tell a person, once until it is over; of a competing session once for all streams."""
        is_of_all = kind is IncidentKind.COMPETING_SESSION
        about = (kind, 0 if is_of_all else stream.con_id)
        if about in self._told:
            return
        self._told.add(about)
        subject = "market data" if is_of_all else f"{stream.instrument.symbol} {stream.con_id}"
        self._tell(Notice(kind, subject, text, self._now()))

    def _say_silent(self, stream: Stream) -> None:
        if stream.claims and stream.standing.silences >= SILENCES_TOLD:
            times = stream.standing.silences
            self._say(IncidentKind.DATA_LOST, stream, f"subscribed {times} times, and silent")

    def _say_without_line(self, chosen: Iterable[int]) -> None:
        for con_id, stream in self._streams.items():
            if stream.rank is Rank.GUARDED and con_id not in chosen:
                self._say(IncidentKind.DATA_LOST, stream, "it is guarded and has no data line")


def _time() -> float:
    return asyncio.get_running_loop().time()


def _ignore(_why: str) -> None:
    """What was to leave is of no use to a connection that is gone."""
