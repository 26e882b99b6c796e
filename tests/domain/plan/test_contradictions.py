"""What the keys of a trade say against each other, each with the exact complaint."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.domain.plan.complaints import PlanRefusedError
from backstay.domain.plan.entry import IfClosed
from backstay.domain.plan.reading import read_json
from backstay.domain.plan.stop import DISASTER_PCT, Protection
from backstay.domain.sides import Side
from tests.domain.plan.documents import (
    EXPIRES,
    EXPIRY,
    GONE,
    as_json,
    complaints_of,
    option_trade,
    trade,
    trade_of,
)

AT_LIMIT = {"entry.limit_offset": GONE, "entry.limit": Decimal("190.05")}
PREMARKET = {"entry.trigger.session": "premarket"}
VIRTUAL = {"stop.protection": "virtual"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "(got none)"),
        ({"quantity": 100, "risk": 250}, "(got quantity and risk)"),
        ({"quantity": 100, "budget": 1, "risk": 250}, "(got quantity, budget and risk)"),
    ],
)
def test_a_size_is_measured_in_exactly_one_way(given: dict[str, object], said: str) -> None:
    assert complaints_of(trade({"size": given})) == [
        f"size: give exactly one of quantity, budget, risk {said}"
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "(got none)"),
        ({"price": 187, "offset": 3}, "(got price and offset)"),
        ({"offset": 3, "atr": 1}, "(got offset and atr)"),
    ],
)
def test_a_stop_is_placed_in_exactly_one_way(given: dict[str, object], said: str) -> None:
    assert complaints_of(trade({"stop": given})) == [
        f"stop: give exactly one of price, offset, atr {said}"
    ]


@pytest.mark.parametrize(
    ("given", "said"), [({}, "(got none)"), ({"price": 195, "offset": 5}, "(got price and offset)")]
)
def test_a_target_is_placed_in_exactly_one_way(given: dict[str, object], said: str) -> None:
    document = trade({"target": [{"fraction": 1, **given}]})
    assert complaints_of(document) == [f"target[0]: give exactly one of price, offset {said}"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "(got none)"),
        ({"at": EXPIRES, "before_close_minutes": 5}, "(got at and before_close_minutes)"),
    ],
)
def test_a_time_exit_is_said_in_exactly_one_way(given: dict[str, object], said: str) -> None:
    assert complaints_of(trade({"time_exit": given})) == [
        f"time_exit: give exactly one of at, before_close_minutes {said}"
    ]


@pytest.mark.req("S1.1")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"entry.limit_offset": GONE},
            "entry: give exactly one of limit, limit_offset (got none)",
        ),
        (
            {"entry.limit": 190},
            "entry: give exactly one of limit, limit_offset (got limit and limit_offset)",
        ),
        (
            {"entry.order": "MKT"},
            "entry.limit_offset: 0.05; a market order takes none",
        ),
        (
            {"entry.order": "MKT", "entry.limit_offset": GONE, "entry.limit": 190},
            "entry.limit: 190; a market order takes none",
        ),
    ],
)
def test_a_limit_belongs_to_a_limit_order_and_to_no_other(
    changes: dict[str, object], said: str
) -> None:
    assert complaints_of(trade(changes)) == [said]


@pytest.mark.req("S1.1")
@pytest.mark.parametrize("key", ["expiry", "strike", "right"])
def test_an_option_needs_all_its_terms(key: str) -> None:
    assert complaints_of(option_trade({f"instrument.{key}": GONE})) == [
        f"instrument.{key}: missing; an option needs expiry, strike and right"
    ]


@pytest.mark.req("S1.1")
@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("expiry", EXPIRY, "2026-12-18"),
        ("strike", Decimal("187.50"), "187.50"),
        ("right", "C", '"C"'),
        ("trading_class", "SPXW", '"SPXW"'),
    ],
)
def test_a_stock_has_no_terms_of_an_option(key: str, value: object, shown: str) -> None:
    assert complaints_of(trade({f"instrument.{key}": value})) == [
        f'instrument.{key}: {shown}; a stock has none; an option needs type = "OPT"'
    ]


def test_an_option_has_no_primary_exchange() -> None:
    assert complaints_of(option_trade({"instrument.primary_exchange": "CBOE"})) == [
        'instrument.primary_exchange: "CBOE"; an option has none'
    ]


def test_all_that_is_wrong_between_the_tables_is_told_at_once() -> None:
    document = trade(
        VIRTUAL
        | {
            "stop.price": 191,
            "target.0.price": 189,
            "size.max_disaster_loss": 600,
            "time_exit.at": EXPIRES,
        }
    )
    assert [line.partition(":")[0] for line in complaints_of(document)] == [
        "size.max_disaster_loss",
        "stop.price",
        "target[0].price",
        "time_exit.at",
    ]


@pytest.mark.req("S1.2")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            PREMARKET,
            (
                'entry.trigger.premarket: missing; session = "premarket" '
                'needs "fire", "wait" or "rebase"'
            ),
        ),
        (
            {"entry.trigger.premarket": "wait"},
            'entry.trigger.premarket: "wait"; that needs session = "premarket"',
        ),
        (
            PREMARKET
            | {
                "entry.trigger.premarket": "fire",
                "entry.order": "MKT",
                "entry.limit_offset": GONE,
            },
            (
                'entry.order: "MKT"; premarket = "fire" needs "LMT", '
                "because a market order waits for the open (399)"
            ),
        ),
        (
            PREMARKET | AT_LIMIT | {"entry.trigger.premarket": "rebase"},
            ('entry.limit: 190.05; premarket = "rebase" moves the trigger, so give limit_offset'),
        ),
    ],
)
def test_the_premarket_policy_fits_the_session_and_the_order(
    changes: dict[str, object], said: str
) -> None:
    assert complaints_of(trade(changes)) == [said]


@pytest.mark.req("S1.2")
@pytest.mark.parametrize(
    ("policy", "order"),
    [
        ("fire", {}),
        ("wait", {"entry.order": "MKT", "entry.limit_offset": GONE}),
        ("wait", AT_LIMIT),
        ("rebase", {}),
        ("rebase", {"entry.order": "MKT", "entry.limit_offset": GONE}),
    ],
)
def test_a_premarket_policy_that_fits_is_taken(policy: str, order: dict[str, object]) -> None:
    document = trade(PREMARKET | order | {"entry.trigger.premarket": policy})
    trigger = trade_of(document).entry.trigger
    assert trigger is not None
    assert trigger.premarket == policy


def test_the_fractions_of_all_targets_make_at_most_the_whole() -> None:
    third = {"price": 195, "fraction": Decimal("0.33")}
    assert (
        len(
            trade_of(
                trade({"target": [third, third, third | {"fraction": Decimal("0.34")}]})
            ).targets
        )
        == 3
    )
    assert complaints_of(
        trade({"target": [third, third, third | {"fraction": Decimal("0.35")}]})
    ) == ["target: the fractions add up to 1.01; expected at most 1"]


@pytest.mark.req("S1.12")
def test_an_entry_into_a_closed_market_is_refused_unless_the_plan_queues_it() -> None:
    assert trade_of(trade()).entry.if_closed is IfClosed.REFUSE
    assert trade_of(trade({"entry.if_closed": "queue"})).entry.if_closed is IfClosed.QUEUE


@pytest.mark.req("X.1")
def test_the_stop_at_the_broker_is_two_percent_wider_unless_the_plan_says_otherwise() -> None:
    stop = trade_of(trade()).stop
    assert stop.protection is Protection.BROKER
    assert stop.disaster_pct == DISASTER_PCT == Decimal("2.0")
    assert stop.protection.stated_risk is None


@pytest.mark.req("X.1")
def test_virtual_protection_is_an_opt_in_that_states_its_risk() -> None:
    stop = trade_of(trade(VIRTUAL)).stop
    assert stop.disaster_pct is None
    assert stop.protection.stated_risk == (
        "no stop stands at the broker: while Backstay, its machine, the gateway or the line "
        "is down, nothing limits the loss"
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            VIRTUAL | {"stop.disaster_pct": Decimal("2.0")},
            'stop.disaster_pct: 2.0; protection = "virtual" has no stop at the broker',
        ),
        (
            VIRTUAL | {"size.max_disaster_loss": 600},
            (
                'size.max_disaster_loss: 600; stop.protection = "virtual" '
                "has no stop at the broker that could keep it"
            ),
        ),
        (
            {"stop.breach_pct": Decimal("2.0")},
            (
                "stop.disaster_pct: 2.0 is not above stop.breach_pct 2.0; "
                "the stop at the broker would act first"
            ),
        ),
        (
            {"stop.disaster_pct": Decimal("0.1")},
            (
                "stop.disaster_pct: 0.1 is not above stop.breach_pct 0.1; "
                "the stop at the broker would act first"
            ),
        ),
    ],
)
def test_the_disaster_stop_fits_the_protection_and_lies_beyond_the_breach(
    changes: dict[str, object], said: str
) -> None:
    assert complaints_of(trade(changes)) == [said]


def test_the_stop_at_the_broker_can_not_be_left_out_by_a_null() -> None:
    with pytest.raises(PlanRefusedError) as refused:
        read_json(as_json(trade({"stop.disaster_pct": None})))
    assert str(refused.value) == (
        'stop.disaster_pct: null; protection = "broker" needs a percentage'
    )


def test_a_disaster_stop_just_beyond_the_breach_is_taken() -> None:
    assert trade_of(trade({"stop.disaster_pct": Decimal("0.11")})).stop.disaster_pct == Decimal(
        "0.11"
    )


LATER = EXPIRES + timedelta(seconds=1)
EARLIER = EXPIRES - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"entry.expires": EARLIER},
            (
                "entry.expires: 2026-11-23T20:54:59Z is before "
                "entry.trigger.expires 2026-11-23T20:55:00Z; "
                "the order must outlive the trigger that sends it"
            ),
        ),
        ({"entry.expires": EXPIRES}, None),
        (
            {"time_exit.at": EXPIRES},
            (
                "time_exit.at: 2026-11-23T20:55:00Z is not after "
                "the last possible entry 2026-11-23T20:55:00Z"
            ),
        ),
        ({"time_exit.at": LATER}, None),
        (
            {"entry.expires": LATER, "time_exit.at": LATER},
            (
                "time_exit.at: 2026-11-23T20:55:01Z is not after "
                "the last possible entry 2026-11-23T20:55:01Z"
            ),
        ),
        ({"entry.trigger": GONE, "time_exit.at": EARLIER}, None),
        ({"time_exit.before_close_minutes": 10}, None),
    ],
)
def test_the_ends_of_a_plan_follow_each_other(changes: dict[str, object], said: str | None) -> None:
    document = trade(changes)
    if said is None:
        assert trade_of(document).side is Side.BUY
    else:
        assert complaints_of(document) == [said]
