"""`backstay plan check` about plans of groups."""

import json
from pathlib import Path

import pytest

from tests.cli.typed import typed

CONDOR = Path(__file__).resolve().parents[2] / "examples" / "spx-condor.toml"

PAGE = """\
spx-condor-0312: 5 sets of 4 legs

  trade      named by the account and the id; give the account with --account
  legs       0  HEDGE  buy  5 SPX 2026-12-18 5600 P, covers 1
             1  RISK   sell 5 SPX 2026-12-18 5700 P, covered by 0
             2  HEDGE  buy  5 SPX 2026-12-18 6400 C, covers 3
             3  RISK   sell 5 SPX 2026-12-18 6300 C, covered by 2
  order      each leg by itself: hedges first, risk only against hedge that has filled
  hedges     what is exposed is hedged at market for 5 s, at most 3 times;
             then a person is called for exactly what is left
  stop       closed at a loss of 1200, measured over all legs
  max loss   at 2500 it is closed whatever it costs, and a person is told
  worst      with every risk filled and no hedge, 5 of leg 1 and 5 of leg 3 are exposed
  time       closed 15 minutes before the session ends

  unchecked  the contract: that the broker knows it, and means only one by it
             the chain: that the expiry and the strike are listed
             the margin and the limits: that the account has room for it
             the session and the time: that the market is open, and that no date is past
"""


def test_the_page_says_what_covers_what_and_what_could_be_exposed() -> None:
    result = typed("plan", "check", str(CONDOR))
    assert (result.out, result.err, result.exit_code) == (PAGE, "", 0)


def test_with_an_account_each_leg_has_its_key() -> None:
    lines = typed("plan", "check", str(CONDOR), "--account", "DU1234567").lines
    assert lines[2] == "  trade      0CHZXPWR in DU1234567"
    assert lines[3].endswith(", covers 1  bs1:0CHZXPWR:0:EN:1")
    assert lines[6].endswith(", covered by 2  bs1:0CHZXPWR:3:EN:1")


def test_a_combination_is_told_as_one_order(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(CONDOR.read_text("utf-8").replace('execution = "legs"', 'execution = "combo"'))
    assert "  order      all legs as one combination" in typed("plan", "check", str(path)).lines


def test_the_document_numbers_the_legs_and_measures_the_exposure() -> None:
    result = typed("plan", "check", str(CONDOR), "--json")
    document = json.loads(result.out)
    assert (result.err, result.exit_code) == ("", 0)
    assert (document["valid"], document["kind"], document["trade"]) == (True, "group", None)
    assert document["legs"][1] == {
        "leg": 1,
        "role": "risk",
        "side": "sell",
        "quantity": "5",
        "covers": [],
        "covered_by": [0],
        "key": None,
    }
    assert document["exposed_without_hedge"] == [
        {"leg": 1, "side": "sell", "quantity": "5"},
        {"leg": 3, "side": "sell", "quantity": "5"},
    ]


@pytest.mark.parametrize("option", [("--price", "10"), ("--atr", "2")])
def test_a_price_for_a_group_is_wrong_usage(option: tuple[str, str]) -> None:
    result = typed("plan", "check", str(CONDOR), *option)
    assert (result.out, result.exit_code) == ("", 2)
    assert "--price and --atr are for the plan of a single trade" in result.err


def test_a_group_whose_risk_has_no_hedge_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        CONDOR.read_text("utf-8").replace("strike = 6400", 'strike = 6400, currency = "EUR"')
    )
    result = typed("plan", "check", str(path))
    assert (result.out, result.exit_code) == ("", 2)
    assert f"{path}: group.leg: the legs are in EUR and USD; a group has one currency" in (
        result.err.splitlines()
    )
