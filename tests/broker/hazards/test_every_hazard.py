"""Every hazard of the protocol and of ib_async that we know of, and the tests that meet it."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent

IB_ASYNC: dict[str, tuple[str, ...]] = {
    "1: the queue in front of the wire is emptied in silence when the line breaks": (
        "test_an_order_that_waits_its_turn_when_the_line_breaks_is_not_forgotten",
    ),
    "1: a cancel waits behind requests for data": (
        "test_a_cancel_does_not_wait_behind_requests_for_data",
    ),
    "2: an order that is over is written once more, and then it raises": (
        "test_nothing_leaves_to_change_an_order_that_is_over",
    ),
    "3: remarks are taken for ends (10349, 161, 103, 2109, 399)": (
        "test_a_time_in_force_that_was_put_right_ends_no_order",
        "test_an_attribute_that_is_ignored_is_no_state",
        "test_an_order_that_waits_for_its_hour_lives",
        "test_an_order_whose_cancel_is_refused_lives",
        "test_a_change_that_comes_too_soon_ends_no_order",
    ),
    "4: fills that are learned after a reconnect are not told": (
        "test_a_fill_that_is_learned_after_a_reconnect_is_told",
    ),
    "5: executions of unknown orders are not told": (
        "test_the_fill_of_an_order_from_before_a_restart_is_told",
    ),
    "6: commissions that come first are dropped": (
        "test_a_commission_that_comes_before_its_execution_is_booked",
    ),
    "7: a stale status reopens; a filled one comes before its fill": (
        "test_a_stale_status_after_the_end_reopens_nothing",
        "test_a_filled_status_is_no_fill",
    ),
    "8: two requests of a kind hang; open orders are not told meanwhile": (
        "test_two_who_ask_the_same_are_both_answered",
        "test_an_order_is_shown_while_open_orders_are_asked_for",
    ),
    "9: a rejected what-if is an empty list": ("test_a_preview_that_is_refused_says_so",),
    "10: a client id in use is a timeout": ("test_a_client_id_that_is_in_use_is_called_so",),
    "11: large reads are quadratic": ("test_a_burst_in_one_read_costs_no_more_for_each_byte",),
    "12: outages are remarks, streams stay dead, questions hang, sockets are half-open": (
        "test_nothing_is_sent_into_an_outage",
        "test_no_exit_is_sent_into_an_outage",
        "test_a_fill_in_an_outage_is_told_after_it",
        "test_a_stream_that_has_died_is_noticed",
        "test_a_question_that_is_never_answered_ends",
        "test_a_half_open_connection_is_found_out",
    ),
    "13: it can't be imported inside a workflow's sandbox": (
        "test_what_workflows_import_does_not_bring_ib_async",
    ),
}

BROKER: dict[str, tuple[str, ...]] = {
    "order ids are no names: they roll back and are given out again": (
        "test_order_ids_that_are_given_out_again_join_no_two_orders",
        "test_ids_that_roll_back_under_a_running_process_are_never_used_twice",
        "test_an_order_that_never_reached_ib_takes_no_fill_of_the_one_that_got_its_id",
    ),
    "completed orders say no order id, and ib_async shows them with nothing filled": (
        "test_what_filled_while_nobody_was_there_is_counted_from_executions",
    ),
    "placing again: a modification, 103, 104 or a second order": (
        "test_an_order_that_is_asked_for_again_is_placed_once",
        "test_an_order_that_was_rejected_is_not_placed_again",
        "test_a_new_order_whose_id_is_refused_is_asked_about_and_not_taken_for_rejected",
    ),
    "a modification while connectivity is lost leaves two permanent ids": (
        "test_nothing_is_modified_while_ib_is_out_of_reach",
        "test_an_order_that_lives_twice_is_found_cancelled_where_it_can_be_and_told_of",
    ),
    "10147, 10148, 161: cancels that are refused": (
        "test_a_refused_cancel_proves_no_end",
        "test_a_cancel_that_a_fill_overtakes_ends_with_the_fill",
    ),
    "cancels that are not answered": ("test_a_cancel_that_is_not_answered_is_pending_until_it_is",),
    "a client id lingers (326)": ("test_a_client_id_that_lingers_is_waited_for",),
    "placements without any answer; a question without one is not none": (
        "test_an_order_without_any_answer_is_unknown_until_absence_is_proven_twice",
        "test_a_question_that_was_not_answered_is_never_none",
    ),
    "statuses that come twice, late, out of order or never": (
        "test_statuses_may_come_twice_late_backwards_or_never",
    ),
    "ends that are none: inactive, being cancelled, cancelled": (
        "test_inactive_is_no_end",
        "test_what_is_being_cancelled_can_still_fill",
        "test_a_fill_after_the_end_is_booked_and_told",
    ),
    "executions that are corrected or taken back": (
        "test_a_correction_takes_the_place_of_its_execution",
        "test_a_correction_changes_the_price_that_counts",
        "test_an_execution_that_is_taken_back_does_not_count",
    ),
    "orders that cancel each other: all or one, reduced in proportion or by quantity": (
        "test_an_exit_beside_a_resting_stop_never_sells_the_position_twice",
    ),
    "both sides of one option contract (201)": (
        "test_no_order_stands_against_another_in_one_option_contract",
    ),
    "a modified child must not name its parent (135)": (
        "test_a_stop_that_follows_a_trail_is_modified_without_its_parent",
    ),
    "market orders wait for the open (399)": (
        "test_no_market_order_is_left_waiting_for_the_open",
        "test_an_exit_before_the_open_goes_on_with_limits_until_it_is_flat",
        "test_no_entry_for_regular_hours_is_left_waiting_for_the_open",
    ),
    "short sales are held for a locate (404)": (
        "test_a_short_sale_that_is_held_for_a_locate_is_cancelled_with_evidence",
    ),
    "a plain stop sleeps outside regular hours": (
        "test_a_stop_for_all_hours_is_awake_before_the_open_and_a_plain_one_sleeps",
    ),
    "only client 0 hears of orders by hand": (
        "test_an_order_by_hand_is_found_by_asking_for_everybodys",
        "test_a_position_that_somebody_else_has_opened_is_told",
    ),
    "another login takes the data away (10197)": (
        "test_while_somebody_else_has_the_data_nothing_fires",
    ),
    "about a hundred data lines (101)": (
        "test_an_entry_without_a_data_line_is_not_admitted",
        "test_fewer_lines_than_we_think_are_noticed",
        "test_an_entry_that_is_meant_for_now_does_not_wait_for_a_price_that_stands_to_change",
    ),
    "prices are told only when they change": (
        "test_an_entry_that_is_meant_for_now_waits_for_a_price_that_is_fresh",
    ),
    "fifty messages a second": ("test_no_more_than_45_messages_leave_in_any_second",),
}

TABLE = {**IB_ASYNC, **BROKER}


def those_that_are_there() -> set[str]:
    """Every test beside this one, by its name."""
    files = [path for path in HERE.glob("test_*.py") if path.name != Path(__file__).name]
    text = "\n".join(path.read_text() for path in files)
    return set(re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE))


@pytest.mark.parametrize("hazard", TABLE)
def test_every_hazard_is_met_by_a_test_that_is_there(hazard: str) -> None:
    assert TABLE[hazard]
    assert set(TABLE[hazard]) <= those_that_are_there()


def test_every_test_meets_a_hazard_that_has_a_name() -> None:
    named = {test for tests in TABLE.values() for test in tests}
    assert those_that_are_there() == named


def test_no_hazard_of_ib_async_is_forgotten() -> None:
    numbers = {int(hazard.partition(":")[0]) for hazard in IB_ASYNC}
    assert numbers == set(range(1, 14))
