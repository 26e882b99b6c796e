"""The rehearsal with other plans and other scenes: what the rules refuse, it does not play."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from backstay.domain.lifecycle import TradeState
from backstay.domain.orders.reports import OrderStatus
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.reading import read_toml
from backstay.domain.plan.trade import TradePlan
from backstay.lab.rehearsal import breakout, condor
from backstay.lab.rehearsal.group import GroupRehearsal
from backstay.lab.rehearsal.tape import Scene, Tape, moment, tick
from backstay.lab.rehearsal.trade import TradeRehearsal
from backstay.lab.telling import Event, Who

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BREAKOUT = (EXAMPLES / "aapl-breakout.toml").read_text("utf-8")
CONDOR = (EXAMPLES / "spx-condor.toml").read_text("utf-8")


def trade(
    text: str = BREAKOUT, scene: Scene = breakout.SCENE, tape: Tape = breakout.TAPE
) -> TradeRehearsal:
    plan = read_toml(text)
    assert isinstance(plan, TradePlan)
    played = TradeRehearsal(plan, scene, tape)
    played.play()
    return played


def group(
    text: str = CONDOR, scene: Scene = condor.SCENE, tape: Tape = condor.TAPE
) -> GroupRehearsal:
    plan = read_toml(text)
    assert isinstance(plan, GroupPlan)
    played = GroupRehearsal(plan, scene, tape)
    played.play()
    return played


def told(played: TradeRehearsal | GroupRehearsal, who: Who) -> list[Event]:
    return [event for event in played.story.events if event.who is who]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('symbol = "AAPL"', 'symbol = "MSFT"', "the tape is about another contract"),
        (
            "2026-11-23T20:55:00Z",
            "2026-11-23T14:00:00Z",
            "entry.trigger.expires: 2026-11-23T14:00:00Z is past; it is 2026-11-23T14:29:30Z",
        ),
        (
            "risk = 250 ",
            "risk = 1 ",
            "size.risk: 1; the loss at the stop 187.00 of one share is 3.05",
        ),
        (
            "disaster_pct = 2.0 ",
            'protection = "virtual" ',
            "the rehearsal plays a stop at the broker",
        ),
    ],
)
def test_a_plan_that_can_not_be_played_is_refused_and_sends_nothing(
    old: str, new: str, why: str
) -> None:
    text = BREAKOUT.replace(old, new)
    if "virtual" in new:
        text = text.replace("max_disaster_loss = 600 ", "")
    played = trade(text)
    assert told(played, Who.RULES)[0].what == "refused: rejected"
    assert told(played, Who.RULES)[0].why == why
    assert played.desk.log == []
    assert not played.is_flat or played.desk.strays


def test_a_plan_that_enters_at_once_has_no_tape() -> None:
    before, _, rest = BREAKOUT.partition("[entry]")
    _, stop, after = rest.partition("[stop]")
    played = trade(f'{before}[entry]\norder = "LMT"\nlimit = 190.05\n{stop}{after}')
    assert [event.why for event in told(played, Who.RULES)] == [
        "the rehearsal plays an entry that waits for a trigger"
    ]


def test_limits_that_refuse_the_entry_end_the_trade() -> None:
    settings = replace(breakout.SCENE.settings, order_value_max=Decimal(15_000))
    played = trade(scene=replace(breakout.SCENE, settings=settings))
    refusal = next(event for event in told(played, Who.RULES) if event.what.startswith("refused"))
    assert refusal.why == "order_value: 81 x 190.05 x 1 is 15394.05 USD; at most 15000 USD"
    assert played.progress.lifecycle.state is TradeState.REJECTED
    assert told(played, Who.SENT) == []


def test_the_last_hop_refuses_what_was_approved_for_another_market() -> None:
    items = tuple(
        tick("14:31:12.400", breakout.ASK, "201.00") if item.at == moment("14:31:12.480") else item
        for item in breakout.TAPE.items
    )
    fires = tick("14:31:12.480", breakout.LAST, "190.02")
    index = next(at for at, item in enumerate(items) if item.at == moment("14:31:12.400"))
    played = trade(tape=Tape(breakout.TAPE.begins, (*items[: index + 1], fires)))
    assert told(played, Who.RULES)[-1].what == "0:EN:1 is not sent"
    assert told(played, Who.RULES)[-1].why == "price_collar: outside 180.5 to 199.5: 201"
    assert told(played, Who.SENT) == []


def test_a_crossing_that_nobody_saw_is_skipped() -> None:
    quotes = breakout.TAPE.items[:2]
    played = trade(
        tape=Tape(breakout.TAPE.begins, (*quotes, tick("14:30:01.000", breakout.LAST, "191.00")))
    )
    assert told(played, Who.MARKET)[-1].why == "crossed 190.00 unseen: skip"
    assert told(played, Who.SENT) == []


def test_two_ticks_can_be_asked_to_agree_on_a_trigger() -> None:
    more = tick("14:31:12.480", breakout.LAST, "190.03")
    tape = replace(breakout.TAPE, items=(*breakout.TAPE.items[:9], more))
    played = trade(
        BREAKOUT.replace('when = "above"', 'when = "above"\nconfirm_ticks = 2'), tape=tape
    )
    assert [event.why for event in told(played, Who.MARKET)][-2:] == [
        "1 of 2 ticks above 190.00",
        "above 190.00, seen to cross: fires",
    ]
    assert len(told(played, Who.SENT)) == 2


def test_a_breach_that_stands_fires_without_a_second_tick() -> None:
    """The tape up to the first tick of the breach, and then half a second of silence."""
    last = next(
        at for at, item in enumerate(breakout.TAPE.items) if item.at == moment("16:05:31.000")
    )
    quiet = tick("16:05:32.000", breakout.ASK, "192.74")
    tape = replace(breakout.TAPE, items=(*breakout.TAPE.items[: last + 1], quiet))
    played = trade(tape=tape)
    (event,) = [event for event in told(played, Who.MARKET) if event.what.startswith("last stands")]
    assert event.at == moment("16:05:31.500")
    assert (event.what, event.why) == ("last stands at 192.75", "still past 193.00: the stop fires")
    assert told(played, Who.SENT)[-1].what == "0:PR:1  cancel"


def test_a_group_that_is_too_dear_sends_nothing() -> None:
    margin = replace(condor.SCENE.margin, available=Decimal(20_000))
    played = group(scene=replace(condor.SCENE, margin=margin))
    assert told(played, Who.RULES)[0].why == (
        "scenario higher: the group takes 22300 of margin; 90 % of the available funds are 18000"
    )
    assert (told(played, Who.SENT), played.desk.log) == ([], [])


def test_a_group_with_other_legs_than_the_tape_is_not_played() -> None:
    puts, marker, _ = CONDOR.partition("[[group.leg]]                        # 2")
    assert marker
    played = group(f"{puts}[stop]\nloss = 1200\n")
    assert told(played, Who.RULES)[0].why == "the tape is about other contracts"
    assert told(played, Who.SENT) == []


def test_a_group_that_is_late_is_not_played() -> None:
    played = group(
        CONDOR.replace("2026-12-18, strike = 5600", "2026-11-20, strike = 5600")
        .replace('strike = 5700, right = "P"', 'strike = 5700, right = "P"')
        .replace("expiry = 2026-12-18, strike = 5700", "expiry = 2026-11-20, strike = 5700")
    )
    assert "is past" in told(played, Who.RULES)[0].why
    assert told(played, Who.SENT) == []


def test_limits_that_refuse_a_leg_stop_the_building() -> None:
    settings = replace(condor.SCENE.settings, order_value_max=Decimal(10_000))
    played = group(scene=replace(condor.SCENE, settings=settings))
    assert told(played, Who.RULES)[-1].what == "0:EN:1 is not approved"
    assert told(played, Who.SENT) == []


def test_a_hedge_that_fills_whole_calls_nobody() -> None:
    late = condor.LEVELS[0].fills("15:00:22.000", "0002a1.09.01", "2", "8.70")
    kept = [item for item in condor.TAPE.items if item.at <= moment("15:00:21.000")]
    played = group(tape=Tape(condor.TAPE.begins, (*kept, late)))
    assert told(played, Who.PERSON) == []
    assert played.emergency is not None
    assert played.emergency.called_for is None
    assert played.progress.lifecycle.state is TradeState.HEDGED


def test_what_fills_after_the_call_is_called_off_and_too_much_is_handed_over() -> None:
    kept = [item for item in condor.TAPE.items if item.at <= moment("15:00:36.400")]
    late = (
        condor.LEVELS[2].fills("15:00:38.000", "0002a1.09.01", "1", "9.00"),
        condor.LEVELS[1].fills("15:00:39.000", "0002a1.10.01", "1", "9.00"),
    )
    played = group(tape=Tape(condor.TAPE.begins, (*kept, *late)))
    assert [event.what for event in told(played, Who.PERSON)][1:] == [
        "late fills have covered everything",
        "1 too many: trade them back",
    ]


def test_a_cancel_that_nobody_confirms_is_asked_about_and_told() -> None:
    kept = [item for item in condor.TAPE.items if item.at <= moment("15:00:21.000")]
    wait = condor.LEVELS[0].says("15:00:30.000", OrderStatus.PENDING_CANCEL, "1")
    played = group(tape=Tape(condor.TAPE.begins, (*kept, wait)))
    assert [event.what for event in told(played, Who.PERSON)] == ["P1 hedge cancel unconfirmed: 2"]
    assert "2:HG:1  what became of it?" in [event.what for event in told(played, Who.SENT)]


def test_the_stop_at_the_broker_is_not_moved_more_often_than_every_few_seconds() -> None:
    """Two lifts of the engine's stop within 5 s, then a tick that lifts nothing after them."""
    at = next(n for n, item in enumerate(breakout.TAPE.items) if item.at == moment("15:04:12.000"))
    quick = (
        tick("15:04:12.000", breakout.LAST, "192.50"),
        tick("15:04:12.500", breakout.LAST, "192.60"),
        tick("15:04:16.000", breakout.LAST, "192.30"),
    )
    played = trade(tape=replace(breakout.TAPE, items=(*breakout.TAPE.items[:at], *quick)))
    assert [event.why for event in told(played, Who.MARKET)][
        -1
    ] == "two agree: stop moved to 191.00"
    assert [(event.at, event.what) for event in told(played, Who.SENT)][-2:] == [
        (moment("15:04:10.900"), "0:PR:1  now STP 186.66 LMT 177.32"),
        (moment("15:04:16.000"), "0:PR:1  now STP 187.18 LMT 177.82"),
    ]


def test_a_fill_that_is_taken_back_is_no_position() -> None:
    kept = [item for item in breakout.TAPE.items if item.at <= moment("14:31:13.250")]
    bust = breakout.ENTRY.fills("14:31:14.000", "0001f4.02.02", "0", "190.04")
    played = trade(tape=Tape(breakout.TAPE.begins, (*kept, bust)))
    assert told(played, Who.BROKER)[-1].what == "0:EN:1  fill 0001f4.02.02 is taken back"
    assert told(played, Who.BROKER)[-1].why == "40 of 81 booked"
    assert played.progress.lifecycle.risk_filled == Decimal(40)


def test_an_answer_that_nobody_asked_for_changes_nothing() -> None:
    kept = [item for item in condor.TAPE.items if item.at <= moment("15:00:21.000")]
    unasked = condor.LEVELS[0].answers("15:00:22.000")
    played = group(tape=Tape(condor.TAPE.begins, (*kept, unasked)))
    assert told(played, Who.BROKER)[-1].why == "nobody has asked"
    assert played.desk.strays == 1


def test_a_day_that_the_calendar_does_not_cover_is_no_trading_day() -> None:
    played = trade()
    played.story.now = moment("12:00:00").replace(year=2027)
    with pytest.raises(ValueError, match="does not cover 2027-11-23"):
        _ = played.desk.trading_day


def test_a_cancel_that_nobody_sent_is_nothing_that_was_waited_for() -> None:
    kept = [item for item in breakout.TAPE.items if item.at <= moment("14:31:13.250")]
    cancelled = breakout.STOP.says("14:31:20.000", OrderStatus.CANCELLED)
    assert trade(tape=Tape(breakout.TAPE.begins, tuple(kept))).desk.strays == 0
    assert trade(tape=Tape(breakout.TAPE.begins, (*kept, cancelled))).desk.strays == 1


def test_what_a_working_hedge_may_still_cover_is_not_hedged_twice() -> None:
    """The fills are taken back before anybody has said that the hedge is over."""
    told_filled = moment("15:00:04.350")
    kept = [item for item in condor.TAPE.items if item.at < told_filled]
    late = [item for item in condor.TAPE.items if told_filled < item.at <= moment("15:00:20.000")]
    played = group(tape=Tape(condor.TAPE.begins, (*kept, *late)))
    assert played.emergency is None
    assert [holding.filled for holding in played.holdings] == [5, 5, 2, 5]
    assert played.holdings[2].working == 3
