"""The last hop: whether what is about to leave is the order that was approved."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from backstay.domain.ids import Effect, Purpose
from backstay.domain.limits.codes import RefusalCode as Code
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.last_hop import RULES, recheck
from backstay.domain.orders.intent import (
    Limit,
    Market,
    OcaGroup,
    OrderIntent,
    Stop,
    TimeInForce,
    TriggerMethod,
)
from backstay.domain.sides import Side
from tests.domain.limits.hops import HOLDING, approval, every_order, hop
from tests.domain.limits.samples import (
    ENTRY,
    EXIT,
    HEDGE,
    LAST_HOP,
    NOW,
    OTHER_SHARE,
    OTHER_TRADE,
    SETTINGS,
    SHIELD,
    key,
    later,
)


@every_order
@pytest.mark.req("I2")
def test_what_has_not_changed_since_its_approval_leaves(intent: OrderIntent) -> None:
    assert hop(intent) == ""


@every_order
@pytest.mark.req("S1.15")
def test_nothing_leaves_without_settings(intent: OrderIntent) -> None:
    assert recheck(approval(intent), intent, HOLDING, None, later(1)) == Refused(
        intent.key,
        Code.NOT_CONFIGURED,
        "not_configured: no limits are set for this account",
        later(1),
    )


def test_a_refusal_names_the_order_the_time_and_the_figures() -> None:
    sent = replace(ENTRY, quantity=Decimal(101))

    assert recheck(approval(ENTRY), sent, LAST_HOP, SETTINGS, later(1)) == Refused(
        ENTRY.key,
        Code.QUANTITY_EXCEEDS_APPROVAL,
        "quantity_exceeds_approval: the quantity is 101; 100 are approved",
        later(1),
        measured=Decimal(101),
        bound=Decimal(100),
    )


@every_order
@pytest.mark.parametrize(
    ("mine", "reported", "session"),
    [
        ("DU1234567", ("DU7654321", "DU0"), "DU7654321, DU0"),
        ("DU1234567", (), "none"),
        ("DU7654321", ("DU1234567",), "DU1234567"),
    ],
)
@pytest.mark.req("S1.15", "X.6")
def test_an_order_leaves_only_in_its_own_account(
    intent: OrderIntent, mine: str, reported: tuple[str, ...], session: str
) -> None:
    facts, settings = replace(HOLDING, accounts=reported), replace(SETTINGS, account=mine)

    assert hop(intent, facts, settings=settings) == (
        f"wrong_account: the order is for DU1234567, the limits are for {mine},"
        f" the session is for {session}"
    )


@every_order
def test_one_session_may_serve_several_accounts(intent: OrderIntent) -> None:
    assert hop(intent, replace(HOLDING, accounts=("DU0", "DU1234567"))) == ""


DIFFERS = "differs_from_approval: the order differs from the approved one in: "
AS_STOP = {"terms": Stop(Decimal(95))}
FOR_A_WHILE = {"time_in_force": TimeInForce.GOOD_TILL_DATE, "good_till": NOW}
IDENTITY: list[tuple[dict[str, Any], str]] = [
    ({"instrument": OTHER_SHARE}, "instrument"),
    ({"side": Side.BUY}, "side"),
    ({"side": Side.BUY, "instrument": OTHER_SHARE}, "instrument, side"),
]
MANNER: list[tuple[dict[str, Any], str]] = [
    ({"terms": Market()}, "terms"),
    (AS_STOP, "terms"),
    ({"time_in_force": TimeInForce.IMMEDIATE_OR_CANCEL}, "time_in_force"),
    (FOR_A_WHILE, "time_in_force, good_till"),
    ({"outside_regular_hours": True}, "outside_regular_hours"),
    ({"trigger_method": TriggerMethod.LAST}, "trigger_method"),
    ({"oca": OcaGroup("pair", 2)}, "oca"),
    ({"parent": key(Purpose.ENTRY, 7)}, "parent"),
]
SOLD_SHORT = replace(ENTRY, side=Side.SELL, terms=Limit(Decimal(100)))
LIMITED_HEDGE = replace(HEDGE, side=Side.SELL, terms=Limit(Decimal(100)))


@pytest.mark.parametrize("intent", [SOLD_SHORT, LIMITED_HEDGE, EXIT], ids=["EN", "HG", "XS"])
@pytest.mark.parametrize(("changed", "names"), IDENTITY, ids=str)
@pytest.mark.req("I2")
def test_no_order_may_become_another_one(
    intent: OrderIntent, changed: dict[str, Any], names: str
) -> None:
    assert hop(intent, sent=replace(intent, **changed)) == DIFFERS + names


@pytest.mark.parametrize("intent", [SOLD_SHORT, LIMITED_HEDGE], ids=["EN", "HG"])
@pytest.mark.parametrize(("changed", "names"), MANNER, ids=str)
@pytest.mark.req("I2")
def test_what_adds_risk_leaves_in_the_manner_that_was_approved(
    intent: OrderIntent, changed: dict[str, Any], names: str
) -> None:
    assert hop(intent, sent=replace(intent, **changed)) == DIFFERS + names


@pytest.mark.parametrize("changed", [changed for changed, _ in MANNER], ids=str)
@pytest.mark.req("S4.5")
def test_what_reduces_may_leave_in_another_manner(changed: dict[str, Any]) -> None:
    assert hop(EXIT, sent=replace(EXIT, **changed)) == ""


@every_order
@pytest.mark.req("X.6")
def test_an_order_does_not_change_its_account(intent: OrderIntent) -> None:
    elsewhere = replace(SETTINGS, account="DU0")
    facts = replace(HOLDING, accounts=("DU0",))

    assert hop(intent, facts, replace(intent, account="DU0"), elsewhere) == f"{DIFFERS}account"


@every_order
@pytest.mark.parametrize(
    "changed",
    [{"trade": OTHER_TRADE}, {"leg": 1}, {"purpose": Purpose.UNDO}],
    ids=["trade", "leg", "purpose"],
)
@pytest.mark.req("I1", "I2")
def test_an_order_keeps_its_key(intent: OrderIntent, changed: dict[str, Any]) -> None:
    sent = replace(intent, key=replace(intent.key, generation=2, **changed))

    assert hop(intent, sent=sent) == f"{DIFFERS}key"


@pytest.mark.parametrize(
    ("intent", "generation", "reason"),
    [
        (ENTRY, 3, f"{DIFFERS}key"),
        (HEDGE, 3, f"{DIFFERS}key"),
        (EXIT, 3, ""),
        (SHIELD, 3, ""),
        (EXIT, 1, f"{DIFFERS}key"),
    ],
)
@pytest.mark.req("S4.5", "I1")
def test_later_generations_of_an_exit_leave_under_its_approval(
    intent: OrderIntent, generation: int, reason: str
) -> None:
    second = replace(intent, key=replace(intent.key, generation=2))
    sent = replace(intent, key=replace(intent.key, generation=generation))

    assert hop(second, sent=sent) == reason


@pytest.mark.parametrize("intent", [ENTRY, HEDGE])
@pytest.mark.req("S3.4", "I1")
def test_less_than_was_approved_may_leave_and_never_more(intent: OrderIntent) -> None:
    approved_quantity = intent.quantity
    less = replace(intent, quantity=approved_quantity - 1)
    more = replace(intent, quantity=approved_quantity + 1)

    assert hop(intent, sent=less) == ""
    assert hop(intent, sent=more) == (
        f"quantity_exceeds_approval: the quantity is {approved_quantity + 1};"
        f" {approved_quantity} are approved"
    )


@pytest.mark.req("I8", "I11")
def test_what_reduces_is_bounded_by_the_position_also_when_the_entry_has_overfilled() -> None:
    overfilled = replace(HOLDING, position=EXIT.quantity + 1)
    all_of_it = replace(EXIT, quantity=EXIT.quantity + 1)
    too_much = replace(EXIT, quantity=EXIT.quantity + 2)

    assert hop(EXIT, overfilled, sent=all_of_it) == ""
    assert hop(EXIT, overfilled, sent=too_much).startswith("exceeds_position: ")


@every_order
@pytest.mark.req("X.10")
def test_a_fraction_never_leaves(intent: OrderIntent) -> None:
    sent = replace(intent, quantity=Decimal("1.50"))

    assert hop(intent, sent=sent) == "fractional: the quantity is 1.5; whole units only"


@pytest.mark.parametrize("effect", Effect)
def test_the_rules_about_the_order_itself_are_asked_of_every_order(effect: Effect) -> None:
    names = [rule.__name__ for rule in RULES[effect]]
    bounded_by_approval = [] if effect is Effect.REDUCES else ["quantity_exceeds_approval"]
    asked_first = ["wrong_account", "differs_from_approval", *bounded_by_approval, "fractional"]
    assert names[: len(asked_first)] == asked_first
    assert bounded_by_approval or "quantity_exceeds_approval" not in names
