"""What is kept of days that are over changes no answer, and is forgotten when they change."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backstay.gateway.market import track
from backstay.gateway.market.bars import Span
from backstay.gateway.market.day_path import day_path
from backstay.gateway.market.kept_days import DAYS_MAX, INSTRUMENTS_MAX, KeptDays, Stretch
from backstay.gateway.market.track import Summary
from backstay.gateway.messages.data_replies import Bar
from tests.gateway.market.scene import AAPL, KO, MONDAY, SPX, Scene

D = Decimal
CALL = "AAPL  261218C00195000"
DAY = date(2026, 11, 23)


def bars(scene: Scene, con_id: int, duration: str = "1 M", size: str = "1 day") -> tuple[Bar, ...]:
    return asked(scene, con_id, duration, size, "TRADES", use_rth=True)


def asked(
    scene: Scene, con_id: int, duration: str, size: str, what: str, *, use_rth: bool
) -> tuple[Bar, ...]:
    instrument = scene.market.instrument(con_id)
    assert instrument is not None
    return scene.market.bars(instrument, scene.agenda.now_ns, duration, size, what, use_rth)


def put(scene: Scene, con_id: int) -> None:
    scene.market.inject(con_id, bid=D("150.00"), ask=D("150.02"), last=D("150.01"))


def walk_on(scene: Scene, con_id: int) -> None:
    put(scene, con_id)
    scene.market.walk(con_id)


def scale(scene: Scene, con_id: int) -> None:
    scene.market.scale(con_id, 150.0)


def halt(scene: Scene, con_id: int) -> None:
    scene.market.halt(con_id)


def resume(scene: Scene, con_id: int) -> None:
    scene.market.resume(con_id)


def wait(scene: Scene, con_id: int) -> None:
    scene.after(20 * 3600)


DEEDS = (put, walk_on, scale, halt, resume, wait)


class NothingKept(KeptDays):
    def span(self, con_id: int, stretch: Stretch, look: Span) -> Summary | None:  # noqa: ARG002
        return look(*stretch)


def without_memory() -> Scene:
    """A market that keeps nothing: each look is a first one."""
    scene = Scene(f"{MONDAY}T16:30")
    scene.market._movers._kept_days = NothingKept()
    return scene


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.tuples(st.sampled_from(DEEDS), st.sampled_from((AAPL, KO)))),
            st.sampled_from((AAPL, KO, SPX, 0)),
            st.sampled_from(("1 D", "3 D", "1 W", "2 W", "90000 S")),
            st.sampled_from(("1 day", "1 week", "1 month")),
            st.sampled_from(("TRADES", "BID")),
            st.booleans(),
        ),
        min_size=2,
        max_size=6,
    )
)
def test_bars_are_the_same_with_and_without_what_is_kept(
    turns: list[tuple[tuple[Callable[[Scene, int], None], int] | None, int, str, str, str, bool]],
) -> None:
    kept, fresh = Scene(f"{MONDAY}T16:30"), without_memory()
    for done, con_id, duration, size, what, use_rth in turns:
        told = []
        for scene in (kept, fresh):
            if done is not None:
                deed, whom = done
                deed(scene, whom)
            whose = con_id or scene.market.named(CALL.replace(" ", "")).con_id  # type: ignore[union-attr]
            told.append(asked(scene, whose, duration, size, what, use_rth=use_rth))
        assert told[0] == told[1]


@pytest.mark.parametrize("con_id", [AAPL, SPX, 0])
def test_who_asks_again_has_no_day_made_again(con_id: int) -> None:
    scene = Scene(f"{MONDAY}T12:00")
    whose = con_id or scene.option(CALL).con_id
    first = bars(scene, whose, "3 M")
    with patch.object(track, "day_path", side_effect=day_path) as made:
        assert bars(scene, whose, "3 M") == first
        months = bars(scene, whose, "3 M", "1 month")
    assert months[-1].close == first[-1].close
    # Today isn't over; and the four days made last are at hand anyway.
    assert made.call_count <= 2


@pytest.mark.parametrize("deed", [scale, walk_on])
def test_a_path_that_is_moved_is_told_as_it_is_then(deed: Callable[[Scene, int], None]) -> None:
    scene = Scene(f"{MONDAY}T16:30")
    option = scene.option(CALL).con_id
    before = {con_id: bars(scene, con_id) for con_id in (AAPL, option, KO)}
    deed(scene, AAPL)
    moved, fresh = scene, without_memory()
    deed(fresh, AAPL)
    for con_id in before:
        assert bars(moved, con_id) == bars(fresh, con_id)
    assert bars(moved, KO) == before[KO]
    if deed is scale:
        ratio = 150 / float(before[AAPL][-1].close)
        for was, now in zip(before[AAPL], bars(moved, AAPL), strict=True):
            assert float(now.close) == pytest.approx(float(was.close) * ratio, rel=1e-3)
        assert bars(moved, option) != before[option]


def test_an_options_days_are_those_of_where_its_underlying_was_put() -> None:
    scene = Scene(f"{MONDAY}T12:00")
    option = scene.option(CALL).con_id
    (friday,) = (bar for bar in bars(scene, option) if bar.date == "20261120")
    scene.market.inject(AAPL, bid=D("250.00"), ask=D("250.02"))
    (moved,) = (bar for bar in bars(scene, option) if bar.date == "20261120")
    assert moved.low > friday.high + 40


def test_a_day_through_which_it_was_halted_has_no_bar() -> None:
    scene = Scene(f"{MONDAY}T20:30")
    scene.market.halt(AAPL)
    scene.until("2026-11-24T20:30")
    scene.market.resume(AAPL)
    scene.until("2026-11-25T16:30")
    assert [bar.date for bar in bars(scene, AAPL, "3 D")] == ["20261123", "20261125"]


def test_what_is_done_today_changes_no_bar_of_a_day_before() -> None:
    scene = Scene(f"{MONDAY}T12:00")
    before = bars(scene, AAPL)
    put(scene, AAPL)
    assert bars(scene, AAPL)[:-1] == before[:-1]
    assert bars(scene, AAPL)[-1].low == D("150.01")


SUMMARY = Summary(D(1), D(1), D(1), D(1), D(1), 1)


class Looks:
    """Counts how often somebody has to look."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, *stretch: *Stretch) -> Summary | None:
        self.count += 1
        return SUMMARY if stretch[2] else None


def test_nothing_traded_is_kept_too() -> None:
    kept, look = KeptDays(), Looks()
    for _ in range(2):
        assert kept.span(AAPL, (DAY, 0, 0), look) is None
        assert kept.span(AAPL, (DAY, 0, 9), look) is SUMMARY
    assert look.count == 2


def test_of_one_instrument_so_many_days_are_kept() -> None:
    kept, look = KeptDays(), Looks()
    days = [DAY + timedelta(days=count) for count in range(DAYS_MAX)]
    for day in days * 2:
        kept.span(AAPL, (day, 0, 9), look)
    assert look.count == DAYS_MAX
    kept.span(AAPL, (DAY - timedelta(days=1), 0, 9), look)
    kept.span(AAPL, (days[1], 0, 9), look)
    assert look.count == DAYS_MAX + 1
    kept.span(AAPL, (days[0], 0, 9), look)
    assert look.count == DAYS_MAX + 2


def test_the_instrument_that_was_asked_for_the_longest_ago_is_forgotten() -> None:
    kept, look = KeptDays(), Looks()
    for con_id in range(INSTRUMENTS_MAX):
        kept.span(con_id, (DAY, 0, 9), look)
    kept.span(0, (DAY, 0, 9), look)
    kept.span(INSTRUMENTS_MAX, (DAY, 0, 9), look)
    assert list(kept) == [*range(2, INSTRUMENTS_MAX), 0, INSTRUMENTS_MAX]
    assert look.count == INSTRUMENTS_MAX + 1


def test_what_is_forgotten_is_looked_at_again() -> None:
    kept, look = KeptDays(), Looks()
    kept.span(AAPL, (DAY, 0, 9), look)
    kept.span(KO, (DAY, 0, 9), look)
    kept.forget(AAPL)
    kept.forget(SPX)
    kept.span(AAPL, (DAY, 0, 9), look)
    kept.span(KO, (DAY, 0, 9), look)
    assert look.count == 3
