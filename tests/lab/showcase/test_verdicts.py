"""Judging from outside: each law is seen to be broken."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import ActivityTaskScheduledEventAttributes, HistoryEvent

from backstay.lab.lives import Life
from backstay.lab.showcase.record import Record
from backstay.lab.showcase.verdicts import house_checks, intents_of, of_trade, trade_checks
from backstay.lab.telling import Check
from tests.lab.showcase import lines
from tests.lab.showcase.lines import ENTRY, STOP
from tests.lab.showcase.test_record import BEGINS, NOON

TRADE = "6PMWYKXY"
AHEAD = BEGINS - NOON


def life(*purposes: str, at_ms: int = 0) -> Life:
    """A history in which these orders were written down; its times are this machine's."""
    at = Timestamp()
    at.FromDatetime((NOON + timedelta(milliseconds=at_ms)).replace(tzinfo=None))
    keys: list[dict[str, Any]] = [
        {"trade": TRADE, "leg": 0, "purpose": purpose, "generation": 1} for purpose in purposes
    ]
    payload = Payload(data=json.dumps({"intents": keys}).encode())
    event = HistoryEvent(
        event_time=at,
        event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        activity_task_scheduled_event_attributes=ActivityTaskScheduledEventAttributes(
            input=Payloads(payloads=[payload])
        ),
    )
    return Life("trade:DU1234567:x", (event,))


def record_of(folder: Path, *texts: str) -> Record:
    """A record of these lines, read the moment they were written."""
    wire = [text for text in texts if '"dir"' in text]
    (folder / "wire").write_text("".join(f"{text}\n" for text in wire))
    (folder / "audit").write_text("".join(f"{text}\n" for text in texts if text not in wire))
    latest = max(json.loads(text)["t"] for text in texts) - lines.BEGINS_NS
    now = NOON + timedelta(microseconds=latest // 1000)
    record = Record(folder / "wire", folder / "audit", lambda: now)
    record.read()
    return record


def failing(checks: Any) -> list[str]:
    found: list[Check] = list(checks)
    return [check.text for check in found if not check.holds]


ROUND_TRIP = (
    lines.placed(ENTRY, at_ms=10),
    lines.placed(STOP, at_ms=10, number=2, action="SELL"),
    lines.filled(ENTRY, "100", "190", at_ms=11),
    lines.filled(STOP, "100", "187", at_ms=20),
    lines.told(ENTRY, at_ms=30),
)


def test_a_round_trip_that_was_written_down_first_breaks_no_law(tmp_path: Path) -> None:
    record = record_of(tmp_path, *ROUND_TRIP)
    assert record.ahead() == AHEAD
    assert failing(trade_checks(record, TRADE, [life("EN", "PR", at_ms=9)])) == []


@pytest.mark.parametrize("story", [life("EN", at_ms=9), life("EN", "PR", at_ms=11)])
def test_an_order_without_an_older_intent_is_told(story: Life, tmp_path: Path) -> None:
    record = record_of(tmp_path, *ROUND_TRIP)
    assert failing(trade_checks(record, TRADE, [story])) == [
        "every order had its intent written first"
    ]


def test_a_reference_that_was_placed_twice_is_told(tmp_path: Path) -> None:
    record = record_of(tmp_path, *ROUND_TRIP, lines.placed(ENTRY, at_ms=12, number=3))
    assert failing(trade_checks(record, TRADE, [life("EN", "PR")])) == [
        "no reference was used for two orders"
    ]


def test_a_position_that_was_left_is_told(tmp_path: Path) -> None:
    record = record_of(tmp_path, *ROUND_TRIP[:3], ROUND_TRIP[4])
    assert failing(trade_checks(record, TRADE, [life("EN", "PR")])) == ["it ended flat"]


def test_only_the_orders_of_the_trade_are_judged(tmp_path: Path) -> None:
    other = lines.placed("bs1:00000000:0:EN:1", at_ms=1, number=9)
    record = record_of(tmp_path, *ROUND_TRIP, other, lines.placed("by hand", number=10))
    assert [order.ref for order in of_trade(record, TRADE)] == [ENTRY, STOP]


def test_intents_are_counted_once(tmp_path: Path) -> None:
    del tmp_path
    assert len(intents_of([life("EN", "PR"), life("PR")])) == 2


def test_what_the_oracle_finds_is_told(tmp_path: Path) -> None:
    record = record_of(tmp_path, lines.told(ENTRY), lines.filled(ENTRY, "1", "2"))
    assert failing(house_checks(record)) == ["the gateway's own record is without a fault"]


def test_what_the_account_still_holds_is_told(tmp_path: Path) -> None:
    record = record_of(tmp_path, lines.told(ENTRY), lines.holds("40"))
    assert "the account holds nothing" in failing(house_checks(record))
