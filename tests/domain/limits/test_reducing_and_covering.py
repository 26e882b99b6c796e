"""Orders that reduce or cover: possible when entries are not, and bound by what there is."""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.ids import Purpose
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.check import check
from backstay.domain.limits.codes import RefusalCode as Code
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.limits.settings import TradingMode
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.intent import Limit, OrderIntent
from backstay.domain.sessions import MarketPhase
from backstay.domain.sides import Side
from tests.domain.limits.cases import Case, passes, refuses
from tests.domain.limits.samples import (
    CONTRACT,
    DAY,
    ENTRY,
    EXIT,
    FACTS,
    HEDGE,
    NOW,
    SETTINGS,
    SHIELD,
    approved,
    key,
    order,
    with_entry,
)

UNCOVERED_5 = replace(FACTS, uncovered=Decimal(5))
FREEZE = KillState(3, KillMode.FREEZE)
FLATTEN = KillState(3, KillMode.FLATTEN)


@pytest.mark.parametrize(
    ("intent", "kill", "answer"),
    [
        (ENTRY, FREEZE, Code.KILLED),
        (ENTRY, FLATTEN, Code.KILLED),
        (HEDGE, FREEZE, None),
        (HEDGE, FLATTEN, Code.KILLED),
        (SHIELD, FREEZE, None),
        (SHIELD, FLATTEN, None),
        (EXIT, FREEZE, None),
        (EXIT, FLATTEN, None),
    ],
    ids=str,
)
@pytest.mark.req("S3.2", "I5")
def test_a_kill_stops_what_adds_risk_and_never_what_takes_it_away(
    intent: OrderIntent, kill: KillState, answer: Code | None
) -> None:
    book = replace(with_entry(), kill=kill)
    got = check(intent, UNCOVERED_5, book, SETTINGS, NOW)

    assert (got.code if isinstance(got, Refused) else None) is answer


@pytest.mark.parametrize("intent", [HEDGE, SHIELD, EXIT], ids=lambda i: i.key.purpose.name)
@pytest.mark.req("S3.4", "S3.7")
def test_what_reduces_or_covers_passes_where_an_entry_meets_every_other_limit(
    intent: OrderIntent,
) -> None:
    settings = replace(
        SETTINGS,
        trading=TradingMode.DISABLED,
        exposure_max=Decimal(1),
        share_position_max=Decimal(1),
        option_position_max=Decimal(1),
        order_value_max=Decimal(1),
        entries_per_day_max=1,
        entry_interval_seconds_min=Decimal(3600),
        open_trades_max=1,
        blocked_symbols=("AAPL",),
    )
    facts = replace(
        UNCOVERED_5,
        phase=MarketPhase.CLOSED,
        reference=None,
        margin=None,
        rates=ExchangeRates("EUR"),
    )
    book = with_entry().halted(Halt("unexpected position"))

    assert isinstance(check(intent, facts, book, settings, NOW), Approved)
    assert isinstance(check(replace(ENTRY, key=key(leg=1)), facts, book, settings, NOW), Refused)


def covering(quantity: int, generation: int = 1, leg: int = 0) -> OrderIntent:
    return order(key(Purpose.HEDGE, generation, leg=leg), quantity, instrument=CONTRACT)


def under_way(reserved: OrderIntent, filled: int = 0) -> Book:
    book = Book().reserved(approved(reserved, facts=UNCOVERED_5), DAY)
    return book.filled(reserved.key, Decimal(filled))


TO_COVER_5 = "would be under way to cover 5"
COVERS = [
    passes(Code.EXCEEDS_UNCOVERED, f"5 {TO_COVER_5}", 5, 5, intent=covering(5), facts=UNCOVERED_5),
    refuses(Code.EXCEEDS_UNCOVERED, f"6 {TO_COVER_5}", 6, 5, intent=covering(6), facts=UNCOVERED_5),
    refuses(Code.EXCEEDS_UNCOVERED, "5 would be under way to cover 0", 5, 0, intent=covering(5)),
    refuses(
        Code.EXCEEDS_UNCOVERED,
        f"6 {TO_COVER_5}",
        6,
        5,
        intent=covering(3, 2),
        facts=UNCOVERED_5,
        book=under_way(covering(4), filled=1),
    ),
    passes(
        Code.EXCEEDS_UNCOVERED,
        f"5 {TO_COVER_5}",
        5,
        5,
        intent=covering(5),
        facts=UNCOVERED_5,
        book=under_way(covering(4)),
    ),
    passes(
        Code.EXCEEDS_UNCOVERED,
        f"5 {TO_COVER_5}",
        5,
        5,
        intent=covering(5, leg=1),
        facts=UNCOVERED_5,
        book=under_way(covering(4)),
    ),
]


def closing(
    quantity: int, purpose: Purpose = Purpose.EXIT_STOP, generation: int = 1
) -> OrderIntent:
    return order(key(purpose, generation), quantity, side=Side.SELL, terms=Limit(Decimal(95)))


SHORT_ENTRY = with_entry(replace(ENTRY, side=Side.SELL))
REDUCES = [
    passes(
        Code.EXCEEDS_POSITION,
        "100 of AAPL are to be closed; at most 100",
        100,
        100,
        intent=closing(100),
        book=with_entry(filled=40),
    ),
    refuses(
        Code.EXCEEDS_POSITION,
        "101 of AAPL are to be closed; at most 100",
        101,
        100,
        intent=closing(101),
        book=with_entry(filled=40),
    ),
    refuses(
        Code.EXCEEDS_POSITION,
        "41 of AAPL are to be closed; at most 40",
        41,
        40,
        intent=closing(41),
        book=with_entry(filled=40).released(ENTRY.key),
    ),
    refuses(
        Code.EXCEEDS_POSITION,
        "1 of AAPL are to be closed; at most 0",
        1,
        0,
        intent=closing(1),
        book=SHORT_ENTRY,
    ),
    passes(
        Code.EXCEEDS_POSITION,
        "100 of AAPL are to be closed; at most 100",
        100,
        100,
        intent=replace(closing(100), side=Side.BUY),
        book=SHORT_ENTRY,
    ),
]


def generation_case(purpose: Purpose, generation: int, bound: int) -> Case:
    says = passes if generation <= bound else refuses
    text = (
        f"bs1:T7K2M9QX:0:{purpose.value}:{generation} is generation {generation}; at most {bound}"
    )
    return says(
        Code.TOO_MANY_GENERATIONS,
        text,
        generation,
        bound,
        intent=closing(1, purpose, generation),
        book=with_entry(),
    )


EXIT_PURPOSES = [Purpose.EXIT_STOP, Purpose.EXIT_TARGET, Purpose.EXIT_MANUAL, Purpose.UNDO]
GENERATIONS = [
    *(generation_case(purpose, 10, 10) for purpose in EXIT_PURPOSES),
    *(generation_case(purpose, 11, 10) for purpose in EXIT_PURPOSES),
    generation_case(Purpose.PROTECT, 11, 100),
    generation_case(Purpose.PROTECT, 100, 100),
    generation_case(Purpose.PROTECT, 101, 100),
]


@pytest.mark.parametrize("case", [*COVERS, *REDUCES, *GENERATIONS], ids=str)
@pytest.mark.req("S3.4", "S3.6", "S4.4", "I7", "I8")
def test_what_reduces_or_covers_is_bound_by_what_there_is(case: Case) -> None:
    answer = check(case.intent, case.facts, case.book, case.settings, NOW)

    assert case.verdict() == case.expected
    assert isinstance(answer, Approved) is case.expected.passed
