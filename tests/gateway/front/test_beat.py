"""A beat comes at its pace, sooner when stirred, and never twice for two stirs."""

from backstay.gateway.agenda import Agenda
from backstay.gateway.front.beat import Beat

PERIOD, GAP = 100, 10


def beating(agenda: Agenda) -> tuple[Beat, list[int]]:
    seen: list[int] = []
    return Beat(agenda, "beat", PERIOD, GAP, lambda: seen.append(agenda.now_ns)), seen


def test_left_alone_it_comes_once_a_period() -> None:
    agenda = Agenda(0)
    _, seen = beating(agenda)
    agenda.advance(299)
    assert seen == [100, 200]


def test_stirred_it_comes_at_once_but_never_sooner_than_the_gap_after_the_last() -> None:
    agenda = Agenda(0)
    beat, seen = beating(agenda)
    agenda.advance(4)
    beat.stir()
    agenda.advance(30)
    beat.stir()
    agenda.advance(130)
    assert seen == [10, 30, 130]


def test_many_stirs_are_one_beat_and_leave_nothing_on_the_agenda() -> None:
    agenda = Agenda(0)
    beat, seen = beating(agenda)
    for _ in range(1000):
        beat.stir()
    assert len(agenda._heap) <= 2
    agenda.advance(99)
    assert seen == [10]


def test_ended_it_never_comes_and_cant_be_stirred() -> None:
    agenda = Agenda(0)
    beat, seen = beating(agenda)
    beat.end()
    beat.stir()
    agenda.advance(1000)
    assert seen == []
