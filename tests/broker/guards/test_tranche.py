"""What a tranche is in all, where a fill of its entry was taken back."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from backstay.broker.guards.claims import Claims, Others
from backstay.broker.guards.tranche import Tranche
from backstay.domain.edge.guards import Headway
from backstay.domain.ids import IntentKey
from backstay.domain.instruments import Instrument
from backstay.domain.sides import Side
from tests.broker.inbox.told import CON_ID, OTHER, STOP, Heard, fill, intent, position

SOME_DAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
OTHER_STOP = replace(STOP, trade=OTHER.trade)


@dataclass(frozen=True)
class Watched:
    """A tranche of the entry's leg."""

    quantity: Decimal = Decimal(100)

    @property
    def key(self) -> IntentKey:
        return STOP

    @property
    def instrument(self) -> Instrument:
        return intent().instrument


@dataclass(frozen=True)
class Other:
    """Another tranche of the contract, asked for its name and what it has executed alone."""

    executed: Decimal
    is_leaving: bool = False

    @property
    def claim(self) -> Decimal:
        raise AssertionError

    @property
    def age(self) -> tuple[datetime, IntentKey]:
        return SOME_DAY, OTHER_STOP


class Claiming:
    """A tranche among others, of which the broker has taken back so many of 100."""

    is_leaving = False

    def __init__(self, heard: Heard, claims: Claims, at: datetime) -> None:
        self.age = (at, STOP)
        self._tranche = Tranche(Watched(), Side.SELL, heard.inbox, claims.besides(CON_ID, self))
        claims.join(CON_ID, self)

    @property
    def claim(self) -> Decimal:
        return self._tranche.open_before_hands

    @property
    def executed(self) -> Decimal:
        return self._tranche.open_by_executions


def all_taken_back_but(quantity: int, held: int) -> Heard:
    """Of 100 that were entered `quantity` are left by the executions."""
    heard = Heard().hear(position(0)).sync(CON_ID).hear(fill(exec_id="e.1.01", quantity=100))
    return heard.hear(fill(exec_id="e.1.02", quantity=quantity), position(held))


def taken_back(quantity: int, held: int, others: int) -> Tranche:
    heard = all_taken_back_but(quantity, held)
    beside = Others((Other(executed=Decimal(others)),))
    return Tranche(Watched(), Side.SELL, heard.inbox, lambda: beside)


@pytest.mark.parametrize(
    ("quantity", "held", "others", "is_open"),
    [
        (0, 85, 85, 0),
        (0, 85, 80, 5),
        (0, 85, 0, 85),
        (40, 85, 85, 40),
        (40, 110, 50, 60),
        (100, 85, 85, 100),
        (0, 300, 85, 100),
        (0, 50, 85, 0),
    ],
)
def test_a_fill_that_was_taken_back_is_held_only_where_the_position_is_not_of_others(
    quantity: int, held: int, others: int, is_open: int
) -> None:
    assert taken_back(quantity, held, others).open_before_hands == is_open


def test_two_of_a_contract_of_which_fills_were_taken_back_do_not_wait_for_each_other() -> None:
    heard = Heard().hear(position(0)).sync(CON_ID).hear(fill(exec_id="e.1.01", quantity=100))
    claims = Claims()
    first = Claiming(heard, claims, SOME_DAY)
    second = Claiming(heard, claims, SOME_DAY + timedelta(seconds=1))
    heard.hear(fill(exec_id="e.1.02", quantity=40), position(80))
    assert first.claim == second.claim == 40
    assert claims.besides(CON_ID, second)().older == 40
    assert claims.besides(CON_ID, first)().older == 0


@pytest.mark.parametrize("quantity", [0, 40, 100])
def test_by_its_executions_a_tranche_is_what_they_have_left(quantity: int) -> None:
    assert taken_back(quantity, 300, 0).open_by_executions == quantity


def test_what_other_legs_of_the_trade_have_executed_of_the_contract_is_told_along() -> None:
    heard = Heard().hear(position(100)).sync(CON_ID)
    tranche = Tranche(Watched(), Side.SELL, heard.inbox, Others)
    heard.hear(fill(STOP, "s.1.01", 30, side=Side.SELL, perm_id=8))
    part, elsewhere = replace(STOP, leg=1), replace(STOP, leg=2)
    heard.hear(fill(part, "p.1.01", 20, side=Side.SELL, perm_id=9, order_id=9))
    heard.hear(
        fill(elsewhere, "q.1.01", 5, side=Side.SELL, perm_id=10, order_id=10, con_id=CON_ID + 1)
    )
    assert [each.key for each in tranche.summaries] == [STOP, part]
    assert [each.filled for each in tranche.summaries] == [30, 20]
    heard.hear(fill(part, "p.1.02", 0, side=Side.SELL, perm_id=9, order_id=9))
    assert [each.filled for each in tranche.summaries] == [30, 0]


def test_an_entry_that_can_not_be_read_any_more_is_what_it_was_when_it_could() -> None:
    today = Heard().hear(position(100)).sync(CON_ID).hear(fill(exec_id="e.1.01", price="10.00"))
    today.hear(fill(exec_id="e.1.02", price="10.01"))
    watch = Tranche(Watched(), Side.SELL, today.inbox, Others, Headway())
    assert watch.entry is not None
    assert watch.entry.value == 1001
    known = Headway(entry=watch.entry)
    tomorrow = Heard().hear(position(100)).sync(CON_ID)
    again = Tranche(Watched(), Side.SELL, tomorrow.inbox, Others, known)
    assert again.entry == watch.entry
    assert Tranche(Watched(), Side.SELL, tomorrow.inbox, Others, Headway()).entry is None
    less = Watched(Decimal(90))
    assert Tranche(less, Side.SELL, tomorrow.inbox, Others, known).entry is None
    split = replace(known, split_off=Decimal(10))
    assert Tranche(less, Side.SELL, tomorrow.inbox, Others, split).entry == watch.entry
    tomorrow.hear(fill(exec_id="e.1.02", price="10.02"))
    assert again.entry is not None
    assert again.entry.value == 1002


def test_what_was_entered_on_another_day_is_what_was_asked_for() -> None:
    heard = Heard().hear(position(100)).sync(CON_ID)
    tranche = Tranche(Watched(), Side.SELL, heard.inbox, Others)
    assert tranche.open_by_executions == 100
    heard.hear(fill(STOP, "s.1.01", 30, side=Side.SELL, perm_id=8))
    assert tranche.open_by_executions == 70


def test_what_a_stop_would_close_that_nobody_watches_yet_is_not_held_by_others() -> None:
    heard = all_taken_back_but(18, held=18)
    tranche = Tranche(Watched(), Side.SELL, heard.inbox, Others)
    heard.inbox.expect(intent(OTHER, 10), 11)
    heard.inbox.expect(intent(OTHER_STOP, 10, Side.SELL, parent=OTHER), 12)
    heard.hear(position(28))
    assert tranche.open_before_hands == 18
    heard.hear(fill(OTHER, "f.1.01", 10, order_id=11, perm_id=9))
    assert tranche.open_before_hands == 18
    watched = Others((Other(Decimal(4)),))
    shared = Tranche(Watched(), Side.SELL, heard.inbox, lambda: watched)
    assert shared.open_before_hands == 24


@pytest.mark.parametrize(
    ("key", "side"),
    [(replace(STOP, generation=2), Side.SELL), (OTHER_STOP, Side.BUY), (OTHER, Side.SELL)],
    ids=["its own", "of the other side", "one that opens"],
)
def test_other_orders_take_nothing_of_what_is_held(key: IntentKey, side: Side) -> None:
    heard = all_taken_back_but(18, held=28)
    heard.inbox.expect(intent(key, 10, side), 12)
    assert Tranche(Watched(), Side.SELL, heard.inbox, Others).open_before_hands == 28


def test_of_the_orders_of_a_leg_that_nobody_watches_the_largest_rest_counts() -> None:
    heard = all_taken_back_but(18, held=48)
    heard.inbox.expect(intent(OTHER_STOP, 10, Side.SELL), 12)
    heard.inbox.expect(intent(OTHER_STOP.next_generation(), 8, Side.SELL), 13)
    tranche = Tranche(Watched(), Side.SELL, heard.inbox, Others)
    assert tranche.open_before_hands == 38
    heard.hear(fill(OTHER_STOP, "f.1.01", 4, side=Side.SELL, order_id=12, perm_id=9))
    assert tranche.open_before_hands == 40
