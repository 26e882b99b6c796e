"""Every key of a plan: what it takes, to the boundary, and what is said of anything else."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from tests.domain.plan.documents import (
    EXPIRES,
    GONE,
    Document,
    as_json,
    changed,
    complaints_of,
    group,
    group_of,
    leg,
    option_trade,
    plan_of,
    trade,
    trade_of,
)

PRICE = "a price above 0"
DISTANCE = "a distance in price, above 0"
MONEY = "an amount of money above 0"
QUANTITY = "a whole number of shares or contracts above 0"
DEPTH = "a percentage from 0 to below 100"
WIDTH = "a percentage above 0 and below 100"
FRACTION = "a fraction above 0 and up to 1"
MULTIPLE = "a multiple above 0 and up to 100"
TICKS = "a whole number of ticks from 1 to 10"
MINUTES = "a whole number of minutes from 1 to 390"
PLAN_ID = "1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first"
ACCOUNT = 'an account id in capitals and digits, such as "DU1234567"'
SYMBOL = 'a symbol in capitals, such as "AAPL" or "BRK B"'
EXCHANGE = 'an exchange in capitals, such as "SMART"'
CURRENCY = 'a currency of three capitals, such as "USD"'
INSTANT = "an instant with its time zone, such as 2026-11-23T20:55:00Z"
DAY = "a day such as 2026-12-18"
SOURCE = '"last", "bid", "ask" or "mid"'

LOCAL_TIME = datetime(2026, 11, 23, 20, 55, tzinfo=UTC).replace(tzinfo=None)
LOCAL_TIME_SAID = (
    "2026-11-23T20:55:00 has no time zone; "
    "write 2026-11-23T20:55:00Z if that is UTC, else add the offset"
)
SIXTY_NINES = "9" * 60


def full_trade() -> Document:
    """A trade with every optional table, so that a wrong key in one is all that is wrong."""
    return trade(
        {
            "stop.trail": {"activate_pct": 1, "distance": 1},
            "stop.ladder": {"slippage_pct": 1, "limit_seconds": 1},
            "time_exit": {"before_close_minutes": 5},
        }
    )


@pytest.mark.req("S1.6")
@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("id", "", f'""; expected {PLAN_ID}'),
        ("id", "a" * 65, f'"{"a" * 40}..."; expected {PLAN_ID}'),
        ("id", "-a", f'"-a"; expected {PLAN_ID}'),
        ("id", "trade:1", f'"trade:1"; expected {PLAN_ID}'),
        ("id", "a\n", f'"a\\n"; expected {PLAN_ID}'),
        ("id", 5, f"5; expected {PLAN_ID}"),
        ("account", "du1234567", f'"du1234567"; expected {ACCOUNT}'),
        ("account", "D" * 21, f'"{"D" * 21}"; expected {ACCOUNT}'),
        ("side", "BUY", '"BUY"; expected "buy" or "sell"'),
        ("side", True, 'true; expected "buy" or "sell"'),
        ("instrument", "AAPL", '"AAPL"; expected a table with a symbol'),
        ("instrument.symbol", "aapl", f'"aapl"; expected {SYMBOL}'),
        ("instrument.symbol", " A", f'" A"; expected {SYMBOL}'),
        ("instrument.symbol", "A" * 21, f'"{"A" * 21}"; expected {SYMBOL}'),
        ("instrument.type", "FUT", '"FUT"; expected "STK" or "OPT"'),
        ("instrument.exchange", "smart", f'"smart"; expected {EXCHANGE}'),
        ("instrument.primary_exchange", "", f'""; expected {EXCHANGE}'),
        ("instrument.currency", "US", f'"US"; expected {CURRENCY}'),
        ("instrument.currency", "USDT", f'"USDT"; expected {CURRENCY}'),
        ("size", [1], "an array; expected a table with quantity, budget or risk"),
        ("size", GONE, "missing; expected a table with quantity, budget or risk"),
        ("size.risk", 0, f"0; expected {MONEY}"),
        ("size.risk", Decimal("-0.01"), f"-0.01; expected {MONEY}"),
        ("size.risk", True, f"true; expected {MONEY}"),
        ("size.risk", Decimal("nan"), f"NaN; expected {MONEY}"),
        ("size.risk", Decimal("inf"), f"Infinity; expected {MONEY}"),
        ("size.risk", Decimal(10**12), f"1000000000000; expected {MONEY}"),
        ("size.risk", Decimal("0.000000001"), f"1E-9; expected {MONEY}"),
        ("size.risk", "250 USD", f'"250 USD"; expected {MONEY}'),
        ("size.risk", "1_000", f'"1_000"; expected {MONEY}'),
        ("size.risk", "nan", f'"nan"; expected {MONEY}'),
        ("size.risk", "\u0662", f'"\\u0662"; expected {MONEY}'),
        ("size.risk", int(SIXTY_NINES), f"a huge number; expected {MONEY}"),
        ("size.risk", SIXTY_NINES, f'"{"9" * 40}..."; expected {MONEY}'),
        ("size.risk", {}, f"a table; expected {MONEY}"),
        ("size.risk", time(9, 30), f"09:30:00; expected {MONEY}"),
        ("size.quantity", Decimal("0.5"), f"0.5; expected {QUANTITY}"),
        ("size.quantity", 0, f"0; expected {QUANTITY}"),
        ("size.budget", -1, f"-1; expected {MONEY}"),
        ("size.max_loss", 0, f"0; expected {MONEY}"),
        ("size.max_disaster_loss", 0, f"0; expected {MONEY}"),
        ("entry", GONE, 'missing; expected a table with order = "LMT" or "MKT"'),
        ("entry.order", GONE, 'missing; expected "LMT" or "MKT"'),
        ("entry.order", "STP", '"STP"; expected "LMT" or "MKT"'),
        ("entry.limit", 0, f"0; expected {PRICE}"),
        ("entry.limit_offset", Decimal("-0.01"), "-0.01; expected a distance in price, 0 or more"),
        ("entry.if_closed", "wait", '"wait"; expected "refuse" or "queue"'),
        ("entry.expires", date(2026, 11, 23), f"2026-11-23; expected {INSTANT}"),
        ("entry.expires", 1795467300, f"1795467300; expected {INSTANT}"),
        ("entry.expires", "tomorrow", f'"tomorrow"; expected {INSTANT}'),
        (
            "entry.expires",
            "0001-01-01T00:00:00+14:00",
            f'"0001-01-01T00:00:00+14:00"; expected {INSTANT}',
        ),
        ("entry.trigger", True, "true; expected a table"),
        ("entry.trigger.price", GONE, f"missing; expected {PRICE}"),
        ("entry.trigger.price", 0, f"0; expected {PRICE}"),
        ("entry.trigger.when", "over", '"over"; expected "above" or "below"'),
        ("entry.trigger.when", GONE, 'missing; expected "above" or "below"'),
        ("entry.trigger.source", "close", f'"close"; expected {SOURCE}'),
        ("entry.trigger.confirm_ticks", 0, f"0; expected {TICKS}"),
        ("entry.trigger.confirm_ticks", 11, f"11; expected {TICKS}"),
        ("entry.trigger.confirm_ticks", True, f"true; expected {TICKS}"),
        ("entry.trigger.confirm_ticks", Decimal("2.0"), f"2.0; expected {TICKS}"),
        ("entry.trigger.confirm_ticks", "2", f'"2"; expected {TICKS}'),
        ("entry.trigger.breach_pct", -1, f"-1; expected {DEPTH}"),
        ("entry.trigger.breach_pct", 100, f"100; expected {DEPTH}"),
        ("entry.trigger.session", "pre", '"pre"; expected "rth" or "premarket"'),
        ("entry.trigger.premarket", "ignore", '"ignore"; expected "fire", "wait" or "rebase"'),
        ("entry.trigger.if_missed", "no", '"no"; expected "skip", "fire" or "ask"'),
        ("entry.trigger.expires", GONE, f"missing; expected {INSTANT}"),
        ("entry.trigger.expires", LOCAL_TIME, LOCAL_TIME_SAID),
        ("entry.trigger.expires", "2026-11-23T20:55:00", LOCAL_TIME_SAID),
        ("stop", GONE, "missing; expected a table with price, offset or atr; a trade has a stop"),
        ("stop.price", "187,00", f'"187,00"; expected {PRICE}'),
        ("stop.offset", 0, f"0; expected {DISTANCE}"),
        ("stop.atr", 0, f"0; expected {MULTIPLE}"),
        ("stop.atr", Decimal("100.1"), f"100.1; expected {MULTIPLE}"),
        ("stop.source", "touch", f'"touch"; expected {SOURCE}'),
        ("stop.breach_pct", 100, f"100; expected {DEPTH}"),
        ("stop.confirm_ticks", 0, f"0; expected {TICKS}"),
        ("stop.protection", "none", '"none"; expected "broker" or "virtual"'),
        ("stop.disaster_pct", 0, f"0; expected {WIDTH}"),
        ("stop.disaster_pct", 100, f"100; expected {WIDTH}"),
        ("stop.trail", 1, "1; expected a table"),
        ("stop.trail.activate_pct", 0, "0; expected a percentage above 0"),
        ("stop.trail.distance", 0, f"0; expected {DISTANCE}"),
        ("stop.ladder", "fast", '"fast"; expected a table'),
        ("stop.ladder.slippage_pct", 100, f"100; expected {DEPTH}"),
        ("stop.ladder.limit_seconds", -1, "-1; expected seconds from 0 to 60"),
        ("stop.ladder.limit_seconds", 61, "61; expected seconds from 0 to 60"),
        ("target", {}, "a table; expected up to 10 tables [[target]]"),
        ("target.0", 5, "5; expected a table"),
        ("target.0.price", 0, f"0; expected {PRICE}"),
        ("target.0.offset", 0, f"0; expected {DISTANCE}"),
        ("target.0.fraction", 0, f"0; expected {FRACTION}"),
        ("target.0.fraction", Decimal("1.01"), f"1.01; expected {FRACTION}"),
        ("target.0.fraction", GONE, f"missing; expected {FRACTION}"),
        ("target.0.then", "trail", '"trail"; expected "break_even"'),
        ("time_exit", 1, "1; expected a table"),
        ("time_exit.at", "noon", f'"noon"; expected {INSTANT}'),
        ("time_exit.before_close_minutes", 0, f"0; expected {MINUTES}"),
        ("time_exit.before_close_minutes", 391, f"391; expected {MINUTES}"),
    ],
)
def test_a_value_that_a_trade_does_not_take_is_refused(path: str, value: object, said: str) -> None:
    shown = path.replace(".0", "[0]")
    assert complaints_of(changed(full_trade(), {path: value})) == [f"{shown}: {said}"]


@pytest.mark.req("S1.6")
@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("expiry", datetime(2026, 12, 18, tzinfo=UTC), f"2026-12-18T00:00:00Z; expected {DAY}"),
        ("expiry", "2026-12-32", f'"2026-12-32"; expected {DAY}'),
        ("expiry", 20261218, f"20261218; expected {DAY}"),
        ("strike", 0, f"0; expected {PRICE}"),
        ("right", "call", '"call"; expected "C" or "P"'),
        ("trading_class", "spxw", f'"spxw"; expected {SYMBOL}'),
    ],
)
def test_a_value_that_an_option_does_not_take_is_refused(
    path: str, value: object, said: str
) -> None:
    document = option_trade({f"instrument.{path}": value})
    assert complaints_of(document) == [f"instrument.{path}: {said}"]


@pytest.mark.req("S1.6")
@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("execution", "both", '"both"; expected "legs" or "combo"'),
        ("group", 5, "5; expected a table with quantity, max_loss and [[group.leg]]"),
        ("group.quantity", Decimal("1.5"), f"1.5; expected {QUANTITY}"),
        ("group.hedge_seconds", 0, "0; expected seconds above 0 and up to 60"),
        ("group.hedge_seconds", 61, "61; expected seconds above 0 and up to 60"),
        ("group.max_loss", GONE, f"missing; expected {MONEY}"),
        ("group.leg", GONE, "missing; expected 2 to 100 tables [[group.leg]]"),
        ("group.leg", [], "an array; expected 2 to 100 tables [[group.leg]]"),
        ("group.leg.0.role", "hedge", '"hedge"; expected "HEDGE" or "RISK"'),
        ("group.leg.0.role", 5, '5; expected "HEDGE" or "RISK"'),
        ("group.leg.0.side", "long", '"long"; expected "buy" or "sell"'),
        ("group.leg.1.instrument", GONE, "missing; expected a table with a symbol"),
        ("group.leg.0.ratio", 0, "0; expected a whole number from 1 to 10000"),
        ("group.leg.0.ratio", 10_001, "10001; expected a whole number from 1 to 10000"),
        ("group.leg.0.ratio", Decimal("1.0"), "1.0; expected a whole number from 1 to 10000"),
        ("group.leg.0.covers", [], "an array; expected a list of the numbers of RISK legs"),
        ("group.leg.0.covers", 1, "1; expected a list of the numbers of RISK legs"),
        ("group.leg.0.covers", [-1], "-1; expected the number of a leg, from 0"),
        ("group.leg.0.covers", ["1"], '"1"; expected the number of a leg, from 0'),
        ("stop", GONE, "missing; expected a table with loss, in money of the whole group"),
        ("stop.loss", 0, f"0; expected {MONEY}"),
    ],
)
def test_a_value_that_a_group_does_not_take_is_refused(path: str, value: object, said: str) -> None:
    shown = path.replace(".0", "[0]").replace(".1", "[1]")
    if isinstance(value, list) and value:
        shown += "[0]"
    assert complaints_of(changed(group(), {path: value})) == [f"{shown}: {said}"]


@pytest.mark.parametrize(("pairs", "is_taken"), [(50, True), (51, False)])
def test_a_group_has_as_many_legs_as_an_order_reference_can_number(
    pairs: int, *, is_taken: bool
) -> None:
    sold = [leg("RISK", "sell", strike, "P") for strike in range(1, pairs + 1)]
    bought = [leg("HEDGE", "buy", 1000 + strike, "P") for strike in range(1, pairs + 1)]
    document = group(*sold, *bought)
    if is_taken:
        assert len(group_of(document).group.legs) == 2 * pairs
    else:
        assert complaints_of(document) == [
            "group.leg: an array; expected 2 to 100 tables [[group.leg]]"
        ]


def test_a_trade_has_up_to_ten_targets() -> None:
    target = {"price": 195, "fraction": Decimal("0.1")}
    assert len(trade_of(trade({"target": [target] * 10})).targets) == 10
    assert complaints_of(trade({"target": [target] * 11})) == [
        "target: an array; expected up to 10 tables [[target]]"
    ]


OFFSET_STOP = {"stop.price": GONE}
BY_QUANTITY: Document = {"size": {}}
LIMIT = {"entry.limit_offset": GONE}
PREMARKET = {"entry.trigger.session": "premarket", "entry.trigger.premarket": "wait"}
NO_TRIGGER = {"entry.trigger": GONE}


@pytest.mark.parametrize(
    ("path", "value", "others"),
    [
        ("id", "a", {}),
        ("id", "9" + "-" * 63, {}),
        ("id", "A.b_c-1", {}),
        ("account", "DU1234567", {}),
        ("instrument.symbol", "BRK B", {}),
        ("instrument.symbol", "7203", {}),
        ("instrument.symbol", "A" * 20, {}),
        ("instrument.primary_exchange", "NASDAQ", {}),
        ("instrument.currency", "EUR", {}),
        ("size.risk", Decimal("0.00000001"), {}),
        ("size.risk", 10**12 - 1, {}),
        ("size.risk", "250.50", {}),
        ("size.quantity", Decimal("100.0"), BY_QUANTITY),
        ("size.quantity", 1, BY_QUANTITY),
        ("size.budget", Decimal("0.01"), BY_QUANTITY),
        ("size.max_loss", 100, {}),
        ("size.max_disaster_loss", 100, {}),
        ("entry.limit", Decimal("190.10"), LIMIT),
        ("entry.limit_offset", 0, {}),
        ("entry.if_closed", "queue", {}),
        ("entry.expires", "2026-11-23T20:55:00Z", {}),
        ("entry.expires", EXPIRES, NO_TRIGGER),
        ("entry.trigger.when", "below", {}),
        ("entry.trigger.source", "mid", {}),
        ("entry.trigger.confirm_ticks", 10, {}),
        ("entry.trigger.breach_pct", Decimal("99.9"), {}),
        ("entry.trigger.premarket", "fire", PREMARKET),
        ("entry.trigger.premarket", "rebase", PREMARKET),
        ("entry.trigger.if_missed", "fire", {}),
        ("entry.trigger.if_missed", "ask", {}),
        ("stop.offset", Decimal("0.01"), OFFSET_STOP),
        ("stop.atr", 100, OFFSET_STOP),
        ("stop.source", "bid", {}),
        ("stop.breach_pct", 0, {}),
        ("stop.confirm_ticks", 1, {}),
        ("stop.confirm_ticks", 10, {}),
        ("stop.disaster_pct", Decimal("99.9"), {}),
        ("stop.ladder.slippage_pct", 0, {}),
        ("stop.ladder.limit_seconds", 0, {}),
        ("stop.ladder.limit_seconds", 60, {}),
        ("target.0.fraction", 1, {}),
        ("target.0.fraction", Decimal("0.01"), {}),
        ("time_exit.before_close_minutes", 1, {"time_exit": {}}),
        ("time_exit.before_close_minutes", 390, {"time_exit": {}}),
    ],
)
def test_a_value_at_the_edge_of_what_a_trade_takes_is_taken(
    path: str, value: object, others: dict[str, object]
) -> None:
    plan = plan_of(changed(trade(others), {path: value}))
    dumped: Any = plan.model_dump()
    for step in path.split("."):
        dumped = dumped[int(step) if step.isdigit() else step]
    if path == "entry.expires":
        assert dumped == EXPIRES
    elif path == "size.risk":
        assert dumped == Decimal(str(value))
    else:
        assert dumped == value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("group.hedge_seconds", 60),
        ("group.hedge_seconds", Decimal("0.5")),
        ("group.leg.0.ratio", 10_000),
        ("group.leg.0.covers", [1]),
        ("execution", "combo"),
        ("account", "U1"),
    ],
)
def test_a_value_at_the_edge_of_what_a_group_takes_is_taken(path: str, value: object) -> None:
    dumped: Any = plan_of(changed(group(), {path: value})).model_dump()
    for step in path.split("."):
        dumped = dumped[int(step) if step.isdigit() else step]
    assert dumped == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("sde", 'unknown key; did you mean "side"?'),
        ("stop.trial", 'unknown key; did you mean "trail"?'),
        ("stop.ladder.slipage_pct", 'unknown key; did you mean "slippage_pct"?'),
        ("entry.limit_ofset", 'unknown key; did you mean "limit_offset"?'),
        ("targets", 'unknown key; did you mean "target"?'),
        ("expires", "unknown key; did you mean entry.trigger.expires or entry.expires?"),
        ("symbol", "unknown key; did you mean instrument.symbol?"),
        ("size.offset", "unknown key; did you mean stop.offset or target.offset?"),
        (
            "size.leverage",
            "unknown key; expected quantity, budget, risk, max_loss or max_disaster_loss",
        ),
        (
            "hedged",
            (
                "unknown key; expected id, account, side, instrument, size, entry, stop, target "
                "or time_exit"
            ),
        ),
    ],
)
def test_an_unknown_key_of_a_trade_is_refused_with_the_likely_one(path: str, said: str) -> None:
    assert complaints_of(changed(full_trade(), {path: 1})) == [f"{path}: {said}"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("group.leg.0.rol", 'group.leg[0].rol: unknown key; did you mean "role"?'),
        ("side", "side: unknown key; did you mean group.leg.side?"),
        ("strike", "strike: unknown key; did you mean group.leg.instrument.strike?"),
        ("size", "size: unknown key; expected id, account, execution, group, stop or time_exit"),
    ],
)
def test_an_unknown_key_of_a_group_is_refused_with_the_likely_one(path: str, said: str) -> None:
    assert complaints_of(changed(group(), {path: 1})) == [said]


def test_a_key_that_is_no_bare_word_is_quoted_in_its_path() -> None:
    document = trade({"stop": {"price": 187, "my \u20ac stop": 1}})
    assert complaints_of(document) == [
        (
            'stop."my \\u20ac stop": unknown key; expected price, offset, atr, source, breach_pct, '
            "confirm_ticks, protection, disaster_pct, trail or ladder"
        )
    ]


def test_a_float_of_another_program_is_no_exact_number() -> None:
    with pytest.raises(ValueError, match="limit"):
        type(plan_of(trade())).model_validate_json(
            as_json(trade({**LIMIT, "entry.limit": Decimal("190.05")}))
        )
