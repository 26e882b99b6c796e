"""The claim that the check was made: who can make it, what it holds, how it travels."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from backstay.domain.ids import Effect
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.check import Answer, check
from backstay.domain.limits.claims import ForeignHolding
from backstay.domain.limits.codes import RefusalCode, Verdict
from backstay.domain.limits.facts import (
    AdmissionFacts,
    LastHopFacts,
    LiveOrder,
    Request,
    TriggerPrice,
)
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.limits.valuation import Collar
from backstay.domain.orders.intent import OcaGroup, OrderIntent
from backstay.domain.sides import Side
from tests.domain.limits.samples import (
    DAY,
    ENTRY,
    EXIT,
    FACTS,
    HEDGE,
    LAST_HOP,
    NOW,
    SETTINGS,
    SHARE,
    SHIELD,
    approved,
    later,
    with_entry,
)

ROOT = Path(__file__).resolve().parents[3]
MAKER = "backstay/domain/limits/check.py"
ENTRY_APPROVAL = approved(ENTRY)
EXIT_APPROVAL = approved(EXIT, with_entry())


def makers_of_approvals(path: str, text: str) -> Iterator[str]:
    """Each line that makes an approval, or that could do so under another name."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name("Approved") | ast.Attribute(attr="Approved")):
                yield f"{path}:{node.lineno}"
            case ast.alias(name="Approved", asname=str()):
                yield f"{path}:{node.lineno}"
            case ast.Assign(value=ast.Name("Approved")):
                yield f"{path}:{node.lineno}"
            case ast.ClassDef(bases=bases) if "Approved" in map(ast.unparse, bases):
                yield f"{path}:{node.lineno}"
            case _:
                pass


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Approved(intent, 1)", True),
        ("approval.Approved(intent, 1)", True),
        ("from backstay.domain.limits.approval import Approved as A", True),
        ("Made = Approved", True),
        ("class Mine(Approved): pass", True),
        ("from backstay.domain.limits.approval import Approved", False),
        ("def send(order: Approved) -> None: ...", False),
        ("isinstance(answer, Approved)", False),
    ],
)
def test_whoever_makes_an_approval_is_found(text: str, *, found: bool) -> None:
    assert list(makers_of_approvals("file", text)) == (["file:1"] if found else [])


@pytest.mark.req("S3.4", "I2")
def test_only_the_check_makes_approvals() -> None:
    rooms = ("activities", "backstay", "workers", "workflows")
    paths = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    files = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    makers = [path for path, text in files.items() if any(makers_of_approvals(path, text))]

    assert makers == [MAKER]


@pytest.mark.parametrize("missing", ["collar", "unit_value"])
def test_an_approval_to_open_has_a_collar_and_a_value(missing: str) -> None:
    changes: dict[str, Any] = {missing: None}

    with pytest.raises(ValueError, match=r"^bs1:T7K2M9QX:0:EN:1 opens a position and has no"):
        replace(ENTRY_APPROVAL, **changes)


@pytest.mark.parametrize("intent", [ENTRY, HEDGE], ids=["EN", "HG"])
def test_an_approval_to_open_or_to_cover_ends(intent: OrderIntent) -> None:
    approval = approved(intent, facts=replace(FACTS, uncovered=Decimal(5)))

    with pytest.raises(ValueError, match=rf"^{intent.key} may not be valid for ever$"):
        replace(approval, valid_until=None)


@pytest.mark.parametrize(
    ("approval", "effect", "value"),
    [
        (ENTRY_APPROVAL, Effect.OPENS, 10_000),
        (EXIT_APPROVAL, Effect.REDUCES, 9990),
        (replace(EXIT_APPROVAL, unit_value=None), Effect.REDUCES, None),
    ],
)
@pytest.mark.req("S0.4")
def test_an_approval_says_what_the_order_does_and_is_worth(
    approval: Approved, effect: Effect, value: int | None
) -> None:
    assert approval.effect is effect
    assert approval.value == value


@pytest.mark.req("S3.4")
def test_an_approval_is_good_up_to_its_last_moment() -> None:
    assert not ENTRY_APPROVAL.is_expired(later(60))
    assert ENTRY_APPROVAL.is_expired(later(60.000001))
    assert not EXIT_APPROVAL.is_expired(later(10**9))


def test_prices_outside_the_collar_are_named_in_their_order() -> None:
    prices = [Decimal(106), Decimal(105), Decimal(95), Decimal(94)]

    assert ENTRY_APPROVAL.stray(*prices) == (Decimal(106), Decimal(94))
    assert EXIT_APPROVAL.stray(*prices) == ()


BOOK = (
    replace(with_entry(filled=40), kill=KillState(3, KillMode.FREEZE))
    .with_foreign(ForeignHolding(SHARE.con_id, Decimal("-7.5"), Decimal(100)))
    .halted(Halt("no data", "AAPL"))
)
LIVE = LiveOrder(
    EXIT.key, Side.SELL, Decimal(100), Decimal(40), OcaGroup("pair", 2), parent=ENTRY.key
)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Approved, ENTRY_APPROVAL),
        (Approved, EXIT_APPROVAL),
        (Answer, check(ENTRY, FACTS, BOOK, SETTINGS, NOW)),
        (Answer, approved(SHIELD, with_entry())),
        (Verdict, Verdict(RefusalCode.RATE, passed=True, text="x", measured=Decimal("0.5"))),
        (Book, Book()),
        (Book, BOOK.reserved(approved(EXIT, with_entry()), DAY)),
        (LimitSettings, replace(SETTINGS, blocked_symbols=("GME",))),
        (AdmissionFacts, replace(FACTS, reference=TriggerPrice(Decimal("190.00")))),
        (Request, Request(ENTRY, FACTS)),
        (LastHopFacts, replace(LAST_HOP, live_orders=(LIVE,), last_entry_at=NOW)),
        (LastHopFacts, replace(LAST_HOP, kill=None, touch=None)),
        (Collar, Collar(Decimal("0.05"), Decimal("0.10"))),
    ],
    ids=lambda case: type(case).__name__,
)
@pytest.mark.req("S1.14")
def test_values_come_back_from_json_as_they_were(kind: Any, value: object) -> None:
    adapter: TypeAdapter[object] = TypeAdapter(kind)

    assert adapter.validate_json(adapter.dump_json(value)) == value
