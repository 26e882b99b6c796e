"""The table of the session: every state with every event, and what its waits and counts come to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.broker.session.standing import Do, Happened, Standing, decide
from backstay.domain.edge.session import SessionState

STATES = tuple(SessionState)
D, C, B, S, R, G, W = STATES
AT = 1000.0

# One row for each event, one column for each state: where it leads and what is done, or "" where it
# changes nothing. D down, C connecting, B standby, S syncing, R ready, G degraded, W window.
OPENED = "S begin sync"
LOST = "D hang-up wait"
COLUMNS = "DCBSRGW"
GRID = {
    Happened.STARTED: ("C open", "", "", "", "", "", "W open"),
    Happened.DUE: ("C open", "", "B open", "", "", "", "W open"),
    Happened.OPENED: (OPENED, OPENED, OPENED, "", "", "", OPENED),
    Happened.MISMATCHED: (LOST, LOST, LOST, "", "", "", LOST),
    Happened.REFUSED: ("D wait", "D wait", "D wait", "", "", "", "D wait"),
    Happened.ID_IN_USE: ("B wait", "B wait", "B wait", "", "", "", "B wait"),
    Happened.SYNCED: ("", "", "", "R", "R", "", ""),
    Happened.SYNC_FAILED: ("", "", "", "S sync", "R read", "", ""),
    Happened.SYNC_UNREADABLE: ("", "", "", "S sync", "R read", "", ""),
    Happened.SYNC_OWED: ("", "", "", LOST, "R read", "", ""),
    Happened.SYNC_EXHAUSTED: ("", "", "", LOST, LOST, "", ""),
    Happened.LOST: ("", "", "", LOST, LOST, LOST, ""),
    Happened.SILENT: ("", "", "", LOST, LOST, LOST, ""),
    Happened.UPSTREAM_LOST: ("", "", "", "G stop-reading", "G stop-reading", "", ""),
    Happened.UPSTREAM_KEPT: ("", "", "", "S sync", "S sync", "S sync", ""),
    Happened.UPSTREAM_EMPTY: ("", "", "", *["S resubscribe sync"] * 3, ""),
    Happened.STALLED: ("", "", "", "S hold probe", "R hold probe", "G hold probe", ""),
    Happened.PROVEN: ("", "", "", "S release", "R release", "G release", ""),
    Happened.DOUBTED: ("", "", "", "", "R read", "", ""),
    Happened.WINDOW_BEGINS: ("W", "W", "", "", "", "", ""),
    Happened.WINDOW_ENDS: ("", "", "", "", "", "", "D"),
    Happened.CLOSED: ("D hang-up",) * 7,
}
CELLS = [
    (state, happened, cell)
    for happened, row in GRID.items()
    for state, cell in zip(STATES, row, strict=True)
]


def standing(state: SessionState) -> Standing:
    """A session in this state; only who is away as planned is within the window."""
    return Standing(state, "because", in_window=state is W, is_proven=state in (S, R, G))


def done(before: Standing, *happened: Happened, at: float = AT) -> Standing:
    """How it stands after all this."""
    for event in happened:
        before, _ = decide(before, event, at)
    return before


def test_the_grid_names_every_event() -> None:
    assert list(GRID) == list(Happened)


@pytest.mark.parametrize(("state", "happened", "cell"), CELLS)
def test_every_event_leads_from_every_state_where_the_grid_says(
    state: SessionState, happened: Happened, cell: str
) -> None:
    before = standing(state)
    after, commands = decide(before, happened, AT)
    letter, *does = cell.split() if cell else [COLUMNS[STATES.index(state)]]
    expected = STATES[COLUMNS.index(letter)]
    # Being down within the window is being away as planned; a wrong account is not.
    if state is W and happened is Happened.REFUSED:
        expected = W
    assert after.state is expected
    assert [command.do.name.lower().replace("_", "-") for command in commands] == does


@pytest.mark.parametrize(("state", "happened", "cell"), [c for c in CELLS if not c[2]])
def test_what_the_grid_has_no_cell_for_changes_nothing(
    state: SessionState, happened: Happened, cell: str
) -> None:
    assert cell == ""
    before = standing(state)
    after, commands = decide(before, happened, AT)
    in_window = {Happened.WINDOW_BEGINS: True, Happened.WINDOW_ENDS: False}
    assert after == replace(before, in_window=in_window.get(happened, before.in_window))
    assert commands == ()


@pytest.mark.parametrize("happened", list(Happened))
def test_nothing_happens_to_a_session_that_was_closed(happened: Happened) -> None:
    closed = done(standing(R), Happened.CLOSED)
    assert (closed.state, closed.is_closed) == (D, True)
    assert decide(closed, happened, AT) == (closed, ())


@pytest.mark.parametrize("state", [S, R, G])
@pytest.mark.parametrize("happened", [Happened.LOST, Happened.SILENT])
def test_what_is_lost_within_the_window_is_away_as_planned(
    state: SessionState, happened: Happened
) -> None:
    assert done(standing(state), Happened.WINDOW_BEGINS, happened).state is W


def test_a_wrong_account_is_no_planned_absence() -> None:
    assert done(standing(W), Happened.MISMATCHED).state is D


@pytest.mark.parametrize("first", [Happened.OPENED, Happened.PROVEN])
def test_a_stall_takes_the_proof_away_and_only_an_answer_or_a_new_connection_gives_it_back(
    first: Happened,
) -> None:
    stalled = done(standing(R), Happened.STALLED)
    assert standing(R).is_open
    assert not stalled.is_open
    if first is Happened.PROVEN:
        assert done(stalled, first).is_open
    else:
        lost = done(stalled, Happened.LOST, Happened.DUE)
        assert done(lost, Happened.OPENED, Happened.SYNCED).is_open


def test_others_are_told_that_it_is_not_ready_until_it_is_proven() -> None:
    ready = standing(R)
    assert ready.shown is R
    stalled, _ = decide(ready, Happened.STALLED, AT, "stood still for 3.0 s")
    assert (stalled.state, stalled.shown, stalled.why) == (R, S, "stood still for 3.0 s")
    assert stalled.epoch == ready.epoch
    proven = done(stalled, Happened.PROVEN)
    assert (proven.shown, proven.why) == (R, "")
    assert [standing(state).shown for state in STATES] == list(STATES)


@pytest.mark.parametrize("state", [S, G])
def test_a_stall_before_it_is_ready_keeps_it_shut_when_it_is(state: SessionState) -> None:
    stalled = done(standing(state), Happened.STALLED, Happened.UPSTREAM_KEPT, Happened.SYNCED)
    assert (stalled.state, stalled.is_open) == (R, False)
    assert done(stalled, Happened.PROVEN).is_open


def test_the_waits_between_tries_grow_and_stay_at_the_longest() -> None:
    now, waits = standing(C), []
    for _ in range(6):
        now, commands = decide(now, Happened.REFUSED, AT)
        waits.append(commands)
        now = done(now, Happened.DUE)
    assert waits == [((Do.WAIT, seconds),) for seconds in (1, 2, 5, 15, 15, 15)]


@pytest.mark.parametrize(("ready_for", "wait"), [(29.9, 5), (30, 1)])
def test_only_a_session_that_was_steady_begins_the_waits_anew(ready_for: float, wait: int) -> None:
    tried = done(standing(C), Happened.REFUSED, Happened.DUE, Happened.REFUSED, Happened.DUE)
    ready = done(tried, Happened.OPENED, Happened.SYNCED)
    _, commands = decide(ready, Happened.LOST, AT + ready_for)
    assert commands == ((Do.HANG_UP, 0), (Do.WAIT, wait))


def test_a_client_id_in_use_is_tried_every_second_and_later_every_five() -> None:
    now, waits = standing(C), []
    for _ in range(302):
        now, commands = decide(now, Happened.ID_IN_USE, AT)
        waits += [command.after_seconds for command in commands]
        now = done(now, Happened.DUE)
    assert waits == [1.0] * 300 + [5.0] * 2


def test_a_gateway_that_goes_while_somebody_else_held_the_id_is_tried_again_at_once() -> None:
    standby = done(standing(C), *[Happened.ID_IN_USE, Happened.DUE] * 100)
    _, commands = decide(standby, Happened.REFUSED, AT)
    assert commands == ((Do.WAIT, 1),)


def test_a_wrong_account_is_looked_at_again_after_a_minute() -> None:
    _, commands = decide(standing(C), Happened.MISMATCHED, AT)
    assert commands == ((Do.HANG_UP, 0), (Do.WAIT, 60))


def test_the_broker_is_asked_three_times_on_one_connection() -> None:
    now, commands = decide(standing(S), Happened.SYNC_FAILED, AT)
    assert (now.state, commands) == (S, ((Do.SYNC, 1),))
    now, commands = decide(now, Happened.SYNC_FAILED, AT)
    assert (now.state, commands) == (S, ((Do.SYNC, 1),))
    now, commands = decide(now, Happened.SYNC_FAILED, AT)
    assert (now.state, commands) == (D, ((Do.HANG_UP, 0), (Do.WAIT, 1)))


def test_an_answer_that_is_owed_has_another_connection_tried_at_once_before_it_is_ready() -> None:
    now, commands = decide(standing(S), Happened.SYNC_OWED, AT)
    assert (now.state, now.failures) == (D, 1)
    assert commands == ((Do.HANG_UP, 0), (Do.WAIT, 1))


def test_who_has_waited_for_an_answer_that_is_owed_waits_a_second_whatever_failed_before() -> None:
    now = replace(standing(S), failures=3)
    now, commands = decide(now, Happened.SYNC_OWED, AT)
    assert (now.failures, commands) == (1, ((Do.HANG_UP, 0), (Do.WAIT, 1)))


def test_who_is_ready_waits_for_an_answer_that_is_owed_as_for_any_other() -> None:
    now, commands = decide(standing(R), Happened.SYNC_OWED, AT)
    assert (now.state, now.sync_failures, commands) == (R, 1, ((Do.READ, 5),))
    assert done(now, Happened.SYNC_OWED, Happened.SYNC_OWED).state is D


def test_a_reading_that_fails_while_all_goes_on_is_repeated_a_little_later() -> None:
    now, commands = decide(standing(R), Happened.SYNC_FAILED, AT)
    assert (now.state, commands) == (R, ((Do.READ, 5),))
    now = done(now, Happened.SYNCED, Happened.SYNC_FAILED, Happened.SYNC_FAILED)
    assert now.state is R
    assert done(now, Happened.SYNC_FAILED).state is D


def test_what_can_not_be_read_is_read_again_a_minute_later_however_often() -> None:
    now = standing(R)
    for _ in range(5):
        now, commands = decide(now, Happened.SYNC_UNREADABLE, AT)
        assert (now.state, commands) == (R, ((Do.READ, 60),))


def test_a_session_does_not_begin_with_what_can_not_be_read() -> None:
    now = done(standing(S), Happened.SYNC_UNREADABLE, Happened.SYNC_UNREADABLE)
    now, commands = decide(now, Happened.SYNC_UNREADABLE, AT)
    assert (now.state, commands) == (D, ((Do.HANG_UP, 0), (Do.WAIT, 1)))


@pytest.mark.parametrize(
    "happened", [Happened.OPENED, Happened.UPSTREAM_KEPT, Happened.UPSTREAM_EMPTY]
)
def test_what_is_read_anew_has_all_its_tries(happened: Happened) -> None:
    failed = replace(standing(D if happened is Happened.OPENED else S), sync_failures=2)
    assert done(failed, happened, Happened.SYNC_FAILED, Happened.SYNC_FAILED).state is S


def test_each_session_that_is_synced_is_another_epoch() -> None:
    now = done(standing(S), Happened.SYNCED)
    assert now.epoch == 1
    assert done(now, Happened.DOUBTED, Happened.SYNCED).epoch == 1
    assert done(now, Happened.UPSTREAM_LOST, Happened.UPSTREAM_KEPT, Happened.SYNCED).epoch == 2


def test_why_it_stands_so_is_what_was_told_or_what_happened() -> None:
    lost, _ = decide(standing(R), Happened.LOST, AT, "reset by peer")
    assert lost.why == "reset by peer"
    waiting = done(lost, Happened.DUE)
    assert waiting.why == "the wait before the next try is over"
    assert done(standing(S), Happened.SYNCED).why == ""
    assert done(standing(S), Happened.SYNC_FAILED).why == "because"


@given(st.lists(st.sampled_from(Happened), max_size=40))
def test_orders_leave_only_when_it_is_ready_and_proven_since_the_last_stall(
    story: list[Happened],
) -> None:
    now, is_proven = Standing(), False
    for happened in story:
        before = now
        now, commands = decide(now, happened, AT)
        does = [command.do for command in commands]
        if Do.BEGIN in does or Do.RELEASE in does:
            is_proven = True
        if Do.HOLD in does or Do.HANG_UP in does:
            is_proven = False
        assert not now.is_open or (now.state is R and is_proven)
        # Every connection that is left is hung up, and none is opened while there is one.
        was_connected = before.state in (S, R, G)
        if was_connected and now.state not in (S, R, G):
            assert Do.HANG_UP in does
        if Do.OPEN in does:
            assert now.state not in (S, R, G)


@given(st.lists(st.sampled_from([h for h in Happened if h is not Happened.CLOSED]), max_size=40))
def test_it_never_gives_up(story: list[Happened]) -> None:
    now = done(Standing(), Happened.STARTED)
    is_due_or_under_way = True
    for happened in story:
        if happened is Happened.STARTED:
            continue
        now, commands = decide(now, happened, AT)
        does = {command.do for command in commands}
        if now.state in (D, C, B, W):
            is_due_or_under_way = is_due_or_under_way or bool(does & {Do.WAIT, Do.OPEN})
            if happened in (Happened.REFUSED, Happened.ID_IN_USE, Happened.MISMATCHED):
                assert Do.WAIT in does
            assert is_due_or_under_way
        else:
            is_due_or_under_way = False
