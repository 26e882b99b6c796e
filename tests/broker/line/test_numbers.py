"""Order ids never fall back, and never look like the ids of requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.broker.doors import wire
from backstay.broker.line.errors import NumbersUsedUpError
from backstay.broker.line.numbers import REQUEST_ID_MIN, IdNumbers


def test_order_ids_begin_at_one_and_request_ids_far_above() -> None:
    numbers: wire.Numbers = IdNumbers()
    assert [numbers.next_order_id(), numbers.next_order_id()] == [1, 2]
    assert [numbers.next_request_id(), numbers.next_request_id()] == [1_500_000_000, 1_500_000_001]


@given(st.lists(st.one_of(st.none(), st.integers(-1, 50))))
def test_an_order_id_comes_after_every_one_that_was_heard_or_used(steps: list[int | None]) -> None:
    numbers, seen = IdNumbers(), [0]
    for heard in steps:
        if heard is None:
            order_id = numbers.next_order_id()
            assert order_id == max(seen) + 1
            seen.append(order_id)
        else:
            numbers.heard(heard)
            seen.append(heard)


def test_a_sequence_that_falls_back_gives_no_id_out_again() -> None:
    numbers = IdNumbers()
    numbers.heard(204)
    assert numbers.next_order_id() == 205
    numbers.heard(2)
    assert numbers.next_order_id() == 206


@pytest.mark.parametrize(
    ("subject_id", "is_request"),
    [(-1, False), (1, False), (1_499_999_999, False), (1_500_000_000, True), (2**31 - 1, True)],
)
def test_an_id_says_whether_it_is_that_of_a_request(subject_id: int, is_request: bool) -> None:
    assert IdNumbers().is_request(subject_id) is is_request


def test_another_clients_id_among_those_of_requests_moves_nothing() -> None:
    numbers = IdNumbers()
    numbers.heard(REQUEST_ID_MIN)
    numbers.heard(2**31 - 1)
    assert numbers.next_order_id() == 1


def test_no_order_is_given_the_id_of_a_request() -> None:
    numbers = IdNumbers()
    numbers.heard(REQUEST_ID_MIN - 2)
    assert numbers.next_order_id() == REQUEST_ID_MIN - 1
    with pytest.raises(NumbersUsedUpError, match="order id 1500000000 would be one of a request"):
        numbers.next_order_id()


def test_an_id_is_spent_below_what_the_broker_gives_out_next_and_what_was_sent_since() -> None:
    numbers = IdNumbers()
    assert not numbers.is_spent(1)
    numbers.goes_on_from(10)
    assert numbers.is_spent(9)
    assert not numbers.is_spent(10)
    assert numbers.next_order_id() == 10
    assert numbers.is_spent(10)
    assert not numbers.is_spent(11)


def test_ids_that_have_fallen_back_are_spent_no_more_until_a_higher_one_is_sent() -> None:
    numbers = IdNumbers()
    numbers.goes_on_from(10)
    numbers.goes_on_from(5)
    assert numbers.is_spent(4)
    assert not numbers.is_spent(5)
    numbers.heard(20)
    assert not numbers.is_spent(5)
    assert numbers.next_order_id() == 21
    assert numbers.is_spent(20)
