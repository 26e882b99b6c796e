"""What is watched, as the histories have it: levels, targets, times and triggers, and what has come
of each of them.

Owns since when a price stands beyond a level, as far as that is certain. Whether anybody could have
seen it, and how long that may take, is for the law that asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

from backstay.lab.oracle.certain import CertainLevel, Trail
from backstay.lab.oracle.exchange import NOTHING, Placement
from backstay.lab.oracle.happenings import Shown
from backstay.lab.oracle.histories import Answer, Call
from backstay.lab.oracle.readings import (
    Family,
    con_id_of,
    family_of,
    family_of_key,
    ns_of,
    price_of,
)

LEAVES_WHOLE = frozenset({"XS", "XM", "UN"})


class Sort(Enum):
    """What is waited for."""

    STOP = "stop"
    TARGET = "target"
    TIME = "time"
    TRIGGER = "trigger"


@dataclass(slots=True)
class Watch:
    """Something that is waited for; `since_ns` is since when it is there."""

    sort: Sort
    family: Family
    con_id: int
    source: str
    level: CertainLevel
    begun_ns: int
    leaves_whole: bool = True
    ticks: int = 1
    """How many changes of the price have to agree, where it is not shown again while it stands."""

    until_ns: int | None = None
    since_ns: int | None = None
    is_over: bool = False
    changes_ns: list[int] = field(default_factory=list)
    """When a price beyond the level has followed on another price."""

    @property
    def place(self) -> tuple[str, int]:
        """Trade and leg."""
        return self.family[0], self.family[1]


class Watches:
    """Everything that is watched, by its sort and by the orders that come of it."""

    def __init__(self) -> None:
        self.now_ns = 0
        self.due: dict[tuple[Sort, Family], Watch] = {}
        """What should have been acted on, if anybody could."""
        self.trailing: dict[Family, Watch] = {}
        """The stops that follow the price."""
        self._shown: dict[int, Shown] = {}
        self._watches: dict[tuple[Sort, Family], Watch] = {}
        self._of: dict[int, list[Watch]] = {}
        self._asked: dict[tuple[str, int], Call] = {}
        self._entries: dict[str, Family] = {}
        self._calls = {
            "arm": self._armed,
            "guard": self._guarded,
            "amend_arm": self._arm_changed,
            "release": self._arm_changed,
            "cancel": self._arm_changed,
            "amend_guard": self._guard_changed,
        }
        self._answers = {
            "arm": self._arm_told,
            "guard": self._guard_told,
            "amend_guard": self._guard_has_changed,
            "split_off": self._has_split,
        }

    # --- the market ---

    def shown(self, shown: Shown) -> None:
        """The market shows this from now on."""
        self._shown[shown.con_id] = shown
        for watch in self._of.get(shown.con_id, ()):
            self._see(watch)

    def split(self, con_id: int) -> None:
        """Prices are others from now on."""
        for watch in self._of.pop(con_id, ()):
            self._end(watch)

    def unheard(self) -> None:
        """What was shown last may not be known to the house."""
        for watch in self._watches.values():
            if watch.sort is not Sort.TIME:
                watch.level.forget()
                self.look(watch)

    def killed(self) -> None:
        """No trigger leads to an entry any more."""
        for watch in self._watches.values():
            if watch.sort is Sort.TRIGGER:
                self._end(watch)

    # --- what is asked of the edge, and what it answers ---

    def called(self, run: str, call: Call) -> None:
        """Something was asked for in a history."""
        if call.name in ("walk", "Exit"):
            walk = call.asked if call.name == "walk" else call.asked["walk"]
            self._leaves(family_of_key(walk["way_out"]["rules"]["first_key"]))
            return
        reading = self._calls.get(call.name)
        if reading is not None:
            reading(call.asked)
        if call.name in self._answers:
            self._asked[run, call.number] = call
        if call.name == "arm":
            self._entries[run] = family_of(call.asked["arm"]["entry"])

    def answered(self, run: str, answer: Answer) -> None:
        """A call was answered."""
        call = self._asked.pop((run, answer.number), None)
        if call is not None:
            self._answers[call.name](call.asked, answer.told)

    def goes_on(self, run: str) -> None:
        """A trade shows another state, or is over: what became of its trigger can be seen."""
        family = self._entries.get(run)
        watch = self._watches.get((Sort.TRIGGER, family)) if family is not None else None
        if watch is not None:
            self._end(watch)

    def _armed(self, asked: Mapping[str, Any]) -> None:
        arm = asked["arm"]
        trigger, family = arm["trigger"], family_of(arm["entry"])
        if trigger is None or (Sort.TRIGGER, family) in self._watches:
            return
        if trigger["premarket"] == "rebase":
            return
        level = CertainLevel(
            trigger["when"] == "above", Decimal(trigger["price"]), Decimal(trigger["breach_pct"])
        )
        con_id = con_id_of(arm["entry"])
        watch = Watch(Sort.TRIGGER, family, con_id, trigger["source"], level, self.now_ns)
        watch.until_ns = ns_of(arm["expires_at"])
        if watch.source != "last":
            watch.ticks = trigger["confirm_ticks"]
        self._begin(watch)

    def _guarded(self, asked: Mapping[str, Any]) -> None:
        guard = asked["guard"]
        family, con_id = family_of(guard["exit"]), con_id_of(guard["exit"])
        if guard["underlying"] is not None or (Sort.STOP, family) in self._watches:
            return
        level = _level_of(guard)
        watch = Watch(Sort.STOP, family, con_id, guard["source"], level, self.now_ns)
        if level.trail is not None:
            self.trailing[family] = watch
        self._begin(watch)
        self._aim(guard["target"], watch)
        leave_ns = ns_of(guard["leave_at"])
        if leave_ns is not None:
            timed = Watch(
                Sort.TIME, family, con_id, "", CertainLevel(level.above, NOTHING), self.now_ns
            )
            timed.since_ns = leave_ns
            self._watches[Sort.TIME, family] = self.due[Sort.TIME, family] = timed

    def _aim(self, target: Mapping[str, Any] | None, stop: Watch) -> None:
        if target is None or (Sort.TARGET, family_of(target["exit"])) in self._watches:
            return
        level = CertainLevel(not stop.level.above, Decimal(target["price"]), counts_equal=True)
        family = family_of(target["exit"])
        watch = Watch(Sort.TARGET, family, stop.con_id, stop.source, level, self.now_ns)
        watch.leaves_whole = target["part"] is None
        self._begin(watch)

    def _arm_changed(self, asked: Mapping[str, Any]) -> None:
        """A person has another wish for it, or none."""
        watch = self._watches.get((Sort.TRIGGER, family_of_key(asked.get("key", asked))))
        if watch is not None:
            self._end(watch)

    def _arm_told(self, asked: Mapping[str, Any], told: Any) -> None:
        watch = self._watches.get((Sort.TRIGGER, family_of(asked["arm"]["entry"])))
        watched = told["watch"] or {"kind": "waiting"}
        is_decided = told["phase"] != "waiting" or watched["kind"] in ("fired", "missed")
        if watch is not None and is_decided:
            self._end(watch)

    def _guard_told(self, asked: Mapping[str, Any], told: Any) -> None:
        if told["kind"] == "target reached":
            watch = self._watches.get((Sort.TARGET, family_of(told["target"]["exit"])))
            if watch is not None:
                self._end(watch)
        else:
            self._leaves(family_of(asked["guard"]["exit"]))

    def _guard_changed(self, asked: Mapping[str, Any]) -> None:
        watch = self._watches.get((Sort.STOP, family_of_key(asked["key"])))
        if watch is not None and asked["change"]["kind"] == "move stop":
            watch.level.asks(asked["version"], Decimal(asked["change"]["stop"]))
            self.look(watch)

    def _guard_has_changed(self, asked: Mapping[str, Any], told: Any) -> None:
        watch, change = self._watches.get((Sort.STOP, family_of_key(asked["key"]))), asked["change"]
        if watch is None:
            return
        level, is_made = watch.level, told["kind"] == "amended"
        match change["kind"]:
            case "move stop" if is_made:
                level.moves(asked["version"], Decimal(change["stop"]))
            case "break even" if is_made:
                level.tightens(Decimal(change["entry_price"]))
            case "tighten trail" if is_made:
                level.shortens(self.now_ns, Decimal(change["distance"]))
            case _:
                level.pending.pop(asked["version"], None)
        self.look(watch)

    def _has_split(self, asked: Mapping[str, Any], told: Any) -> None:
        watch = self._watches.get((Sort.STOP, family_of_key(asked["key"])))
        if watch is None or told["kind"] != "split":
            return
        if asked["break_even"] is not None:
            watch.level.tightens(Decimal(asked["break_even"]))
            self.look(watch)
        self._aim(asked["target"], watch)

    # --- what is done about it ---

    def placed(self, placement: Placement) -> None:
        """An order, or a change of one, was read off the wire."""
        reference = placement.reference
        if reference is None or placement.is_preview:
            return
        if reference.purpose != "PR" or placement.kind in ("LMT", "MKT"):
            self._leaves(reference.family)

    def cancelled(self, placement: Placement | None) -> None:
        """A cancel was read: where a stop makes room for an exit, that has begun."""
        reference = placement.reference if placement is not None else None
        if reference is None or reference.purpose != "PR":
            return
        for watch in tuple(self.due.values()):
            if watch.place == reference[:2] and watch.leaves_whole:
                self._end(watch)

    def _leaves(self, family: Family) -> None:
        """Orders of this family lead what is watched to its end."""
        trade, leg, purpose = family
        if purpose == "EN":
            watch = self._watches.get((Sort.TRIGGER, family))
            if watch is not None:
                self._end(watch)
            return
        target = self._watches.get((Sort.TARGET, family))
        if target is not None:
            self._end(target)
        if purpose in LEAVES_WHOLE or purpose == "PR" or (target and target.leaves_whole):
            whole = target is not None and target.leaves_whole
            for watch in self._watches.values():
                is_of_it = watch.family[0] == trade and (whole or watch.family[1] == leg)
                if is_of_it and watch.sort is not Sort.TRIGGER:
                    self._end(watch)

    # --- the rest ---

    def _begin(self, watch: Watch) -> None:
        self._watches[watch.sort, watch.family] = watch
        self._of.setdefault(watch.con_id, []).append(watch)
        if watch.con_id in self._shown:
            self._see(watch)

    def _see(self, watch: Watch) -> None:
        if watch.is_over:
            return
        price = price_of(self._shown[watch.con_id], watch.source)
        if price is not None:
            before = watch.level.price
            watch.level.see(price, self.now_ns)
            if before is not None and price != before:
                watch.changes_ns.append(self.now_ns)
            self.look(watch)

    def look(self, watch: Watch) -> None:
        """Whether the price stands beyond the level, and since when."""
        name = watch.sort, watch.family
        if watch.is_over or not watch.level.is_passed:
            watch.since_ns = None
            watch.changes_ns.clear()
            self.due.pop(name, None)
        elif watch.since_ns is None:
            watch.since_ns = self.now_ns
            self.due[name] = watch

    def _end(self, watch: Watch) -> None:
        watch.is_over = True
        self.due.pop((watch.sort, watch.family), None)
        if watch.sort is Sort.STOP:
            self.trailing.pop(watch.family, None)


def _level_of(guard: Mapping[str, Any]) -> CertainLevel:
    rules = guard["rules"]
    above, trail = rules["stop"]["crossing"] == "above", rules["trail"]
    base, deep = Decimal(guard["guarded"]["level"]["stop"]), Decimal(rules["stop"]["breach_pct"])
    if trail is None:
        return CertainLevel(above, base, deep)
    anchor = Decimal(trail["anchor"])
    far = anchor * Decimal(trail["activate_pct"]) / 100
    activates = anchor - far if above else anchor + far
    counts_repeats = guard["source"] == "last"
    return CertainLevel(
        above, base, deep, trail=Trail(activates, Decimal(trail["distance"]), counts_repeats)
    )
