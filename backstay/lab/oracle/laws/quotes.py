"""I6: nothing is decided on a bad, stale, delayed or crossed quote.

Held against what the exchange really showed. For an entry with a trigger, and for an exit by stop
or by target, there was a price beyond the level, at or after the moment at which the watch of it
was written down. Where a stop moves, it can't have stood nearer to the price than the best price
that was ever shown, less its distance, or than where a person or a break-even has put it. So a
decision on a price that was never shown is found, and one on a price that was shown is not,
whenever it came to be known.

Where more than one tick is asked for, one price that was gone at once decides nothing: not that a
trigger or a stop is passed, and not how far a trail has come. Each trade that is shown counts, the
same price again as well, and so does what is told to whoever asks anew; what stands for half a
second counts for a stop like any number of ticks. It is asked for of trades that are shown, while
nothing keeps the house from seeing each of them, and once.

A person who enters by hand, a time at which a position is left, a
split, and a stop of a contract that is judged by another one leave nothing to hold it against.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backstay.gateway.times import SECOND_NS
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.contact import ENDS_CONNECTIONS
from backstay.lab.oracle.exchange import Placement
from backstay.lab.oracle.happenings import Shown
from backstay.lab.oracle.histories import Call
from backstay.lab.oracle.laws.acting import DEAFENS, MUFFLES
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
_TRADES = "last"
_STANDS_NS = SECOND_NS * 2 // 5
"""What stands for half a second counts, less what the clocks differ by."""

_UNSURE_NS = 12 * SECOND_NS
"""So long after something has gone wrong not every price may be seen, and once. Where a line is
lost that is until prices are asked for anew.
"""

_CROSSED = "tick-crossed"
"""A quote that is crossed says nothing of trades."""

_DISTURBS = (MUFFLES | DEAFENS | {"upstream-lost"}) - {_CROSSED}
_LOSES_LINE = ENDS_CONNECTIONS | {"garbage-frame"}


@dataclass(slots=True)
class _Watch:
    """A level, and whether a price beyond it was ever shown. `best` leads a trail."""

    con_id: int
    above: bool
    source: str
    level: Decimal
    ticks: int = 1
    """How many in a row have to be beyond the level."""

    counts_time: bool = False
    """Whether a price that stands needs no further tick."""

    anchor: Decimal | None = None
    distance: Decimal | None = None
    best: Decimal | None = None
    until_ns: int | None = None
    is_justified: bool = False
    nearest: Decimal | None = None
    price: Decimal | None = None
    beyond: int = 0
    """How many have been beyond it, one after the other, the last one included."""

    beyond_ns: int = 0

    def see(self, shown: Shown, at_ns: int, *, is_sure: bool) -> None:
        """A price is shown: judged against the level first, and only then may it move it. Where it
        is not sure that each is seen once, the first one is enough.
        """
        price = price_of(shown, self.source)
        if price is None:
            return
        if self.nearest is None or (price > self.nearest) is self.above:
            self.nearest = price
        is_sure = is_sure and self.source == _TRADES
        self.look(price, at_ns, is_sure=is_sure)
        self._climb(price if not is_sure or self.price is None else self._worse(price, self.price))
        self.price = price

    def look(self, price: Decimal, at_ns: int, *, is_sure: bool) -> None:
        """Whether the level is passed, by what is asked for."""
        self.stood(at_ns)
        level = self.stands()
        if not (price > level or price == level if self.above else price <= level):
            self.beyond = 0
            return
        self.beyond_ns = at_ns if not self.beyond else self.beyond_ns
        self.beyond += 1
        if self.beyond >= self.ticks or not is_sure:
            self.is_justified = True

    def stood(self, now_ns: int) -> None:
        """What is beyond the level has been there until now."""
        if self.counts_time and self.beyond and now_ns >= self.beyond_ns + _STANDS_NS:
            self.is_justified = True

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

    def _climb(self, price: Decimal) -> None:
        if self.best is None or (price < self.best) is self.above:
            self.best = price

    def _worse(self, one: Decimal, other: Decimal) -> Decimal:
        return max(one, other) if self.above else min(one, other)


class Quotes:
    """What is watched, and what was really shown."""

    def __init__(self) -> None:
        self._shown: dict[int, Shown] = {}
        self._watches: dict[Family, _Watch] = {}
        self._sent: dict[str, None] = {}
        self._lost: dict[int, None] = {}
        self._now_ns = self._sure_ns = 0
        self._readings = {
            "arm": self._armed,
            "guard": self._guarded,
            "amend_arm": self._arm_amended,
            "amend_guard": self._guard_amended,
            "split_off": self._split_off,
            "Exit": self._left,
        }

    def shown(self, at_ns: int, shown: Shown) -> None:
        """The market shows this from now on."""
        self._now_ns = at_ns
        self._shown[shown.con_id] = shown
        self._see(shown.con_id)

    def happened(self, at_ns: int, what: world.Happening) -> None:
        """Something has happened in the world."""
        match what:
            case world.Shown():
                self.shown(at_ns, what)
            case world.ShownAgain():
                self.shown_again(at_ns)
            case world.WorkerDied() | world.LinesCut():
                self._lost_line(at_ns)
            case world.WorkerFroze() | world.WorkerThawed():
                self._disturbed(at_ns)
            case _:
                pass

    def shown_again(self, at_ns: int, con_id: int | None = None) -> None:
        """What stands is shown once more, of one contract or of all."""
        self._now_ns = at_ns
        for each in self._shown if con_id is None else (con_id,):
            self._see(each)

    def struck(self, at_ns: int, name: str) -> None:
        """A fault has struck."""
        if name in _DISTURBS:
            self._disturbed(at_ns)
        elif name in _LOSES_LINE:
            self._lost_line(at_ns)

    def _disturbed(self, at_ns: int) -> None:
        """Something keeps the house from seeing each price, or has it see one twice."""
        self._sure_ns = at_ns + _UNSURE_NS
        self.shown_again(at_ns)

    def _lost_line(self, at_ns: int) -> None:
        """No price reaches the house until it has asked for it anew."""
        self._lost.update(dict.fromkeys(self._shown))
        self.shown_again(at_ns)

    def asked_for(self, at_ns: int, con_id: int) -> None:
        """Prices are asked for: where they stand is told at once."""
        self.shown_again(at_ns, con_id)
        self._lost.pop(con_id, None)

    def _see(self, con_id: int) -> None:
        for watch in self._watches.values():
            if watch.con_id == con_id and not watch.is_justified:
                self._shows(watch)

    def _shows(self, watch: _Watch) -> None:
        shown = self._shown.get(watch.con_id)
        if shown is not None:
            is_sure = self._now_ns >= self._sure_ns and watch.con_id not in self._lost
            watch.see(shown, self._now_ns, is_sure=is_sure)

    def split(self, con_id: int) -> None:
        """Prices are others from now on."""
        for watch in self._watches.values():
            if watch.con_id == con_id:
                watch.is_justified = True

    def called(self, at_ns: int, call: Call) -> None:
        """Something was asked of the edge."""
        self._now_ns = at_ns
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
        if watch is not None:
            watch.stood(placement.at_ns)
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
                ticks=trigger.get("confirm_ticks", 1),
            ),
        )

    def _guarded(self, asked: Mapping[str, Any]) -> None:
        guard = asked["guard"]
        if guard["underlying"] is not None:
            return
        rules, level = guard["rules"], Decimal(guard["guarded"]["level"]["stop"])
        above, trail = rules["stop"]["crossing"] == "above", rules["trail"]
        watch = _Watch(con_id_of(guard["exit"]), above, guard["source"], level)
        watch.ticks, watch.counts_time = rules["stop"].get("confirm_ticks", 1), True
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
        self._shows(watch)

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
        self._moved(watch)

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
            self._moved(watch)
        self._target(asked["target"], watch.con_id, not watch.above, watch.source)

    def _moved(self, watch: _Watch) -> None:
        """It stands elsewhere: so a price that stands may be beyond it by now."""
        if not watch.is_justified:
            self._shows(watch)
