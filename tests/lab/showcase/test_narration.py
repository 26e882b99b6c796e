"""What is told of the gateway's record."""

import json
from pathlib import Path
from typing import Any

import pytest

from backstay.lab.showcase.narration import Narration
from backstay.lab.showcase.record import Record
from backstay.lab.telling import Who
from tests.lab.showcase import lines
from tests.lab.showcase.lines import ENTRY, STOP
from workers import clock

Told = list[tuple[str, str, str]]


def told(folder: Path, *texts: str) -> Told:
    """What is told of these lines."""
    wire = [text for text in texts if '"dir"' in text]
    (folder / "wire").write_text("".join(f"{text}\n" for text in wire))
    (folder / "audit").write_text("".join(f"{text}\n" for text in texts if text not in wire))
    record = Record(folder / "wire", folder / "audit", clock.now)
    return [
        (event.who.value, event.what, event.why)
        for event in Narration(record).events(record.read())
    ]


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"order_type": "MKT"}, "EN:1  buy 100 AAPL MKT"),
        ({"order_type": "LMT", "limit_price": "190.04"}, "EN:1  buy 100 AAPL LMT 190.04"),
        ({"order_type": "STP", "aux_price": "187"}, "EN:1  buy 100 AAPL STP 187"),
        (
            {"order_type": "STP LMT", "aux_price": "187", "limit_price": "186"},
            "EN:1  buy 100 AAPL STP 187 LMT 186",
        ),
        ({"order_type": "REL", "aux_price": "0.01"}, "EN:1  buy 100 AAPL REL 0.01"),
    ],
)
def test_an_order_is_told_in_the_brokers_words(
    terms: dict[str, Any], said: str, tmp_path: Path
) -> None:
    (only,) = told(tmp_path, lines.placed(ENTRY, **terms))
    assert only == ("sent", said, "goes with the stop that follows")


def test_a_change_is_told_as_one(tmp_path: Path) -> None:
    stop: dict[str, Any] = {"order_type": "STP", "action": "SELL"}
    _, change = told(
        tmp_path,
        lines.placed(STOP, aux_price="187", **stop),
        lines.placed(STOP, aux_price="188", at_ms=1, **stop),
    )
    assert change == ("sent", "PR:1  now STP 188", "changed in place")


def test_the_last_rung_is_told_as_what_it_is(tmp_path: Path) -> None:
    limit, last = (ENTRY.replace("EN:1", name) for name in ("XS:1", "XS:2"))
    told_of = told(
        tmp_path,
        lines.placed(limit, order_type="LMT", limit_price="1"),
        lines.placed(last, at_ms=1, number=2),
    )
    assert [why for _, _, why in told_of] == [
        "the stop has fired: a limit first",
        "the last rung, for what is left",
    ]


def test_a_leg_of_its_own_is_named(tmp_path: Path) -> None:
    ((_, what, why),) = told(tmp_path, lines.placed("bs1:6PMWYKXY:1:XT:1"))
    assert (what, why) == ("1:XT:1  buy 100 AAPL MKT", "the target is reached")


def test_an_acknowledgement_is_told_once_and_an_end_as_proof(tmp_path: Path) -> None:
    said = told(
        tmp_path,
        lines.changed(ENTRY, "PreSubmitted"),
        lines.changed(ENTRY, "Submitted", at_ms=1),
        lines.changed(ENTRY, "Cancelled", at_ms=2),
        lines.changed(ENTRY, "Filled", at_ms=3),
    )
    assert said == [
        ("broker", "EN:1  PreSubmitted", ""),
        ("broker", "EN:1  Cancelled", "over, proven"),
    ]


def test_fills_are_added_up(tmp_path: Path) -> None:
    said = told(
        tmp_path,
        lines.filled(ENTRY, "40", "190.04"),
        lines.filled(ENTRY, "60", "190.03", at_ms=1),
    )
    assert said == [
        ("broker", "EN:1  fills 40 at 190.04", "40 so far"),
        ("broker", "EN:1  fills 60 at 190.03", "100 so far"),
    ]


def test_a_position_is_told_when_it_is_gone(tmp_path: Path) -> None:
    said = told(
        tmp_path,
        lines.placed(ENTRY),
        lines.holds("100", at_ms=1),
        lines.holds("0", at_ms=2),
        lines.holds("0", at_ms=3),
    )
    assert said[1:] == [("broker", "holds 0 AAPL", "flat")]


def test_a_fault_and_a_cancel_are_told(tmp_path: Path) -> None:
    said = told(
        tmp_path,
        lines.placed(STOP),
        lines.cancelled(1, at_ms=1),
        lines.struck(STOP, "cancel-refused", at_ms=2),
    )
    assert said[1:] == [
        ("sent", "PR:1  cancel", "its end has to be proven first"),
        ("broker", "cancel-refused", "a fault that was planned strikes"),
    ]


def test_what_is_not_ours_is_not_told(tmp_path: Path) -> None:
    foreign = lines.placed("by hand")
    tick = json.dumps(json.loads(lines.told("", conn=1)) | {"msg": "tickPrice", "ref": None})
    assert told(tmp_path, foreign, tick, lines.changed("by hand", "Submitted", at_ms=1)) == []


def test_its_lines_are_those_of_the_record_in_broker_time(tmp_path: Path) -> None:
    (tmp_path / "wire").write_text(lines.placed(ENTRY, at_ms=250) + "\n")
    record = Record(tmp_path / "wire", tmp_path / "audit", clock.now)
    (event,) = Narration(record).events(record.read())
    assert (event.who, f"{event.at:%H:%M:%S.%f}") == (Who.SENT, "15:00:00.250000")
