"""Good plans of every kind, drawn as documents, so that both notations and travel can be tried."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.domain.plan.documents import EXPIRES, EXPIRY, GONE, Document, group, leg

CENTS = st.integers(1, 500).map(lambda cents: Decimal(cents) / 100)
MONEY = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents) / 100)
PERCENT = st.integers(1, 999).map(lambda tenths: Decimal(tenths) / 10)
WORDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
SOURCES = st.sampled_from(["last", "bid", "ask", "mid"])
TICKS = st.integers(1, 10)
INSTANTS = st.integers(0, 10**7).map(lambda seconds: EXPIRES + timedelta(seconds=seconds))


def maybe(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """The value, or the key left out."""
    return st.just(GONE) | values


def table(**keys: st.SearchStrategy[object]) -> st.SearchStrategy[Document]:
    """A table of the keys that are not left out."""
    return st.fixed_dictionaries(keys).map(
        lambda drawn: {key: value for key, value in drawn.items() if value is not GONE}
    )


@st.composite
def trade_documents(draw: st.DrawFn) -> Document:
    """A good plan of a trade around a price of some hundreds."""
    side = draw(st.sampled_from(["buy", "sell"]))
    away = 1 if side == "buy" else -1
    base = draw(st.integers(10_000, 90_000).map(lambda cents: Decimal(cents) / 100))
    entry = draw(_entries(base))
    stop = draw(_stops(base - away * 6))
    document = {
        **draw(table(id=WORDS, account=maybe(st.just("DU1234567")))),
        "side": side,
        "instrument": draw(_instruments()),
        "size": draw(_sizes(virtual=stop.get("protection") == "virtual")),
        "entry": entry,
        "stop": stop,
        "target": draw(_targets(base, away)),
    }
    ends = table(at=INSTANTS.map(lambda at: at + timedelta(days=1000)))
    exits = ends | table(before_close_minutes=st.integers(1, 390))
    return document | draw(table(time_exit=maybe(exits)))


@st.composite
def group_documents(draw: st.DrawFn) -> Document:
    """A good plan of a group of one or two spreads."""
    ratio = draw(st.integers(1, 5))
    puts = (leg("HEDGE", "buy", 5600, "P", ratio=ratio), leg("RISK", "sell", 5700, "P"))
    calls = (leg("RISK", "sell", 6300, "C"), leg("HEDGE", "buy", 6400, "C", covers=[2]))
    loss = draw(MONEY)
    return group(
        *draw(st.sampled_from([puts, puts + calls])),
        id=draw(WORDS),
        execution=draw(st.sampled_from(["legs", "combo"])),
        group__quantity=draw(st.integers(1, 1000)),
        group__max_loss=loss + draw(MONEY),
        stop__loss=loss,
    )


def documents() -> st.SearchStrategy[Document]:
    """A good plan of either kind."""
    return trade_documents() | group_documents()


@st.composite
def _entries(draw: st.DrawFn, base: Decimal) -> Document:
    expires = draw(INSTANTS)
    trigger = table(
        price=st.just(base),
        when=st.sampled_from(["above", "below"]),
        source=maybe(SOURCES),
        confirm_ticks=maybe(TICKS),
        breach_pct=maybe(PERCENT),
        if_missed=maybe(st.sampled_from(["skip", "fire", "ask"])),
        expires=st.just(expires),
    )
    policy = st.sampled_from(["wait", "fire", "rebase"])
    early = table(session=st.just("premarket"), premarket=policy)
    offset = table(order=st.just("LMT"), limit_offset=CENTS | st.just(Decimal(0)))
    order = draw(
        offset | table(order=st.just("LMT"), limit=st.just(base)) | table(order=st.just("MKT"))
    )
    closed = table(if_closed=maybe(st.sampled_from(["refuse", "queue"])))
    entry = order | draw(closed)
    if "limit_offset" in order and draw(st.booleans()):
        return entry | {"trigger": draw(trigger) | draw(early), "expires": expires}
    return entry | draw(table(trigger=maybe(trigger)))


def _stops(price: Decimal) -> st.SearchStrategy[Document]:
    place = (
        table(price=st.just(price))
        | table(offset=CENTS)
        | table(atr=st.integers(1, 40).map(lambda tenths: Decimal(tenths) / 10))
    )
    backing: st.SearchStrategy[Document] = (
        table(protection=st.just("virtual"))
        | table(breach_pct=st.just(Decimal("0.09")), disaster_pct=PERCENT)
        | st.just({})
    )
    rest = table(
        source=maybe(SOURCES),
        confirm_ticks=maybe(TICKS),
        trail=maybe(table(activate_pct=PERCENT, distance=CENTS)),
        ladder=maybe(table(slippage_pct=maybe(PERCENT), limit_seconds=maybe(st.integers(0, 60)))),
    )
    return st.builds(lambda *parts: parts[0] | parts[1] | parts[2], place, backing, rest)


def _targets(base: Decimal, away: int) -> st.SearchStrategy[list[Document]]:
    place = table(price=CENTS.map(lambda gain: base + away * (gain + 5))) | table(offset=CENTS)
    rest = table(
        fraction=st.integers(1, 25).map(lambda percent: Decimal(percent) / 100),
        then=maybe(st.just("break_even")),
    )
    return st.lists(st.builds(lambda where, what: where | what, place, rest), max_size=4)


def _sizes(*, virtual: bool) -> st.SearchStrategy[Document]:
    way = table(quantity=st.integers(1, 100_000)) | table(budget=MONEY) | table(risk=MONEY)
    disaster = st.just(GONE) if virtual else maybe(MONEY)
    caps = table(max_loss=maybe(MONEY), max_disaster_loss=disaster)
    return st.builds(lambda size, more: size | more, way, caps)


def _instruments() -> st.SearchStrategy[Document]:
    stock = table(
        symbol=st.sampled_from(["AAPL", "BRK B"]),
        currency=maybe(st.just("EUR")),
        primary_exchange=maybe(st.just("NASDAQ")),
    )
    option = table(
        symbol=st.just("SPX"),
        type=st.just("OPT"),
        expiry=st.dates(EXPIRY, date(2030, 1, 1)),
        strike=CENTS,
        right=st.sampled_from(["C", "P"]),
        trading_class=maybe(st.just("SPXW")),
    )
    return stock | option
