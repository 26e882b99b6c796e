"""The laws about the end of a trade: what it says it has made (I10), what it leaves behind (L2)."""

from decimal import Decimal

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.kill import KillMode
from backstay.lab.oracle import happenings as world
from tests.lab.oracle.standings import settled
from tests.lab.oracle.told_by_hand import (
    CON_ID,
    RUN,
    TRADE,
    Teller,
    armed,
    held,
    leaves,
    ref,
)

# --- I10: what a trade says it has made ---


def left(price: str) -> Teller:
    """A position bought at 100 and left by its stop."""
    teller = held().after(20)
    teller.fills(ref("PR"), 100, price)
    return teller.after(60)


@pytest.mark.parametrize(("price", "profit"), [("99", "-100"), ("101.5", "150"), ("100", "0")])
def test_a_trade_that_says_what_it_has_made_breaks_no_law(price: str, profit: str) -> None:
    teller = left(price)
    teller.closes(settled(profit, EN=100, PR=100))
    assert teller.laws() == []


def test_a_profit_of_the_wrong_sign_is_found() -> None:
    teller = left("99")
    teller.closes(settled("100", EN=100, PR=100))
    assert teller.one("I10") == f"{RUN.workflow_id} says that it has made 100; it was -100"


DAY_SECONDS = 86_400


def test_a_trade_that_has_entered_today_knows_what_it_has_made() -> None:
    teller = left("99")
    teller.closes(settled(None, EN=100, PR=100))
    text = f"{RUN.workflow_id} says that nobody knows what it has made; it was -100"
    assert teller.one("I10") == text


def test_a_trade_that_has_entered_on_another_day_may_not_know_what_it_has_made() -> None:
    teller = held().after(DAY_SECONDS)
    teller.fills(ref("PR"), 100, "99")
    teller.closes(settled(None, EN=100, PR=100))
    assert "I10" not in teller.laws()


@pytest.mark.parametrize("said", ["-100", "-50"])
def test_a_price_that_was_corrected_just_before_the_end_may_be_in_it_or_not(said: str) -> None:
    teller = left("99")
    teller.corrects(ref("PR"), 100, price="99.50", was="99")
    teller.after(5).closes(settled(said, EN=100, PR=100))
    assert teller.laws() == []


@pytest.mark.parametrize(("said", "seconds"), [("-100", 5.1), ("-99", 1)])
def test_a_price_that_was_corrected_counts_and_excuses_no_other_figure(
    said: str, seconds: float
) -> None:
    teller = left("99")
    teller.corrects(ref("PR"), 100, price="99.50", was="99")
    teller.after(seconds).closes(settled(said, EN=100, PR=100))
    assert teller.one("I10") == f"{RUN.workflow_id} says that it has made {said}; it was -50.00"


def test_a_trade_whose_shares_were_split_says_what_it_likes() -> None:
    teller = held().after(20)
    teller.happens(world.SplitMade(CON_ID, Decimal(2)))
    teller.fills(ref("PR"), 100, "50")
    teller.after(60).closes(settled("100", EN=100, PR=100))
    assert "I10" not in teller.laws()


def test_a_trade_with_shares_left_over_says_what_it_has_made_of_the_others() -> None:
    teller = held().after(20)
    teller.fills(ref("PR"), 60, "99")
    teller.after(60).closes(settled("-60", EN=100, PR=60))
    assert "I10" not in teller.laws()


# --- L2: trades that end, a flatten and a close ---


def wishes(teller: Teller, name: str) -> None:
    """A trade takes up what a person asks of it."""
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)
    attributes = event.workflow_execution_update_accepted_event_attributes
    attributes.accepted_request.input.name = name
    teller.judge.history(RUN, event)


def test_a_trade_that_ends_with_what_it_holds_is_found() -> None:
    teller = held().after(20)
    teller.tells(IncidentKind.NAKED_POSITION)
    teller.closes(settled(EN=100))
    teller.after(20)
    assert f"{RUN.workflow_id} has ended with 100 AAPL open" in teller.texts("L2")


def test_a_trade_that_ends_after_a_hand_has_closed_it_breaks_no_law() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.closes(settled(EN=100))
    teller.after(20)
    assert "L2" not in teller.laws()


def test_what_a_hand_opens_again_after_the_end_is_not_what_the_trade_has_left() -> None:
    teller = held().after(20)
    teller.trades(-100)
    teller.closes(settled(EN=100))
    teller.after(1)
    teller.trades(100)
    teller.after(20)
    assert "L2" not in teller.laws()


def test_what_a_hand_closes_just_after_the_end_is_not_there_any_more() -> None:
    teller = held().after(20)
    teller.closes(settled(EN=100))
    teller.after(1).trades(-100)
    teller.after(20)
    assert "L2" not in teller.laws()


def test_what_fills_after_the_end_of_its_trade_is_none_of_it() -> None:
    teller = held(50).after(20)
    teller.closes(settled(EN=20))
    teller.after(20)
    assert "L2" not in teller.laws()


def test_what_fills_after_a_hand_has_closed_a_part_is_left_by_its_trade() -> None:
    teller = held().after(20)
    teller.trades(-60)
    teller.closes(settled(EN=100))
    teller.after(20)
    assert f"{RUN.workflow_id} has ended with 40 AAPL open" in teller.texts("L2")


def another_sells(teller: Teller, quantity: int) -> None:
    """A stop of another trade, which holds nothing any more, fills after its cancel."""
    stop = ref("PR", trade="0THERTRD")
    teller.places(stop, quantity, "STP")
    teller.works(stop)
    teller.fills(stop, quantity)


@pytest.mark.parametrize(
    ("oversold", "text"),
    [
        (60, f"{RUN.workflow_id} has ended with 40 AAPL open"),
        (99, f"{RUN.workflow_id} has ended with 1 AAPL open"),
        (100, ""),
        (140, ""),
    ],
)
def test_what_another_trade_has_closed_with_more_than_it_had_is_not_there_any_more(
    oversold: int, text: str
) -> None:
    """A stop that fills after its cancel takes what others hold, and may turn the account."""
    teller = held().after(20)
    another_sells(teller, oversold)
    teller.closes(settled(EN=100))
    teller.after(20)
    assert [each for each in teller.texts("L2") if "has ended" in each] == ([text] if text else [])


def test_what_another_trade_turns_just_after_the_end_is_not_there_any_more() -> None:
    teller = held().after(20)
    teller.closes(settled(EN=100))
    another_sells(teller.after(1), 140)
    teller.after(20)
    assert "L2" not in teller.laws()


def test_where_a_hand_has_opened_something_nobody_knows_what_a_trade_has_left() -> None:
    teller = held().after(20)
    teller.trades(-60)
    teller.trades(80)
    teller.closes(settled(EN=100))
    teller.after(20)
    assert "L2" not in teller.laws()


def works_on(fault: str = "") -> Teller:
    """A trade has ended, and its entry may still fill."""
    teller = Teller()
    armed(teller)
    teller.rests(ref())
    if fault:
        teller.strikes(fault, ref())
    teller.closes(settled(EN=0))
    return teller


def test_a_trade_that_ends_while_its_entry_lives_is_found() -> None:
    text = f"{RUN.workflow_id} has ended, and {ref()} lives: it may fill 100"
    assert works_on().texts("L2") == [text]


def test_a_second_life_of_an_entry_that_the_exchange_has_made_is_none_of_its_trade() -> None:
    assert "L2" not in works_on("second-perm-id").laws()


def test_a_trade_that_ends_with_its_entry_breaks_no_law() -> None:
    teller = Teller()
    armed(teller)
    teller.rests(ref())
    teller.ends(ref())
    teller.closes(settled(EN=0))
    assert teller.laws() == []


def test_a_position_that_a_close_leaves_alone_is_found() -> None:
    teller = held().after(20)
    wishes(teller, "close")
    teller.after(9)
    assert teller.laws() == []
    teller.after(3)
    assert teller.one("L2") == f"{TRADE} holds 100 AAPL after a close, and nothing has left"


def test_a_part_that_leaves_at_its_target_is_no_answer_to_a_close() -> None:
    teller = held().after(20)
    wishes(teller, "close")
    teller.rests(ref("XT"), 40)
    teller.fills(ref("XT"), 40)
    teller.after(12)
    assert f"{TRADE} holds 60 AAPL after a close, and nothing has left" in teller.texts("L2")


@pytest.mark.parametrize("wish", ["close", "cancel", "move_stop"])
def test_a_position_that_a_close_leaves_or_that_is_to_stay_breaks_no_law(wish: str) -> None:
    teller = held().after(20)
    wishes(teller, wish)
    if wish == "close":
        leaves(teller, "XM")
    teller.after(20)
    assert "L2" not in teller.laws()


def test_what_keeps_a_position_from_leaving_may_be_told_before_a_close() -> None:
    teller = held().after(20)
    teller.tells(IncidentKind.EXIT_UNRESOLVED)
    wishes(teller, "close")
    teller.after(20)
    assert "L2" not in teller.laws()


def test_a_position_that_a_flatten_leaves_alone_is_found() -> None:
    teller = held().after(20)
    teller.kills(KillMode.FLATTEN)
    teller.after(20)
    assert f"{TRADE} holds 100 AAPL after a flatten, and nothing has left" in teller.texts("L2")


def test_a_position_that_a_flatten_leaves_breaks_no_law() -> None:
    teller = held().after(20)
    teller.kills(KillMode.FLATTEN)
    leaves(teller)
    teller.after(20)
    assert "L2" not in teller.laws()


@pytest.mark.parametrize("mode", [KillMode.FREEZE, KillMode.FLATTEN])
def test_a_flatten_waits_for_the_end_of_a_halt_and_a_freeze_leaves_nothing(mode: KillMode) -> None:
    teller = held().after(20)
    if mode is KillMode.FLATTEN:
        teller.happens(world.Halted(CON_ID))
    teller.kills(mode)
    teller.after(20)
    assert "L2" not in teller.laws()


def test_a_flatten_may_be_told_to_wait() -> None:
    teller = held().after(20)
    teller.kills(KillMode.FLATTEN)
    teller.tells(IncidentKind.FLATTEN_INCOMPLETE)
    teller.after(20)
    assert "L2" not in teller.laws()
