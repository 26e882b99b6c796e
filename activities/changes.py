"""What was changed by hand, asked of the workflow that has it in its history.

An arm or a guard that a dead process has left is begun again from its schedule and its last
heartbeat, and a change can be younger than both.
"""

from datetime import timedelta
from typing import Any, Protocol

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import TemporalError

from backstay.domain.edge.arms import ArmAmendment
from backstay.domain.edge.guards import GuardAmendment

GUARD_CHANGES = "changes"
"""The query for every GuardAmendment of the guard that a trade has, the oldest first."""

ARM_CHANGES = "arm_changes"
"""The query for every ArmAmendment of the arm that a trade has, the oldest first."""

ANSWER_WITHIN = timedelta(seconds=2)


class ChangesUnknownError(Exception):
    """The workflow has not said what was changed."""


def scheduled_by() -> str:
    """The workflow that has scheduled the activity that runs."""
    return activity.info().workflow_id or ""


class Changes(Protocol):
    """Everything that a workflow has had changed, the oldest first."""

    async def of_arm(self, workflow_id: str) -> tuple[ArmAmendment, ...]:
        """What was changed in its arm; ChangesUnknownError where it does not say."""

    async def of_guard(self, workflow_id: str) -> tuple[GuardAmendment, ...]:
        """What was changed in its guard; ChangesUnknownError where it does not say."""


class EngineChanges:
    """Asks through the engine's client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def of_arm(self, workflow_id: str) -> tuple[ArmAmendment, ...]:
        """What was changed in its arm."""
        told: tuple[ArmAmendment, ...] = await self._ask(
            workflow_id, ARM_CHANGES, tuple[ArmAmendment, ...]
        )
        return told

    async def of_guard(self, workflow_id: str) -> tuple[GuardAmendment, ...]:
        """What was changed in its guard."""
        told: tuple[GuardAmendment, ...] = await self._ask(
            workflow_id, GUARD_CHANGES, tuple[GuardAmendment, ...]
        )
        return told

    async def _ask(self, workflow_id: str, query: str, answer: Any) -> Any:
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            return await handle.query(query, result_type=answer, rpc_timeout=ANSWER_WITHIN)
        except (TemporalError, TimeoutError, ValueError) as error:
            text = f"{workflow_id} has not answered {query}: {error}"
            raise ChangesUnknownError(text) from error
