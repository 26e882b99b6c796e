"""Room in an account: taken once, answered the same, and never more than there is."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.accounts.admitting import Admission, admit
from backstay.accounts.killing import killed
from backstay.accounts.settling import settle
from backstay.accounts.state import ANSWERS_KEPT, REFUSALS_KEPT, AccountState, TradeRecord
from backstay.domain.ids import Purpose
from backstay.domain.limits.book import Book
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.trade.admission import AdmissionRequest, Admitted
from tests.accounts.cases import TIGHT, request, round_trip, settlement
from tests.domain.limits.samples import (
    ACCOUNT,
    FACTS,
    NOW,
    OTHER_SHARE,
    OTHER_TRADE,
    SETTINGS,
    TRADE,
    key,
    later,
)

EMPTY = AccountState(ACCOUNT)


def asked(
    asks: AdmissionRequest,
    state: AccountState = EMPTY,
    known: TradeRecord | None = None,
    settings: LimitSettings | None = SETTINGS,
) -> Admission:
    return admit(state, known, asks, settings)


def again(
    before: Admission, asks: AdmissionRequest, settings: LimitSettings | None = SETTINGS
) -> Admission:
    return admit(before.state, before.record, asks, settings)


def code(admission: Admission) -> RefusalCode:
    assert isinstance(admission.answer, Refused), admission.answer
    return admission.answer.code


def test_all_orders_of_a_request_are_approved_and_reserved_together() -> None:
    done = asked(request())

    assert isinstance(done.answer, Admitted)
    assert [approved.intent.key.purpose for approved in done.answer.approvals] == [
        Purpose.ENTRY,
        Purpose.PROTECT,
        Purpose.EXIT_STOP,
    ]
    assert {claim.key for claim in done.state.book.claims} == {
        approved.intent.key for approved in done.answer.approvals
    }
    assert done.answer.kill == KillState()
    assert done.record.is_open


def test_a_request_without_limits_is_refused_and_takes_nothing() -> None:
    done = asked(request(), settings=None)

    assert code(done) is RefusalCode.NOT_CONFIGURED
    assert done.state.book == Book()


def test_a_request_that_names_no_order_is_no_request() -> None:
    with pytest.raises(ValueError, match="names no order"):
        asked(replace(request(), requests=()))


def test_a_refused_request_takes_no_room_and_is_kept_as_a_refusal() -> None:
    done = asked(request(quantity=5000))

    assert code(done) is RefusalCode.ORDER_VALUE
    assert done.state.book == Book()
    assert [kept.plan_id for kept in done.state.refusals] == [f"plan-{TRADE}"]
    assert done.state.refusals[0].refused == done.answer
    assert not done.record.is_open


def test_the_same_request_again_gets_the_same_answer_whatever_has_changed() -> None:
    done = asked(request())
    halted = replace(done.state, book=done.state.book.halted(Halt("data lost")))

    repeated = admit(halted, done.record, request(), replace(SETTINGS, exposure_max=Decimal(1)))

    assert repeated.answer == done.answer
    assert repeated.state == halted
    assert repeated.record == done.record


def test_a_refusal_is_repeated_although_there_would_be_room_by_now() -> None:
    """A late twin of an attempt must not take room that nobody will give back."""
    full = asked(request(OTHER_TRADE, 150), settings=TIGHT)
    refused = admit(full.state, None, request(), TIGHT)
    assert code(refused) is RefusalCode.POSITION_LIMIT
    emptied = settle(refused.state, full.record, round_trip(OTHER_TRADE, 150)).state

    assert admit(emptied, refused.record, request(), TIGHT).answer == refused.answer
    fresh = admit(emptied, refused.record, request(at=later(1)), TIGHT)
    assert isinstance(fresh.answer, Admitted)


def test_a_request_with_new_facts_renews_the_approvals_and_takes_no_more_room() -> None:
    done = asked(request())
    after = NOW + timedelta(days=1)
    touch = replace(FACTS.reference, heard_at=after)  # type: ignore[type-var]
    renewed = again(done, request(facts=replace(FACTS, reference=touch), at=after))

    assert isinstance(done.answer, Admitted)
    assert isinstance(renewed.answer, Admitted)
    assert done.answer.approval(key()).is_expired(after)
    assert not renewed.answer.approval(key()).is_expired(after)
    assert renewed.state.book.claims == done.state.book.claims


def test_a_request_with_new_facts_can_be_refused_and_leaves_the_room_that_was_taken() -> None:
    done = asked(request())
    refused = again(done, request(facts=replace(FACTS, margin=None)))

    assert code(refused) is RefusalCode.MARGIN
    assert refused.state.book == done.state.book
    assert refused.record == done.record


def test_what_was_admitted_before_a_kill_is_refused_when_it_is_asked_for_again() -> None:
    done = asked(request())
    stopped = killed(done.state, KillMode.FREEZE, "too fast", "Ada", NOW)
    repeated = admit(stopped, done.record, request(), SETTINGS)

    assert code(repeated) is RefusalCode.KILLED
    assert repeated.state.book == stopped.book


def test_what_was_admitted_before_a_kill_stays_dead_after_trading_is_resumed() -> None:
    done = asked(request())
    stopped = killed(done.state, KillMode.FREEZE, "too fast", "Ada", NOW)
    resumed = replace(stopped, book=replace(stopped.book, kill=stopped.kill.resumed()))

    repeated = admit(resumed, done.record, request(), SETTINGS)
    assert code(repeated) is RefusalCode.KILLED
    fresh = admit(resumed, done.record, request(at=later(1)), SETTINGS)
    assert isinstance(fresh.answer, Admitted)
    assert fresh.answer.kill == KillState(2)
    assert {approved.epoch for approved in fresh.answer.approvals} == {2}


def test_an_exit_is_approved_after_a_kill_also_when_it_is_asked_for_again() -> None:
    done = asked(request())
    exits = request(purposes=(Purpose.EXIT_STOP,), at=later(1))
    first = again(done, exits)
    stopped = killed(first.state, KillMode.FLATTEN, "get out", "Ada", NOW)
    repeated = admit(stopped, first.record, exits, SETTINGS)

    assert isinstance(repeated.answer, Admitted)
    assert repeated.answer.kill == KillState(1, KillMode.FLATTEN)
    assert repeated.answer.approvals[0].epoch == 1


def test_two_plans_with_one_name_are_told_apart() -> None:
    done = asked(request(plan_id="the first"))
    other = again(done, request(plan_id="the second"))

    assert code(other) is RefusalCode.TRADE_TAKEN
    assert isinstance(other.answer, Refused)
    assert other.answer.reason == (
        f"trade_taken: {TRADE} is the trade of the plan the first;"
        " the second has the same name by chance and needs another id"
    )
    assert other.state.book == done.state.book
    assert other.record == done.record


def test_a_name_is_taken_by_a_plan_that_was_refused() -> None:
    refused = asked(request(quantity=5000, plan_id="the first"))

    assert code(again(refused, request(plan_id="the second"))) is RefusalCode.TRADE_TAKEN


def test_a_trade_that_has_been_settled_is_not_admitted_again() -> None:
    done = asked(request())
    over = settle(done.state, done.record, settlement())

    for asks in (request(), request(at=later(1))):
        refused = admit(over.state, over.record, asks, SETTINGS)
        assert code(refused) is RefusalCode.KEY_USED
        assert refused.state.book == over.state.book


def test_a_request_for_another_account_is_refused() -> None:
    assert code(asked(replace(request(), account="DU7654321"))) is RefusalCode.WRONG_ACCOUNT


def test_only_the_last_refusals_are_kept_each_once() -> None:
    done = asked(request(quantity=5000))
    for number in range(REFUSALS_KEPT + 5):
        done = again(done, request(quantity=5000, at=later(number)))
        done = again(done, request(quantity=5000, at=later(number)))

    assert [kept.refused.at for kept in done.state.refusals] == [
        later(number) for number in range(5, REFUSALS_KEPT + 5)
    ]


def test_only_the_last_answers_of_a_trade_are_kept() -> None:
    done = asked(request())
    for number in range(1, ANSWERS_KEPT + 3):
        done = again(done, request(at=later(number / 10)))

    assert len(done.record.answers) == ANSWERS_KEPT
    assert done.record.answers[-1].admitted == done.answer


TRADES = [f"T000000{number}" for number in range(4)]
asks = st.builds(
    request,
    st.sampled_from(TRADES),
    st.integers(1, 160),
    instrument=st.sampled_from([OTHER_SHARE]),
    at=st.integers(0, 8).map(lambda tenths: later(tenths / 10)),
)


@pytest.mark.req("S0.4", "S1.5")
@given(
    st.lists(
        st.one_of(
            asks.map(lambda each: ("ask", each)), st.tuples(st.just("end"), st.sampled_from(TRADES))
        ),
        max_size=25,
    ),
    st.data(),
)
def test_no_order_of_requests_repetitions_and_ends_takes_more_room_than_there_is(
    events: list[tuple[str, AdmissionRequest | str]], data: st.DataObject
) -> None:
    """Every request may be delivered again at any later time: the shuffled tail does that."""
    repeated = data.draw(st.lists(st.sampled_from(events), max_size=15)) if events else []
    state, records = EMPTY, dict[str, TradeRecord]()
    answers: dict[str, object] = {}
    for _, what in [*events, *repeated]:
        if isinstance(what, AdmissionRequest):
            done = admit(state, records.get(what.trade), what, TIGHT)
            state, records[what.trade] = done.state, done.record
            name = repr(what)
            if not done.record.is_over:
                assert answers.setdefault(name, done.answer) == done.answer
        elif (known := records.get(what)) and known.is_open and not known.is_over:
            over = settle(state, known, settlement(trade=what))
            state, records[what] = over.state, over.record
        book = state.book
        assert book.exposure <= TIGHT.exposure_max
        assert book.open_trades <= TIGHT.open_trades_max
        assert book.position_at_most(OTHER_SHARE.con_id) <= TIGHT.share_position_max
        held = {claim.key.trade for claim in book.claims}
        assert held == {record.trade for record in records.values() if record.is_open}
