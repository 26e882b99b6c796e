"""What the rooms of the edge ask of each other; none knows more of another than stands here.

Everything runs in one event loop. What is synchronous here is so on purpose: it happens in the turn
in which it is called.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Protocol

from backstay.broker.news import ErrorNews, News
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.changing import CancelAnswer, ModifyAnswer
from backstay.domain.edge.contracts import (
    InstrumentQuery,
    PreviewAnswer,
    ResolveAnswer,
    VolatilityAnswer,
)
from backstay.domain.edge.guards import Exit, Guard
from backstay.domain.edge.looking import FindAnswer
from backstay.domain.edge.session import BrokerTime, SessionReport
from backstay.domain.edge.snapshot import BrokerSnapshot, Completeness
from backstay.domain.edge.submission import NotSent, Submission, SubmitAnswer
from backstay.domain.ids import IntentKey, Lane
from backstay.domain.instruments import Instrument
from backstay.domain.limits.clearance import Clearance
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.facts import LiveOrder, Touch
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.view import OrderView
from backstay.domain.sessions.calendar import Calendar, MarketPhase
from backstay.domain.sides import Side
from backstay.domain.ticks.feeds import FeedReport
from backstay.domain.ticks.guarding import Guarded
from backstay.domain.ticks.quotes import Quote
from backstay.domain.ticks.triggers import Trigger, TriggerDecision, TriggerState

Now = Callable[[], datetime]
"""Broker time, the best that is known of it."""

Hear = Callable[[News], None]
"""Takes news in, in the turn in which its bytes were read."""


class EdgeError(Exception):
    """What can keep an answer away."""


class NotAnsweredError(EdgeError):
    """A request was not answered in time, or the line died before; it is never taken for none."""


class RequestRefusedError(EdgeError):
    """The broker answered a request with an error."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


# --- line -------------------------------------------------------------------------------------


class TickSink(Protocol):
    """Hears the market data of one request, in the order in which it stands on the wire.

    Prices and texts are the broker's own letters; the tick types are IB's numbers.
    """

    def on_price(self, tick_type: int, price: bytes) -> None:
        """A tickPrice message."""

    def on_text(self, tick_type: int, value: bytes) -> None:
        """A tickString message: 45 is the time of the last trade, 48 the real-time volume."""

    def on_generic(self, tick_type: int, value: bytes) -> None:
        """A tickGeneric message: 49 says whether trading is halted."""

    def on_data_type(self, data_type: int) -> None:
        """A marketDataType message: 1 real-time, 2 frozen, 3 delayed, 4 delayed and frozen."""


class Line(Protocol):
    """One connection that has shaken hands. It dies once; a new one takes its place.

    Of what comes in one read, facts are heard and settled before the quotes that stand behind them.
    """

    @property
    def is_open(self) -> bool:
        """Whether bytes can still leave."""

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that the gateway reports for this login."""

    @property
    def heard_at(self) -> float:
        """When the last byte came, on the loop's clock."""

    def write(self, frames: bytes) -> None:
        """Put whole frames on the wire now. Only the lanes do this."""

    def sink(self, request_id: int, sink: TickSink | None) -> None:
        """Have the market data of a request heard by `sink`; None: by nobody any more."""

    def close(self) -> None:
        """Hang up."""


class Numbers(Protocol):
    """Ids that the broker tells orders and requests by. They never overlap.

    An order id is taken in the turn in which its order leaves, and is never below one that the
    broker or we have used: an id below the sequence is refused (103).
    """

    def next_order_id(self) -> int:
        """A new order id."""

    def next_request_id(self) -> int:
        """A new request id, far above every order id."""

    def is_request(self, subject_id: int) -> bool:
        """Whether an error with this id is about a request."""

    def heard(self, order_id: int) -> None:
        """An order id that the broker uses: ours come after it."""


@dataclass(frozen=True, slots=True)
class OrderFrame:
    """An order's frame, written ahead: only its own id and its parent's are put in as it leaves."""

    head: bytes
    middle: bytes
    tail: bytes
    is_child: bool

    def at(self, order_id: int, parent_id: int = 0) -> bytes:
        """The whole frame, its length included."""
        parent = parent_id if self.is_child else 0
        body = b"%b%d%b%d%b" % (self.head, order_id, self.middle, parent, self.tail)
        return len(body).to_bytes(4, "big") + body


class Writing(Protocol):
    """Requests as whole frames, encoded by ib_async."""

    def order(self, intent: OrderIntent, *, transmit: bool, what_if: bool = False) -> OrderFrame:
        """A new order, or with the id of a live one its modification. A child sent with its parent
        names it; a modification never does (135).
        """

    def cancel(self, order_id: int) -> bytes:
        """A cancelOrder request."""

    def market_data(self, request_id: int, instrument: Instrument, generic: str) -> bytes:
        """A reqMktData request, streaming."""

    def end_market_data(self, request_id: int) -> bytes:
        """A cancelMktData request."""

    def market_data_type(self, data_type: int) -> bytes:
        """A reqMarketDataType request."""


class Answers(Protocol):
    """Collects the answer to each question. A question is named by its request id, or where the
    protocol gives it none by its words: "open orders", "completed orders", "positions",
    "current time", "account". A what-if is named by its order id.
    """

    def add(self, question: int | str, item: object) -> None:
        """One more item of the answer."""

    def end(self, question: int | str) -> None:
        """The answer is complete."""

    def fail(self, question: int, code: int, text: str) -> bool:
        """The broker says no; whether anybody had asked."""

    def spoil(self, kind: str, why: str) -> None:
        """What may have been an item of an answer could not be read: whatever question of this
        kind is under way is not answered by it, and is told so at its end, which is now if all of
        it comes in one message.
        """


# --- lanes ------------------------------------------------------------------------------------

Departure = Callable[[], Sequence[bytes]]
"""Called in the turn in which a message leaves: its frames, which leave together, or none if it is
not to be sent any more. Ids are taken and registered in here."""

Lost = Callable[[str], None]
"""Told that what was accepted into a lane will never leave, and why."""


class Lanes(Protocol):
    """The only way to the wire. A lower lane never waits for a higher one."""

    def send(
        self, lane: Lane, departure: Departure, lost: Lost, messages: int = 1, symbol: str = ""
    ) -> bool:
        """Have it leave as soon as its lane allows; whether it has left in this turn.

        `symbol` paces entries: one a second.
        """

    @property
    def waiting(self) -> int:
        """How many messages wait."""


# --- asking -----------------------------------------------------------------------------------


class Asks(Protocol):
    """Requests with a complete answer, one of a kind at a time. Each raises NotAnsweredError or
    RequestRefusedError; what is heard on the way goes to whoever hears the news, too.
    """

    async def current_time(self) -> datetime:
        """The broker's clock, in whole seconds; also the proof that the session lives."""

    async def open_orders(self) -> None:
        """All living orders of all clients, as news."""

    async def completed_orders(self) -> None:
        """The orders of today that are over, as news."""

    async def executions(self) -> None:
        """The executions of today, as news."""

    async def positions(self) -> tuple[int, ...]:
        """The positions of all accounts, as news; the contracts named, so that what is not is flat.

        The broker goes on telling their changes.
        """

    async def account(self, account: str) -> None:
        """The account's figures, as news; the broker goes on telling their changes."""


# --- inbox ------------------------------------------------------------------------------------

Changed = Callable[[IntentKey, OrderView], None]
"""Told once after a read for each of our orders of which something new was heard in it."""


@dataclass(frozen=True, slots=True)
class Registered:
    """An order of ours that has left, or that the broker has shown: what is known besides facts.

    `order_ids` are those under which it can be reached in this session. It is attached if it was
    sent with its parent, or if the broker describes it so.
    """

    key: IntentKey
    con_id: int
    intent: OrderIntent | None
    order_ids: tuple[int, ...]
    is_attached: bool = False


class Inbox(Protocol):
    """What the broker has told, by key."""

    def hear(self, news: News) -> None:
        """Take news in; errors about orders come by way of the desk, which judges them."""

    def expect(self, intent: OrderIntent, order_id: int) -> None:
        """This order leaves now under this id: from now on whatever is said of the id is its."""

    def remember(self, intent: OrderIntent) -> None:
        """Join an intent that is given again, as after a restart, with what is known of its order;
        nothing is expected of the broker by it.
        """

    def absent(self, key: IntentKey) -> None:
        """It is proven that the broker never had the order: nothing is expected of it any more."""

    def knows(self, key: IntentKey) -> bool:
        """Whether anything of this key was ever sent from here or shown by the broker."""

    def registered(self, key: IntentKey) -> Registered | None:
        """What is known of an order besides its facts."""

    def keys_of(self, trade: str) -> tuple[IntentKey, ...]:
        """Every key of a trade that is known, in order."""

    def key_of(self, order_id: int) -> IntentKey | None:
        """Whose order id of this client that is."""

    def view(self, key: IntentKey) -> OrderView | None:
        """What the facts amount to, or None if nothing is known."""

    def live_orders(self, con_id: int) -> tuple[LiveOrder, ...]:
        """Our orders of a contract that may still fill; one whose fate is unknown counts, and so
        does a parent that leaves together with its stop.
        """

    def position(self, con_id: int) -> Decimal:
        """What is held of a contract, as the broker reported it last; where executions that were
        heard since have led on from there, as they have it.
        """

    def executed_since(self, con_id: int, at: datetime) -> Decimal:
        """What all listed executions of a contract since `at` have done to its position."""

    def executed_just_then(self, con_id: int, at: datetime) -> tuple[Decimal, ...]:
        """What each of them did that may as well have come before `at`: stamps are seconds."""

    @property
    def completeness(self) -> Completeness:
        """When each question was last completely answered in this session."""

    def snapshot(self) -> BrokerSnapshot:
        """Everything, as of now."""

    def follow(self, changed: Changed) -> None:
        """Have every change told, from now on."""


class SyncedInbox(Inbox, Protocol):
    """The inbox as whoever reads and asks the broker keeps it."""

    def begin_session(self) -> None:
        """A new connection: facts stay, but order ids and completeness start anew."""

    def answered(self, question: str, asked_at: datetime, contracts: Sequence[int] = ()) -> None:
        """A question of `Answers` that was asked at `asked_at` has been answered completely; for
        positions with the contracts that the answer named.
        """

    def settle(self) -> None:
        """Tell what has changed; called once after each read."""

    def unexplained(self) -> tuple[IntentKey, ...]:
        """Our orders of which the last complete answers leave open what became of them: ask."""


# --- session ----------------------------------------------------------------------------------


class Session(Protocol):
    """Whether there is a session that may be used, and what becomes of it."""

    @property
    def report(self) -> SessionReport:
        """State, since when, why."""

    @property
    def may_send(self) -> bool:
        """Ready, and proven fresh: after a stall of more than a second it isn't until the broker
        has answered.
        """

    @property
    def may_modify(self) -> bool:
        """Only while ready: a modification that is lost from view can leave two orders behind."""

    @property
    def epoch(self) -> int:
        """How many sessions have been synced; what was prepared in another one is stale."""

    def on_change(self, told: Callable[[SessionReport], None]) -> None:
        """Have every change of state told."""


class Time(Protocol):
    """Broker time."""

    def now(self) -> datetime:
        """The best that is known of the broker's clock."""

    @property
    def known(self) -> BrokerTime | None:
        """With its error, or None before the broker has said anything."""


# --- contracts and feeds ----------------------------------------------------------------------


class Catalogue(Protocol):
    """Contracts, their price grids and their hours, asked for once and kept for a while."""

    async def resolve(self, query: InstrumentQuery) -> ResolveAnswer:
        """The contract that a plan names, or the nearest that exist."""

    async def volatility(self, instrument: Instrument, days: int) -> VolatilityAnswer:
        """How much it has moved a day."""

    def calendar(self, con_id: int) -> Calendar | None:
        """Its sessions, if they are known."""

    def phase(self, con_id: int) -> MarketPhase:
        """What its market does now; unknown where the calendar is."""

    def zone_name(self, con_id: int) -> str | None:
        """The time zone of its exchange."""


class Rank(IntEnum):
    """Who gives up a market data line first: the highest number."""

    GUARDED = 0
    ARMED = 1
    WANTED = 2


class Subscription(Protocol):
    """Somebody's claim on the prices of an instrument; several share one line."""

    def end(self) -> None:
        """Give the claim up."""


class Feeds(Protocol):
    """Who hears which prices. Lines are a budget."""

    def want(self, instrument: Instrument, sink: TickSink, rank: Rank) -> Subscription | None:
        """Have the prices of an instrument heard; None if no line is left for this rank.

        The same instrument wanted twice shares its first sink's line; the watch has one sink each.
        """

    def report(self, con_id: int) -> FeedReport | None:
        """What is known of the instrument's line."""

    def on_interrupted(self, told: Callable[[int], None]) -> None:
        """Have it told (by contract) that ticks may have been missed."""


# --- watch ------------------------------------------------------------------------------------


class Quotes(Protocol):
    """The prices that stand now."""

    def quote(self, con_id: int) -> Quote | None:
        """The quote of an instrument that is watched."""

    def touch(self, con_id: int) -> Touch | None:
        """Its best prices, when a tick last proved them alive, and what is wrong with them."""

    def is_live(self, con_id: int) -> bool:
        """Whether its data is confirmed good."""


class ArmedWatch(Protocol):
    """A trigger that is watched."""

    @property
    def state(self) -> TriggerState:
        """How far it has come."""

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick came."""

    def retrigger(self, trigger: Trigger) -> None:
        """Watch another trigger instead, anew."""

    def end(self) -> None:
        """Watch it no longer."""


class Attendance(Protocol):
    """Somebody who waits for a good price, whatever it is."""

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick came."""

    def again(self) -> None:
        """What was told has come to nothing: tell the next time, too."""

    def end(self) -> None:
        """Wait no longer."""


class GuardedWatch(Protocol):
    """A stop that is watched while it moves. What confirms it is told in the turn of the tick."""

    @property
    def guarded(self) -> Guarded:
        """Where the stop stands."""

    @property
    def last_tick_at(self) -> datetime | None:
        """When the last good tick came."""

    def move_stop(self, stop: Decimal) -> None:
        """Put the stop where the operator wants it."""

    def break_even(self, entry_price: Decimal) -> None:
        """Put it at the entry's price, if that is tighter."""

    def tighten_trail(self, distance: Decimal) -> None:
        """Shorten the trail; ValueError where there is none, or it is not shorter."""

    def end(self) -> None:
        """Watch it no longer."""


Triggered = Callable[[TriggerDecision, TriggerState], None]
"""Told in the turn of the tick that decided: fire or missed."""

Rebased = Callable[[TriggerState], None]
"""Told when a trigger's level has moved, so that the order can be prepared anew."""

StopFired = Callable[[Exit, Guarded], None]
"""Told in the turn of the tick, or of the time, that confirmed a stop or reached a target."""

StopMoved = Callable[[Guarded], None]
"""Told when a trail has moved the stop."""


class Watch(Quotes, Protocol):
    """Ticks to decisions."""

    def arm(
        self,
        name: IntentKey,
        instrument: Instrument,
        trigger: Trigger,
        state: TriggerState | None,
        triggered: Triggered,
        rebased: Rebased,
    ) -> ArmedWatch | None:
        """Watch a trigger, from where an earlier watch of it had come; None without a data line."""

    def attend(
        self, name: IntentKey, instrument: Instrument, side: Side, quoted: Callable[[], None]
    ) -> Attendance | None:
        """Wait for a good price to trade at now, and tell once; None without a data line."""

    def guard(
        self,
        name: IntentKey,
        guard: Guard,
        fired: StopFired,
        moved: StopMoved,
    ) -> GuardedWatch | None:
        """Watch a guard's stop and target; None without a data line."""


# --- desk -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order, with the stop attached to it if it has one, ready to leave.

    It is valid in the session epoch in which it was prepared. An entry is `cleared` if nothing but
    the moment in which it leaves is left to be judged.
    """

    submission: Submission
    frame: OrderFrame
    attached: Submission | None
    attached_frame: OrderFrame | None
    epoch: int
    cleared: Clearance | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """It is on the wire, or waits in its lane for the next free place."""

    key: IntentKey
    at: datetime
    on_the_wire: bool


class Releasing(Protocol):
    """The hot path of the desk."""

    def prepare(self, submission: Submission, attached: Submission | None = None) -> Prepared:
        """Write the frames ahead."""

    def release(self, prepared: Prepared) -> Left | Refused | NotSent:
        """Send it in this turn: the last hop is asked, ids are taken, the inbox expects it."""


class Desk(Releasing, Protocol):
    """The only code that sends orders."""

    async def submit(self, submission: Submission) -> SubmitAnswer:
        """Send an order, idempotently by its key, and say what came of it."""

    async def preview(self, intent: OrderIntent) -> PreviewAnswer:
        """Ask what an order would tie up, without sending it."""

    def cancel_now(self, key: IntentKey) -> bool:
        """Have the cancels of every life of the order leave in this turn; whether there was one."""

    def modify_now(self, submission: Submission) -> Left | Refused | NotSent:
        """Have the modification leave in this turn, if the session may modify."""

    async def find(self, key: IntentKey, con_id: int, asked: Asked) -> FindAnswer:
        """Ask the broker for an order, completely."""

    async def cancel(self, key: IntentKey) -> CancelAnswer:
        """Cancel every life of the order and wait a while for the evidence."""

    async def modify(self, submission: Submission) -> ModifyAnswer:
        """Modify the order and wait a while until the broker shows it so."""

    def on_error(self, news: ErrorNews) -> None:
        """Judge an error about an order and tell the inbox what it amounts to."""
