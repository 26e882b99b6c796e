"""The catalogue: contracts, their price grids and their hours, asked for once and kept a while.

Owns for how long each answer is good. An answer that did not come is never taken for "there is
none", and what can't be understood is not known. What was once resolved stays known: its calendar
says itself how far it reaches.
"""

import asyncio
from datetime import datetime
from typing import NamedTuple

from backstay.broker.contracts import building, ranges
from backstay.broker.contracts.asking import NO_CONTRACT, CatalogueAsks
from backstay.broker.contracts.choosing import choose, named, unknown
from backstay.broker.contracts.nearest import why_unlisted
from backstay.broker.contracts.refreshing import Life, Refreshing
from backstay.broker.doors.wire import EdgeError, Now, RequestRefusedError
from backstay.broker.health import Sign
from backstay.broker.notices import Tell
from backstay.broker.translation.contracts import DayBar, Listing, OptionChain
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    NotAnswered,
    ResolveAnswer,
    Resolved,
    Unresolvable,
    VolatilityAnswer,
)
from backstay.domain.instruments import Instrument
from backstay.domain.prices import PriceBand
from backstay.domain.sessions.calendar import Calendar, MarketPhase, changes_at, phase

BEAT_SECONDS = 10.0
HOUR = 3600.0
AFTER_MIDNIGHT_SECONDS = 300.0
"""How long after its day has changed an exchange's hours are asked for anew."""

RULE = Life(20 * HOUR, 4 * HOUR)
CHAIN = Life(0.8 * HOUR, 0.2 * HOUR)
BARS = Life(300.0, 300.0)
CONTRACT_GRACE_SECONDS = 6 * HOUR

MORE_BARS = 2
"""Beyond the days that are measured: the close before the first, and the day that still runs."""


class UnresolvableError(EdgeError):
    """There is no such contract."""

    def __init__(self, answer: Unresolvable) -> None:
        super().__init__(answer.text)
        self.answer = answer


class UnreadableError(EdgeError):
    """The broker's answer can't be understood."""


class PhaseHeld(NamedTuple):
    """A phase, and from when until when this calendar says so."""

    calendar: Calendar
    phase: MarketPhase
    since: datetime
    until: datetime

    def holds(self, calendar: Calendar, now: datetime) -> bool:
        """Whether this calendar still says so."""
        return self.calendar is calendar and self.since <= now < self.until


class ContractCatalogue:
    """The catalogue of one edge, across its connections."""

    def __init__(self, asks: CatalogueAsks, now: Now, tell: Tell) -> None:
        self._asks = asks
        self._now = now
        self._known: dict[int, tuple[InstrumentQuery, Resolved]] = {}
        self._phases: dict[int, PhaseHeld] = {}
        self._contracts = Refreshing[InstrumentQuery, Resolved](
            "contracts", self._ask_contract, self._contract_life, now, tell
        )
        self._rules = Refreshing[int, tuple[PriceBand, ...]](
            "market rules", asks.market_rule, lambda _: RULE, now, tell
        )
        self._chains = Refreshing[tuple[int, str], tuple[OptionChain, ...]](
            "option chains", self._ask_chains, lambda _: CHAIN, now, tell
        )
        self._bars = Refreshing[tuple[Instrument, int], tuple[DayBar, ...]](
            "daily bars", self._ask_bars, lambda _: BARS, now, tell
        )

    # --- the door ----------------------------------------------------------------------

    async def resolve(self, query: InstrumentQuery) -> ResolveAnswer:
        """The contract that a plan names, or the nearest that exist."""
        since = self._now()
        try:
            return await self._contracts.get(query)
        except UnresolvableError as error:
            return error.answer
        except EdgeError as error:
            return NotAnswered(f"{named(query)}: {error}", since)

    async def volatility(self, instrument: Instrument, days: int) -> VolatilityAnswer:
        """How much it has moved a day."""
        since = self._now()
        try:
            bars = await self._bars.get((instrument, days))
        except EdgeError as error:
            return NotAnswered(f"{instrument.symbol}: {error}", since)
        today = self._now().astimezone(building.zone(instrument.time_zone)).date()
        measured = ranges.volatility(bars, days, today)
        if measured is None:
            return NotAnswered(f"{instrument.symbol}: {len(bars)} daily bars are too few", since)
        return measured

    def calendar(self, con_id: int) -> Calendar | None:
        """Its sessions, if they are known."""
        known = self._look_up(con_id)
        return known.calendar if known else None

    def phase(self, con_id: int) -> MarketPhase:
        """What its market does now; unknown where the calendar is."""
        held, now = self._phases.get(con_id), self._now()
        if held is None or not held.holds(self._known[con_id][1].calendar, now):
            known = self._look_up(con_id)
            if known is None:
                return MarketPhase.UNKNOWN
            until = changes_at(known.calendar, now) or now
            held = PhaseHeld(known.calendar, phase(known.calendar, now), now, until)
            self._phases[con_id] = held
        return held.phase

    def zone_name(self, con_id: int) -> str | None:
        """The time zone of its exchange."""
        known = self._look_up(con_id)
        return known.instrument.time_zone if known else None

    async def tend(self, sign: Sign) -> None:
        """For ever: have what is due asked for anew. To be run under supervision."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            sign()
            self._contracts.look()
            self._rules.look()
            self._chains.look()
            self._bars.look()

    # --- asking -------------------------------------------------------------------------------

    async def _ask_contract(self, query: InstrumentQuery) -> Resolved:
        chosen = choose(query, await self._listings(query))
        if chosen is None:
            chosen = await self._why(query)
        if isinstance(chosen, Unresolvable):
            raise UnresolvableError(chosen)
        rule = chosen.market_rule(query.exchange)
        bands = () if rule is None else await self._rules.get(rule)
        try:
            found = building.resolved(query, chosen, bands)
        except ValueError as complaint:
            text = f"what the broker says of it can't be used: {complaint}"
            raise UnreadableError(text) from None
        self._known[found.instrument.con_id] = (query, found)
        return found

    async def _listings(self, query: InstrumentQuery) -> tuple[Listing, ...]:
        try:
            return await self._asks.contract_details(query)
        except RequestRefusedError as refusal:
            if refusal.code == NO_CONTRACT:
                return ()
            raise

    async def _why(self, query: InstrumentQuery) -> Unresolvable:
        """What is wrong with a query that nothing fits."""
        terms = query.option
        if terms is None:
            return unknown(query)
        stock = InstrumentQuery(query.symbol, query.exchange, query.currency)
        under = choose(stock, await self._listings(stock))
        if not isinstance(under, Listing):
            # An index has options, too, and is no stock: then only so much can be said.
            return unknown(query)
        chains = await self._chains.get((under.con_id, query.symbol))
        return await why_unlisted(query, terms, chains, self._exists)

    async def _exists(self, query: InstrumentQuery) -> bool:
        return choose(query, await self._listings(query)) is not None

    async def _ask_chains(self, key: tuple[int, str]) -> tuple[OptionChain, ...]:
        return await self._asks.option_parameters(*key)

    async def _ask_bars(self, key: tuple[Instrument, int]) -> tuple[DayBar, ...]:
        instrument, days = key
        return await self._asks.bars(instrument, days + MORE_BARS)

    def _contract_life(self, found: Resolved) -> Life:
        """Until its hours are told for another day."""
        now = self._now()
        midnight: datetime = building.next_midnight(found.instrument.time_zone, now)
        until = (midnight - now).total_seconds() + AFTER_MIDNIGHT_SECONDS
        return Life(until, CONTRACT_GRACE_SECONDS)

    def _look_up(self, con_id: int) -> Resolved | None:
        found = self._known.get(con_id)
        if found is None:
            return None
        query, resolved = found
        self._contracts.touch(query)
        return resolved
