"""The plan of a single trade.

Owns what the tables of such a plan say against each other. A trade has a stop: there is no key to
leave it out, only one (`stop.protection`) to keep it off the broker's books.
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from backstay.domain.plan.complaints import Complaint, Path, instant_text
from backstay.domain.plan.entry import Entry
from backstay.domain.plan.exits import Target, TimeExit
from backstay.domain.plan.instrument import InstrumentQuery
from backstay.domain.plan.placement import misplaced
from backstay.domain.plan.scalars import Account, PlanId
from backstay.domain.plan.size import Size
from backstay.domain.plan.stop import Protection, Stop
from backstay.domain.plan.tables import Expected, Table, items
from backstay.domain.sides import Side

TARGETS_MAX = 10


class TradePlan(Table):
    """One instrument, one side: how to get in, how much, and how to get out."""

    id: PlanId
    """The same id in the same account is the same trade."""
    account: Account | None = None
    side: Side
    instrument: Annotated[InstrumentQuery, Expected("a table with a symbol")]
    size: Annotated[Size, Expected("a table with quantity, budget or risk")]
    entry: Annotated[Entry, Expected('a table with order = "LMT" or "MKT"')]
    stop: Annotated[Stop, Expected("a table with price, offset or atr; a trade has a stop")]
    targets: Annotated[
        tuple[Target, ...],
        items(0, TARGETS_MAX),
        Expected(f"up to {TARGETS_MAX} tables [[target]]"),
    ] = Field(default=(), alias="target")
    time_exit: TimeExit | None = None

    def contradictions(self) -> Iterable[Complaint]:
        """What the tables say against each other, one complaint for a key."""
        yield from self._wrong_prices()
        yield from self._wrong_fractions()
        yield from self._wrong_end()
        if self.stop.protection is Protection.VIRTUAL and self.size.max_disaster_loss is not None:
            yield Complaint(
                ("size", "max_disaster_loss"),
                f'{self.size.max_disaster_loss}; stop.protection = "virtual" '
                "has no stop at the broker that could keep it",
            )

    def _wrong_prices(self) -> Iterable[Complaint]:
        told: dict[Path, Complaint] = {}
        for entry in self.entry.named_points(self.side):
            if entry.price <= 0:
                text = f"{self.entry.limit_offset} takes the limit of a sell to {entry.price}"
                yield Complaint(("entry", "limit_offset"), f"{text}; it must stay above 0")
                break
            for complaint in misplaced(self.side, self.stop, self.targets, entry):
                told.setdefault(complaint.path, complaint)
        yield from told.values()

    def _wrong_fractions(self) -> Iterable[Complaint]:
        total = sum(target.fraction for target in self.targets)
        if total > 1:
            yield Complaint(("target",), f"the fractions add up to {total}; expected at most 1")

    def _wrong_end(self) -> Iterable[Complaint]:
        end = self.time_exit.at if self.time_exit else None
        last_entry = self.entry.last_instant
        if end is not None and last_entry is not None and end <= last_entry:
            yield Complaint(
                ("time_exit", "at"),
                f"{instant_text(end)} is not after the last possible entry "
                f"{instant_text(last_entry)}",
            )
