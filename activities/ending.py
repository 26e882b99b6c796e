"""Single orders: cancelled at the broker, or declared absent by a person."""

from typing import Protocol

from temporalio import activity

from activities.calls import DeclareAbsent
from activities.failing import translated
from backstay.domain.edge.changing import CancelAnswer, CancelReport, cancel_report
from backstay.domain.edge.looking import DeclareAnswer
from backstay.domain.ids import IntentKey


class EndingEdge(Protocol):
    """What of the edge the end of a single order needs."""

    async def cancel(self, key: IntentKey) -> CancelAnswer:
        """Cancel every life of an order."""

    async def declare_absent(self, key: IntentKey, by: str, reason: str) -> DeclareAnswer:
        """Take a person's word that the broker does not have an order that it shows no more."""


class EndingActivities:
    """The doors to the end of a single order."""

    def __init__(self, edge: EndingEdge) -> None:
        self._edge = edge

    @activity.defn(name="cancel")
    async def cancel(self, key: IntentKey) -> CancelReport:
        """Cancel an order, and tell whether that is proven."""
        with translated(f"cancel {key}"):
            return cancel_report(await self._edge.cancel(key))

    @activity.defn(name="declare_absent")
    async def declare_absent(self, asked: DeclareAbsent) -> DeclareAnswer:
        """Take a person's word for what became of an order."""
        with translated(f"declare {asked.key} absent"):
            return await self._edge.declare_absent(asked.key, asked.by, asked.reason)
