"""I6: nothing is decided on a bad, stale, delayed or crossed quote.

Held against what the exchange really showed. For an entry with a trigger, and for an exit by stop
or by target, there was a price beyond the level, at or after the moment at which the watch of it
was written down. Where a stop moves, it can't have stood nearer to the price than the best price
that was ever shown, less its distance, or than where a person or a break-even has put it. So a
decision on a price that was never shown is found, and one on a price that was shown is not,
whenever it came to be known. A person who enters by hand, a time at which a position is left, a
split, and a stop of a contract that is judged by another one leave nothing to hold it against.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle.exchange import Placement
from backstay.lab.oracle.happenings import Shown
from backstay.lab.oracle.histories import Call
from backstay.lab.oracle.readings import (
    Family,
    con_id_of,
    family_of,
    family_of_key,
    ns_of,
    price_of,
)
from backstay.lab.simulation.outcome import Finding

LAW = "I6"


@dataclass(slots=True)
class _Watch:
    """A level, and whether a price beyond it was ever shown. `best` leads a trail."""

    con_id: int
    above: bool
    source: str
    level: Decimal
    anchor: Decimal | None = None
    distance: Decimal | None = None
    best: Decimal | None = None
    until_ns: int | None = None
    is_justified: bool = False
    nearest: Decimal | None = field(default=None)

    def see(self, shown: Shown) -> None:
        """A price is shown: judged against the level first, and only then may it move it."""
        price = price_of(shown, self.source)
        if price is None:
            return
        if self.nearest is None or (price > self.nearest) is self.above:
            self.nearest = price
        level = self.stands()
        if price > level or price == level if self.above else price <= level:
            self.is_justified = True
        if self.best is None or (price < self.best) is self.above:
            self.best = price

    def tighten(self, level: Decimal) -> None:
        """The stop may stand here by now, if that is nearer to the price."""
        self.level = min(self.level, level) if self.above else max(self.level, level)

    def stands(self) -> Decimal:
        """The nearest to the price at which the stop can stand."""
        best, anchor, distance = self.best, self.anchor, self.distance
        if best is None or anchor is None or distance is None or (best > anchor) is self.above:
            return self.level
        trailed = best + distance if self.above else best - distance
        return min(self.level, trailed) if self.above else max(self.level, trailed)


class Quotes:
    """What is watched, and what was really shown."""

    def __init__(self) -> None:
        self._shown: dict[int, Shown] = {}
        self._watches: dict[Family, _Watch] = {}
        self._sent: dict[str, None] = {}
        self._readings = {
            "arm": self._armed,
            "guard": self._guarded,
            "amend_arm": self._arm_amended,
            "amend_guard": self._guard_amended,
            "split_off": self._split_off,
            "Exit": self._left,
        }

    def shown(self, shown: Shown) -> None:
        """The market shows this from now on."""
        self._shown[shown.con_id] = shown
        for watch in self._watches.values():
            if watch.con_id == shown.con_id and not watch.is_justified:
                watch.see(shown)

    def split(self, con_id: int) -> None:
        """Prices are others from now on."""
        for watch in self._watches.values():
            if watch.con_id == con_id:
                watch.is_justified = True

    def called(self, call: Call) -> None:
        """Something was asked of the edge."""
        reading = self._readings.get(call.name)
        if reading is not None:
            reading(call.asked)

    def placed(self, placement: Placement) -> Iterator[Finding]:
        """An order was read off the wire."""
        reference = placement.reference
        if reference is None or placement.is_preview or placement.ref in self._sent:
            return
        self._sent[placement.ref] = None
        watch = self._watches.get(reference.family)
        if watch is None or watch.is_justified or reference.generation > 1:
            return
        if watch.until_ns is not None and placement.at_ns >= watch.until_ns - SECOND_NS:
            return
        if placement.con_id not in self._shown:
            return
        which, where = ("highest", "above") if watch.above else ("lowest", "below")
        text = f"{placement.ref} was sent for a price {where} {watch.stands()}"
        yield Finding(LAW, placement.at_ns, f"{text}; the {which} was {watch.nearest}")

    def _armed(self, asked: Mapping[str, Any]) -> None:
        arm = asked["arm"]
        trigger, family = arm["trigger"], family_of(arm["entry"])
        if trigger is None:
            return
        self._watch(
            family,
            _Watch(
                con_id=con_id_of(arm["entry"]),
                above=trigger["when"] == "above",
                source=trigger["source"],
                level=Decimal(trigger["price"]),
            ),
        )

    def _guarded(self, asked: Mapping[str, Any]) -> None:
        guard = asked["guard"]
        if guard["underlying"] is not None:
            return
        rules, level = guard["rules"], Decimal(guard["guarded"]["level"]["stop"])
        above, trail = rules["stop"]["crossing"] == "above", rules["trail"]
        watch = _Watch(con_id_of(guard["exit"]), above, guard["source"], level)
        watch.until_ns = ns_of(guard["leave_at"])
        if trail is not None:
            far = Decimal(trail["anchor"]) * Decimal(trail["activate_pct"]) / 100
            watch.anchor = Decimal(trail["anchor"]) + (-far if above else far)
            watch.distance = Decimal(trail["distance"])
        self._watch(family_of(guard["exit"]), watch)
        self._target(guard["target"], con_id_of(guard["exit"]), not above, guard["source"])

    def _target(
        self, target: Mapping[str, Any] | None, con_id: int, above: bool, source: str
    ) -> None:
        if target is not None:
            watch = _Watch(con_id, above, source, Decimal(target["price"]))
            self._watch(family_of(target["exit"]), watch)

    def _watch(self, family: Family, watch: _Watch) -> None:
        """Begin it; one that is asked for again is the same one."""
        known = self._watches.get(family)
        if known is not None:
            known.tighten(watch.level)
            known.until_ns = watch.until_ns or known.until_ns
            return
        self._watches[family] = watch
        if watch.con_id in self._shown:
            watch.see(self._shown[watch.con_id])

    def _arm_amended(self, asked: Mapping[str, Any]) -> None:
        watch = self._watches.get(family_of_key(asked["key"]))
        if watch is None:
            return
        if asked["change"]["kind"] == "fire now":
            watch.is_justified = True
        elif asked["change"]["kind"] == "move trigger":
            price = Decimal(asked["change"]["price"])
            watch.level = min(watch.level, price) if watch.above else max(watch.level, price)

    def _guard_amended(self, asked: Mapping[str, Any]) -> None:
        watch, change = self._watches.get(family_of_key(asked["key"])), asked["change"]
        if watch is None:
            return
        match change["kind"]:
            case "move stop":
                watch.tighten(Decimal(change["stop"]))
            case "break even":
                watch.tighten(Decimal(change["entry_price"]))
            case "tighten trail" if watch.distance is not None:
                watch.distance = min(watch.distance, Decimal(change["distance"]))
            case _:
                return
        if watch.con_id in self._shown:
            watch.see(self._shown[watch.con_id])

    def _left(self, asked: Mapping[str, Any]) -> None:
        """A way out that no guard has begun: it takes what has filled after the guard's end, and
        that is no decision by a price.
        """
        walk = asked["walk"]
        family = family_of_key(walk["way_out"]["rules"]["first_key"])
        watch = self._watches.get(family)
        if watch is not None and family[2] == "XS" and walk["ladder"] is None:
            watch.is_justified = True

    def _split_off(self, asked: Mapping[str, Any]) -> None:
        watch = self._watches.get(family_of_key(asked["key"]))
        if watch is None:
            return
        if asked["break_even"] is not None:
            watch.tighten(Decimal(asked["break_even"]))
            watch.see(self._shown.get(watch.con_id) or Shown(watch.con_id, None, None, None))
        self._target(asked["target"], watch.con_id, not watch.above, watch.source)
