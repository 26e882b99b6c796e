"""The page of a dry run, whatever is answered."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from backstay.cli.trade.dry_run_report import StartedBefore
from backstay.domain.instruments import OptionTerms
from backstay.domain.limits.facts import Touch
from backstay.domain.limits.kill import Halt, KillMode, KillState
from backstay.domain.plan.complaints import Complaint
from backstay.domain.prices import PriceBand, PriceGrid
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.ticks.quotes import Flaw
from backstay.domain.trade.dry_run import DryRunReport, Foreseen
from backstay.domain.trade.preflight import RoomTaken
from tests.cli.dry_runs import ANOTHER, FOUND, NOT_LISTED, OVER, RUNNING, SILENT, page, unworkable
from tests.domain.trade.dry_runs import MARKET, ROOM, foreseen
from tests.domain.trade.samples import LIMITS, NOW, OPTION, OPTION_PLAN, PLAN, an_order

ADMITTED = """\
aapl-test: buy AAPL
dry run: nothing is sent, and nothing reserved

  trade      ZT9FAJXY in DU1234567, paper, as of 2026-11-23 15:00:00 UTC
  contract   AAPL STK, SMART, USD, con id 265598
             multiplier 1, ticks of 0.01
  hours      regular hours now, until 2026-11-23 21:00 UTC
  market     bid 99.98, ask 100.02, heard at 15:00:00 UTC, good
  entry      LMT at most 0.10 over the trigger, once last is above 100.00 for 1 tick
             watched in regular hours until 2026-11-23 20:55 UTC
             crossed while nobody watched: skip
  size       100 shares at 100.10, worth 10010.00 USD
             reckoned at the trigger, 100.00
  losses     210.00 USD at the stop
             406.00 USD at the disaster stop, with nobody there to act
             a gap or a thin market can make either worse
  margin     3000.00 USD initial, 2500.00 USD maintenance; 100000.00 USD are free
  cost       1.00 USD commission for the entry
  stop       98.00, judged on last by Backstay itself
             believed below 97.902 (0.1 %) for 2 ticks, or for 500 ms
  disaster   STP 96.04 LMT 91.23 at the broker, 2.0 % wider
             attached to the entry and good till cancelled, whatever becomes of Backstay
  ladder     LMT 97.51 for 2 s, its cancel proven, then MKT for exactly what is left

  orders     bs1:ZT9FAJXY:0:EN:1  the entry: buy 100 AAPL LMT 100.10, DAY
             bs1:ZT9FAJXY:0:PR:1  the stop at the broker: sell 100 AAPL STP 96.04 LMT 91.23, GTC, at
                                  all hours
             bs1:ZT9FAJXY:0:XS:1  the first exit by the stop: sell 100 AAPL LMT 97.51, GTC, at all
                                  hours
             bs1:ZT9FAJXY:0:XM:1  the first exit by hand, or by a kill: sell at most 100 AAPL,
                                  priced by the market of that moment

  kill       clear, epoch 0
  halts      none
  exposure   0.00 USD now, 10010.00 with it; 989990.00 of 1000000.00 would be left
  open       0 trades now, 1 with it; at most 100

  agreed     0:EN:1  22 of 22 rules: wrong_account, key_used, fractional, trading_disabled,
             live_not_armed, account_mode, killed, halted, symbol_blocked, session_closed (asked
             when it is due), no_reference, stale_data (asked when it is due), no_exchange_rate,
             price_collar, order_value 10010 of 50000, opposite_direction, position_limit 100 of
             10000, exposure_cap 10010 of 1000000, open_trades 1 of 100, daily_limit 1 of 100, rate,
             margin 3000 of 90000
             0:PR:1, 0:XS:1, 0:XM:1  5 of 5 rules: wrong_account, key_used, fractional,
             too_many_generations, exceeds_position 100 of 100

It would be admitted, and wait for its trigger.
"""
CLOSED = """\
aapl-test: buy AAPL
dry run: nothing is sent, and nothing reserved

  trade      ZT9FAJXY in DU1234567, LIVE, as of 2026-11-23 15:00:00 UTC
  contract   AAPL STK, SMART, USD, con id 265598
             multiplier 1, ticks of 0.01
  hours      closed now
             next from 2026-11-24 14:30 UTC to 2026-11-24 21:00 UTC
  market     no quote: it is closed
  entry      LMT at most 0.10 over the trigger, once last is above 100.00 for 1 tick
             watched in regular hours until 2026-11-23 20:55 UTC
             crossed while nobody watched: skip

  REFUSED    entry.if_closed: "refuse"; the regular hours of AAPL begin at 2026-11-24T14:30:00Z
             size: too small

It would be refused because the plan does not work: entry.if_closed: "refuse"; the regular hours of
AAPL begin at 2026-11-24T14:30:00Z; and 1 more complaint.
"""
UNLISTED = """\
aapl-test: buy AAPL
dry run: nothing is sent, and nothing reserved

  trade      ZT9FAJXY in DU1234567, as of 2026-11-23 15:00:00 UTC
  entry      LMT at most 0.10 over the trigger, once last is above 100.00 for 1 tick
             watched in regular hours until 2026-11-23 20:55 UTC
             crossed while nobody watched: skip

  REFUSED    instrument.symbol: "AAPL" is not listed

It would be refused because the plan does not work: instrument.symbol: "AAPL" is not listed.
"""
NOBODY = """\
aapl-test: buy AAPL
dry run: nothing is sent, and nothing reserved

  trade      ZT9FAJXY in DU1234567

Nobody can say what it would do: no trades worker takes calls: none is running.
"""


IF_CLOSED = Complaint(
    ("entry", "if_closed"), '"refuse"; the regular hours of AAPL begin at 2026-11-24T14:30:00Z'
)


def line(text: str, label: str) -> str:
    """What stands behind a label."""
    (found,) = (each for each in text.splitlines() if each.startswith(f"  {label} "))
    return found.removeprefix(f"  {label}").strip()


@pytest.mark.req("S3.4")
@pytest.mark.parametrize(
    ("report", "printed"),
    [
        (FOUND, ADMITTED),
        (
            unworkable(IF_CLOSED, Complaint(("size",), "too small"), phase=MarketPhase.CLOSED),
            CLOSED,
        ),
        (unworkable(NOT_LISTED), UNLISTED),
        (SILENT, NOBODY),
    ],
    ids=["admitted", "closed", "unlisted", "nobody"],
)
def test_the_page_is_this_to_the_letter(
    report: DryRunReport, printed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert page(report, capsys) == printed


@pytest.mark.req("S3.4")
def test_what_says_no_comes_before_any_figure_in_its_own_words_and_what_agrees_after_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tight = replace(
        LIMITS, order_value_max=Decimal(1000), exposure_max=Decimal(5000), blocked_symbols=("AAPL",)
    )
    text = page(foreseen(settings=tight, room=replace(ROOM, exposure_max=Decimal(5000))), capsys)
    head, verdicts = text.split("\n  REFUSED    ")
    assert head.endswith("in DU1234567, paper, as of 2026-11-23 15:00:00 UTC")
    assert verdicts.startswith("""\
symbol_blocked: AAPL is on the restricted list (0:EN:1)
             order_value: 100 x 100.1 x 1 is 10010 USD; at most 1000 USD (0:EN:1)
             exposure_cap: all positions could become worth 10010 USD; at most 5000 USD (0:EN:1)

  contract   AAPL""")
    assert line(text, "agreed").startswith("0:EN:1  19 of 22 rules: wrong_account,")
    over = "0.00 USD now, 10010.00 with it, 5010.00 over the 5000.00 that may be"
    assert line(text, "exposure") == over
    assert text.endswith(
        "\n\nIt would be refused because symbol_blocked: AAPL is on the restricted list;"
        " and 2 more rules say no.\n"
    )


def test_without_limits_every_order_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    nothing = RoomTaken("", Decimal(0), Decimal(0), None, 0, 0, None)
    text = page(foreseen(settings=None, room=nothing), capsys)
    said = "not_configured: no limits are set for this account"
    assert line(text, "REFUSED") == f"{said} (every order)"
    assert line(text, "exposure") == "0.00 now; no limits say how much there may be"
    assert line(text, "open") == "0 trades now"
    assert "agreed" not in text
    assert text.endswith(f"\nIt would be refused because {said}.\n")


def test_a_kill_and_halts_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    halts = (Halt("a difference", "AAPL"), Halt("too many losses"))
    text = page(foreseen(kill=KillState(2, KillMode.FREEZE), halts=halts), capsys)
    assert line(text, "kill") == "freeze, epoch 2"
    assert line(text, "halts") == "a difference (AAPL); too many losses"


@pytest.mark.parametrize(
    ("before", "told", "sentence"),
    [
        (
            RUNNING,
            "this plan was started before; the engine has it as running",
            "It would change nothing: this trade is under way already.",
        ),
        (
            OVER,
            "this plan was started before; the engine has it as failed",
            (
                "It would be refused because this trade was started before and is over (failed)."
                " A new one needs\nanother id."
            ),
        ),
        (
            ANOTHER,
            "another plan was started under this id; the engine has it as running",
            (
                "It would be refused because another plan has this id: size, stop differ."
                " Give it another id."
            ),
        ),
        (
            replace(ANOTHER, tables=("size",)),
            "another plan was started under this id; the engine has it as running",
            (
                "It would be refused because another plan has this id: size differs."
                " Give it another id."
            ),
        ),
    ],
)
def test_a_plan_that_was_started_before_is_told_so_and_no_new_one_is_judged(
    before: StartedBefore, told: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page(FOUND, capsys, before)
    assert line(text, "before") == told
    assert text.index("  before ") < text.index("  contract ")
    assert text.endswith(f"\n\n{sentence}\n")
    assert "bs1:" not in text
    assert "agreed" not in text


def changed(**changes: Any) -> Foreseen:
    """The same, with another prospect."""
    return replace(FOUND, prospect=replace(FOUND.prospect, **changes))


def test_what_the_broker_does_not_tell_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    facts = replace(FOUND.prospect.facts, margin=None)
    text = page(changed(facts=facts, preview=None), capsys)
    assert line(text, "margin") == "unknown: the broker has not said what the entry would tie up"
    assert "  cost " not in text
    assert page(changed(market=None), capsys).count("contract") == 0


@pytest.mark.parametrize(
    ("changes", "label", "told"),
    [
        (
            {"maintenance": None},
            "margin",
            "3000.00 USD initial, unknown maintenance; 100000.00 USD",
        ),
        ({"commission": None}, "cost", "at most 2.00 USD commission for the entry"),
        (
            {"commission": None, "commission_max": None},
            "cost",
            "commission unknown: the broker has not said",
        ),
        ({"commission_currency": ""}, "cost", "1.00 commission for the entry"),
        ({"warning": "the order is large"}, "warning", "the order is large"),
    ],
)
def test_the_broker_s_figures_are_told_as_far_as_it_tells_them(
    changes: dict[str, Any], label: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    preview = FOUND.prospect.preview
    assert preview is not None
    assert line(page(changed(preview=replace(preview, **changes)), capsys), label).startswith(told)


@pytest.mark.parametrize(
    ("touch", "phase", "told"),
    [
        (None, MarketPhase.REGULAR, "no good quote has come"),
        (None, MarketPhase.CLOSED, "no quote: it is closed"),
        (
            Touch(Decimal("99.98"), None, NOW, Flaw.NOT_REAL_TIME),
            MarketPhase.REGULAR,
            f"bid 99.98, no ask, heard at 15:00:00 UTC, {Flaw.NOT_REAL_TIME}: it decides nothing",
        ),
        (
            Touch(None, Decimal("100.00"), NOW),
            MarketPhase.REGULAR,
            "no bid, ask 100.00, heard at 15:00:00 UTC, good",
        ),
    ],
)
def test_the_market_is_told_with_what_is_wrong_with_it(
    touch: Touch | None, phase: MarketPhase, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    market = replace(MARKET, touch=touch, phase=phase)
    assert line(page(changed(market=market), capsys), "market") == told


@pytest.mark.parametrize(
    ("phase", "told"),
    [
        (MarketPhase.EXTENDED, "extended hours now"),
        (MarketPhase.UNKNOWN, "not known: the broker does not say when it trades now"),
    ],
)
def test_hours_that_are_not_regular_are_told(
    phase: MarketPhase, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page(changed(market=replace(MARKET, phase=phase), sessions=()), capsys)
    assert line(text, "hours") == told


def test_what_the_account_holds_already_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    text = page(changed(market=replace(MARKET, position=Decimal(-7))), capsys)
    assert "\n             the account holds -7 of it\n" in text


def test_an_option_is_named_whole_with_every_band_of_its_ticks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = an_order(plan=OPTION_PLAN)
    bands = (PriceBand(Decimal(0), Decimal("0.05")), PriceBand(Decimal(3), Decimal("0.10")))
    found = foreseen(order)
    contract = replace(OPTION, grid=PriceGrid(bands))
    assert isinstance(contract.option, OptionTerms)
    text = page(replace(found, prospect=replace(found.prospect, instrument=contract)), capsys)
    assert line(text, "contract") == "NVDA OPT 2026-12-18 180 C, SMART, USD, con id 700001"
    assert "\n             multiplier 100, ticks of 0.05, 0.1 from 3 on\n" in text
    assert "reckoned at the ask, 6.25" in text
    assert "asked when it is due" not in text
    assert text.endswith("\nIt would be admitted, and its entry sent at once.\n")


def test_an_entry_that_waits_for_the_open_says_until_when(
    capsys: pytest.CaptureFixture[str],
) -> None:
    opens = NOW + timedelta(hours=1)
    assert page(changed(not_before=opens), capsys).endswith(
        "\nIt would wait until 2026-11-23 16:00 UTC and be asked about again then; as things stand"
        " it would be\nadmitted.\n"
    )


def test_the_parts_that_leave_at_targets_are_orders_of_their_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = "".join(f"[[target]]\nprice = {price}\nfraction = 0.5\n" for price in ("105.0", "110.0"))
    order = an_order(more)
    text = page(foreseen(order), capsys)
    for named in (
        f"bs1:{order.trade}:1:XT:1  the first exit of part 1, at its target: sell at most 100",
        f"bs1:{order.trade}:1:PR:1  the stop of part 1, if its exit has to wait: sell 100 AAPL STP",
        f"bs1:{order.trade}:0:XT:1  the first exit at a target: sell at most 100 AAPL",
    ):
        assert named in text


def test_an_entry_that_is_good_till_a_time_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    plan = OPTION_PLAN.replace("limit = 6.20", "limit = 6.20\nexpires = 2026-11-23T20:55:00Z")
    order = an_order(plan=plan)
    assert "LMT 6.20, GTD 2026-11-23 20:55 UTC" in page(foreseen(order), capsys)


WAITS = "wait for its trigger."
PAST = "the price is past the trigger already, and if_missed is"
FIRES = f'ITS ENTRY SENT AT ONCE: {PAST} "fire".'


@pytest.mark.req("S1.2")
@pytest.mark.parametrize(
    ("words", "bid", "ask", "becomes"),
    [
        ('if_missed = "fire"', "100.01", "100.05", FIRES),
        ('if_missed = "skip"', "100.01", "100.05", f'let go at once: {PAST} "skip".'),
        ('if_missed = "ask"', "100.01", "100.05", f'wait for a person: {PAST} "ask".'),
        ('if_missed = "fire"', "100.00", "100.05", WAITS),
        ('if_missed = "fire"', None, "100.05", WAITS),
        ('if_missed = "fire"\nbreach_pct = 0.1', "100.10", "100.15", WAITS),
        ('if_missed = "fire"\nbreach_pct = 0.1', "100.11", "100.15", FIRES),
        ('if_missed = "fire"\nsource = "ask"', "99.98", "100.02", FIRES),
        ('if_missed = "fire"\nsource = "bid"', "100.00", "100.02", WAITS),
    ],
)
def test_a_price_that_is_past_its_trigger_already_is_told_with_what_comes_of_it(
    words: str, bid: str | None, ask: str, becomes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    order = an_order(plan=PLAN.replace('when = "above"', f'when = "above"\n{words}'))
    found = foreseen(order)
    good = Touch(None if bid is None else Decimal(bid), Decimal(ask), NOW)
    for touch, told in ((good, becomes), (replace(good, flaw=Flaw.NOT_REAL_TIME), WAITS)):
        prospect = replace(found.prospect, market=replace(MARKET, touch=touch))
        text = page(replace(found, prospect=prospect), capsys)
        assert " ".join(text.split()).endswith(f"It would be admitted, and {told}")
