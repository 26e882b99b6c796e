"""The desk before a real gateway: what leaves, what comes back, and what goes wrong in between."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.broker.doors.ordering import Left
from backstay.domain.edge.changing import (
    CancelPending,
    Ended,
    Modified,
    ModifyRejected,
)
from backstay.domain.edge.contracts import Previewed, PreviewRefused
from backstay.domain.edge.looking import Absent, Found
from backstay.domain.edge.submission import NotSent
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.orders.instances import OrderEnd
from backstay.domain.orders.intent import Limit, Stop
from backstay.domain.orders.outcome import Accepted, Rejected, Unknown
from backstay.domain.sides import Side
from backstay.gateway.faults.plan import rule
from tests.broker.desk.house import House, now, play
from tests.broker.desk.samples import (
    AAPL,
    ENTRY,
    FLAT,
    OTHER_ENTRY,
    STOP,
    key,
    order,
    repriced,
    submission,
)

CON_ID = AAPL.con_id


@pytest.mark.req("X.1")
def test_an_entry_leaves_with_its_stop_as_parent_and_child() -> None:
    async def story(house: House) -> None:
        desk = house.desk
        left = desk.release(desk.prepare(submission(ENTRY), submission(STOP)))
        assert isinstance(left, Left)
        assert left.on_the_wire
        assert isinstance(await desk.submit(submission(ENTRY)), Accepted)
        await house.until(lambda: house.view(STOP.key).is_acknowledged)

    house = play(story)
    parent, child = house.sent()
    assert parent["fields"]["order"]["transmit"] is False
    assert child["fields"]["order"]["parent_id"] == parent["order_id"]
    assert "transmit" not in child["fields"]["order"]
    assert child["t"] == parent["t"]
    assert [parent["ref"], child["ref"]] == [ENTRY.order_ref, STOP.order_ref]


@pytest.mark.req("S3.4")
def test_a_rejection_is_answered_with_its_reason() -> None:
    async def story(house: House) -> None:
        answer = await house.desk.submit(submission(ENTRY))
        assert isinstance(answer, Rejected), answer
        assert answer.code == 201
        assert await house.desk.submit(submission(ENTRY)) == answer
        assert len(house.sent()) == 1

    play(story, rule("order-rejected", nth=1))


@pytest.mark.req("S4.3")
def test_a_swallowed_order_is_unknown_then_absent_then_sent_again_once() -> None:
    async def story(house: House) -> None:
        desk = house.desk
        sent_at = now()
        assert await desk.submit(submission(ENTRY)) == Unknown(ENTRY.key, sent_at)
        assert now() >= sent_at
        assert isinstance(await desk.submit(submission(ENTRY)), Unknown)
        assert len(house.sent()) == 1
        found = await desk.find(ENTRY.key, CON_ID, FLAT)
        assert isinstance(found, Absent), found
        assert isinstance(await desk.submit(submission(ENTRY)), Accepted)
        first, second = house.sent()
        assert second["order_id"] > first["order_id"]
        assert second["ref"] == first["ref"]

    play(story, rule("placement-swallowed", nth=1))


def test_an_order_that_is_acknowledged_late_is_unknown_and_then_found() -> None:
    async def story(house: House) -> None:
        desk = house.desk
        assert isinstance(await desk.submit(submission(ENTRY)), Unknown)
        assert isinstance(await desk.find(ENTRY.key, CON_ID, FLAT), Found)
        await house.until(lambda: house.view(ENTRY.key).is_working)
        assert isinstance(await desk.submit(submission(ENTRY)), Accepted)
        assert len(house.sent()) == 1

    play(story, rule("placement-acknowledged-late", delay="3s"))


def test_what_was_lost_before_it_was_read_is_absent_in_the_next_session() -> None:
    async def story(house: House) -> None:
        desk = house.desk
        assert isinstance(await desk.submit(submission(ENTRY)), Unknown)
        assert isinstance(await desk.submit(submission(OTHER_ENTRY)), NotSent)
        await house.ready()
        assert isinstance(await desk.find(ENTRY.key, CON_ID, FLAT), Absent)
        assert isinstance(await desk.submit(submission(ENTRY)), Accepted)

    play(story, rule("reset-before-frame", kinds=["placeOrder"], nth=1))


def test_what_was_read_before_the_line_was_lost_is_found_and_never_sent_again() -> None:
    async def story(house: House) -> None:
        desk = house.desk
        assert isinstance(await desk.submit(submission(ENTRY)), Unknown)
        await house.ready()
        found = await desk.find(ENTRY.key, CON_ID, FLAT)
        assert isinstance(found, Found), found
        assert isinstance(await desk.submit(submission(ENTRY)), Accepted)
        assert len(house.sent()) == 1

    play(story, rule("reset-after-frame", kinds=["placeOrder"], nth=1))


@pytest.mark.req("S0.2")
def test_a_cancel_is_answered_with_the_evidence() -> None:
    async def story(house: House) -> None:
        await house.desk.submit(submission(ENTRY))
        ended = await house.desk.cancel(ENTRY.key)
        assert isinstance(ended, Ended), ended
        assert ended.order.end is OrderEnd.CANCELLED

    play(story)


def test_a_refused_cancel_is_pending_and_says_why() -> None:
    async def story(house: House) -> None:
        await house.desk.submit(submission(ENTRY))
        answer = await house.desk.cancel(ENTRY.key)
        assert isinstance(answer, CancelPending), answer
        assert answer.refused.startswith("161")
        assert answer.surviving_perm_ids == house.view(ENTRY.key).perm_ids
        assert house.notices == []

    play(story, rule("cancel-refused"))


def test_an_unanswered_cancel_is_pending_until_there_is_evidence() -> None:
    async def story(house: House) -> None:
        await house.desk.submit(submission(ENTRY))
        assert isinstance(await house.desk.cancel(ENTRY.key), CancelPending)
        await house.until(lambda: house.view(ENTRY.key).is_settled)
        assert isinstance(await house.desk.cancel(ENTRY.key), Ended)
        assert house.notices == []

    play(story, rule("cancel-unanswered", nth=1, delay="10s"))


def test_an_order_of_which_nothing_was_heard_is_cancelled_by_its_order_id() -> None:
    async def story(house: House) -> None:
        assert isinstance(await house.desk.submit(submission(ENTRY)), Unknown)
        assert house.desk.cancel_now(ENTRY.key)
        await house.until(lambda: house.inbox.view(ENTRY.key))
        await house.until(lambda: house.view(ENTRY.key).is_settled)
        assert house.view(ENTRY.key).end is OrderEnd.CANCELLED

    play(story, rule("placement-acknowledged-late", delay="10s"))


def test_a_modification_is_made_once_the_broker_shows_it() -> None:
    async def story(house: House) -> None:
        await house.desk.submit(submission(ENTRY))
        await asyncio.sleep(5)
        answer = await house.desk.modify(repriced(ENTRY, 96, 80))
        assert isinstance(answer, Modified), answer
        (life,) = house.view(ENTRY.key).instances
        assert life.described is not None
        assert life.described.terms == Limit(Decimal(96))
        assert life.described.quantity == 80
        known = house.inbox.registered(ENTRY.key)
        assert known is not None
        assert known.intent == repriced(ENTRY, 96, 80).intent

    play(story)


def test_a_child_is_modified_without_its_parent() -> None:
    async def story(house: House) -> None:
        desk = house.desk
        desk.release(desk.prepare(submission(ENTRY), submission(STOP)))
        await desk.submit(submission(ENTRY))
        await house.until(lambda: house.view(STOP.key).is_acknowledged)
        await asyncio.sleep(5)
        closer = replace(STOP, terms=Stop(Decimal(91)))
        answer = await desk.modify(replace(submission(STOP), intent=closer))
        assert isinstance(answer, Modified), answer

    play(story)


def test_a_modification_that_is_too_soon_is_tried_once_more() -> None:
    async def story(house: House) -> None:
        await house.desk.submit(submission(ENTRY))
        answer = await house.desk.modify(repriced(ENTRY, 96))
        assert isinstance(answer, Modified), answer
        assert 103 in house.codes
        assert len(house.sent()) == 3

    play(story, rule("fast-modify-refused", within="500ms"))


def test_a_modification_that_is_refused_twice_is_rejected_and_the_order_lives() -> None:
    async def story(house: House) -> None:
        await house.desk.submit(submission(ENTRY))
        answer = await house.desk.modify(repriced(ENTRY, 96))
        assert isinstance(answer, ModifyRejected), answer
        assert house.view(ENTRY.key).is_working
        known = house.inbox.registered(ENTRY.key)
        assert known is not None
        assert known.intent == ENTRY

    play(story, rule("fast-modify-refused", within="20s"))


@pytest.mark.req("X.4")
def test_two_lives_after_a_modification_are_told_once() -> None:
    async def story(house: House) -> None:
        await house.desk.submit(submission(ENTRY))
        await asyncio.sleep(5)
        await house.desk.modify(repriced(ENTRY, 96))
        await house.until(lambda: len(house.view(ENTRY.key).surviving_perm_ids) == 2)
        await asyncio.sleep(1)
        told = house.told(IncidentKind.ORDER_SURVIVES)
        assert len(told) == 1
        answer = await house.desk.cancel(ENTRY.key)
        assert isinstance(answer, CancelPending)
        (survivor,) = answer.surviving_perm_ids
        await house.desk.cancel(ENTRY.key)
        twice, beyond = house.told(IncidentKind.ORDER_SURVIVES)
        assert str(survivor) in twice.text
        assert beyond.text.startswith(f"permanent id {survivor}: it lives on")

    play(story, rule("second-perm-id"))


def test_what_is_read_only_is_rejected() -> None:
    async def story(house: House) -> None:
        answer = await house.desk.submit(submission(ENTRY))
        assert isinstance(answer, Rejected), answer
        assert answer.code == 321

    play(story, rule("read-only", between=["+0s", "+1h"]))


def test_a_fill_without_its_status_is_accepted_all_the_same() -> None:
    async def story(house: House) -> None:
        intent = replace(ENTRY, terms=Limit(Decimal(101)))
        assert isinstance(await house.desk.submit(submission(intent)), Accepted)
        await house.until(lambda: house.view(ENTRY.key).is_settled)
        assert house.view(ENTRY.key).filled == 100

    play(story, rule("status-missing"))


@pytest.mark.req("X.10")
def test_a_short_sale_that_is_held_is_cancelled_with_evidence_and_told() -> None:
    short = order(key(), side=Side.SELL, terms=Limit(Decimal(105)))

    async def story(house: House) -> None:
        assert isinstance(await house.desk.submit(submission(short)), Accepted)
        await house.until(lambda: house.view(short.key).is_settled)
        assert house.view(short.key).end is OrderEnd.CANCELLED
        assert len(house.told(IncidentKind.SHORT_SALE_HELD)) == 1

    play(story, rule("held-for-locate", then="never"))


@pytest.mark.req("S4.1")
def test_a_fill_after_a_cancel_is_booked() -> None:
    async def story(house: House) -> None:
        await house.desk.submit(submission(ENTRY))
        assert isinstance(await house.desk.cancel(ENTRY.key), Ended)
        await house.until(lambda: house.view(ENTRY.key).filled)
        assert house.view(ENTRY.key).filled == 100
        assert len(house.told(IncidentKind.FILL_AFTER_END)) == 1

    play(story, rule("fill-after-cancel"))


@pytest.mark.req("S2.3")
def test_what_an_order_would_tie_up_is_asked_without_sending_it() -> None:
    async def story(house: House) -> None:
        answer = await house.desk.preview(ENTRY)
        assert isinstance(answer, Previewed), answer
        assert answer.margin.required > 0
        assert answer.margin.available > answer.margin.required
        assert not house.inbox.knows(ENTRY.key)
        assert house.inbox.view(ENTRY.key) is None

    play(story)


def test_a_preview_can_be_refused() -> None:
    async def story(house: House) -> None:
        answer = await house.desk.preview(replace(ENTRY, quantity=Decimal(10_000_000)))
        assert isinstance(answer, PreviewRefused), answer

    play(story)
