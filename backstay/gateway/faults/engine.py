"""Whether a planned fault strikes: asked on every occasion, or set on the agenda for its hour.

Each rule throws dice of its own, known by its name and its place among the rules of that name: a
rule more changes no strike of another. A rule sees an occasion only if it picks its kind, its
client and its order, inside its window, while it may still strike. Every rule that sees an occasion
is asked, also when an earlier one has struck already: the first to strike says how.
"""

from collections import Counter
from collections.abc import Callable

from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Chance, Dice
from backstay.gateway.faults.plan import Plan
from backstay.gateway.faults.rules import Rule

STRIKES_MAX = 100_000
"""How often a rule strikes at most that sets no count."""

OnStrike = Callable[[str, str], None]
"""Told of each strike: the fault's name and what it struck."""

Action = Callable[[Rule], None]

Fits = Callable[[Rule], bool]
"""Whether an occasion is one for this rule, by the rule's own parameters."""


Reference = Callable[[], str]
"""The reference of the order that an occasion is about; asked only where a rule picks one."""


def _of_no_order() -> str:
    return ""


class _Course:
    """One rule, and how far it has come."""

    __slots__ = ("_dice", "_due_ns", "_from_ns", "_left", "_seen", "_until_ns", "rule")

    def __init__(self, rule: Rule, dice: Dice, start_ns: int) -> None:
        self.rule = rule
        self._dice = dice
        self._seen = 0
        self._left = rule.count or (STRIKES_MAX if rule.at is None else 1)
        begin, end = rule.between or (rule.at, None)
        self._from_ns = begin.on_clock_ns(start_ns) if begin else start_ns
        self._until_ns = end.on_clock_ns(start_ns) if end else None
        self._due_ns = self._from_ns + (rule.every_ns or 0)

    def strikes(
        self, now_ns: int, kind: str, client: int | None, reference: Reference
    ) -> Rule | None:
        """The rule itself, if it strikes this occasion."""
        rule = self.rule
        if not self._left or (rule.kinds and kind not in rule.kinds):
            return None
        if rule.client is not None and client != rule.client:
            return None
        if rule.reference is not None and not reference().startswith(rule.reference):
            return None
        if now_ns < self._from_ns or (self._until_ns is not None and now_ns >= self._until_ns):
            return None
        self._seen += 1
        if rule.nth is not None and self._seen != rule.nth:
            return None
        if not self._is_due(now_ns) or not self._falls():
            return None
        self._left -= 1
        return rule

    def begin(self, agenda: Agenda, strike: Callable[[Rule], None]) -> None:
        """Put on the agenda what it does by itself."""
        if self.rule.at is not None or self.rule.every_ns is not None or self._until_ns is None:
            self._again(agenda, strike, self._due_ns)
            return
        # A window whose two ends are measured differently can turn out to be none.
        for _ in range((self.rule.count or 1) if self._from_ns < self._until_ns else 0):
            due_ns = self._dice.randrange(self._from_ns, self._until_ns)
            agenda.at(due_ns, self.rule.name, lambda: strike(self.rule))

    def _again(self, agenda: Agenda, strike: Callable[[Rule], None], due_ns: int) -> None:
        if self._until_ns is not None and due_ns >= self._until_ns:
            return

        def keep() -> None:
            if self._falls():
                self._left -= 1
                strike(self.rule)
            if self.rule.every_ns is not None and self._left:
                self._again(agenda, strike, due_ns + self.rule.every_ns)

        agenda.at(due_ns, self.rule.name, keep)

    def _is_due(self, now_ns: int) -> bool:
        """Whether its time has come; with `every`, one occasion for each hour that has struck."""
        if now_ns < self._due_ns:
            return False
        if every_ns := self.rule.every_ns:
            self._due_ns += ((now_ns - self._due_ns) // every_ns + 1) * every_ns
        return True

    def _falls(self) -> bool:
        probability = self.rule.probability
        return probability is None or self._dice.random() < probability


class Faults:
    """The plan at work."""

    def __init__(
        self, plan: Plan, agenda: Agenda, chance: Chance, on_strike: OnStrike | None = None
    ) -> None:
        self._agenda = agenda
        self._chance = chance
        self._on_strike = on_strike
        self.counts: Counter[str] = Counter()
        self._occasions: dict[str, list[_Course]] = {}
        self._clocked: dict[str, list[_Course]] = {}
        places: Counter[str] = Counter()
        for rule in plan:
            dice = chance.of("fault", rule.name, places[rule.name])
            places[rule.name] += 1
            courses = self._clocked if rule.is_clocked else self._occasions
            courses.setdefault(rule.name, []).append(_Course(rule, dice, agenda.now_ns))

    @property
    def any_planned(self) -> bool:
        """Whether there is a plan at all."""
        return bool(self._occasions or self._clocked)

    def plans(self, *names: str) -> bool:
        """Whether any of these faults is planned."""
        return any(name in self._occasions or name in self._clocked for name in names)

    def strikes(
        self,
        name: str,
        subject: str,
        kind: str = "",
        client: int | None = None,
        fits: Fits | None = None,
        reference: Reference = _of_no_order,
    ) -> Rule | None:
        """The rule that strikes this occasion, if one does; it is counted and told."""
        struck: Rule | None = None
        for course in self._occasions.get(name, ()):
            if fits is not None and not fits(course.rule):
                continue
            rule = course.strikes(self._agenda.now_ns, kind, client, reference)
            struck = struck or rule
        if struck is not None:
            self._tell(name, subject)
        return struck

    def begin(self, name: str, action: Action) -> None:
        """Have `action` done whenever a rule of this fault strikes by itself."""

        def strike(rule: Rule) -> None:
            self._tell(name, "the clock")
            action(rule)

        for course in self._clocked.get(name, ()):
            course.begin(self._agenda, strike)

    def dice(self, *concern: str | int) -> Dice:
        """Dice for how a fault does what it does; never for whether."""
        return self._chance.of("fault", *concern, "how")

    def _tell(self, name: str, subject: str) -> None:
        self.counts[name] += 1
        if self._on_strike is not None:
            self._on_strike(name, subject)
