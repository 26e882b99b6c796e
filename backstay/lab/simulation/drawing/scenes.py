"""What a trading desk fears: two or three troubles that meet where it matters.

Troubles that are drawn each on its own seldom meet. In a scene the trade, the market, a person and
what goes wrong are drawn together, with a die of their own: it is thrown beside the rest of a run,
which has a part of its own troubles then.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.lab.simulation import seeds
from backstay.lab.simulation.drawing import entrances, exits, holds, recalls, silences
from backstay.lab.simulation.drawing.casts import Cast, Parts, Scene
from backstay.lab.simulation.drawing.ideas import MONEY_MAX, Idea
from backstay.lab.simulation.drawing.moments import Hour, Moment, held_over, in_the_day
from backstay.lab.simulation.drawing.mood import Mood, Weather
from backstay.lab.simulation.drawing.names import CRASH
from backstay.lab.simulation.drawing.paths import Point
from backstay.lab.simulation.drawing.throws import Weighted, falls, pick, seconds
from backstay.lab.simulation.scenario import Crash, Role, Strike
from backstay.lab.simulation.seeds import Die, die

Play = Callable[[Cast], Parts]

SCENES: Weighted[tuple[str, Play]] = (
    (("entry in doubt", entrances.entry_in_doubt), 10.0),
    (("entry in part", entrances.entry_in_part), 12.0),
    (("called off", entrances.called_off), 7.0),
    (("killed young", entrances.killed_young), 7.0),
    (("session taken", entrances.session_taken), 5.0),
    (("line lost at the trigger", entrances.line_lost_at_the_trigger), 5.0),
    (("short sale held", entrances.short_sale_held), 4.0),
    (("room for few", entrances.room_for_few), 6.0),
    (("kill unheard", recalls.kill_unheard), 6.0),
    (("called off in vain", recalls.called_off_in_vain), 9.0),
    (("let go", recalls.let_go), 6.0),
    (("closed while it works", recalls.closed_while_it_works), 8.0),
    (("data lost", holds.data_lost), 5.0),
    (("trail then crash", holds.trail_then_crash), 8.0),
    (("stop moved then crash", holds.stop_moved_then_crash), 7.0),
    (("answers lost", holds.answers_lost), 7.0),
    (("part beside the stop", holds.part_beside_the_stop), 8.0),
    (("stop vanishes", holds.stop_vanishes), 4.0),
    (("bad print", holds.bad_print), 7.0),
    (("watch lost", holds.watch_lost), 6.0),
    (("time exit passed", holds.time_exit_passed), 3.0),
    (("exit in doubt", exits.exit_in_doubt), 10.0),
    (("exit in part", exits.exit_in_part), 12.0),
    (("hand meets exit", exits.hand_meets_exit), 7.0),
    (("halted", exits.halted), 5.0),
    (("at the bell", exits.at_the_bell), 5.0),
    (("unread fill", exits.unread_fill), 5.0),
)
"""Each with its weight among the others."""

SILENT: Weighted[tuple[str, Play]] = (
    (("sent before the night", silences.sent_before_the_night), 50.0),
    (("exit unread", silences.exit_unread), 50.0),
)
"""For these there is a die of their own, thrown first: it leaves every other seed as it is."""

_SILENT_SHARE = 0.03
_SHARE, _KEPT, _CRASHES_KEPT, _OTHERS_KEPT = 0.6, 0.55, 0.45, 0.3
_SHORT, _SURE = 0.42, 0.85
_PERSON, _CRASHES = 0.4, 0.4
_ONLY_SHORT = "short sale held"
_ONLY_TRIGGERED = frozenset(
    {
        "line lost at the trigger",
        "session taken",
        "kill unheard",
        "called off in vain",
        "let go",
        "closed while it works",
    }
)
_ONLY_AT_NIGHT = frozenset({"sent before the night"})
_ONLY_BY_DAY = frozenset({"exit unread"})
_NEVER_ONE_SHARE = 0.85
_SOME = (100, 60, 200, 37)
_TAKES = {"trail then crash": 26.0, "halted": 21.0, "exit unread": 45.0}
"""Scenes that need so many seconds: a guard tells rarely how far its trail has come, and a session
asks three times before it gives up.
"""


def scene(seed: int, moment: Moment, ideas: Sequence[Idea], mood: Mood) -> Scene | None:
    """The scene of a seed, if it has one."""
    thrown = die(seed, "silence")
    wanted, (name, play) = falls(thrown, _SILENT_SHARE), pick(thrown, SILENT)
    if not wanted:
        thrown = die(seed, "scene")
        wanted, (name, play) = falls(thrown, _SHARE), pick(thrown, SCENES)
    if not wanted or mood.weather is Weather.CALM or ideas[0].is_option:
        return None
    moment = _fitting(name, moment, thrown)
    whole = cast(thrown, name, ideas[0], moment)
    parts = play(whole)
    strikes = (*parts.strikes, *_a_crash_besides(whole, parts))
    found = parts.ideas or (whole.idea,)
    others = [each for each in ideas[1:] if each.symbol != found[0].symbol]
    if len(found) == 1 and falls(thrown, _OTHERS_KEPT):
        found = (found[0], *(replace(each, number=n) for n, each in enumerate(others, 1)))
    _, ends = moment.spans[0]
    return Scene(
        name,
        moment,
        found,
        tuple(sorted(_within(parts, ends), key=lambda point: point.at)),
        tuple(parts.hands),
        strikes,
        tuple(parts.rules),
        parts.halt,
    )


def has_a_person(seed: int) -> bool:
    """Whether a person does something of their own beside a scene."""
    return seeds.falls(seed, "a person beside", _PERSON)


def lessened(seed: int, mood: Mood, scene: Scene) -> Mood:
    """What goes wrong beside a scene: a part of what would, and not what the scene is about."""
    about = {rule.name for rule in scene.rules}
    kept = tuple(
        name
        for name in mood.faults
        if name not in about
        and seeds.falls(seed, f"beside {name}", _CRASHES_KEPT if name == CRASH else _KEPT)
    )
    return replace(mood, faults=kept)


def without(mood: Mood, scene: Scene) -> Mood:
    """The mood without what the scene is about."""
    about = {rule.name for rule in scene.rules}
    return replace(mood, faults=tuple(name for name in mood.faults if name not in about))


def _a_crash_besides(cast: Cast, parts: Parts) -> Iterator[Strike]:
    """Where nobody dies in a scene, somebody may about the time at which it is decided."""
    dies, late = cast.chance(_CRASHES), cast.die.uniform(-0.4, 1.6)
    role = pick(cast.die, ((Role.BROKER, 70.0), (Role.TRADES, 30.0)))
    if dies and not any(isinstance(strike, Crash) for strike in parts.strikes):
        yield cast.dies(cast.at(cast.meets + late), role)


def _within(parts: Parts, ends: float) -> list[Point]:
    return [point for point in parts.points if point.at <= ends]


def _fitting(name: str, moment: Moment, thrown: Die) -> Moment:
    """A night where the scene is about one, a day where it must not; long enough in any case."""
    if name in _ONLY_AT_NIGHT and not moment.ends_on_another_day:
        moment = held_over(Hour.OVERNIGHT, thrown)
    if name in _ONLY_BY_DAY and moment.hour is not Hour.DAY:
        moment = in_the_day(0.0)
    return long_enough(name, moment)


def long_enough(name: str, moment: Moment) -> Moment:
    """The moment, or a longer one where a scene takes longer and no bell ends it."""
    takes = _TAKES.get(name, 0.0)
    if moment.is_held_over or moment.bell is not None or moment.quiet_at >= takes:
        return moment
    return replace(moment, spans=((0.0, takes),))


def cast(thrown: Die, name: str, idea: Idea, moment: Moment) -> Cast:
    """Who plays in a scene, and when: where a session opens, not before."""
    begins = moment.bell if moment.hour is Hour.OPEN and moment.bell is not None else 0.0
    enters = begins + seconds(thrown, 1.6, 2.6)
    # So that a session can be lost and found again before.
    enters = round(enters + (1.5 if name == "session taken" else 0.0), 3)
    meets = round(enters + seconds(thrown, 1.8, 3.4), 3)
    after = round(meets + seconds(thrown, 1.2, 2.4), 3)
    return Cast(thrown, moment, _lead(thrown, name, idea, moment), enters, meets, after)


def _lead(thrown: Die, name: str, idea: Idea, moment: Moment) -> Idea:
    """The trade that a scene is about: either side, enough shares, with or without a trigger."""
    side = Side.SELL if name == _ONLY_SHORT or falls(thrown, _SHORT) else Side.BUY
    price = float(idea.base)
    waits, follows = falls(thrown, 0.5), falls(thrown, 0.85)
    quantity = idea.quantity
    if quantity < _SOME[-1] and falls(thrown, _NEVER_ONE_SHARE):
        quantity = thrown.choice(_SOME)
    at = seconds(thrown, 0.3, 0.8)
    waits = waits or name in _ONLY_TRIGGERED or moment.hour is Hour.OPEN
    ahead = Decimal(round(float(idea.unit) * 25)).scaleb(-2)
    rises = (side is Side.BUY) == follows
    when = (Crossing.ABOVE if rises else Crossing.BELOW) if waits else None
    entry = idea.base if when is None else idea.base + (ahead if rises else -ahead)
    return replace(
        idea,
        side=side,
        when=when,
        entry=entry,
        quantity=max(1, min(quantity, int(MONEY_MAX / price))),
        asked_at=at,
        is_passed=False,
        is_thin=False,
        is_sure=falls(thrown, _SURE),
    )
