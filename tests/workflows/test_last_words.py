"""What a workflow still has to say when it is about to end."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.lifecycle import TradeState
from backstay.domain.plan.complaints import Complaint
from backstay.domain.trade.prospect import NoProspect
from backstay.domain.trade.standing import Doing
from tests.workflows import cast
from tests.workflows.house import Script, tell
from tests.workflows.stage import Edge, playing

UNFIT = NoProspect((Complaint(("stop", "price"), "98; it would fire at once"),), cast.NOW)


def test_a_plan_that_does_not_work_is_shown_as_rejected_and_why() -> None:
    def prepare(_: Edge, script: Script) -> None:
        script.always["prospect"] = cast.always(UNFIT)

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            with pytest.raises(WorkflowFailureError):
                await play.settled()
            standing = await play.standing()
            assert (standing.lifecycle.state, standing.doing) == (TradeState.REJECTED, Doing.OVER)
            assert standing.why == "stop.price: 98; it would fire at once"
            assert play.script.calls_of("settle") == []

    tell(story)


def test_a_way_out_does_not_end_before_its_trouble_is_told() -> None:
    async def defect(_: Any) -> Any:
        raise ApplicationError("a value that makes no sense", non_retryable=True)

    async def in_an_hour(_: Any) -> Any:
        raise cast.later(timedelta(hours=1))

    def prepare(_: Edge, script: Script) -> None:
        script.answers["walk"] = [defect]
        script.answers["alert"] = [in_an_hour]

    async def story() -> None:
        async with playing(prepare=prepare) as play:
            await play.is_guarded()
            await play.edge.stop_is_hit()
            await play.settled()
            assert [alert.kind for alert in play.script.alerts] == [IncidentKind.TASK_FAILED]

    tell(story)
