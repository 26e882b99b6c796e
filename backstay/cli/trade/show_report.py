"""What `backstay trade show` has to say, as values."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote

from activities.ports import Engine
from backstay.cli.exits import SaysNoError
from backstay.cli.trade.finding import find
from backstay.domain.figures import seconds
from backstay.domain.limits.facts import AccountKind
from backstay.domain.orders.summary import OrderSummary
from backstay.domain.orders.words import name_of
from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import TradeFacts
from backstay.domain.trade.naming import Name
from backstay.domain.trade.pages import entry_text
from backstay.domain.trade.prospect import Prospect
from backstay.domain.trade.recounting import settlement_in, standing_of
from backstay.domain.trade.settlement import Settlement, settlement_of
from backstay.domain.trade.standing import TradeStanding
from backstay.domain.trade.terms import Terms
from backstay.domain.trade.timeline.lines import Clock, Line, What
from backstay.domain.trade.timeline.story import timeline_of
from workers.config import Settings
from workers.supervising.folder import DataFolder
from workers.supervising.roster import read_roster


@dataclass(frozen=True, slots=True)
class OrderFigures:
    """An order of the trade and what has filled of it; `key` is its name within the trade."""

    key: str
    side: str
    quantity: Decimal
    filled: Decimal
    average_price: Decimal | None
    end: str | None


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One thing that has happened: `at` by its own clock, and `shown_at` by the broker's. Both are
    None where nobody knows the moment any more.
    """

    at: datetime | None
    shown_at: datetime | None
    clock: Clock
    what: What
    key: str
    text: str
    to_the_second: bool


@dataclass(frozen=True, slots=True)
class TradeStory:
    """How a trade stands, and its life. `broker_ahead_seconds` is how far the broker's clock was
    ahead of the engine's when it was heard last; `result` what it has come to so far, or in
    the end; `look` where else it can be seen.
    """

    workflow_id: str
    account: str
    account_kind: AccountKind
    plan_id: str
    trade: str
    symbol: str
    side: str
    currency: str
    is_running: bool
    state: str
    doing: str
    why: str
    terms: Terms
    entry: str
    limit: Decimal | None
    quantity: Decimal | None
    filled: Decimal
    average_price: Decimal | None
    stop: Decimal | None
    left: Decimal
    exits: tuple[OrderFigures, ...]
    naked_seconds: Decimal
    naked_now: Decimal
    result: Settlement | None
    told: tuple[str, ...]
    broker_ahead_seconds: Decimal
    timeline: tuple[TimelineLine, ...]
    look: tuple[str, ...]


async def story_of(engine: Engine, settings: Settings, name: Name) -> TradeStory:
    """The story of the trade that is called so; SaysNoError if there is none."""
    found = await find(engine, settings, name)
    facts = await engine.story(found.workflow_id)
    return story_from(facts, settings.kind, looks(settings, facts))


def story_from(facts: TradeFacts, kind: AccountKind, look: tuple[str, ...] = ()) -> TradeStory:
    """The story that is in `facts`."""
    standing = standing_of(facts)
    if standing is None:
        raise SaysNoError(f"{facts.workflow_id}: nothing is written down of its beginning")
    timeline, entry, naked = timeline_of(facts), standing.entry, standing.naked
    return TradeStory(
        workflow_id=facts.workflow_id,
        account=standing.account,
        account_kind=kind,
        plan_id=standing.plan_id,
        trade=standing.trade,
        symbol=standing.symbol,
        side=standing.side.value,
        currency=_currency(facts),
        is_running=facts.is_running,
        state=standing.lifecycle.state.value,
        doing=standing.doing.value,
        why=standing.why,
        terms=standing.terms,
        entry=entry_text(standing),
        limit=standing.limit,
        quantity=standing.quantity,
        filled=standing.entered,
        average_price=None if entry is None else entry.average_price,
        stop=standing.stop,
        left=standing.left,
        exits=tuple(map(_figures, standing.exits)),
        naked_seconds=Decimal(0) if naked is None else naked.until(standing.at),
        naked_now=Decimal(0) if naked is None else naked.quantity,
        result=_result(facts, standing),
        told=standing.told,
        broker_ahead_seconds=seconds(timeline.broker_ahead),
        timeline=tuple(map(_line, timeline.lines)),
        look=look,
    )


def looks(settings: Settings, facts: TradeFacts) -> tuple[str, ...]:
    """The pages of the engine's own screen for the trade and its ways out, where that runs."""
    roster = read_roster(DataFolder(settings.data).roster)
    if roster is None or not roster.ui:
        return ()
    begun = (each.way_out for each in facts.entries if isinstance(each, chronicle.WayOutBegun))
    names = dict.fromkeys((facts.workflow_id, *begun))
    pages = f"{roster.ui.rstrip('/')}/namespaces/{settings.temporal.namespace}/workflows"
    return tuple(f"{pages}/{quote(name, safe='')}" for name in names)


def _line(line: Line) -> TimelineLine:
    key = "" if line.key is None else name_of(line.key)
    return TimelineLine(
        line.at, line.shown_at, line.clock, line.what, key, line.text, line.to_the_second
    )


def _figures(order: OrderSummary) -> OrderFigures:
    return OrderFigures(
        name_of(order.key),
        order.side.value,
        order.quantity,
        order.filled,
        order.average_price,
        None if order.end is None else order.end.value,
    )


def _currency(facts: TradeFacts) -> str:
    found = _prospect(facts)
    return "" if found is None else found.instrument.currency


def _prospect(facts: TradeFacts) -> Prospect | None:
    deeds = (each.deed for each in facts.entries if isinstance(each, chronicle.Call))
    answers = (each.answer for each in deeds if isinstance(each, chronicle.Prospecting))
    return next((each for each in answers if isinstance(each, Prospect)), None)


def _result(facts: TradeFacts, standing: TradeStanding) -> Settlement | None:
    """What is written down as its end, or what has been closed by now."""
    settled, found = settlement_in(facts), _prospect(facts)
    if settled is not None or found is None or not standing.entered:
        return settled
    instrument = found.instrument
    return settlement_of(standing, instrument.con_id, instrument.multiplier, standing.at)
