"""What goes wrong around a trade: nobody there, failing calls, defects, plans that do not work."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import temporalio.workflow
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

import workflows.exit
from activities import calls
from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.walking import Walk, Walked
from backstay.domain.exits.events import Alarm, Cancel, Send
from backstay.domain.exits.market import MarketNow
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.lifecycle import TradeState
from backstay.domain.orders.intent import Limit, Market
from backstay.domain.plan.complaints import Complaint
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.trade import leaving
from backstay.domain.trade.order import TradeOrder
from backstay.domain.trade.prospect import NoProspect, Prospect
from backstay.domain.trade.standing import Doing, TradeStanding
from tests.workflows import cast
from tests.workflows.house import Doors, Script, edge, house, tell
from tests.workflows.stage import Edge, Play, playing, waits
from workflows.exit import Exit


def _failing(name: str, times: int = 1) -> Callable[[Edge, Script], None]:
    async def fails(_: Any) -> Any:
        raise ApplicationError("a value that makes no sense", type="BadValue", non_retryable=True)

    def prepare(_: Edge, script: Script) -> None:
        script.answers[name] = [fails] * times

    return prepare


@pytest.mark.parametrize("name", ["prospect", "admit", "arm", "guard", "walk", "settle"])
def test_a_call_that_fails_for_good_is_told_and_made_again_after_a_pause(name: str) -> None:
    async def story() -> None:
        async with playing(prepare=_failing(name, 2)) as play:
            begun_at = await play.house.env.get_current_time()
            skipping = asyncio.create_task(play.settled())
            await play.script.was_asked("arm", 3 if name == "arm" else 1)
            await play.edge.fills(100)
            await play.script.was_asked("guard", 3 if name == "guard" else 1)
            await play.edge.stop_is_hit()
            settlement = await skipping
            passed = await play.house.env.get_current_time() - begun_at
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0
        assert len(play.script.calls_of(name)) >= 3
        texts = {(alert.kind, alert.text) for alert in play.script.alerts}
        assert texts == {(IncidentKind.TASK_FAILED, f"{name} fails for good: BadValue: {BAD}")}
        assert passed >= timedelta(seconds=30)

    tell(story)


BAD = "a value that makes no sense"


def test_a_person_who_can_not_be_told_is_told_again_and_the_trade_is_settled_meanwhile() -> None:
    def prepare(edge: Edge, script: Script) -> None:
        _failing("arm")(edge, script)
        _failing("alert", 2)(edge, script)

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            skipping = asyncio.create_task(play.settled())
            await play.script.was_asked("arm", 2)
            await play.edge.reports(ArmPhase.EXPIRED)
            settlement = await skipping
        assert settlement.state is TradeState.CANCELLED
        assert [alert.kind for alert in play.script.alerts] == [IncidentKind.TASK_FAILED]
        assert len(play.script.calls_of("alert")) == 3
        names = [name for name, _ in play.script.asked]
        assert names.index("settle") < len(names)

    tell(story)


def test_an_edge_that_is_down_is_told_of_once_and_the_trade_goes_on_when_it_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A call that nobody has taken up keeps this server's time from skipping.
    terms = replace(calls.TERMS["prospect"], schedule_to_start=timedelta(seconds=0.2))
    monkeypatch.setattr(calls, "TERMS", {**calls.TERMS, "prospect": terms})

    async def story() -> None:
        order, script = cast.an_order(), Script()
        at_the_edge = Edge(order)
        at_the_edge.script(script)
        async with house(script, edge_is_up=False) as built:
            life = await built.start(order)
            alert = await script.was_asked("alert")
            assert alert.kind is IncidentKind.TASK_SILENT
            assert alert.text == "nobody takes up prospect: is the worker running?"
            assert script.calls_of("prospect") == []
            patient = [
                event.activity_task_scheduled_event_attributes.schedule_to_start_timeout
                for event in (await life.fetch_history()).events
                if event.activity_task_scheduled_event_attributes.activity_type.name == "prospect"
            ]
            assert len(patient) == 2
            assert patient[1].ToTimedelta() != terms.schedule_to_start
            async with edge(built.client, Doors(script)):
                play = Play(at_the_edge, script, built, life)
                await play.is_guarded()
                await play.edge.stop_is_hit()
                settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert len(script.alerts) == 1

    tell(story)


def test_a_plan_that_does_not_work_fails_with_one_clear_line() -> None:
    complaints = (
        Complaint(("instrument", "symbol"), '"AAPL"; no such contract'),
        Complaint(("size", "quantity"), "100; the broker sells 10"),
    )

    def prepare(_: Edge, script: Script) -> None:
        script.always["prospect"] = cast.always(NoProspect(complaints, cast.NOW))

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            with pytest.raises(WorkflowFailureError) as failed:
                await play.settled()
        cause = failed.value.cause
        assert isinstance(cause, ApplicationError)
        assert cause.type == "PlanUnfit"
        assert cause.message == "; ".join(str(each) for each in complaints)
        assert "\n" not in cause.message
        assert [name for name, _ in play.script.asked] == ["prospect"]

    tell(story)


def test_a_defect_leaves_the_trade_waiting_and_whoever_mends_it_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            with monkeypatch.context() as defect:
                failures: list[str] = []

                def broken(_: Any) -> Any:
                    failures.append("here")
                    raise KeyError("nobody has foreseen this")

                defect.setattr(TradeStanding, "closed", property(broken))
                await play.edge.stop_is_hit()
                while not failures:
                    await play.life.describe()
                status = (await play.life.describe()).status
                assert status is not None
                assert status.name == "RUNNING"
            settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0

    tell(story)


def test_a_way_out_that_somebody_cancels_goes_on() -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(0)
            play.script.answers["walk"] = [waits(cue, play.script.always["walk"])]
            await play.is_guarded()
            await play.edge.stop_is_hit()
            await play.script.was_asked("walk")
            way_out = play.house.client.get_workflow_handle_for(
                Exit.run, f"exit:{play.order.trade}:0:1"
            )
            await way_out.cancel()
            assert await way_out.query(Exit.state) is not None
            cue.set()
            settlement = await play.settled()
        assert settlement.left_over == 0
        assert play.script.alerts == []

    tell(story)


def test_a_way_out_that_somebody_ends_is_told_of_and_led_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        ends = [ApplicationError("ended by mistake")]

        def outcome_of(walked: Walked) -> leaving.ExitOutcome:
            if ends:
                raise ends.pop()
            return real(walked)

        real = leaving.outcome_of
        # A sandbox may have a module of its own, or share ours.
        for module in (leaving, workflows.exit):
            monkeypatch.setattr(module, "outcome_of", outcome_of)
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(0)
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        name = f"exit:{play.order.trade}:0:1"
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0
        (alert,) = play.script.alerts
        assert alert.kind is IncidentKind.TASK_FAILED
        assert alert.text.startswith(f"{name} was ended before its time")

    tell(story)


def test_a_way_out_whose_history_grows_long_goes_on_in_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story() -> None:
        asked: list[int] = []

        def suggested(info: temporalio.workflow.Info) -> bool:
            asked.append(info.get_current_history_length())
            return info.workflow_type == "Exit"

        monkeypatch.setattr(temporalio.workflow.Info, "is_continue_as_new_suggested", suggested)
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(0)
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
            handle = play.house.client.get_workflow_handle(f"exit:{play.order.trade}:0:1")
            (first, *_) = [event async for event in handle.fetch_history_events()]
        assert asked
        started = first.workflow_execution_started_event_attributes
        assert started.continued_execution_run_id
        walks: list[Walk] = play.script.calls_of("walk")
        assert all(walk.ladder is not None for walk in walks)
        assert settlement.left_over == 0

    tell(story)


def test_a_broker_that_fills_nothing_yet_keeps_the_way_out_walking() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.market = MarketNow(MarketPhase.EXTENDED, touch=Decimal("95.00"))
            play.edge.broker.limit_fills = Decimal(0)
            play.edge.broker.turns = [
                (
                    timedelta(seconds=5 * number),
                    MarketNow(MarketPhase.EXTENDED, touch=Decimal("95.00") - number),
                )
                for number in range(1, 5)
            ]
            play.edge.broker.fills_from = Decimal("92.00")
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        way = play.edge.ways[play.order.trade, 0]
        assert len(way.sent) > 2
        assert all(isinstance(sent.terms, Limit) for sent in way.sent)
        assert settlement.left_over == 0

    tell(story)


def test_an_option_without_a_bid_rests_at_a_floor_and_a_person_is_told() -> None:
    async def story() -> None:
        async with playing(plan=cast.OPTION_PLAN) as play:
            play.edge.broker.market = MarketNow(MarketPhase.REGULAR, fair=Decimal("3.00"))
            play.edge.broker.fills_from = Decimal("1.50")
            play.edge.quantity = 2
            await play.script.was_asked("arm")
            await play.edge.fills(2)
            await play.script.was_asked("guard")
            await play.comes_to(Doing.GUARDING)
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        way = play.edge.ways[play.order.trade, 0]
        assert settlement.left_over == 0
        assert Alarm.NO_TOUCH in [told.alarm for told in way.told]
        terms = [sent.terms for sent in way.sent]
        assert all(isinstance(each, Limit) for each in terms)
        assert settlement.profit == (Decimal("97.50") - Decimal("100.05")) * 2 * 100

    tell(story)


def test_a_time_exit_that_nobody_can_watch_is_told() -> None:
    async def nobody_knows(order: TradeOrder) -> Prospect:
        return replace(await cast.prospect_of(order), sessions=())

    def prepare(_: Edge, script: Script) -> None:
        script.always["prospect"] = nobody_knows

    async def story() -> None:
        async with playing("[time_exit]\nbefore_close_minutes = 5\n", prepare=prepare) as play:
            await play.is_guarded()
            await play.edge.stop_is_hit()
            await play.settled()
            (alert,) = play.script.alerts
            assert alert.kind is IncidentKind.STATE_INCONSISTENT
            assert "its time exit is not watched" in alert.text

    tell(story)


@pytest.mark.req("S4.5")
def test_an_exit_that_is_cancelled_along_with_its_sibling_leaves_the_rest_to_the_market() -> None:
    async def story() -> None:
        async with playing() as play:
            play.edge.broker.limit_fills = Decimal(30)
            play.edge.broker.sibling_takes_limit = True
            await play.is_guarded()
            await play.edge.stop_is_hit()
            settlement = await play.settled()
        way = play.edge.ways[play.order.trade, 0]
        limit, last = way.sent
        assert (type(limit.terms), type(last.terms)) == (Limit, Market)
        assert [intent.quantity for intent in way.sent] == [100, 70]
        decided = [command for walk in way.walks for command in walk.commands]
        assert Send(last) in decided
        assert Cancel(limit.key) not in decided
        assert settlement.left_over == 0

    tell(story)
