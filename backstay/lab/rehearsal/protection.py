"""Whether what is open is protected, and how long it was not.

Owns the measure of naked time and tells of each change. In this rehearsal the attached stop covers
every fill in time; where a tape leaves one naked for longer, that is told to a person and not acted
on, so the rehearsal fails.
"""

from datetime import datetime
from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.ids import Purpose
from backstay.domain.protection.cover import (
    Covered,
    CoverStep,
    StopAtBroker,
    WaitForStop,
    covering,
    next_step,
)
from backstay.domain.protection.naked import NakedTime
from backstay.lab.rehearsal.desk import Desk
from backstay.lab.rehearsal.story import Story
from backstay.lab.telling import Who


class Protection:
    """The stops of one trade against what is open."""

    def __init__(self, desk: Desk, story: Story) -> None:
        self.naked = NakedTime(Decimal(), Decimal(), story.now)
        self.left_naked = 0
        self._naked_since = story.now
        self._step: CoverStep = Covered()
        self._desk = desk
        self._story = story

    @property
    def due(self) -> datetime | None:
        """When the naked quantity is looked at again."""
        return self._step.until if isinstance(self._step, WaitForStop) else None

    def measure(self, open_quantity: Decimal) -> None:
        """From now on, what no stop covers of this quantity is naked."""
        entries = self._desk.views(Purpose.ENTRY).values()
        can_fill = not all(entry.is_settled for entry in entries)
        profile = self._desk.scene.profile
        covered = sum(
            (
                covering(
                    stop, entry_can_fill=can_fill, open_quantity=open_quantity, profile=profile
                )
                for stop in self._stops()
            ),
            Decimal(),
        )
        naked = max(open_quantity - covered, Decimal())
        if naked and not self.naked.quantity:
            self._naked_since = self._story.now
        self.naked = self.naked.changed(naked, self._story.now)

    def look(self, open_quantity: Decimal) -> None:
        """What the rule wants to be done about the quantity that is naked now, if anything."""
        now, since, profile = self._story.now, self._naked_since, self._desk.scene.profile
        (entry,) = self._desk.views(Purpose.ENTRY).values()
        step = next_step(open_quantity, since, entry, self._stops(), profile, now)
        before, self._step = self._step, step
        if type(step) is type(before):
            return
        match step:
            case Covered():
                why = f"{plain(self.naked.until(now))} share-seconds naked so far"
                self._story.tell(Who.RULES, f"all {plain(open_quantity)} are protected", why)
            case WaitForStop(naked, until):
                why = f"its stop has until {until:%H:%M:%S.%f}"[:-3]
                self._story.tell(Who.RULES, f"{plain(naked)} are naked", why)
            case _:
                self.left_naked += 1
                what = f"{plain(open_quantity)} are open, not all of them protected"
                self._story.tell(Who.PERSON, what, f"the rule says: {step.kind}")

    def _stops(self) -> tuple[StopAtBroker, ...]:
        stops = self._desk.views(Purpose.PROTECT)
        return tuple(
            StopAtBroker(key, view, is_attached=self._desk.intent(key).parent is not None)
            for key, view in stops.items()
        )
