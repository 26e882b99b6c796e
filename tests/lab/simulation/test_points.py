"""Where a crash makes a difference: after each change outside, as long as anything can go wrong."""

from backstay.lab.simulation.journal import Entry, Source
from backstay.lab.simulation.points import Points
from backstay.lab.simulation.scenario import Role


def test_a_step_counts_if_something_outside_has_changed_since_the_one_before() -> None:
    points = Points(Role.BROKER, until_ns=100)
    for step, source in enumerate((Source.WIRE, Source.MARKET, Source.AUDIT, Source.ENGINE), 2):
        points.stepped(Role.BROKER, step)
        points.heard(Entry(step, source, "{}"))
    points.stepped(Role.BROKER, 6)
    points.stepped(Role.BROKER, 7)
    assert points.found == (2, 3, 5, 6)


def test_another_role_and_a_second_process_count_for_nothing() -> None:
    points = Points(Role.BROKER, until_ns=100)
    points.stepped(Role.BROKER, 4)
    points.heard(Entry(1, Source.WIRE, "{}"))
    points.stepped(Role.TRADES, 9)
    points.stepped(Role.BROKER, 1)
    points.stepped(Role.BROKER, 5)
    assert points.found == (4, 5)


def test_where_nothing_goes_wrong_any_more_nobody_is_killed() -> None:
    points = Points(Role.BROKER, until_ns=100)
    points.heard(Entry(100, Source.WIRE, "{}"))
    points.stepped(Role.BROKER, 2)
    assert points.found == ()
