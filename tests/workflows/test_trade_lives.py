"""The lives of a trade, from its start to its settlement."""

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.lifecycle import TradeState
from tests.workflows import cast
from tests.workflows.house import Script, house, tell


def _script() -> Script:
    script = Script()
    script.always["prospect"] = cast.prospect_of
    script.always["admit"] = cast.admitted
    return script


def test_a_trigger_that_never_fires_ends_with_its_time() -> None:
    async def story() -> None:
        order, script = cast.an_order(), _script()
        script.answers["arm"] = [
            cast.always(cast.report(order, ArmPhase.EXPIRED, why="its time is over"))
        ]
        async with house(script) as built:
            settlement = await built.settlement(order)
        assert settlement.state is TradeState.CANCELLED
        assert settlement.orders == ()
        assert settlement.why == "its time is over"

    tell(story)
