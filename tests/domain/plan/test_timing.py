"""A plan against the time: an end has come at its very instant."""

from datetime import UTC, datetime, timedelta

import pytest

from backstay.domain.plan.timing import overdue
from tests.domain.plan.documents import (
    EXPIRES,
    GONE,
    Document,
    changed,
    group,
    option_trade,
    plan_of,
    trade,
)

SECOND = timedelta(seconds=1)
LAST_OF_EXPIRY = datetime(2026, 12, 18, 23, 59, 59, tzinfo=UTC)


def said(document: Document, now: datetime) -> list[str]:
    return [str(complaint) for complaint in overdue(plan_of(document), now)]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (trade(), "entry.trigger.expires"),
        (trade({"entry.trigger": GONE, "entry.expires": EXPIRES}), "entry.expires"),
        (trade({"entry.trigger": GONE, "time_exit": {"at": EXPIRES}}), "time_exit.at"),
        (changed(group(), {"time_exit": {"at": EXPIRES}}), "time_exit.at"),
    ],
)
def test_an_end_is_past_from_its_very_instant_on(document: Document, path: str) -> None:
    assert said(document, EXPIRES - SECOND) == []
    assert said(document, EXPIRES) == [
        f"{path}: 2026-11-23T20:55:00Z is past; it is 2026-11-23T20:55:00Z"
    ]
    assert said(document, EXPIRES + SECOND) == [
        f"{path}: 2026-11-23T20:55:00Z is past; it is 2026-11-23T20:55:01Z"
    ]


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        (option_trade(), ["instrument.expiry"]),
        (group(), ["group.leg[0].instrument.expiry", "group.leg[1].instrument.expiry"]),
    ],
)
def test_an_option_is_past_when_its_day_is_over(document: Document, paths: list[str]) -> None:
    assert said(document, LAST_OF_EXPIRY) == []
    assert said(document, LAST_OF_EXPIRY + SECOND) == [
        f"{path}: 2026-12-18 is past; it is 2026-12-19T00:00:00Z" for path in paths
    ]


def test_everything_that_is_past_is_told() -> None:
    document = trade({"entry.expires": EXPIRES, "time_exit": {"at": EXPIRES + SECOND}})
    lines = said(document, EXPIRES + SECOND)
    assert [line.partition(":")[0] for line in lines] == [
        "entry.trigger.expires",
        "entry.expires",
        "time_exit.at",
    ]


def test_a_plan_without_ends_is_never_late() -> None:
    document = trade({"entry.trigger": GONE, "time_exit": {"before_close_minutes": 5}})
    assert said(document, EXPIRES + timedelta(days=10_000)) == []
