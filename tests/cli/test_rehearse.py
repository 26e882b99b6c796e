"""`backstay rehearse`: what it prints, what its document holds, and that its checks can fail."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backstay.cli.stories import rehearse
from backstay.lab.rehearsal import breakout, condor, mistakes
from backstay.lab.rehearsal.program import NOTICE
from backstay.lab.rehearsal.tape import Counted, Item, ScriptedOrder, Tape, Told
from tests.cli.typed import Typed, typed

PAGE = typed("rehearse")


def played(monkeypatch: pytest.MonkeyPatch, script: Any, tape: Tape) -> Typed:
    """The rehearsal with another tape in the place of one of its own."""
    monkeypatch.setattr(script, "TAPE", tape)
    return typed("rehearse")


def failing(result: Typed) -> list[str]:
    """The checks that fail, as the page names them."""
    fails = (line for line in result.lines if line.startswith("  FAILS"))
    return [re.split(r"\s{2,}", line.strip())[1] for line in fails]


def without(tape: Tape, *left_out: Item) -> Tape:
    assert all(item in tape.items for item in left_out)
    return replace(tape, items=tuple(item for item in tape.items if item not in left_out))


def with_items(tape: Tape, *more: Item) -> Tape:
    return replace(tape, items=tuple(sorted((*tape.items, *more), key=lambda item: item.at)))


def about(tape: Tape, order: ScriptedOrder) -> tuple[Item, ...]:
    return tuple(item for item in tape.items if isinstance(item, Told) and item.order == order.name)


def test_it_says_first_that_nothing_is_connected() -> None:
    assert " ".join(PAGE.lines[:2]) == NOTICE
    assert "Nothing is connected and nothing is sent." in NOTICE


def test_it_ends_with_the_checks_that_it_has_made() -> None:
    assert (PAGE.err, PAGE.exit_code) == ("", 0)
    assert PAGE.lines[-1] == "All 14 checks hold: 12 orders sent under 12 intents."
    assert len([line for line in PAGE.lines if line.startswith("  holds ")]) == 14
    assert failing(PAGE) == []


def test_it_prints_the_same_each_time() -> None:
    assert typed("rehearse") == PAGE


def test_no_line_is_wider_than_a_page_or_ends_in_blanks() -> None:
    assert max(map(len, PAGE.lines)) <= 100
    assert [line for line in PAGE.lines if line != line.rstrip()] == []


def test_each_line_of_a_story_has_its_time_and_time_never_steps_back() -> None:
    times = [line[:12] for line in PAGE.lines if re.match(r"\d\d:\d\d:\d\d\.\d{3} ", line)]
    assert times[0] == "14:29:30.000"
    starts = [index for index, time in enumerate(times) if time == "15:00:00.000"]
    assert times[: starts[0]] == sorted(times[: starts[0]])
    assert times[starts[0] :] == sorted(times[starts[0] :])


@pytest.mark.parametrize(
    "line",
    [
        "14:30:41.020 market last -1 decides nothing: negative",
        "14:31:02.150 market last 190.60 decides nothing: late",
        "14:31:04.400 market bid 190.03 decides nothing: crossed",
        "14:31:12.480 market last 190.02 above 190.00, seen to cross: fires",
        "14:31:12.480 sent 0:PR:1 sell 81 AAPL STP 183.26 LMT 174.09 attached; transmits both",
        "14:31:12.940 broker 0:EN:1 fills 41 at 190.04 changes nothing",
        "14:31:13.240 rules all 81 are protected 12.71 share-seconds naked so far",
        "15:04:10.900 market last 191.99 two agree: stop moved to 190.47",
        "16:05:31.480 sent 0:XS:1 sell 81 AAPL LMT 192.03 waits for the fill of a live exit",
        "16:05:34.700 broker 0:XS:1 Cancelled, 40 filled claims 10 beyond its executions",
        "16:05:34.820 sent 0:XS:2 sell 41 AAPL MKT waits for the fill of a live exit",
        "16:05:36.200 broker holds 0 AAPL agrees with the books; closed",
        "15:00:03.200 sent 3:EN:1 sell 2 SPX 6300 C LMT 15.40 no more than its hedge has filled",
        "15:00:20.000 rules 3 contracts of SPX 6300 C exposed no filled hedge covers them",
        "15:00:31.000 sent 2:HG:3 buy 1 SPX 6400 C MKT level 3, exactly what is exposed",
        "15:00:36.400 person P1 immediate manual hedge: 1 Three market hedges have not",
        'stop.trial: unknown key; did you mean "trail"?',
    ],
)
def test_what_the_rules_are_for_can_be_seen(line: str) -> None:
    assert line in [" ".join(printed.split()) for printed in PAGE.lines]


def test_the_document_is_all_that_is_printed() -> None:
    result = typed("rehearse", "--json")
    document = json.loads(result.out)
    assert (result.err, result.exit_code) == ("", 0)
    assert list(document) == ["notice", "parts", "summary"]


def test_the_summary_of_the_document_is_the_sum_of_its_parts() -> None:
    document = json.loads(typed("rehearse", "--json").out)
    parts, summary = document["parts"], document["summary"]
    checks = [check["holds"] for part in parts for check in part["checks"]]
    assert (summary["checks"], summary["checks_held"]) == (len(checks), sum(checks))
    assert summary["holds"] is all(checks)
    assert summary["events"] == sum(len(part["events"]) for part in parts)
    for figure in ("intents_written", "orders_sent"):
        assert summary[figure] == sum(part["figures"][figure] for part in parts)
    naked = sum(Decimal(part["figures"]["naked_unit_seconds"]) for part in parts)
    assert Decimal(summary["naked_unit_seconds"]) == naked == Decimal("199.84")


def test_the_figures_of_the_breakout_are_those_of_its_tape() -> None:
    figures = json.loads(typed("rehearse", "--json").out)["parts"][0]["figures"]
    bought = 41 * Decimal("190.04") + 40 * Decimal("190.03")
    sold = 30 * Decimal("192.66") + 10 * Decimal("192.03") + 41 * Decimal("191.55")
    assert Decimal(figures["cash"]) == sold - bought == Decimal("160.81")
    assert Decimal(figures["commissions"]) == Decimal("2.22")
    assert Decimal(figures["booked_quantity"]) == 162
    # 41 from the first fill to the last; then what was open from the end of the stop to the exits.
    entering = 41 * Decimal("0.31")
    leaving = 81 * Decimal("0.28") + 51 * Decimal("3.12") + 41 * Decimal("0.13")
    assert Decimal(figures["naked_before_exit"]) == entering
    assert Decimal(figures["naked_unit_seconds"]) == entering + leaving
    assert (figures["bad_ticks"], figures["reports_without_news"]) == (3, 2)


FLAT = "flat at the end, in the books and at the broker"
IN_TIME = "every fill had its stop in time"
BOOKED = "every execution is booked, and once"
STRAY = "nothing came that was not waited for"
CALLED = "a person was told exactly what is exposed"
AGREES = "the books agree with the broker's positions"
TAPE = breakout.TAPE


@pytest.mark.parametrize(
    ("tape", "checks"),
    [
        pytest.param(without(TAPE, TAPE.items[-1]), [FLAT], id="nobody says what is held"),
        pytest.param(
            without(TAPE, *about(TAPE, breakout.STOP)[:1]),
            [IN_TIME],
            id="the stop is never acknowledged",
        ),
        pytest.param(
            without(TAPE, *about(TAPE, breakout.STOP)[1:]),
            [FLAT, BOOKED, STRAY],
            id="the cancel of the stop is never proven",
        ),
        pytest.param(
            without(TAPE, *about(TAPE, breakout.MARKET)), [FLAT], id="the last rung never fills"
        ),
        pytest.param(
            with_items(
                TAPE,
                ScriptedOrder("0:XM:1", 9, 99, breakout.STOP.side).fills(
                    "15:00:00.000", "0001f4.09.01", "5", "190.05"
                ),
            ),
            [FLAT, BOOKED, STRAY],
            id="an order fills that was never sent",
        ),
        pytest.param(
            with_items(TAPE, breakout.STOP.answers("15:00:00.000")),
            [STRAY],
            id="an answer that nobody asked for",
        ),
    ],
)
def test_a_broken_answer_in_the_breakout_fails_the_rehearsal(
    monkeypatch: pytest.MonkeyPatch, tape: Tape, checks: list[str]
) -> None:
    result = played(monkeypatch, breakout, tape)
    assert (failing(result), result.exit_code) == (checks, 1)
    assert result.lines[-1] == f"{len(checks)} of 14 checks fail."


def test_an_entry_that_fills_more_than_was_asked_fails_the_rehearsal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more = breakout.ENTRY.fills("14:31:13.400", "0001f4.09.01", "5", "190.05")
    result = played(monkeypatch, breakout, with_items(TAPE, more))
    assert {FLAT, IN_TIME} <= set(failing(result))
    assert result.exit_code == 1


def test_a_position_that_the_broker_still_holds_fails_the_rehearsal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = TAPE.items[-1]
    assert isinstance(counted, Counted)
    held = replace(condor.TAPE.items[-1], at=counted.at)
    assert isinstance(held, Counted)
    left = replace(held.positions[0], con_id=breakout.AAPL.con_id)
    result = played(
        monkeypatch, breakout, with_items(without(TAPE, counted), Counted(counted.at, (left,)))
    )
    assert (failing(result), result.exit_code) == ([FLAT], 1)
    assert any(line.startswith("16:05:36.200  broker  holds 5 AAPL") for line in result.lines)


@pytest.mark.parametrize(
    ("left_out", "checks"),
    [
        pytest.param(condor.TAPE.items[-1:], [AGREES], id="nobody says what is held"),
        pytest.param(
            about(condor.TAPE, condor.CALL_HEDGE)[-1:],
            [AGREES, BOOKED, STRAY],
            id="the hedge holds and the emergency never comes",
        ),
        pytest.param(
            about(condor.TAPE, condor.LEVELS[0])[:1],
            [AGREES, CALLED, BOOKED, STRAY],
            id="a fill of the hedge is never told",
        ),
    ],
)
def test_a_broken_answer_in_the_condor_fails_the_rehearsal(
    monkeypatch: pytest.MonkeyPatch, left_out: tuple[Item, ...], checks: list[str]
) -> None:
    result = played(monkeypatch, condor, without(condor.TAPE, *left_out))
    assert (failing(result), result.exit_code) == (checks, 1)


def test_a_failing_check_shows_in_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakout, "TAPE", without(TAPE, TAPE.items[-1]))
    result = typed("rehearse", "--json")
    document = json.loads(result.out)
    assert result.exit_code == 1
    assert (document["summary"]["holds"], document["summary"]["checks_held"]) == (False, 13)
    assert [check["text"] for check in document["parts"][0]["checks"] if not check["holds"]] == [
        FLAT
    ]


@pytest.mark.parametrize("text", [mistakes.TEXT.replace("trial", "trail"), "id = 1", ""])
def test_a_plan_that_is_refused_for_other_reasons_fails_the_rehearsal(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(mistakes, "TEXT", text)
    result = typed("rehearse")
    assert (failing(result), result.exit_code) == (["every mistake is told, and at once"], 1)


def test_an_example_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rehearse, "EXAMPLES", tmp_path)
    result = typed("rehearse")
    assert (result.out, result.exit_code) == ("", 2)
    assert result.err == "aapl-breakout.toml: plan: there is no such file\n"


def test_an_example_of_the_other_kind_can_not_be_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearse, "CONDOR", rehearse.BREAKOUT)
    result = typed("rehearse")
    assert (result.out, result.exit_code) == ("", 2)
    assert result.err == "the first example is of a single trade, the second of a group\n"


@pytest.mark.parametrize("words", [("rehearse", "--twice"), ("rehearse", "now"), ("reherse",)])
def test_wrong_usage_is_told_where_errors_go(words: tuple[str, ...]) -> None:
    result = typed(*words)
    assert (result.out, result.exit_code) == ("", 2)
    assert result.err
