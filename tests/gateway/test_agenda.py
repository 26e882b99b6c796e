"""The agenda keeps each appointment once, at its own time, and never turns back."""

from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.agenda import Agenda

START_NS = 1_764_000_000_000_000_000


def test_what_is_due_happens_at_its_own_time_and_not_at_the_drivers() -> None:
    agenda = Agenda(START_NS)
    seen: list[int] = []
    agenda.at(START_NS + 5, "one", lambda: seen.append(agenda.now_ns))
    agenda.advance(START_NS + 100)
    assert seen == [START_NS + 5]
    assert agenda.now_ns == START_NS + 100


def test_at_one_instant_things_happen_in_the_order_of_asking() -> None:
    agenda = Agenda(START_NS)
    seen: list[str] = []
    for name in ("first", "second", "third"):
        agenda.after(7, name, lambda name=name: seen.append(name))  # type: ignore[misc]
    agenda.advance(START_NS + 7)
    assert seen == ["first", "second", "third"]


def test_what_has_been_called_off_neither_happens_nor_is_due() -> None:
    agenda = Agenda(START_NS)
    seen: list[str] = []
    appointment = agenda.after(1, "never", lambda: seen.append("never"))
    stood = appointment.stands
    appointment.call_off()
    assert (stood, appointment.stands) == (True, False)
    assert agenda.next_due_ns() is None
    agenda.advance(START_NS + 10)
    assert seen == []


def test_calling_off_afterwards_is_no_fault() -> None:
    agenda = Agenda(START_NS)
    appointment = agenda.after(1, "once", lambda: None)
    agenda.advance(START_NS + 1)
    appointment.call_off()
    assert not appointment.stands


def test_what_an_appointment_asks_for_within_the_span_happens_in_the_same_advance() -> None:
    agenda = Agenda(START_NS)
    seen: list[int] = []

    def tick() -> None:
        seen.append(agenda.now_ns - START_NS)
        agenda.after(10, "tick", tick)

    agenda.after(10, "tick", tick)
    agenda.advance(START_NS + 35)
    assert seen == [10, 20, 30]
    assert agenda.next_due_ns() == START_NS + 40


def test_a_past_time_is_due_at_once() -> None:
    agenda = Agenda(START_NS)
    assert agenda.at(START_NS - 1, "late", lambda: None).due_ns == START_NS


def test_a_clock_that_steps_back_changes_nothing() -> None:
    agenda = Agenda(START_NS)
    agenda.advance(START_NS - 1)
    assert agenda.now_ns == START_NS


@given(st.lists(st.integers(0, 1000), max_size=30), st.lists(st.integers(0, 1000), max_size=10))
def test_the_pace_of_the_driver_changes_neither_order_nor_times(
    delays: list[int], stops: list[int]
) -> None:
    def kept(pace: list[int]) -> list[tuple[int, int]]:
        agenda = Agenda(START_NS)
        seen: list[tuple[int, int]] = []
        for number, delay in enumerate(delays):
            agenda.after(
                delay,
                str(number),
                lambda number=number: seen.append((agenda.now_ns, number)),  # type: ignore[misc]
            )
        for stop in pace:
            agenda.advance(START_NS + stop)
        return seen

    assert kept([*sorted(stops), 1000]) == kept([1000])
