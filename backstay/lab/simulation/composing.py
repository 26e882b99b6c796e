"""Puts the house of a run together; it is done here and nowhere else."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from activities.books import AccountBooks
from activities.engine import TemporalEngine
from backstay.accounts.store import AccountStore
from backstay.lab.memory_net import MemoryNet
from backstay.lab.oracle.judge import Judge
from backstay.lab.simulation.cues import Cues
from backstay.lab.simulation.employing import Employing
from backstay.lab.simulation.journal import Journal, Source
from backstay.lab.simulation.person import Person, order_of
from backstay.lab.simulation.premises import premises_of
from backstay.lab.simulation.recorder import Recorder
from backstay.lab.simulation.scenario import Scenario
from backstay.lab.simulation.seeds import die
from backstay.lab.simulation.settings import believed, settings_of
from backstay.lab.simulation.staff import MachineClock, Staff, ToldStore
from backstay.lab.simulation.striking import Striking, Targets
from backstay.lab.simulation.venue import ACCOUNT, Venue
from backstay.lab.simulation.world import World
from backstay.lab.virtual_time import running


@dataclass(frozen=True, slots=True)
class Composed:
    """The house of a run, as far as somebody asks something of it."""

    venue: Venue
    employing: Employing
    staff: Staff
    person: Person
    striking: Striking
    recorder: Recorder
    store: AccountStore
    temporal: TemporalEngine
    world: World


def compose(scenario: Scenario, folder: Path, net: MemoryNet, journal: Journal) -> Composed:
    """Everybody is there, and nobody has begun."""
    loop = running()
    clock, cues = MachineClock(loop), Cues(loop)
    settings = settings_of(scenario, folder)
    orders = tuple(order_of(each, ACCOUNT, believed(scenario)) for each in scenario.trades)
    judge = Judge(premises_of(scenario, settings, orders))
    recorder = Recorder(journal, judge, cues.saw, lambda: loop.now_ns)
    venue = Venue(scenario, net, recorder.audit, recorder.said)
    employing = Employing(die(scenario.seed, "engine"), recorder, clock)
    staff = Staff(settings, employing, clock, recorder, cues.later)
    client = employing.client()
    store = ToldStore(settings.book, ACCOUNT, recorder)
    limits = settings.bounds
    books = AccountBooks([store], {} if limits is None else {ACCOUNT: limits})
    temporal = TemporalEngine(client, books, clock.now)
    person = Person(temporal, client, orders, partial(recorder.told, Source.HAND))
    targets = Targets(staff, venue, employing.engine, clock)
    striking = Striking(targets, cues, die(scenario.seed, "strikes"), recorder)
    employing.evicts = striking.evicts
    world = World(scenario, venue, staff, person, striking, recorder, cues)
    return Composed(venue, employing, staff, person, striking, recorder, store, temporal, world)
