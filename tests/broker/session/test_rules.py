"""When a person is told, which accounts are trusted, and which errors are about the session."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backstay.broker.news import ErrorNews, UnreadNews
from backstay.broker.session import alarm, codes
from backstay.broker.session.accounts import kind_of, mismatch
from backstay.broker.session.standing import Happened, Standing, decide
from backstay.domain.edge.session import SessionState
from backstay.domain.limits.facts import AccountKind

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
READY = Standing(SessionState.READY, epoch=1, is_proven=True)
AT = 1000.0


def after(standing: Standing, *happened: Happened) -> Standing:
    """How it stands after all this, at one instant."""
    for event in happened:
        standing, _ = decide(standing, event, AT)
    return standing


LOST = after(READY, Happened.LOST)
STARTED = after(Standing(), Happened.STARTED)


@pytest.mark.parametrize(
    ("standing", "patience"),
    [
        (LOST, 4),
        (after(LOST, Happened.DUE, Happened.REFUSED), 4),
        (after(LOST, Happened.DUE, Happened.OPENED), 4),
        (after(READY, Happened.UPSTREAM_LOST), 4),
        (STARTED, 4),
        (after(LOST, Happened.DUE, Happened.ID_IN_USE), 60),
        (after(STARTED, Happened.MISMATCHED), 0),
        (after(STARTED, Happened.MISMATCHED, Happened.DUE), 0),
        (after(STARTED, Happened.MISMATCHED, Happened.DUE, Happened.REFUSED), 4),
    ],
)
def test_a_person_is_told_after_a_short_patience(standing: Standing, patience: float) -> None:
    assert not alarm.is_due(standing, None, AT + patience - 0.1)
    assert alarm.is_due(standing, None, AT + patience)


@pytest.mark.parametrize(
    "standing",
    [
        READY,
        Standing(),
        after(STARTED, Happened.ID_IN_USE),
        after(STARTED, Happened.ID_IN_USE, Happened.DUE),
        after(LOST, Happened.WINDOW_BEGINS),
        after(READY, Happened.WINDOW_BEGINS, Happened.LOST),
        after(LOST, Happened.CLOSED),
    ],
    ids=[
        "ready",
        "not started",
        "stands by",
        "still stands by",
        "planned in the midst of it",
        "planned",
        "closed",
    ],
)
def test_a_person_is_not_told_of_what_is_no_loss(standing: Standing) -> None:
    assert not alarm.is_due(standing, None, AT + 100_000)


def test_a_person_is_told_again_every_hour() -> None:
    assert not alarm.is_due(LOST, AT + 4, AT + 4 + 3599.9)
    assert alarm.is_due(LOST, AT + 4, AT + 4 + 3600)


def test_what_is_missing_after_a_planned_absence_is_missed_from_its_end() -> None:
    away = after(READY, Happened.WINDOW_BEGINS, Happened.LOST)
    ended, _ = decide(away, Happened.WINDOW_ENDS, AT + 900)
    assert not alarm.is_due(ended, None, AT + 903.9)
    assert alarm.is_due(ended, None, AT + 904)


def test_the_end_of_a_planned_absence_makes_nobody_miss_what_is_there() -> None:
    ended = after(READY, Happened.WINDOW_BEGINS, Happened.WINDOW_ENDS)
    assert (ended.missing_since, ended.in_window) == (None, False)


def test_one_absence_lasts_from_its_first_instant_until_it_is_ready() -> None:
    again, _ = decide(after(LOST, Happened.DUE), Happened.OPENED, AT + 3)
    assert again.missing_since == AT
    assert after(again, Happened.SYNCED).missing_since is None


@pytest.mark.parametrize(
    ("account", "kind"),
    [
        ("DU1234567", AccountKind.PAPER),
        ("DF1234567", AccountKind.PAPER),
        ("U1234567", AccountKind.LIVE),
        ("F1234567", AccountKind.LIVE),
        ("du1234567", AccountKind.LIVE),
        ("D1234567", AccountKind.LIVE),
    ],
)
@pytest.mark.req("S1.15")
def test_an_account_is_paper_only_if_its_id_says_so(account: str, kind: AccountKind) -> None:
    assert kind_of(account) is kind
    other = AccountKind.LIVE if kind is AccountKind.PAPER else AccountKind.PAPER
    assert mismatch(account, kind, ("U9", account)) is None
    assert mismatch(account, other, (account,)) == (
        f"{account} is a {kind} account, and {other} is configured"
    )


def test_an_account_that_the_gateway_does_not_report_is_not_traded() -> None:
    assert mismatch("DU1", AccountKind.PAPER, ("DU2", "DU3")) == (
        "the gateway is logged in to DU2, DU3, not DU1"
    )
    assert mismatch("DU1", AccountKind.PAPER, ()) == (
        "the gateway is logged in to no account, not DU1"
    )


@pytest.mark.parametrize(
    ("code", "happened"),
    [
        (1100, Happened.UPSTREAM_LOST),
        (2110, Happened.UPSTREAM_LOST),
        (1101, Happened.UPSTREAM_EMPTY),
        (1102, Happened.UPSTREAM_KEPT),
        (1300, Happened.LOST),
        (2103, None),
        (2104, None),
        (2105, None),
        (2106, None),
        (2157, None),
        (2158, None),
        (10197, None),
    ],
)
def test_errors_about_the_connection_say_what_happened(
    code: int, happened: Happened | None
) -> None:
    assert codes.happened(ErrorNews(-1, code, "", NOON)) is happened
    assert codes.happened(ErrorNews(7, code, "", NOON)) is None


@pytest.mark.parametrize(
    ("message_id", "missed"),
    [("", False), ("1", False), ("99", False), ("5", True), ("11", True), ("\x7f", True)],
)
def test_what_could_not_be_read_is_missed_unless_it_was_a_price(
    message_id: str, missed: bool
) -> None:
    assert codes.is_missed(UnreadNews(message_id, "")) is missed


def test_a_mismatch_is_forgotten_with_the_next_connection() -> None:
    right = after(STARTED, Happened.MISMATCHED, Happened.DUE, Happened.OPENED)
    assert right == replace(right, is_mismatched=False)
