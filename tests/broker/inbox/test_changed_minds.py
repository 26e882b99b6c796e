"""What is known of an order when something heard later puts it otherwise."""

from decimal import Decimal

from backstay.domain.incidents.kinds import IncidentKind
from tests.broker.inbox.told import (
    CON_ID,
    ENTRY,
    OTHER,
    Heard,
    completed,
    cost,
    fill,
    intent,
    order,
    position,
    status,
)


def test_a_foreign_order_is_one_before_and_after_it_has_its_permanent_id() -> None:
    heard = Heard().hear(order("by hand", order_id=9, perm_id=0, quantity=100))
    heard.hear(status(word="Submitted", order_id=9, perm_id=0, filled=40))
    heard.hear(order("by hand", order_id=9, perm_id=70, quantity=100, seconds=1))
    (foreign,) = heard.inbox.snapshot().foreign_orders
    assert (foreign.perm_id, foreign.filled) == (70, Decimal(40))
    assert heard.kinds() == [IncidentKind.MANUAL_ACTION]


def test_what_an_execution_cost_goes_along_with_it() -> None:
    heard = Heard().hear(fill("", order_id=0), cost(amount="1.25"))
    heard.hear(order(ENTRY))
    assert heard.view().filled == 100
    assert [each.amount for each in heard.view().commissions] == [Decimal("1.25")]


def test_of_two_words_that_an_order_is_over_the_later_one_says_what_it_was() -> None:
    later, earlier = completed(seconds=5, quantity=100), completed(seconds=1, quantity=50)
    for words in ((later, earlier), (earlier, later)):
        assert Heard().hear(*words).view().quantity == 100


def test_a_difference_that_changes_has_to_stand_anew() -> None:
    heard = Heard().hear(position(0)).sync(CON_ID)
    heard.hear(position(10))
    heard.seconds += 1.5
    heard.hear(position(20))
    heard.seconds += 1.9
    assert heard.hear().kinds() == []
    heard.seconds += 0.1
    (notice,) = heard.hear().notices
    assert notice.text == "20 are held, and what was executed comes to 0"


def test_an_order_id_is_that_of_the_order_that_left_under_it_last() -> None:
    heard = Heard()
    heard.inbox.expect(intent(ENTRY), 5)
    heard.inbox.expect(intent(OTHER), 5)
    assert heard.inbox.key_of(5) == OTHER
    heard.hear(status(word="Submitted", order_id=5, perm_id=8))
    assert heard.view(OTHER).perm_ids == (8,)
