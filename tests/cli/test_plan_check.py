"""`backstay plan check` about plans of single trades: the page, the document, the exit code."""

import json
from pathlib import Path

import pytest

from tests.cli.typed import Typed, typed

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

BREAKOUT = """\
aapl-breakout-0312: buy AAPL

  trade      6PMWYKXY in DU1234567
  keys       bs1:6PMWYKXY:0:EN:1  the entry
             bs1:6PMWYKXY:0:PR:1  the disaster stop
             bs1:6PMWYKXY:0:XS:1  the first exit by the stop
  entry      LMT at most 0.05 over the trigger, once last is above 190.00 for 1 tick
             watched in regular hours until 2026-11-23 20:55 UTC
             crossed while nobody watched: skip
  size       81 shares at 190.05, worth 15394.05 USD
  losses     247.05 USD at the stop
             549.99 USD at the disaster stop, with nobody there to act
             a gap or a thin market can make either worse
  stop       187.00, judged on last by Backstay itself
             believed below 186.813 (0.1 %) for 2 ticks, or for 500 ms
  disaster   STP 183.26 LMT 174.09 at the broker, 2.0 % wider
             attached to the entry and good till cancelled, whatever becomes of Backstay
  ladder     LMT 186.06 for 2 s, its cancel proven, then MKT for exactly what is left
  trail      from 191.9505 on, 1.0 % past the entry: 1.50 behind the best price
  targets    195.00: 40 of 81, then the stop to break even

  assumed    prices in steps of 0.01, multiplier 1, until the broker says
  unchecked  the contract: that the broker knows it, and means only one by it
             the margin and the limits: that the account has room for it
             the session and the time: that the market is open, and that no date is past
"""


def check(name: str, *options: str) -> Typed:
    return typed("plan", "check", str(EXAMPLES / f"{name}.toml"), *options)


def checked(tmp_path: Path, text: str, *options: str) -> Typed:
    path = tmp_path / "plan.toml"
    path.write_text(text)
    return typed("plan", "check", str(path), *options)


def facts(result: Typed, label: str) -> list[str]:
    """The lines of the page under one label."""
    found: list[str] = []
    current = ""
    for line in result.lines:
        current = line[2:11].strip() or current
        if current == label and line.startswith("  "):
            found.append(line[13:])
    return found


def written(**replaced: str) -> str:
    """The text of the breakout, with some of it replaced."""
    text = (EXAMPLES / "aapl-breakout.toml").read_text("utf-8")
    for old, new in replaced.items():
        assert old in PIECES
        assert PIECES[old] in text
        text = text.replace(PIECES[old], new)
    return text


PIECES = {
    "price": "price = 187.00 ",
    "size": "risk = 250 ",
    "disaster": "disaster_pct = 2.0 ",
    "seconds": "limit_seconds = 2",
    "target": 'price = 195.00\nfraction = 0.5\nthen = "break_even"',
    "cap": "max_disaster_loss = 600 ",
    "trail": "[stop.trail]\nactivate_pct = 1.0\ndistance = 1.50",
    "order": 'order = "LMT"\nlimit_offset = 0.05',
}


def test_the_page_says_what_a_plan_will_do() -> None:
    result = check("aapl-breakout", "--account", "DU1234567")
    assert (result.out, result.err, result.exit_code) == (BREAKOUT, "", 0)


def test_a_page_is_the_same_without_an_account_except_for_the_names() -> None:
    named, nameless = check("aapl-breakout", "--account", "DU1234567"), check("aapl-breakout")
    told = "  trade      named by the account and the id; give the account with --account"
    assert nameless.lines == [*named.lines[:2], told, *named.lines[6:]]


def test_another_account_is_another_trade() -> None:
    assert facts(check("aapl-breakout", "--account", "U7654321"), "trade") == [
        "JEWFE7NN in U7654321"
    ]


def test_the_account_of_the_plan_names_the_trade() -> None:
    assert facts(check("msft-now"), "trade") == ["MSKX36VX in DU1234567"]


def test_a_plan_for_another_account_is_wrong_usage() -> None:
    result = check("msft-now", "--account", "DU7654321")
    assert (result.out, result.exit_code) == ("", 2)
    assert "--account is DU7654321; the plan is for DU1234567 only" in result.err


def test_a_price_sizes_the_plan_elsewhere() -> None:
    result = check("aapl-breakout", "--price", "188.00")
    assert facts(result, "size") == [
        "125 shares at 188.05, worth 23506.25 USD",
        "made smaller by size.max_disaster_loss",
    ]


def test_a_plan_that_does_not_work_at_a_price_is_a_negative_answer() -> None:
    result = check("aapl-breakout", "--price", "186")
    assert (result.err, result.exit_code) == ("", 1)
    assert facts(result, "refused") == [
        "stop.price: 187.00 is above the entry price 186.05; a buy needs a stop below it"
    ]
    assert facts(result, "size") == []


def test_a_market_entry_needs_a_price_to_be_sized() -> None:
    result = check("msft-now")
    assert result.exit_code == 0
    assert facts(result, "size") == [
        "not worked out: it enters at the market's price; give one with --price"
    ]
    assert facts(result, "entry") == ["MKT, at once; while the market is closed: refuse"]


def test_what_waits_for_the_open_and_what_leaves_at_a_time_are_told(tmp_path: Path) -> None:
    text = (EXAMPLES / "msft-now.toml").read_text("utf-8")
    queued = text.replace("# if_closed", "limit = 480.00\nif_closed").replace('"MKT"', '"LMT"')
    timed = queued.replace("before_close_minutes = 15", "at = 2026-11-27T17:45:00Z")
    result = checked(tmp_path, timed)
    assert (result.err, result.exit_code) == ("", 0)
    assert facts(result, "entry") == [
        "LMT at 480.00 or better, at once; while the market is closed: queue"
    ]
    assert facts(result, "time") == ["closed at 2026-11-27 17:45 UTC, whatever it is worth"]


def test_a_market_entry_is_sized_at_the_price_that_is_given() -> None:
    result = check("msft-now", "--price", "480")
    assert facts(result, "size") == ["100 shares at 480, worth 48000.00 USD"]
    assert facts(result, "losses")[:2] == [
        "950.00 USD at the stop",
        "1656.00 USD at the disaster stop, with nobody there to act",
    ]
    assert facts(result, "time") == ["closed 15 minutes before the session ends"]


def test_a_stop_by_the_range_needs_the_range() -> None:
    result = check("nvda-call")
    assert result.exit_code == 0
    assert facts(result, "size") == [
        "not worked out: its stop hangs on the average true range; give one with --atr"
    ]


def test_an_option_is_counted_in_contracts_and_its_chain_is_not_checked() -> None:
    result = check("nvda-call", "--atr", "1.80")
    assert result.lines[0] == "nvda-call-0312: buy NVDA 2026-12-18 180 C"
    assert facts(result, "size") == [
        "3 contracts at 6.50, worth 1950.00 USD",
        "made smaller by size.max_loss",
    ]
    assert facts(result, "stop")[0] == "3.80, judged on mid by Backstay itself"
    assert facts(result, "assumed") == [
        "prices in steps of 0.01, multiplier 100, until the broker says"
    ]
    assert "the chain: that the expiry and the strike are listed" in facts(result, "unchecked")


def test_a_short_sale_has_its_stops_above() -> None:
    result = check("tsla-short")
    assert facts(result, "entry") == [
        "LMT at most 0.10 under the trigger, once bid is below 240.00 by over 0.05 % for 2 ticks",
        "watched in premarket (wait) and regular hours until 2026-11-23 20:30 UTC",
        "crossed while nobody watched: ask",
    ]
    assert facts(result, "stop")[1] == "believed above 244.1439 (0.1 %) for 2 ticks, or for 500 ms"
    assert facts(result, "disaster")[0] == "STP 248.78 at the broker, 2.0 % wider"
    assert facts(result, "targets") == [
        "8.00 past the entry: 50 of 100, then the stop to break even",
        "14.00 past the entry: 50 of 100",
    ]
    assert facts(result, "time") == ["closed 5 minutes before the session ends"]


def test_a_virtual_stop_states_its_risk(tmp_path: Path) -> None:
    text = written(disaster='protection = "virtual" ', cap="")
    result = checked(tmp_path, text, "--account", "DU1234567")
    assert facts(result, "disaster") == [
        "no stop stands at the broker: while Backstay, its machine, the gateway or the line is",
        "down, nothing limits the loss",
    ]
    assert facts(result, "losses")[0] == "247.05 USD at the stop"
    assert facts(result, "keys") == [
        "bs1:6PMWYKXY:0:EN:1  the entry",
        "bs1:6PMWYKXY:0:XS:1  the first exit by the stop",
    ]


def test_a_ladder_without_a_limit_is_a_market_order(tmp_path: Path) -> None:
    result = checked(tmp_path, written(seconds="limit_seconds = 0"))
    assert facts(result, "ladder") == ["MKT"]


def test_a_plan_without_trail_and_targets_has_no_lines_for_them(tmp_path: Path) -> None:
    result = checked(tmp_path, written(trail="", target="price = 195.00\nfraction = 1"))
    assert facts(result, "trail") == []
    assert facts(result, "targets") == ["195.00: 81 of 81"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (
            'order = "LMT"\nlimit = 190.10',
            "LMT at 190.10 or better, once last is above 190.00 for 1 tick",
        ),
        ('order = "MKT"', "MKT, once last is above 190.00 for 1 tick"),
    ],
)
def test_an_entry_is_told_with_its_limit(tmp_path: Path, order: str, expected: str) -> None:
    assert facts(checked(tmp_path, written(order=order)), "entry")[0] == expected


def test_an_entry_with_an_end_says_when_it_is_cancelled(tmp_path: Path) -> None:
    order = 'order = "LMT"\nlimit_offset = 0.05\nexpires = 2026-11-24T20:00:00Z'
    result = checked(tmp_path, written(order=order), "--json")
    assert json.loads(result.out)["first"]["entry_time_in_force"] == "GTD"
    assert facts(checked(tmp_path, written(order=order)), "entry")[3] == (
        "what has not filled by 2026-11-24 20:00 UTC is cancelled"
    )


def test_every_complaint_is_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    result = checked(tmp_path, written(size="risk = 250\nquantity = 100 ", trail="[stop.trial]"))
    assert (result.out, result.exit_code) == ("", 2)
    assert result.err.splitlines() == [
        f"{path}: size: give exactly one of quantity, budget, risk (got quantity and risk)",
        f'{path}: stop.trial: unknown key; did you mean "trail"?',
    ]


def test_the_document_holds_what_the_page_says() -> None:
    result = check("aapl-breakout", "--account", "DU1234567", "--json")
    document = json.loads(result.out)
    assert (result.err, result.exit_code) == ("", 0)
    assert document["file"] == str(EXAMPLES / "aapl-breakout.toml")
    assert (document["valid"], document["kind"]) == (True, "trade")
    assert document["trade"] == "6PMWYKXY"
    assert document["keys"] == [f"bs1:6PMWYKXY:0:{purpose}:1" for purpose in ("EN", "PR", "XS")]
    assert document["sized_at"] == "190.00"
    assert document["sizing"] == {
        "quantity": "81",
        "entry_price": "190.05",
        "stops": {"stop": "187.00", "disaster": "183.26"},
        "value": "15394.05",
        "losses": {"at_stop": "247.05", "at_disaster": "549.99"},
        "reduced_by": None,
        "kind": "sized",
    }
    assert document["first"] == {
        "entry": {"price": "190.05", "kind": "LMT"},
        "entry_time_in_force": "DAY",
        "protection": {"trigger": "183.26", "price": "174.09", "kind": "STP LMT"},
        "first_exit": {"price": "186.06", "kind": "LMT"},
        "breached_beyond": "186.81300",
        "trail_from": "191.95050",
        "target_quantities": ["40"],
    }
    assert [line.partition(":")[0] for line in document["not_checked"]] == [
        "the contract",
        "the margin and the limits",
        "the session and the time",
    ]


def test_the_document_about_a_refused_file_is_the_only_output(tmp_path: Path) -> None:
    result = typed("plan", "check", str(tmp_path / "gone.toml"), "--json")
    assert (result.err, result.exit_code) == ("", 2)
    assert json.loads(result.out) == {
        "file": str(tmp_path / "gone.toml"),
        "complaints": [{"path": "plan", "text": "there is no such file"}],
        "valid": False,
        "kind": "refused",
    }


def test_the_document_of_a_plan_that_does_not_work_says_why() -> None:
    result = check("aapl-breakout", "--price", "186", "--json")
    document = json.loads(result.out)
    assert result.exit_code == 1
    assert (document["sizing"]["kind"], document["first"]) == ("unfit", None)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--price", "x"], "'x'; expected a price above 0"),
        (["--price", "0"], "'0'; expected a price above 0"),
        (["--atr", "-1"], "'-1'; expected a price above 0"),
        (["--account", "du1"], "'du1'; expected an account id in capitals and digits"),
        (["--colour"], "No such option: --colour"),
    ],
)
def test_wrong_usage_is_told_where_errors_go(options: list[str], told: str) -> None:
    result = check("aapl-breakout", *options)
    assert (result.out, result.exit_code) == ("", 2)
    assert told in result.err


def test_a_file_has_to_be_named() -> None:
    result = typed("plan", "check")
    assert (result.out, result.exit_code) == ("", 2)
    assert "Missing argument" in result.err


def test_help_shows_examples_and_exit_codes() -> None:
    result = typed("plan", "check", "--help")
    assert result.exit_code == 0
    assert "    backstay plan check examples/nvda-call.toml --atr 1.20\n" in result.out
    assert "    1  it does not work at this price\n" in result.out


@pytest.mark.parametrize("words", [(), ("plan",)])
def test_a_command_without_its_verb_lists_the_verbs(words: tuple[str, ...]) -> None:
    result = typed(*words)
    assert result.exit_code == 2
    assert ("rehearse" if not words else "check") in result.out + result.err
