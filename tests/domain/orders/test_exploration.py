"""Whatever the sequence: searched over histories, permutations, repetitions and batches.

A `History` is what a broker could say of an order with one or two lives, message by message, with
the truth that it amounts to. `ANYTHING` is less polite: reports that share ids, stamps and
execution ids at random, as no broker should send them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.domain.orders.facts import OrderFacts
from backstay.domain.orders.intent import Market
from backstay.domain.orders.reports import BrokerReport, OrderStatus, StatusReported
from backstay.domain.orders.view import OrderView, view_of
from backstay.domain.sides import Side
from tests.domain.orders.told import (
    FACTS,
    LIMIT,
    VIEWS,
    cancel_refused,
    cancelled,
    completed,
    cost,
    described,
    facts,
    fill,
    rejected,
    status,
    through_json,
    view,
)

QUANTITY = 100
NAMED = (5, 7)
TWIN_OF_THE_SAME_ORDER_ID = (5, 8)
TWIN_OF_ANOTHER_ORDER_ID = (6, 8)


@dataclass(frozen=True, slots=True)
class History:
    """All that was said of an order, and the truth behind it."""

    reports: tuple[BrokerReport, ...]
    filled: int
    is_over: bool

    def __add__(self, other: "History") -> "History":
        reports = (*self.reports, *other.reports)
        return History(reports, self.filled + other.filled, self.is_over and other.is_over)


@st.composite
def lives(
    draw: st.DrawFn, names: tuple[int, int] = NAMED, *, is_alone: bool = True, versions_max: int = 3
) -> History:
    """One life of an order; only one that is alone is also spoken of without its permanent id."""
    order_id, perm_id = names
    versions = st.lists(st.integers(0, 40), min_size=1, max_size=versions_max)
    fills = draw(st.lists(versions, max_size=4))
    heard: list[BrokerReport] = [described("PreSubmitted", 1, order_id=order_id, perm_id=perm_id)]
    if is_alone:
        heard.append(status("PendingSubmit", order_id=order_id, perm_id=0))
    for number, quantities in enumerate(fills):
        for version, quantity in enumerate(quantities, start=1):
            exec_id = f"{perm_id}.{number}.{version:02}"
            heard.append(fill(exec_id, quantity, order_id=order_id, perm_id=perm_id))
            heard.append(cost(exec_id))
    claims = tuple(accumulate(quantities[0] for quantities in fills))
    for second, claim in enumerate(claims, start=2):
        word = draw(st.sampled_from(["Submitted", "PreSubmitted"]))
        heard.append(status(word, second, filled=claim, order_id=order_id, perm_id=perm_id))
    claimed = max(claims, default=0)
    ends: dict[str, BrokerReport] = {
        "Cancelled": status("Cancelled", 9, filled=claimed, order_id=order_id, perm_id=perm_id),
        "Filled": described("Filled", 9, quantity=claimed, order_id=order_id, perm_id=perm_id),
        "completed": completed("Cancelled", 9, filled=claimed, perm_id=perm_id),
    }
    if is_alone:
        ends |= {"201": rejected(9, order_id=order_id), "202": cancelled(9, order_id=order_id)}
    told = draw(st.lists(st.sampled_from(sorted(ends)), max_size=2, unique=True))
    filled = sum(quantities[-1] for quantities in fills)
    heard += [ends[end] for end in told]
    return History(tuple(heard), filled, is_over=bool(told) or filled >= QUANTITY)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """One life or two, which may share their order id."""
    twin = draw(st.sampled_from([None, TWIN_OF_THE_SAME_ORDER_ID, TWIN_OF_ANOTHER_ORDER_ID]))
    first = draw(lives(is_alone=twin is not TWIN_OF_THE_SAME_ORDER_ID))
    if twin is None:
        return first
    return first + draw(lives(twin, is_alone=twin is TWIN_OF_ANOTHER_ORDER_ID))


SECONDS = st.integers(0, 2)
ORDER_IDS = st.sampled_from([5, 6])
PERM_IDS = st.sampled_from([0, 7, 8])
WORDS = st.sampled_from([*OrderStatus, "new word"])
EXEC_IDS = st.sampled_from(["a.01", "a.1", "a.02", "b.01", "b"])
SIDES = st.sampled_from(Side)
FEW = st.integers(0, 60)

ANYTHING: st.SearchStrategy[BrokerReport] = st.one_of(
    st.builds(
        described,
        WORDS,
        SECONDS,
        quantity=FEW,
        side=SIDES,
        terms=st.sampled_from([None, LIMIT, Market()]),
        order_id=ORDER_IDS,
        perm_id=PERM_IDS,
    ),
    st.builds(status, WORDS, SECONDS, filled=FEW, order_id=ORDER_IDS, perm_id=PERM_IDS),
    st.builds(
        fill,
        EXEC_IDS,
        FEW,
        st.sampled_from(["9.5", "10", "10.0"]),
        side=SIDES,
        seconds=SECONDS,
        order_id=ORDER_IDS,
        perm_id=PERM_IDS,
    ),
    st.builds(cost, EXEC_IDS, st.sampled_from(["0", "1", "1.00"]), st.sampled_from(["USD", "EUR"])),
    st.builds(completed, WORDS, SECONDS, filled=FEW, perm_id=st.sampled_from([7, 8])),
    st.builds(rejected, SECONDS, order_id=ORDER_IDS),
    st.builds(cancel_refused, SECONDS, order_id=ORDER_IDS),
    st.builds(cancelled, SECONDS, order_id=ORDER_IDS),
)
ANY_FACTS = st.lists(ANYTHING, max_size=8).map(lambda reports: facts(*reports))


@st.composite
def retellings(draw: st.DrawFn, reports: Sequence[BrokerReport]) -> OrderFacts:
    """The same reports, some of them again, in any sequence, joined from batches in any shape."""
    again = draw(st.lists(st.sampled_from(reports), max_size=5)) if reports else []
    shuffled = draw(st.permutations([*reports, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=3)))
    edges = [0, *cuts, len(shuffled)]
    batches = [facts(*shuffled[start:end]) for start, end in pairwise(edges)]
    while len(batches) > 1:
        other = batches.pop(draw(st.integers(0, len(batches) - 1)))
        at_place = draw(st.integers(0, len(batches) - 1))
        batches[at_place] = other.join(batches[at_place])
    return batches[0]


@pytest.mark.req("S4.2", "I4")
@given(data=st.data(), history=histories())
def test_the_same_reports_in_any_sequence_repetition_and_batches_are_the_same_facts(
    data: st.DataObject, history: History
) -> None:
    assert data.draw(retellings(history.reports)) == facts(*history.reports)


@pytest.mark.req("S4.2", "I4")
@given(data=st.data(), reports=st.lists(ANYTHING, max_size=10))
def test_even_contradictory_reports_come_to_the_same_view_in_any_sequence(
    data: st.DataObject, reports: list[BrokerReport]
) -> None:
    retold = data.draw(retellings(reports))
    assert retold == facts(*reports)
    assert view_of(retold, Side.BUY, Decimal(QUANTITY)) == view(*reports)


@given(ANY_FACTS, ANY_FACTS, ANY_FACTS)
def test_facts_form_a_semilattice(one: OrderFacts, two: OrderFacts, three: OrderFacts) -> None:
    assert one.join(two) == two.join(one)
    assert one.join(two).join(three) == one.join(two.join(three))
    assert one.join(one) == one
    assert one.join(one.join(two)) == one.join(two)


@given(
    st.lists(
        st.builds(status, st.sampled_from("ab"), SECONDS, filled=st.integers(0, 3)), max_size=9
    )
)
def test_exactly_the_statuses_that_no_later_one_outclaims_are_kept(
    reports: list[StatusReported],
) -> None:
    def outdone(report: StatusReported) -> bool:
        return any(
            other.status == report.status
            and other.received_at >= report.received_at
            and other.filled >= report.filled
            and other != report
            for other in reports
        )

    assert set(facts(*reports).reports) == {report for report in reports if not outdone(report)}


@pytest.mark.req("S4.2", "I4", "X.4")
@given(histories())
def test_a_history_amounts_to_the_truth_behind_it(history: History) -> None:
    known = view(*history.reports)
    assert known.filled == history.filled
    assert known.is_terminal is history.is_over
    assert known.unbooked == 0
    assert known.missing_executions == ()
    assert known.conflicts == ()
    assert known.is_acknowledged
    assert known.is_settled is history.is_over


@given(data=st.data(), history=lives(versions_max=1))
def test_without_corrections_nothing_that_was_proven_is_taken_back(
    data: st.DataObject, history: History
) -> None:
    heard = data.draw(st.permutations(history.reports))
    steps = list(accumulate(heard, OrderFacts.with_reports, initial=OrderFacts()))
    views = [view_of(known, Side.BUY, Decimal(QUANTITY)) for known in steps]
    for before, after in pairwise(views):
        assert after.filled >= before.filled
        assert after.is_acknowledged >= before.is_acknowledged
        assert _proven_over(after) >= _proven_over(before)
        assert set(before.executions) <= set(after.executions)


def _proven_over(known: OrderView) -> set[int]:
    return set(known.perm_ids) - set(known.surviving_perm_ids)


@given(ANY_FACTS, st.integers(1, 60))
def test_a_new_execution_adds_exactly_its_quantity(known: OrderFacts, quantity: int) -> None:
    before = view_of(known, Side.BUY, Decimal(QUANTITY))
    after = view_of(known.with_reports(fill("new.01", quantity)), Side.BUY, Decimal(QUANTITY))
    assert after.filled == before.filled + quantity


@given(ANY_FACTS, st.integers(0, 60))
def test_a_correction_replaces_exactly_what_it_corrects(known: OrderFacts, quantity: int) -> None:
    told = known.with_reports(fill("new.01", 50)).with_reports(fill("new.02", quantity))
    alone = known.with_reports(fill("new.02", quantity))
    for facts_told in (told, told.with_reports(fill("new.01", 50))):
        corrected = view_of(facts_told, Side.BUY, Decimal(QUANTITY))
        assert corrected.executions == view_of(alone, Side.BUY, Decimal(QUANTITY)).executions


@given(ANY_FACTS)
def test_a_view_never_contradicts_itself(known: OrderFacts) -> None:
    seen = view_of(known, Side.BUY, Decimal(QUANTITY))
    assert not (seen.is_terminal and seen.is_working)
    assert not seen.is_settled or seen.is_terminal
    assert not seen.is_cancelling or seen.is_working
    assert (seen.end is None) is not seen.is_terminal
    assert not seen.is_terminal or (seen.remaining, seen.surviving_perm_ids) == (Decimal(0), ())
    assert seen.filled - seen.overfilled + seen.unfilled == QUANTITY
    assert 0 <= seen.working <= seen.remaining
    assert seen.unbooked >= 0


@given(ANY_FACTS)
def test_facts_and_view_survive_json(known: OrderFacts) -> None:
    seen = view_of(known, Side.SELL, Decimal(QUANTITY))
    assert through_json(FACTS, known) == known
    assert through_json(VIEWS, seen) == seen
