"""From text to a plan: exact values, two notations, and refusals that say where."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.hedging.exposure import LegRole
from backstay.domain.instruments import InstrumentType, Right
from backstay.domain.plan.complaints import PlanRefusedError
from backstay.domain.plan.entry import Entry, EntryOrder, IfClosed, Trigger, WatchedSession
from backstay.domain.plan.exits import AfterTarget, Target
from backstay.domain.plan.group import Execution, Group, GroupPlan, GroupStop
from backstay.domain.plan.instrument import InstrumentQuery
from backstay.domain.plan.leg import Leg
from backstay.domain.plan.reading import CHARACTERS_MAX, read_json, read_toml
from backstay.domain.plan.size import Size
from backstay.domain.plan.stop import LadderTerms, Protection, Stop, Trail
from backstay.domain.plan.trade import TradePlan
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.triggers import IfMissed
from tests.domain.plan.documents import EXPIRES, as_json, complaints_of, group, toml, trade

BREAKOUT = """\
id = "aapl-breakout-0312"
side = "buy"
[instrument]
symbol = "AAPL"
[size]
risk = 250
[entry]
order = "LMT"
limit_offset = 0.05
[entry.trigger]
price = 190.00
when = "above"
session = "rth"
if_missed = "skip"
expires = 2026-11-23T20:55:00Z
[stop]
price = 187.00
breach_pct = 0.1
confirm_ticks = 2
disaster_pct = 2.0
[stop.trail]
activate_pct = 1.0
distance = 1.50
[stop.ladder]
slippage_pct = 0.5
limit_seconds = 2
[[target]]
price = 195.00
fraction = 0.5
then = "break_even"
"""

SPREAD = """\
id = "spx-condor-0312"
execution = "combo"
[group]
quantity = 5
hedge_seconds = 4
max_loss = 2500
[[group.leg]]
role = "HEDGE"
side = "buy"
instrument = { symbol = "SPX", type = "OPT", expiry = 2026-12-18, strike = 5600, right = "P" }
[[group.leg]]
role = "RISK"
side = "sell"
instrument = { symbol = "SPX", type = "OPT", expiry = 2026-12-18, strike = 5700, right = "P" }
[stop]
loss = 1200
"""


def refusal(read: object, text: str) -> list[str]:
    assert callable(read)
    with pytest.raises(PlanRefusedError) as refused:
        read(text)
    return [str(complaint) for complaint in refused.value.complaints]


def test_a_trade_is_read_with_every_digit_and_every_default() -> None:
    assert read_toml(BREAKOUT) == TradePlan(
        id="aapl-breakout-0312",
        account=None,
        side=Side.BUY,
        instrument=InstrumentQuery(
            symbol="AAPL", type=InstrumentType.STOCK, exchange="SMART", currency="USD"
        ),
        size=Size(risk=Decimal(250)),
        entry=Entry(
            order=EntryOrder.LIMIT,
            limit_offset=Decimal("0.05"),
            trigger=Trigger(
                price=Decimal("190.00"),
                when=Crossing.ABOVE,
                source=PriceSource.LAST,
                confirm_ticks=1,
                breach_pct=Decimal(0),
                session=WatchedSession.REGULAR,
                premarket=None,
                if_missed=IfMissed.SKIP,
                expires=datetime(2026, 11, 23, 20, 55, tzinfo=UTC),
            ),
            if_closed=IfClosed.REFUSE,
            expires=None,
        ),
        stop=Stop(
            price=Decimal("187.00"),
            breach_pct=Decimal("0.1"),
            confirm_ticks=2,
            protection=Protection.BROKER,
            disaster_pct=Decimal("2.0"),
            trail=Trail(activate_pct=Decimal("1.0"), distance=Decimal("1.50")),
            ladder=LadderTerms(slippage_pct=Decimal("0.5"), limit_seconds=Decimal(2)),
        ),
        target=(
            Target(price=Decimal("195.00"), fraction=Decimal("0.5"), then=AfterTarget.BREAK_EVEN),
        ),
    )


def test_a_group_is_read_with_its_legs_in_order() -> None:
    def put(strike: int) -> InstrumentQuery:
        return InstrumentQuery(
            symbol="SPX",
            type=InstrumentType.OPTION,
            expiry=date(2026, 12, 18),
            strike=Decimal(strike),
            right=Right.PUT,
        )

    assert read_toml(SPREAD) == GroupPlan(
        id="spx-condor-0312",
        execution=Execution.COMBO,
        group=Group(
            quantity=Decimal(5),
            hedge_seconds=Decimal(4),
            max_loss=Decimal(2500),
            leg=(
                Leg(role=LegRole.HEDGE, side=Side.BUY, instrument=put(5600), ratio=1, covers=None),
                Leg(role=LegRole.RISK, side=Side.SELL, instrument=put(5700)),
            ),
        ),
        stop=GroupStop(loss=Decimal(1200)),
    )


def test_a_group_without_the_optional_keys_sends_legs_and_waits_five_seconds() -> None:
    plan = read_toml(toml(group()))
    assert isinstance(plan, GroupPlan)
    assert plan.execution is Execution.LEGS
    assert plan.group.hedge_seconds == 5


@pytest.mark.parametrize("text", ["190.00", "190.05", "1e1", "1e2", "0.00000001", "123456789012"])
def test_a_number_keeps_the_digits_that_were_written(text: str) -> None:
    for plan in (
        read_toml(
            f"{toml(trade({'size': {}}))}".replace("size = {  }", f"size = {{ budget = {text} }}")
        ),
        read_json(
            as_json(trade({"size": {}})).replace('"size": {}', f'"size": {{"budget": {text}}}')
        ),
        read_json(as_json(trade({"size": {"budget": text}}))),
    ):
        assert isinstance(plan, TradePlan)
        assert plan.size.budget == Decimal(text)
        assert plan.size.budget.as_tuple() == Decimal(f"{Decimal(text):f}").as_tuple()


def test_the_same_content_is_the_same_plan_in_both_notations() -> None:
    for document in (trade(), group()):
        assert read_json(as_json(document)) == read_toml(toml(document))


def test_null_in_json_is_a_key_that_is_not_there() -> None:
    document = trade()
    document["stop"]["trail"] = None
    document["account"] = None
    assert read_json(as_json(document)) == read_toml(toml(trade()))


def test_an_instant_with_an_offset_becomes_utc() -> None:
    plan = read_toml(BREAKOUT.replace("2026-11-23T20:55:00Z", "2026-11-23T15:55:00-05:00"))
    assert isinstance(plan, TradePlan)
    assert plan.entry.trigger is not None
    assert plan.entry.trigger.expires == EXPIRES
    assert plan.entry.trigger.expires.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            'id = "x"\nside = = "buy"',
            "plan: line 2, column 8: Invalid value",
        ),
        ("id", "plan: line 1, column 3: Expected '=' after a key in a key/value pair"),
        ("id = [\n", "plan: line 2, column 1: Invalid value"),
        ("a = 1\nb = [\n1,", "plan: line 3, column 3: Invalid value"),
        ("a = 1\na = 2\n", "plan: line 2, column 6: Cannot overwrite a value"),
        ("a = " + "[" * 9000, "plan: the tables and arrays are nested too deeply"),
        ("a = " + "9" * 5000, "plan: a number has thousands of digits"),
        ("#" * (CHARACTERS_MAX + 1), "plan: 65537 characters; expected at most 65536"),
    ],
)
def test_toml_that_can_not_be_parsed_is_refused_with_the_place(text: str, complaint: str) -> None:
    assert refusal(read_toml, text) == [complaint]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"id": "x",\n "side" "buy"}', "plan: line 2, column 9: Expecting ':' delimiter"),
        ("", "plan: line 1, column 1: Expecting value"),
        ("[1]", "plan: an array; expected a table of keys"),
        ("5", "plan: 5; expected a table of keys"),
        ('{"stop": {"price": 1, "price": 2}}', 'plan: the key "price" stands twice in one table'),
        ("[" * 100_000, "plan: 100000 characters; expected at most 65536"),
        ("[" * 60_000, "plan: the tables and arrays are nested too deeply"),
        ("9" * 5000, "plan: a number has thousands of digits"),
    ],
)
def test_json_that_can_not_be_parsed_is_refused_with_the_place(text: str, complaint: str) -> None:
    assert refusal(read_json, text) == [complaint]


def test_a_text_of_the_greatest_length_is_read() -> None:
    assert read_toml(BREAKOUT + "#" * (CHARACTERS_MAX - len(BREAKOUT))) == read_toml(BREAKOUT)


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_json_constant_is_no_number(word: str) -> None:
    text = as_json(trade({"stop.price": "HERE"})).replace('"HERE"', word)
    assert refusal(read_json, text) == [f"stop.price: {word}; expected a price above 0"]


@pytest.mark.parametrize("read", [read_toml, read_json])
def test_a_number_beyond_every_exponent_is_refused_with_its_path(read: object) -> None:
    notation = toml if read is read_toml else as_json
    text = notation(trade({"stop.price": "HERE"})).replace('"HERE"', "1e99999999999999999999")
    assert refusal(read, text) == ['stop.price: "1e99999999999999999999"; expected a price above 0']


def test_an_integer_of_many_digits_is_refused_without_being_written_out() -> None:
    text = toml(trade({"size.risk": "HERE"})).replace('"HERE"', "0x" + "f" * 5000)
    assert refusal(read_toml, text) == [
        "size.risk: a huge number; expected an amount of money above 0"
    ]


def test_every_wrong_key_is_told_at_once_in_the_order_of_the_file() -> None:
    document = trade(
        {
            "id": "no good",
            "size.quantity": Decimal("1.5"),
            "entry.order": "lmt",
            "entry.trigger.when": "over",
            "stop": {"trial": 1, "offset": 3, "breach_pct": -1},
            "target.0.fraction": 2,
        }
    )
    del document["side"]
    del document["entry"]["trigger"]["expires"]
    assert complaints_of(document) == [
        'side: missing; expected "buy" or "sell"',
        (
            'id: "no good"; expected 1 to 64 letters, digits, dots, dashes and underscores, '
            "a letter or digit first"
        ),
        "size.quantity: 1.5; expected a whole number of shares or contracts above 0",
        'entry.order: "lmt"; expected "LMT" or "MKT"',
        (
            "entry.trigger.expires: missing; expected an instant with its time zone, "
            "such as 2026-11-23T20:55:00Z"
        ),
        'entry.trigger.when: "over"; expected "above" or "below"',
        'stop.trial: unknown key; did you mean "trail"?',
        "stop.breach_pct: -1; expected a percentage from 0 to below 100",
        "target[0].fraction: 2; expected a fraction above 0 and up to 1",
    ]


def test_the_order_of_complaints_follows_the_file_when_its_tables_are_moved() -> None:
    document = trade({"stop.price": 0, "size.risk": 0, "id": ""})
    ways = [complaints_of(document), complaints_of(dict(reversed(document.items())))]
    assert [line.partition(":")[0] for line in ways[0]] == ["id", "size.risk", "stop.price"]
    assert ways[1] == ways[0][::-1]


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["LMT", "buy", "OPT", "2026-12-18", "2026-11-23T20:55:00Z"]),
    lambda values: (
        st.lists(values, max_size=4)
        | st.dictionaries(
            st.text(max_size=5) | st.sampled_from([*trade(), "group", "leg", "price"]),
            values,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_no_json_document_does_more_than_be_refused(value: object) -> None:
    with pytest.raises(PlanRefusedError) as refused:
        read_json(json.dumps(value))
    assert refused.value.complaints


@given(st.sampled_from([trade(), group()]), st.data())
def test_no_change_of_one_value_does_more_than_be_refused(
    document: dict[str, object], data: st.DataObject
) -> None:
    paths = list(_paths(document))
    path = data.draw(st.sampled_from(paths))
    text = json.dumps(_with(json.loads(as_json(document)), path, data.draw(JSON_VALUES)))
    with suppress(PlanRefusedError):
        plan = read_json(text)
        assert read_json(plan.model_dump_json()) == plan


@given(st.text(max_size=200), st.sampled_from([read_toml, read_json]))
def test_no_text_does_more_than_be_refused(text: str, read: object) -> None:
    assert refusal(read, text)


def _paths(value: object) -> list[tuple[object, ...]]:
    items: list[tuple[object, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [
        path for step, below in items for path in [(step,), *((step, *p) for p in _paths(below))]
    ]


def _with(document: object, path: tuple[object, ...], value: object) -> object:
    step, *rest = path
    table: dict[object, object] = document  # type: ignore[assignment]
    table[step] = _with(table[step], tuple(rest), value) if rest else value
    return document
