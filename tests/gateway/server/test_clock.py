"""Broker time goes from where it starts, as fast as was asked for."""

from fractions import Fraction

import pytest

from backstay.gateway.server.clock import BrokerClock, read_reading, today_ns


class Machine:
    """A monotonic clock that is moved by hand; it doesn't begin at 0."""

    def __init__(self) -> None:
        self.ns = 777

    def __call__(self) -> int:
        return self.ns


def clock(speed: str, machine: Machine) -> BrokerClock:
    return BrokerClock(1_000, Fraction(speed), machine)


@pytest.mark.parametrize(
    ("speed", "passed_ns", "now_ns"),
    [("1", 0, 1_000), ("1", 500, 1_500), ("60", 500, 31_000), ("0.5", 501, 1_250)],
)
def test_what_passes_is_multiplied_by_the_speed(speed: str, passed_ns: int, now_ns: int) -> None:
    machine = Machine()
    broker = clock(speed, machine)
    machine.ns += passed_ns
    assert broker.now_ns() == now_ns


def test_no_nanosecond_is_lost_in_a_hundred_years() -> None:
    machine = Machine()
    broker = clock("0.1", machine)
    machine.ns += 3_155_760_000_000_000_010
    assert broker.now_ns() == 1_000 + 315_576_000_000_000_001


@pytest.mark.parametrize(
    ("speed", "due_ns", "seconds"),
    [
        ("1", 1_000 + 10**9, 1.0),
        ("60", 1_000 + 60 * 10**9, 1.0),
        ("3", 1_000 + 1, 1e-9),
        ("1", 1_000, 0.0),
        ("1", 3, 0.0),
    ],
)
def test_what_is_left_is_real_time_rounded_up_to_the_nanosecond(
    speed: str, due_ns: int, seconds: float
) -> None:
    assert clock(speed, Machine()).seconds_until(due_ns) == seconds


@pytest.mark.parametrize("speed", ["0", "-1"])
def test_time_that_stands_or_runs_back_is_refused(speed: str) -> None:
    with pytest.raises(ValueError, match="expected a number above 0"):
        clock(speed, Machine())


def test_left_alone_it_reads_the_machine() -> None:
    broker = BrokerClock(5)
    assert 5 <= broker.now_ns() <= broker.now_ns()
    assert today_ns() > 1_700_000_000 * 10**9


@pytest.mark.parametrize("speed", ["1", "60", "0.5"])
def test_a_clock_that_goes_on_from_a_reading_has_never_stood_still(speed: str) -> None:
    machine = Machine()
    first = clock(speed, machine)
    machine.ns += 5_000_000_007
    reading = read_reading(str(first.reading()))
    machine.ns += 8_000_000_001
    again = BrokerClock.going_on(reading, Fraction(speed), machine)
    assert again.now_ns() - first.now_ns() in (-1, 0), "at most what one rounding takes"
    machine.ns += 3_000_000_000
    assert again.now_ns() - first.now_ns() in (-1, 0)


@pytest.mark.parametrize("text", ["", "12", "12@", "@12", "12@x", "now@12"])
def test_what_is_no_reading_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        read_reading(text)
