"""A dry run: two questions, and an end within seconds whoever is there to answer them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.common import TypedSearchAttributes
from temporalio.exceptions import ApplicationError

from activities import calls
from activities.dry_runs import BEGINS_WITHIN, ENDS_WITHIN, dry_run
from backstay.domain.limits.book import Book
from backstay.domain.limits.kill import KillState
from backstay.domain.limits.preflight import judge
from backstay.domain.plan.complaints import Complaint
from backstay.domain.trade.admission import AdmissionRequest, request_for_room
from backstay.domain.trade.dry_run import (
    DryRunReport,
    Foreseen,
    Unanswered,
    Unworkable,
    dry_run_id,
)
from backstay.domain.trade.opening import first_orders
from backstay.domain.trade.preflight import Preflight, RoomTaken
from backstay.domain.trade.prospect import NoProspect
from tests.domain.trade.samples import LIMITS, prospect_of
from tests.workflows import cast
from tests.workflows.house import House, Script, house, tell
from workflows.dry_run import DryRun

ORDER = cast.an_order()
PROSPECT = prospect_of(ORDER)
FIRST = first_orders(ORDER.plan, ORDER.account, PROSPECT.instrument, PROSPECT.sized, ORDER.profile)
ASKED = request_for_room(ORDER, FIRST, PROSPECT)
UNFIT = NoProspect((Complaint(("entry",), "AAPL has no good quote"),), cast.NOW)
ANSWER_WITHIN = timedelta(seconds=10)


def said(asked: AdmissionRequest) -> Preflight:
    """What an empty account says."""
    _, orders = judge(asked.requests, Book(), LIMITS, asked.at)
    nothing = Decimal(0)
    room = RoomTaken("USD", nothing, nothing, None, 0, 0, None)
    return Preflight(orders, None, KillState(), (), room, None, asked.at)


async def answered(asked: AdmissionRequest) -> Preflight:
    return said(asked)


def a_script() -> Script:
    """Both are there, and answer."""
    return Script(always={"prospect": cast.prospect_of, "preflight": answered})


def failing(text: str, kind: str, *, for_good: bool) -> Callable[[Any], Awaitable[Any]]:
    async def fails(_: Any) -> Any:
        raise ApplicationError(text, type=kind, non_retryable=for_good)

    return fails


async def begun(built: House) -> WorkflowHandle[DryRun, DryRunReport]:
    return await built.client.start_workflow(
        DryRun.run,
        ORDER,
        id=dry_run_id(ORDER, cast.NOW),
        task_queue=calls.TRADES_QUEUE,
        execution_timeout=ENDS_WITHIN,
    )


async def run_through(script: Script, *, edge_is_up: bool = True) -> tuple[DryRunReport, timedelta]:
    """What it comes to, and how long that takes."""
    async with house(script, edge_is_up=edge_is_up) as built:
        handle = await begun(built)
        report = await handle.result()
        found = await handle.describe()
        assert found.close_time is not None
        return report, found.close_time - found.start_time


@pytest.mark.req("S3.4")
def test_it_asks_the_broker_and_then_the_account_and_wants_nothing() -> None:
    async def story() -> None:
        script = a_script()
        report, _ = await run_through(script)
        assert report == Foreseen(ORDER, PROSPECT, said(ASKED))
        assert script.asked == [("prospect", ORDER), ("preflight", ASKED)]

    tell(story)


def test_a_plan_that_does_not_work_is_told_and_the_account_is_not_asked() -> None:
    async def story() -> None:
        script = a_script()
        script.always["prospect"] = cast.always(UNFIT)
        report, _ = await run_through(script)
        assert report == Unworkable(ORDER, UNFIT)
        assert script.calls_of("preflight") == []

    tell(story)


def test_without_a_broker_worker_it_ends_within_seconds_and_says_who_is_missing() -> None:
    async def story() -> None:
        report, passed = await run_through(a_script(), edge_is_up=False)
        text = (
            "no broker worker serves DU1234567: none is running, or it has no session with the"
            " broker"
        )
        assert report == Unanswered(ORDER, text)
        assert passed < calls.BRIEFLY_TAKEN_UP_WITHIN + timedelta(seconds=2)

    tell(story)


def test_a_broker_that_answers_at_the_second_try_is_heard() -> None:
    async def story() -> None:
        script = a_script()
        script.answers["prospect"] = [failing("not yet", "NotAnswered", for_good=False)]
        report, _ = await run_through(script)
        assert isinstance(report, Foreseen)

    tell(story)


def test_a_broker_that_answers_never_is_given_up_with_what_it_failed_of() -> None:
    async def story() -> None:
        script = a_script()
        script.always["prospect"] = failing("no quote has come", "NotAnswered", for_good=False)
        report, passed = await run_through(script)
        assert report == Unanswered(ORDER, "no quote has come")
        assert passed < ENDS_WITHIN

    tell(story)


def test_a_book_that_can_not_be_read_is_named() -> None:
    async def story() -> None:
        script = a_script()
        script.always["preflight"] = failing("look at it: gone", "BookMissing", for_good=True)
        report, _ = await run_through(script)
        assert report == Unanswered(ORDER, "look at it: gone")

    tell(story)


def test_a_broker_worker_that_has_taken_it_up_and_is_silent_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calls, "BRIEFLY_ANSWERED_WITHIN", timedelta(seconds=2))

    async def story() -> None:
        script, cue = a_script(), asyncio.Event()

        async def waits(_: Any) -> Any:
            await cue.wait()
            return PROSPECT

        script.always["prospect"] = waits
        async with house(script) as built:
            handle = await begun(built)
            await script.was_asked("prospect")
            report = await handle.result()
            cue.set()
        assert report == Unanswered(ORDER, "the broker has not answered within 2 seconds")

    tell(story)


# --- asked for at the engine ---


def test_it_is_asked_for_by_its_moment_and_stands_in_no_list_of_trades() -> None:
    async def story() -> None:
        async with house(a_script()) as built:
            report = await dry_run(built.client, ORDER, cast.NOW, ANSWER_WITHIN)
            assert isinstance(report, Foreseen)
            handle = built.client.get_workflow_handle(dry_run_id(ORDER, cast.NOW))
            found = await handle.describe()
            assert found.workflow_type == "DryRun"
            assert found.typed_search_attributes == TypedSearchAttributes([])
            again = await dry_run(
                built.client, ORDER, cast.NOW + timedelta(seconds=1), ANSWER_WITHIN
            )
            assert again == report

    tell(story)


def test_where_nobody_runs_it_that_is_said_and_it_does_not_run_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("activities.dry_runs.TRADES_QUEUE", "nobody-is-here")
    monkeypatch.setattr("activities.dry_runs.BEGINS_WITHIN", BEGINS_WITHIN / 20)

    async def story() -> None:
        async with house(a_script()) as built:
            with built.env.auto_time_skipping_disabled():
                report = await dry_run(built.client, ORDER, cast.NOW, ANSWER_WITHIN)
            text = "no trades worker takes calls: none is running, or none serves this engine"
            assert report == Unanswered(ORDER, text)
            found = await built.client.get_workflow_handle(dry_run_id(ORDER, cast.NOW)).describe()
            assert found.status is not None
            assert found.status.name == "TERMINATED"

    tell(story)


def test_what_is_begun_and_then_ended_from_outside_is_no_answer() -> None:
    async def story() -> None:
        script, cue = a_script(), asyncio.Event()

        async def waits(_: Any) -> Any:
            await cue.wait()
            return PROSPECT

        script.always["prospect"] = waits
        async with house(script) as built:
            asking = asyncio.create_task(dry_run(built.client, ORDER, cast.NOW, ANSWER_WITHIN))
            await script.was_asked("prospect")
            await built.client.get_workflow_handle(dry_run_id(ORDER, cast.NOW)).terminate("by hand")
            report = await asking
            cue.set()
        assert isinstance(report, Unanswered)
        assert report.text.startswith("the dry run has not come to its end: ")

    tell(story)
