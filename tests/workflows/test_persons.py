"""What a person or a kill wants, in each phase of a trade, and what is answered."""

import asyncio
from collections.abc import Callable

import pytest
from temporalio.client import WorkflowUpdateFailedError

from activities import calls
from backstay.domain.edge.arms import AmendAnswer, ArmPhase, Gone
from backstay.domain.edge.guards import LeaveNow
from backstay.domain.ids import Purpose
from backstay.domain.lifecycle import TradeState
from backstay.domain.trade.standing import Doing
from tests.workflows import cast
from tests.workflows.house import Script, tell
from tests.workflows.stage import Edge, Play, playing, waits
from workflows.trade import Trade

NO_MORE = {
    "cancel": ("cancel", ()),
    "close": ("close", ()),
    "kill by a freeze": ("kill", (7, "freeze")),
    "kill by a flatten": ("kill", (7, "flatten")),
    "cancelled workflow": ("cancelled", ()),
}
GETS_OUT = ("close", "kill by a flatten")


async def wants_no_more(play: Play, how: str) -> None:
    """A person, a kill, or somebody who cancels the workflow."""
    name, args = NO_MORE[how]
    if name == "kill":
        await play.life.signal(Trade.kill, args=list(args))
    elif name == "cancelled":
        await play.life.cancel()
    else:
        await play.wants(name)


WHY = {
    "cancel": "called off by hand",
    "close": "closed by hand",
    "kill by a freeze": "trading is stopped: freeze, epoch 7",
    "kill by a flatten": "trading is stopped: flatten, epoch 7",
    "cancelled workflow": "the workflow was cancelled",
}


def _blocked(name: str, cue: asyncio.Event) -> Callable[[Edge, Script], None]:
    def prepare(_: Edge, script: Script) -> None:
        script.answers[name] = [waits(cue, script.always[name])]

    return prepare


@pytest.mark.parametrize("how", NO_MORE)
@pytest.mark.parametrize(
    ("activity", "doing"), [("prospect", Doing.LEARNING), ("admit", Doing.ADMITTING)]
)
def test_nothing_is_armed_for_a_trade_that_was_called_off_before(
    activity: str, doing: Doing, how: str
) -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing(prepare=_blocked(activity, cue)) as play:
            await play.script.was_asked(activity)
            await wants_no_more(play, how)
            await play.comes_to(doing, lambda now: now.why == WHY[how])
            cue.set()
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert settlement.why == WHY[how]
        assert not play.script.calls_of("arm")
        assert len(play.script.calls_of("admit")) == (doing is Doing.ADMITTING)
        assert bool(play.script.settled) == (doing is Doing.ADMITTING)

    tell(story)


@pytest.mark.req("S4.4")
@pytest.mark.parametrize("how", NO_MORE)
def test_a_trigger_is_let_go(how: str) -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.comes_to(Doing.WAITING)
            await wants_no_more(play, how)
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert settlement.why == WHY[how]
        assert len(play.script.calls_of("release")) == 1
        assert not play.script.calls_of("cancel")
        assert play.script.settled == [settlement]

    tell(story)


@pytest.mark.parametrize("how", NO_MORE)
@pytest.mark.parametrize("phase", [ArmPhase.WORKING, ArmPhase.UNKNOWN])
def test_an_entry_that_has_left_is_cancelled(phase: ArmPhase, how: str) -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.edge.reports(phase)
            doing = Doing.UNKNOWN if phase is ArmPhase.UNKNOWN else Doing.ENTERING
            await play.comes_to(doing)
            await wants_no_more(play, how)
            settlement = await play.settled()
        assert settlement.state is TradeState.CANCELLED
        assert settlement.why == WHY[how]
        assert not play.script.calls_of("release")
        assert len(play.script.calls_of("cancel")) == 1

    tell(story)


@pytest.mark.parametrize("how", NO_MORE)
def test_what_is_guarded_stays_guarded_or_leaves_as_is_wanted(how: str) -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded(40)
            await wants_no_more(play, how)
            if how in GETS_OUT:
                settlement = await play.settled()
            else:
                await play.comes_to(
                    Doing.GUARDING, lambda now: now.lifecycle.state is TradeState.COMPLETED
                )
                assert not play.script.calls_of("amend_guard")
                await play.edge.stop_is_hit()
                settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0
        assert len(play.script.calls_of("cancel")) == 1
        assert settlement.why == (WHY[how] if how in GETS_OUT else "stop")
        exits = [order.key.purpose for order in settlement.orders if order.key.purpose.is_exit]
        assert exits == [Purpose.EXIT_MANUAL if how in GETS_OUT else Purpose.EXIT_STOP]

    tell(story)


@pytest.mark.parametrize("how", ["close", "kill by a freeze", "kill by a flatten"])
def test_a_trade_that_leaves_goes_on_leaving(how: str) -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing() as play:
            play.script.answers["walk"] = [waits(cue, play.script.always["walk"])]
            await play.is_guarded()
            await play.edge.stop_is_hit()
            await play.comes_to(Doing.LEAVING)
            await play.script.was_asked("walk")
            await wants_no_more(play, how)
            cue.set()
            settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0
        assert not play.script.calls_of("amend_guard")

    tell(story)


@pytest.mark.parametrize("how", ["kill by a freeze", "kill by a flatten", "cancelled workflow"])
def test_a_trade_that_settles_is_settled_as_it_was(how: str) -> None:
    async def story() -> None:
        cue = asyncio.Event()
        async with playing() as play:
            play.script.always["settle"] = waits(cue, cast.always(None))
            await play.is_guarded()
            await play.edge.stop_is_hit()
            await play.script.was_asked("settle")
            await play.comes_to(Doing.SETTLING)
            await wants_no_more(play, how)
            with pytest.raises(WorkflowUpdateFailedError) as refused:
                await play.wants("close")
            assert str(refused.value.cause) == "NotNow: close: too late, the trade is settling"
            cue.set()
            settlement = await play.settled()
            assert (await play.standing()).why == "stop"
        assert settlement.why == "stop"
        assert play.script.settled == [settlement]

    tell(story)


def test_who_wants_out_before_anything_has_filled_is_out_of_what_fills_all_the_same() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.script.was_asked("arm")
            await play.edge.reports(ArmPhase.WORKING)
            await play.comes_to(Doing.ENTERING)
            play.edge.entry_rests_on_cancel = True
            await play.life.signal(Trade.kill, args=[7, "flatten"])
            await play.script.was_asked("cancel")
            await play.edge.fills(15, ArmPhase.OVER)
            settlement = await play.settled()
        assert settlement.state is TradeState.CLOSED
        assert settlement.left_over == 0
        assert settlement.why == "trading is stopped: flatten, epoch 7"
        asked = play.script.calls_of("amend_guard")
        assert all(isinstance(each.change, LeaveNow) for each in asked)

    tell(story)


def test_two_who_close_at_once_close_once() -> None:
    async def story() -> None:
        async with playing() as play:
            await play.is_guarded()
            told = await asyncio.gather(play.wants("close"), play.wants("close"))
            assert all(each.startswith("completed: ") for each in told)
            settlement = await play.settled()
        assert len(play.script.calls_of("amend_guard")) == 1
        assert settlement.left_over == 0

    tell(story)


def test_a_guard_that_is_not_there_yet_for_a_flatten_is_asked_again_soon() -> None:
    async def story() -> None:
        async def not_yet(asked: calls.AmendGuard) -> AmendAnswer:
            return Gone(asked.key, "nothing of this key is guarded")

        async with playing() as play:
            play.script.answers["amend_guard"] = [not_yet, not_yet]
            await play.is_guarded()
            await play.life.signal(Trade.kill, args=[7, "flatten"])
            settlement = await play.settled()
        asked = play.script.calls_of("amend_guard")
        assert len(asked) == 3
        assert [each.version for each in asked] == [2, 3, 4]
        assert settlement.left_over == 0

    tell(story)
