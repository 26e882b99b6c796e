"""The laws about single orders: their keys (I1), intents (I2), the kill (I5), limits (I7), and who
may speak (I9).
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.domain.limits.kill import KillMode
from backstay.lab.oracle import happenings as world
from backstay.lab.simulation.scenario import Role
from tests.lab.oracle.told_by_hand import (
    LIMITS,
    OTHER,
    PREMISES,
    TRADE,
    Teller,
    approved,
    armed,
    held,
    key,
    ref,
)


def ready() -> Teller:
    teller = Teller()
    armed(teller)
    return teller


# --- nothing is wrong ---


def test_a_trade_that_enters_is_protected_and_leaves_breaks_no_law() -> None:
    teller = held()
    teller.after(3).cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.after(0.01).rests(ref("XS"))
    teller.fills(ref("XS"), 100)
    teller.after(60).comes_to_rest()
    assert teller.laws() == []


# --- I1 ---


def test_a_key_with_two_living_orders_is_found() -> None:
    teller = ready()
    teller.rests(ref())
    teller.works(ref(), perm_id=999)
    assert "lives in 2 orders" in teller.one("I1")


def test_a_key_that_names_a_second_order_after_the_first_is_found() -> None:
    teller = ready()
    teller.rests(ref())
    teller.ends(ref())
    teller.works(ref(), perm_id=999)
    assert teller.one("I1") == f"{ref()} was order 101, which is over, and is order 999"


def test_a_second_order_that_the_gateway_has_made_is_none_of_ours() -> None:
    teller = ready()
    teller.rests(ref())
    teller.strikes("second-perm-id", ref())
    teller.works(ref(), perm_id=999)
    assert teller.laws() == []


def test_more_filled_than_was_asked_for_is_found() -> None:
    teller = ready()
    teller.rests(ref())
    teller.fills(ref(), 60)
    teller.fills(ref(), 60)
    assert "makes 120 filled" in teller.judge.findings()[0].text
    assert teller.laws()[0] == "I1"


# --- I2 ---


def test_an_order_of_which_no_history_knows_is_found() -> None:
    teller = Teller()
    teller.begins()
    teller.places(ref())
    text = f"{ref()} was sent, and no history had written it down as approved"
    assert teller.one("I2") == text


def test_an_order_that_is_written_down_too_late_is_found() -> None:
    teller = Teller()
    teller.begins()
    teller.places(ref())
    armed(teller)
    teller.one("I2")


def test_an_order_without_histories_is_not_judged_by_them() -> None:
    teller = Teller()
    teller.places(ref())
    assert teller.laws() == []


@pytest.mark.parametrize("name", [None, "mine", "bs1:T7K2M9QX:0:EN", "bs1:T7K2M9QX:0:ZZ:1"])
def test_an_order_that_leads_to_no_trade_is_found(name: str | None) -> None:
    teller = ready()
    teller.places(name or "")
    assert "leads to no trade" in teller.one("I2")


def test_more_than_was_approved_is_found() -> None:
    teller = ready()
    teller.places(ref(), 120)
    assert teller.one("I2") == f"{ref()} was sent, and it is for 120; 100 were approved"


def test_a_price_outside_its_collar_is_found() -> None:
    teller = ready()
    teller.places(ref(), limit="105.01")
    assert "its price 105.01 lies outside 95 to 105" in teller.one("I2")


def test_another_side_than_was_approved_is_found() -> None:
    teller = ready()
    teller.places(ref(), side="SELL")
    assert "on another side" in teller.one("I2")


def test_an_approval_that_has_run_out_is_found() -> None:
    teller = ready().after(63)
    teller.places(ref())
    assert "had run out 3.0 s before" in teller.one("I2")


def test_an_approval_that_has_run_out_on_the_way_is_good() -> None:
    teller = ready().after(61.5)
    teller.places(ref())
    assert teller.laws() == []


def test_a_later_entry_needs_an_approval_of_its_own() -> None:
    teller = ready()
    teller.places(ref("EN", 2))
    teller.one("I2")


def test_a_later_exit_stands_under_the_approval_of_the_first() -> None:
    teller = held()
    teller.after(1).cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.rests(ref("XS", 4))
    assert teller.laws() == []


def test_an_exit_stands_under_no_approval_of_a_later_one() -> None:
    teller = Teller()
    rules = {"first_key": key("XS")}
    teller.calls("walk", {"way_out": {"rules": rules, "exit": approved("XS", TRADE, 2)}})
    teller.places(ref("XS"))
    teller.places(ref("XS", 2))
    assert teller.one("I2").startswith(f"{ref('XS')} was sent, and no history")


def test_a_question_about_margin_is_no_order() -> None:
    teller = Teller()
    teller.begins()
    teller.places(ref(), what_if=True)
    assert teller.laws() == []


# --- I5 ---


def test_an_entry_that_is_sent_after_a_kill_is_found() -> None:
    teller = ready()
    teller.kills()
    teller.after(1.5).places(ref())
    assert teller.one("I5") == f"{ref()} was sent 1.5 s after trading was stopped"


def test_an_entry_that_was_on_its_way_at_a_kill_is_none() -> None:
    teller = ready()
    teller.kills()
    teller.after(0.9).places(ref())
    assert teller.laws() == []


def test_a_worker_that_wakes_up_after_a_kill_may_not_send_either() -> None:
    teller = ready()
    teller.happens(world.WorkerFroze(Role.BROKER))
    teller.kills()
    teller.after(30).happens(world.WorkerThawed(Role.BROKER))
    teller.after(0.01).places(ref())
    teller.one("I5")


def test_an_exit_may_leave_after_a_kill() -> None:
    teller = held()
    teller.kills(KillMode.FLATTEN)
    teller.after(2).cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.rests(ref("XM"))
    assert teller.laws() == []


def test_an_entry_may_leave_once_trading_is_resumed() -> None:
    teller = ready()
    teller.kills()
    teller.after(20).happens(world.TradingResumed())
    teller.after(20).places(ref())
    assert teller.laws() == []


def test_an_entry_that_nobody_cancels_after_a_kill_is_found() -> None:
    teller = ready()
    teller.rests(ref())
    teller.after(20).kills()
    teller.after(1.9)
    assert teller.laws() == []
    teller.after(0.2).after(100)
    assert "nobody has asked to cancel it" in teller.one("I5")


def test_a_cancel_is_out_even_if_nothing_comes_of_it() -> None:
    teller = ready()
    teller.rests(ref())
    teller.after(20).kills()
    teller.after(1).cancels(ref())
    teller.after(100)
    assert teller.laws() == []


def test_nobody_can_cancel_who_is_not_connected() -> None:
    teller = ready()
    teller.rests(ref())
    teller.after(20).happens(world.WorkerDied(Role.BROKER))
    teller.kills()
    teller.after(100)
    assert teller.laws() == []
    teller.happens(world.WorkerStarted(Role.BROKER))
    teller.connects()
    teller.after(9.9)
    assert teller.laws() == []
    teller.after(0.2)
    teller.one("I5")


# --- I7 ---


def test_an_order_that_is_worth_too_much_is_found() -> None:
    teller = Teller()
    teller.places(ref(), 290, limit="104")
    assert "it is worth 30160; at most 30000 may be" in teller.one("I7")


def test_what_is_in_flight_counts_towards_the_position() -> None:
    teller = Teller()
    teller.rests(ref(trade=TRADE_A), 200, limit="1")
    teller.after(2).places(ref(trade=OTHER), 101, limit="1")
    assert "301 would be held of it; at most 300 may be" in teller.one("I7")


def test_two_entries_in_one_instant_count_together() -> None:
    teller = Teller()
    teller.places(ref(trade=TRADE_A), 100, limit="260")
    teller.places(ref(trade=OTHER), 100, con_id=2, limit="260")
    assert "52000 would be at stake in all; at most 50000 may be" in teller.one("I7")


def test_what_was_left_again_counts_no_more() -> None:
    teller = Teller()
    teller.rests(ref(trade=TRADE_A), 100, limit="260")
    teller.ends(ref(trade=TRADE_A))
    teller.after(2).places(ref(trade=OTHER), 100, con_id=2, limit="260")
    assert teller.laws() == []


def test_what_never_came_to_the_exchange_counts_no_more() -> None:
    teller = Teller()
    teller.places(ref(trade=TRADE_A), 100, limit="260")
    teller.after(2).places(ref(trade=OTHER), 100, con_id=2, limit="260")
    assert teller.laws() == []


def test_too_many_trades_are_found() -> None:
    teller = Teller()
    for trade in ("T0000001", "T0000002", "T0000003"):
        teller.after(2).rests(ref(trade=trade), 1)
    assert "3 trades would be open; at most 2 may be" in teller.one("I7")


def test_too_many_entries_a_day_are_found() -> None:
    teller = Teller()
    for trade in ("T0000001", "T0000002", "T0000003", "T0000004"):
        teller.after(2).rests(ref(trade=trade), 1)
        teller.ends(ref(trade=trade))
    assert "it is the entry number 4 of the day" in teller.one("I7")


def test_two_entries_in_a_symbol_within_a_second_are_found() -> None:
    teller = Teller()
    teller.rests(ref(trade=TRADE_A), 1)
    teller.after(0.8).places(ref(trade=OTHER), 1)
    assert "was sent less than 1 s before" in teller.one("I7")


def test_an_entry_that_is_sent_again_is_the_same_one() -> None:
    teller = Teller(replace(PREMISES, limits=replace(LIMITS, entries_per_day_max=1)))
    teller.places(ref(), 1)
    teller.after(0.1).places(ref(), 1)
    assert teller.laws() == []


def test_a_symbol_that_may_not_be_traded_is_found() -> None:
    teller = Teller()
    teller.places(ref(), 1, con_id=3)
    assert teller.one("I7") == f"{ref()} was sent, and GME may not be traded"


def test_a_fill_counts_at_what_its_order_was_willing_to_pay() -> None:
    teller = Teller()
    teller.rests(ref(trade=TRADE_A), 100, limit="260")
    teller.fills(ref(trade=TRADE_A), 100, price="255")
    teller.after(2).places(ref(trade=OTHER), 100, con_id=2, limit="241")
    assert "50100 would be at stake" in teller.one("I7")


TRADE_A = "T0000009"


# --- I9 ---


def test_two_sessions_that_submit_in_turns_are_found() -> None:
    teller = ready()
    teller.rests(ref())
    teller.connects()
    teller.cancels(ref())
    teller.cancels(ref(), conn=1)
    text = "the cancel of order 1 came over connection 1, while 2 had the session"
    assert teller.one("I9") == text


def test_whoever_gets_the_session_back_may_submit() -> None:
    teller = ready()
    teller.rests(ref())
    teller.connects()
    teller.connects()
    teller.cancels(ref())
    assert teller.laws() == []


def test_a_client_id_that_is_not_ours_is_found() -> None:
    teller = Teller(replace(PREMISES, client_id=8))
    teller.places(ref())
    assert "under the client id 1" in teller.one("I9")


def test_an_approval_of_another_trade_is_none() -> None:
    teller = Teller()
    teller.calls(
        "arm", {"arm": {"entry": approved("EN", OTHER), "protection": None, "trigger": None}}
    )
    teller.places(ref())
    teller.one("I2")


def test_a_price_in_an_order_is_read_exactly() -> None:
    teller = ready()
    teller.places(ref(), limit=str(Decimal("104.999999")))
    assert teller.laws() == []
