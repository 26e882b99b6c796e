"""The lanes: who leaves first, how fast, and that nobody is forgotten."""

import asyncio
from collections.abc import Sequence

import pytest

from backstay.broker.doors.wire import EdgeError
from backstay.broker.lanes.turns import CEILINGS, MESSAGES_MAX
from backstay.domain.ids import Lane
from backstay.domain.incidents.kinds import IncidentKind
from tests.broker.lanes.wire import AT, Wire, play


def test_what_may_leave_is_on_the_wire_when_send_returns() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        assert wire.send(Lane.ENTRY, "entry")
        assert wire.words == ["entry"]
        assert wire.lanes.waiting == 0

    play(story())


@pytest.mark.req("S2.6")
def test_a_cancel_behind_a_flood_of_requests_leaves_at_once() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.flood(Lane.DATA, 500)
        assert len(wire.left) == CEILINGS[Lane.DATA]
        assert all(wire.send(Lane.CANCEL, f"cancel-{number}") for number in range(15))
        assert len(wire.left) == MESSAGES_MAX
        assert not wire.send(Lane.CANCEL, "one-too-many")
        await asyncio.sleep(0.99)
        assert len(wire.left) == MESSAGES_MAX
        await asyncio.sleep(0.02)
        assert wire.words[MESSAGES_MAX] == "one-too-many"

    play(story())


@pytest.mark.parametrize("lane", list(Lane))
def test_each_lane_fills_the_window_up_to_its_ceiling_and_the_one_above_has_room(
    lane: Lane,
) -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.flood(lane, 100)
        assert len(wire.left) == CEILINGS[lane]
        for above in reversed(Lane):
            if above < lane:
                assert wire.send(above, above.name), above
                break

    play(story())


def test_a_flood_takes_the_time_that_its_ceiling_gives_it_and_no_more() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.flood(Lane.DATA, 100)
        await asyncio.sleep(3.1)
        assert [round(at) for at, _ in wire.left] == [0] * 30 + [1] * 30 + [2] * 30 + [3] * 10
        assert wire.words == [f"DATA-{number}" for number in range(100)]

    play(story())


def test_who_waits_leaves_in_the_order_of_the_lanes() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.lanes.hold()
        for lane in reversed(Lane):
            for number in (1, 2):
                wire.send(lane, f"{lane.name}{number}")
        assert (wire.words, wire.lanes.waiting) == ([], 12)
        wire.lanes.go_on()
        assert wire.words == [f"{lane.name}{number}" for lane in Lane for number in (1, 2)]

    play(story())


def test_messages_of_one_departure_leave_together_or_not_yet() -> None:
    async def story() -> None:
        wire = Wire()
        written: list[bytes] = []
        wire.lanes.attach(written.append)
        wire.flood(Lane.ENTRY, CEILINGS[Lane.ENTRY] - 1)
        del written[:]
        assert not wire.send(Lane.ENTRY, "pair", messages=2)
        assert not wire.send(Lane.ENTRY, "after it"), "what waits for room is not passed"
        assert not wire.send(Lane.DATA, "below it")
        await asyncio.sleep(1.01)
        assert written == [b"pair pair ", b"after it ", b"below it "]

    play(story())


def test_what_could_never_leave_together_is_not_accepted() -> None:
    async def story() -> None:
        wire = Wire()
        for messages in (0, CEILINGS[Lane.DATA] + 1):
            with pytest.raises(ValueError, match=f"{messages} messages can't leave together"):
                wire.send(Lane.DATA, "data", messages)
        assert wire.lost == []

    play(story())


def test_a_departure_without_frames_costs_nothing_and_is_not_lost() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        for _ in range(100):
            assert wire.lanes.send(Lane.ENTRY, list, wire.words.append, 2, "AAPL")
        assert wire.send(Lane.ENTRY, "entry", symbol="AAPL")
        wire.flood(Lane.ENTRY, 100)
        assert len(wire.left) == CEILINGS[Lane.ENTRY]
        assert wire.lost == []

    play(story())


def test_fewer_frames_than_announced_cost_only_what_they_are() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        for number in range(CEILINGS[Lane.ENTRY] - 1):
            wire.lanes.send(Lane.ENTRY, lambda: [b"one "], wire.words.append, 2)
            assert len(wire.left) == number + 1

    play(story())


@pytest.mark.req("S3.4")
def test_entries_of_one_symbol_leave_a_second_apart_and_hold_up_nobody_else() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        assert wire.send(Lane.ENTRY, "a1", symbol="AAPL")
        assert not wire.send(Lane.ENTRY, "a2", symbol="AAPL")
        assert not wire.send(Lane.ENTRY, "a3", symbol="AAPL")
        assert wire.send(Lane.ENTRY, "m1", symbol="MSFT")
        assert wire.send(Lane.ENTRY, "no symbol")
        assert wire.send(Lane.DATA, "data", symbol="AAPL")
        assert wire.send(Lane.EXIT, "exit", symbol="AAPL")
        await asyncio.sleep(5)
        assert [round(wire.at(name), 3) for name in ("a1", "a2", "a3")] == [0, 1, 2]
        assert wire.send(Lane.ENTRY, "a4", symbol="AAPL")

    play(story())


def test_what_is_sent_from_within_a_departure_leaves_after_it() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        seen: list[bool] = []

        def departure() -> Sequence[bytes]:
            seen.append(wire.send(Lane.CANCEL, "inner"))
            wire.lanes.go_on()
            return [b"outer "]

        assert wire.lanes.send(Lane.DATA, departure, wire.words.append)
        assert (wire.words, seen) == (["outer", "inner"], [False])

    play(story())


def test_while_held_only_a_proof_leaves_and_that_within_the_budget() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.lanes.hold()
        assert not wire.send(Lane.CANCEL, "cancel")
        assert all(wire.probe(f"proof-{number}") for number in range(MESSAGES_MAX))
        assert not wire.probe("late")
        await asyncio.sleep(1.01)
        assert wire.words[MESSAGES_MAX:] == ["late"]
        wire.lanes.go_on()
        assert wire.words[-1] == "cancel"

    play(story())


def test_a_proof_leaves_before_whatever_else_waits() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.flood(Lane.CANCEL, 50)
        assert not wire.probe("proof")
        await asyncio.sleep(1.01)
        assert wire.words[MESSAGES_MAX] == "proof"

    play(story())


@pytest.mark.req("S2.6")
def test_when_the_line_goes_who_waits_is_told_in_the_order_of_the_lanes() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.lanes.hold()
        for lane in reversed(Lane):
            wire.send(lane, lane.name)
        wire.lanes.detach("reset by peer")
        assert wire.lost == [(lane.name, "reset by peer") for lane in Lane]
        wire.open()
        await asyncio.sleep(5)
        assert (wire.words, len(wire.lost)) == ([], len(Lane))

    play(story())


def test_without_a_line_whoever_comes_is_lost_at_once() -> None:
    async def story() -> None:
        wire = Wire()
        assert not wire.send(Lane.CANCEL, "early")
        wire.open()
        wire.lanes.detach("gone")
        assert not wire.send(Lane.CANCEL, "late")
        assert not wire.probe("proof")
        assert wire.lost == [
            ("early", "there is no line to the broker"),
            ("late", "gone"),
            ("proof", "gone"),
        ]

    play(story())


def test_who_sends_again_as_he_is_told_of_the_loss_is_lost_again_and_nobody_twice() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.lanes.hold()

        def again(_reason: str) -> None:
            wire.send(Lane.CANCEL, "again")

        wire.lanes.send(Lane.CANCEL, lambda: [b"first "], again)
        wire.send(Lane.CANCEL, "second")
        wire.lanes.detach("gone")
        assert wire.lost == [("again", "gone"), ("second", "gone")]

    play(story())


def test_a_new_line_is_not_held_and_keeps_to_the_budget_of_the_old_one() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.flood(Lane.DATA, CEILINGS[Lane.DATA])
        wire.lanes.hold()
        wire.lanes.detach("gone")
        wire.open()
        assert wire.send(Lane.CANCEL, "cancel")
        assert not wire.send(Lane.DATA, "data")
        with pytest.raises(ValueError, match="detach them first"):
            wire.open()

    play(story())


def test_a_departure_that_fails_is_told_and_lost_and_holds_up_nobody() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.lanes.hold()
        reasons: list[str] = []

        def fail() -> Sequence[bytes]:
            raise KeyError("no such order")

        wire.lanes.send(Lane.CANCEL, fail, reasons.append)
        wire.send(Lane.DATA, "data")
        wire.lanes.go_on()
        assert wire.words == ["data"]
        assert reasons == ["it failed as it was about to leave"]
        (notice,) = wire.notices
        assert (notice.kind, notice.subject, notice.at) == (
            IncidentKind.TASK_FAILED,
            "the lanes",
            AT,
        )
        assert notice.text.startswith("KeyError: 'no such order' (fail in test_outgoing.py:")
        assert not wire.lanes.send(Lane.CANCEL, fail, reasons.append)
        assert len(reasons) == 2

    play(story())


def test_more_frames_than_announced_do_not_leave() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        reasons: list[str] = []
        assert not wire.lanes.send(Lane.DATA, lambda: [b"a ", b"b "], reasons.append)
        assert (wire.words, len(reasons)) == ([], 1)
        assert "2 messages want to leave as 1" in wire.notices[0].text

    play(story())


def test_a_line_that_goes_while_a_departure_is_called_loses_it() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        reasons: list[str] = []

        def departure() -> Sequence[bytes]:
            wire.lanes.detach("reset")
            return [b"frame "]

        assert not wire.lanes.send(Lane.DATA, departure, reasons.append)
        assert (wire.words, reasons, wire.notices) == ([], ["reset"], [])

    play(story())


def test_a_line_that_has_ended_unnoticed_loses_what_leaves_and_that_is_no_fault() -> None:
    async def story() -> None:
        wire = Wire()

        def ended(_frames: bytes) -> None:
            raise EdgeError("the gateway hung up")

        wire.lanes.attach(ended)
        assert not wire.send(Lane.EXIT, "exit")
        assert (wire.lost, wire.notices) == ([("exit", "the gateway hung up")], [])

    play(story())


def test_a_loss_that_can_not_be_told_does_not_keep_the_others_from_being_told() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.lanes.hold()

        def fail(_reason: str) -> None:
            raise RuntimeError("nobody listens")

        wire.lanes.send(Lane.CANCEL, lambda: [b"first "], fail)
        wire.send(Lane.CANCEL, "second")
        wire.lanes.detach("gone")
        assert wire.lost == [("second", "gone")]
        assert "RuntimeError: nobody listens" in wire.notices[0].text

    play(story())


def test_an_entry_whose_second_is_over_does_not_wait_for_the_room_of_those_below() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        wire.send(Lane.ENTRY, "a1", symbol="AAPL")
        wire.send(Lane.ENTRY, "a2", symbol="AAPL")
        await asyncio.sleep(0.5)
        wire.flood(Lane.DATA, CEILINGS[Lane.DATA] - 1)
        wire.send(Lane.DATA, "pair", messages=2)
        await asyncio.sleep(3)
        assert (round(wire.at("a2"), 3), round(wire.at("pair"), 3)) == (1, 1.5)

    play(story())


def test_no_rounding_of_the_loop_s_time_wakes_the_lanes_too_early() -> None:
    async def story() -> None:
        wire = Wire()
        wire.open()
        for number in range(100):
            await asyncio.sleep(1 + number / 997)
            for name in (f"{number}-{count}" for count in range(CEILINGS[Lane.DATA] + 1)):
                wire.send(Lane.DATA, name)
            await asyncio.sleep(1.1)
            assert wire.lanes.waiting == 0

    play(story())
