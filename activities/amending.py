"""Single orders, cancelled at the broker."""

from typing import Protocol

from temporalio import activity

from activities.failing import translated
from backstay.domain.edge.changing import CancelAnswer, CancelReport, cancel_report
from backstay.domain.ids import IntentKey


class CancellingEdge(Protocol):
    """What of the edge a cancel needs."""

    async def cancel(self, key: IntentKey) -> CancelAnswer:
        """Cancel every life of an order."""


class CancelActivities:
    """The door to the broker's cancels."""

    def __init__(self, edge: CancellingEdge) -> None:
        self._edge = edge

    @activity.defn(name="cancel")
    async def cancel(self, key: IntentKey) -> CancelReport:
        """Cancel an order, and tell whether that is proven."""
        with translated(f"cancel {key}"):
            return cancel_report(await self._edge.cancel(key))
