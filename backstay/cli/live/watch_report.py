"""What `backstay trade watch` shows, as values: the engine's trades, and what of them is live.

The engine says which trades there are and what their plans are called, the edge what is at work. If
one of the two is silent the other one's word is all there is, and it is said who is silent.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from activities.ports import Description, Engine, Wanted
from backstay.cli.live.asking import codes_of
from backstay.cli.live.booked import BookedEntry
from backstay.cli.trade.finding import plan_of
from backstay.cli.trade.line import TradeLine, line_of, listed
from backstay.domain.edge.held import HeldPosition, within
from backstay.domain.edge.live import EdgeNow, LegPhase, LiveLeg, LivePage
from backstay.domain.figures import seconds
from backstay.domain.ids import trade_id
from backstay.domain.limits.facts import AccountKind
from backstay.domain.trade.naming import Name
from backstay.domain.trade.standing import Doing

TRADES_MAX = 500
ASKED_AT_ONCE = 16
ANSWERS_SECONDS = 3.0
"""How long all trades together may take to say how they stand."""

NOT_AT_EDGE = "nothing of it is at the edge"
_AT_EDGE = frozenset(
    {Doing.WAITING, Doing.ENTERING, Doing.GUARDING, Doing.LEAVING, Doing.UNKNOWN, Doing.ASKING}
)


@dataclass(frozen=True, slots=True)
class EngineTrade:
    """A trade that runs; how it stands was asked only where the edge has nothing of it."""

    plan_id: str
    trade: str
    symbol: str
    side: str
    line: TradeLine | None = None


@dataclass(frozen=True, slots=True)
class EngineWord:
    """The trades that run; there may be `more`. `trouble` is why the engine can't be heard; then
    the book still knows the `plan_ids` of open trades.
    """

    trades: tuple[EngineTrade, ...] = ()
    plan_ids: tuple[str, ...] = ()
    more: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class EdgeWord:
    """What is live, or why nobody says."""

    page: LivePage | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class WatchRow:
    """One leg, or a trade of which nothing is at work. `plan_id` is empty where only the engine
    could tell; figures that nobody has told are None. `price_age` is for how many seconds nothing
    was heard of its price.
    """

    plan_id: str
    trade: str
    leg: int
    symbol: str
    side: str
    state: str
    filled: Decimal | None
    quantity: Decimal | None
    why: str
    live: LiveLeg | None = None
    price_age: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Unguarded:
    """Something that is held and that nobody watches or leaves, below zero if it is short.

    `stop` is what works of its stops at the broker; None where nobody could say. It is a trade's by
    its orders, or only `by_book`: the account's book has an open trade that entered this contract.
    """

    plan_id: str
    trade: str
    con_id: int
    symbol: str
    quantity: Decimal
    stop: Decimal | None
    by_book: bool = False


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something that is held and that no trade of ours explains."""

    con_id: int
    symbol: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class WatchReport:
    """Everything. `missing` are the trades that were asked for and that nobody knows of.

    `unguarded` and `foreign` are what is held besides; `holdings_known` says that the broker has
    told all of what is held. `booked` are entries of open trades by the book, where the edge is
    silent.
    """

    account: str
    kind: AccountKind
    edge: EdgeNow | None
    edge_trouble: str
    engine_trouble: str
    rows: tuple[WatchRow, ...]
    more: bool
    missing: tuple[str, ...] = ()
    unguarded: tuple[Unguarded, ...] = ()
    foreign: tuple[Foreign, ...] = ()
    holdings_known: bool = False
    booked: tuple[BookedEntry, ...] = ()

    @property
    def nobody_answers(self) -> bool:
        """Whether neither of the two has said anything."""
        return bool(self.edge_trouble and self.engine_trouble)


def report_of(
    account: str,
    kind: AccountKind,
    names: Collection[Name],
    engine: EngineWord,
    edge: EdgeWord,
    booked: tuple[BookedEntry, ...] = (),
) -> WatchReport:
    """Both words together, and what the book knows; with `names` only of those trades."""
    rows = list(_rows(account, names, engine, edge))
    wanted = [(name.text, codes_of(account, name)) for name in names]
    shown = [row for row in rows if not names or any(row.trade in codes for _, codes in wanted)]
    page = edge.page
    positions = page.positions if page is not None else None
    plans = _plans(account, names, engine) | {each.trade: each.plan_id for each in booked}
    unguarded, foreign = _beside(positions or (), plans, booked)
    if names:
        codes = frozenset[str]().union(*(each for _, each in wanted))
        unguarded = [each for each in unguarded if each.trade in codes]
        booked, foreign = tuple(each for each in booked if each.trade in codes), []
    found = {row.trade for row in shown} | {each.trade for each in unguarded}
    is_cut = page is not None and page.total > len(page.legs)
    return WatchReport(
        account=account,
        kind=kind,
        edge=None if page is None else page.edge,
        edge_trouble=edge.trouble,
        engine_trouble=engine.trouble,
        rows=tuple(shown),
        more=engine.more or is_cut,
        missing=tuple(text for text, codes in wanted if not codes & found),
        unguarded=tuple(unguarded),
        foreign=tuple(foreign),
        holdings_known=positions is not None,
        booked=() if page is not None else booked,
    )


def _beside(
    positions: Iterable[HeldPosition], plans: Mapping[str, str], booked: Iterable[BookedEntry]
) -> tuple[list[Unguarded], list[Foreign]]:
    """What nobody looks after, and what is nobody's. What no order explains may still be that of an
    open trade whose orders can't be read any more: the book knows what it has entered.
    """
    unguarded: list[Unguarded] = []
    foreign: list[Foreign] = []
    for held in positions:
        con_id, symbol, rest = held.con_id, held.symbol, held.foreign
        for each in held.unattended:
            name = plans.get(each.trade, "")
            unguarded.append(Unguarded(name, each.trade, con_id, symbol, each.quantity, each.stop))
        known = {*held.trades, *(each.trade for each in held.unattended)}
        for entry in booked:
            share = within(entry.entered, rest)
            if entry.con_id == con_id and share and entry.trade not in known:
                unguarded.append(
                    Unguarded(entry.plan_id, entry.trade, con_id, symbol, share, None, by_book=True)
                )
                rest -= share
        if rest:
            foreign.append(Foreign(con_id, symbol, rest))
    return unguarded, foreign


def _rows(
    account: str, names: Collection[Name], engine: EngineWord, edge: EdgeWord
) -> Iterator[WatchRow]:
    """The legs in the order of their urgency, then the trades that have none."""
    plans = _plans(account, names, engine)
    legs = () if edge.page is None else edge.page.legs
    for leg in legs:
        heard_at = None if leg.price is None else leg.price.heard_at
        age = None if edge.page is None or heard_at is None else edge.page.edge.at - heard_at
        yield WatchRow(
            plan_id=plans.get(leg.trade, ""),
            trade=leg.trade,
            leg=leg.leg,
            symbol=leg.symbol,
            side=leg.side.value,
            state=leg.phase.value,
            filled=leg.filled,
            quantity=leg.quantity,
            why=leg.why,
            live=leg,
            price_age=None if age is None else max(seconds(age), Decimal(0)),
        )
    at_edge = {leg.trade for leg in legs}
    for trade in engine.trades:
        if trade.trade not in at_edge:
            yield _row_of(trade, is_edge_heard=edge.page is not None)


def _plans(account: str, names: Collection[Name], engine: EngineWord) -> dict[str, str]:
    """What the trades that anybody has named are called, by their codes."""
    typed = tuple(name.plan_id for name in names if name.plan_id)
    plans = {trade_id(account, plan_id): plan_id for plan_id in (*typed, *engine.plan_ids)}
    return plans | {each.trade: each.plan_id for each in engine.trades}


def _row_of(trade: EngineTrade, *, is_edge_heard: bool) -> WatchRow:
    line = trade.line
    doing = None if line is None or not line.answered else Doing(line.doing)
    state = doing.name.lower() if doing is not None else "?" if line is None else "no answer"
    why = "" if line is None else line.why
    if is_edge_heard and doing in _AT_EDGE:
        why = why or NOT_AT_EDGE
    return WatchRow(
        plan_id=trade.plan_id,
        trade=trade.trade,
        leg=0,
        symbol=trade.symbol,
        side=trade.side,
        state=state,
        filled=None if line is None else line.filled,
        quantity=None if line is None else line.quantity,
        why=why,
    )


async def engine_word(engine: Engine, account: str, at_edge: Collection[str]) -> EngineWord:
    """The trades that run; those that the edge has nothing of are asked how they stand."""
    found = await engine.trades(account, Wanted(running=True), TRADES_MAX)
    asked = [one for one in found.found if _code(account, one) not in at_edge]
    lines = {line.trade: line for line in await _lines(engine, asked)}
    trades = (_trade(account, one, lines) for one in found.found)
    return EngineWord(tuple(trades), more=found.more)


def _code(account: str, found: Description) -> str:
    return trade_id(account, plan_of(found))


def _trade(account: str, found: Description, lines: dict[str, TradeLine]) -> EngineTrade:
    code = _code(account, found)
    return EngineTrade(plan_of(found), code, found.symbol, found.side, lines.get(code))


async def _lines(engine: Engine, found: Iterable[Description]) -> list[TradeLine]:
    """How they stand, as far as they say in time."""
    at_once = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(one: Description) -> TradeLine:
        async with at_once:
            return await line_of(engine, one)

    ones = list(found)
    asked = [asyncio.ensure_future(ask(one)) for one in ones]
    if asked:
        _, late = await asyncio.wait(asked, timeout=ANSWERS_SECONDS)
        for each in late:
            each.cancel()
    return [
        each.result() if each.done() and not each.cancelled() else listed(one)
        for one, each in zip(ones, asked, strict=True)
    ]


def codes_at_edge(edge: EdgeWord) -> frozenset[str]:
    """The trades of which the edge has something at work."""
    legs = () if edge.page is None else edge.page.legs
    return frozenset(leg.trade for leg in legs if leg.phase is not LegPhase.OVER)


def codes_seen(edge: EdgeWord) -> frozenset[str]:
    """The trades that the edge has named, at work or not."""
    positions = () if edge.page is None else edge.page.positions or ()
    return codes_at_edge(edge) | {each.trade for held in positions for each in held.unattended}
