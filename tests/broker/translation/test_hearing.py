"""What comes of messages that are unusual: read, unread, or no news at all, and never a guess."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast

import pytest
from ib_async.decoder import Decoder
from ib_async.wrapper import Wrapper

from backstay.broker.news import (
    AccountNews,
    CommissionNews,
    CompletedNews,
    ExecutionNews,
    OrderNews,
    PositionNews,
    StampNews,
    StatusNews,
    UnreadNews,
)
from backstay.broker.translation.hearing import Hearing
from backstay.domain.orders.intent import Limit, Market, OcaGroup, Stop, StopLimit
from backstay.domain.sides import Side
from tests.broker.translation.heard import NOW, Heard
from tests.broker.translation.messages import (
    ACTION,
    AUX,
    EXECUTION_ORDER_ID,
    GROUP,
    LARGEST,
    LIMIT,
    NO_NUMBERS,
    OCA_TYPE,
    ORDER_ID,
    OURS,
    PRICE,
    QUANTITY,
    SHARES,
    SIDE,
    TIME,
    TYPE,
    changed,
    execution,
    frame,
    order,
)


def only_order(heard: Heard) -> OrderNews:
    (news,) = heard.of(OrderNews)
    return news


# --- nothing is unheard by oversight ----------------------------------------------------------

HEARD = {
    3: "orderStatus",
    4: "error",
    5: "openOrder",
    6: "updateAccountValue",
    10: "contractDetails",
    11: "execDetails",
    17: "historicalData",
    49: "currentTime",
    52: "contractDetailsEnd",
    53: "openOrderEnd",
    54: "accountDownloadEnd",
    55: "execDetailsEnd",
    59: "commissionReport",
    61: "position",
    62: "positionEnd",
    75: "securityDefinitionOptionParameter",
    76: "securityDefinitionOptionParameterEnd",
    93: "marketRule",
    101: "completedOrder",
    102: "completedOrdersEnd",
}
"""What is listened to; the rest is never asked for here."""

ENDS_WITHOUT_FIELDS = {53, 62, 102}
TICKS = {1, 45, 46, 58}
"""They are heard on the line, and never decoded."""


def test_the_hearing_hears_these_messages_and_no_others() -> None:
    methods = {name for name in vars(Hearing) if not name.startswith("_")}
    assert methods - {"unread", "defaultTimezone"} == {*HEARD.values(), "historicalDataEnd"}


@pytest.mark.parametrize("message_id", sorted(Decoder(cast(Wrapper, None), 178).handlers))
def test_of_every_message_that_the_decoder_knows_an_unreadable_one_is_told_if_it_is_heard_at_all(
    message_id: int,
) -> None:
    """One of nothing but its id can't be read, unless it never has anything else."""
    heard = Heard().tell([message_id])
    is_told = message_id in HEARD.keys() - ENDS_WITHOUT_FIELDS or message_id in TICKS
    assert heard.unread == ([str(message_id)] if is_told else [])


# --- orders -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "side"),
    [("BUY", Side.BUY), ("SELL", Side.SELL), ("SSHORT", Side.SELL), ("SLONG", Side.SELL)],
)
def test_each_word_for_a_side_is_read(word: str, side: Side) -> None:
    assert only_order(Heard().tell(order((ACTION, word)))).report.side is side


@pytest.mark.parametrize("word", ["", "buy", "HOLD", "?"])
def test_an_order_of_an_unreadable_side_is_unread(word: str) -> None:
    heard = Heard().tell(order((ACTION, word)))
    assert (heard.unread, heard.of(OrderNews)) == (["5"], [])


@pytest.mark.parametrize("text", ["", "NaN", "Infinity", "many", "-1", *NO_NUMBERS])
def test_an_order_without_a_quantity_is_unread(text: str) -> None:
    heard = Heard().tell(order(OURS, (QUANTITY, text)))
    assert (heard.unread, heard.of(OrderNews)) == (["5"], [])


@pytest.mark.parametrize(
    ("order_type", "limit", "aux", "terms"),
    [
        ("MKT", "", "", Market()),
        ("MKT", "0.0", "0.0", Market()),
        ("LMT", "100.1", "0.0", Limit(Decimal("100.1"))),
        ("LMT", "0.30000000000000004", "", Limit(Decimal("0.30000000000000004"))),
        ("STP", "0.0", "99.5", Stop(Decimal("99.5"))),
        ("STP LMT", "99", "99.5", StopLimit(Decimal("99.5"), Decimal(99))),
        ("TRAIL", LARGEST, "1.5", None),
        ("MIT", "1", "2", None),
        ("", "", "", None),
    ],
)
def test_terms_are_those_of_our_types_and_none_for_any_other(
    order_type: str, limit: str, aux: str, terms: object
) -> None:
    heard = Heard().tell(order((TYPE, order_type), (LIMIT, limit), (AUX, aux)))
    assert heard.unread == []
    assert only_order(heard).report.terms == terms


@pytest.mark.parametrize(
    ("order_type", "limit", "aux"),
    [
        ("LMT", "", "1"),
        ("LMT", LARGEST, "1"),
        ("LMT", "NaN", "1"),
        ("STP", "1", ""),
        ("STP", "1", LARGEST),
        ("STP LMT", "", "1"),
        ("STP LMT", "1", ""),
    ],
)
def test_an_order_of_a_type_of_ours_without_its_price_is_unread(
    order_type: str, limit: str, aux: str
) -> None:
    heard = Heard().tell(order(OURS, (TYPE, order_type), (LIMIT, limit), (AUX, aux)))
    assert (heard.unread, heard.of(OrderNews)) == (["5"], [])


@pytest.mark.parametrize(
    ("name", "kind", "group"),
    [
        ("", "3", None),
        ("pair", "0", OcaGroup("pair", 3)),
        ("pair", "1", OcaGroup("pair", 1)),
        ("pair", "2", OcaGroup("pair", 2)),
        ("pair", "3", OcaGroup("pair", 3)),
    ],
)
def test_the_group_of_an_order_is_read(name: str, kind: str, group: OcaGroup | None) -> None:
    heard = Heard().tell(order((GROUP, name), (OCA_TYPE, kind)))
    assert heard.unread == []
    assert only_order(heard).report.oca == group


def test_a_group_of_an_unknown_type_is_unread() -> None:
    assert Heard().tell(order(OURS, (OCA_TYPE, "4"))).unread == ["5"]


def test_an_order_placed_by_hand_is_told_by_its_permanent_id() -> None:
    for order_id in ("0", "-3", "2147483647", ""):
        news = only_order(Heard().tell(order((ORDER_ID, order_id))))
        assert news.report.order_id == {"-3": -3}.get(order_id, 0)
        assert news.report.perm_id > 0


PERM_ID, FILLED = 23, 86
"""Where they stand in a completedOrder of a plain order."""


def completed(*changes: tuple[int, str]) -> list[str]:
    return changed(frame(101, "first"), *changes)


def test_a_completed_order_tells_what_it_has_filled() -> None:
    (news,) = Heard().tell(completed((FILLED, "37"), (13, "0"))).of(CompletedNews)
    assert (news.report.filled, news.quantity) == (Decimal(37), Decimal(0))


@pytest.mark.parametrize("text", ["", LARGEST])
def test_a_completed_order_without_a_count_claims_nothing(text: str) -> None:
    (news,) = Heard().tell(completed((FILLED, text))).of(CompletedNews)
    assert news.report.filled == 0


def test_a_completed_order_with_an_unreadable_count_is_unread() -> None:
    assert Heard().tell(completed((FILLED, "NaN"))).unread == ["101"]


def test_a_completed_order_that_has_never_left_the_gateway_is_no_news() -> None:
    heard = Heard().tell(completed((PERM_ID, "0"), (FILLED, "0")))
    assert (heard.news, heard.unread) == ([], [])


def test_a_completed_order_that_has_filled_must_name_itself() -> None:
    assert Heard().tell(completed((PERM_ID, "0"))).unread == ["101"]


def test_what_is_heard_is_stamped_with_broker_time() -> None:
    heard = Heard().tell(order(), frame(3), frame(101))
    assert heard.of(OrderNews)[0].report.received_at == NOW
    assert heard.of(StatusNews)[0].report.received_at == NOW
    assert heard.of(CompletedNews)[0].report.received_at == NOW


# --- statuses, executions, commissions --------------------------------------------------------


@pytest.mark.parametrize("text", ["", *NO_NUMBERS])
def test_a_status_without_a_count_claims_nothing(text: str) -> None:
    (news,) = Heard().tell(changed(frame(3), (3, text))).of(StatusNews)
    assert news.report.filled == 0


@pytest.mark.parametrize("text", ["NaN", "-1", "x"])
def test_a_status_with_an_unreadable_count_is_unread(text: str) -> None:
    heard = Heard().tell(changed(frame(3), (3, text)))
    assert (heard.unread, heard.of(StatusNews)) == (["3"], [])


def test_a_status_of_no_order_is_unread() -> None:
    assert Heard().tell(changed(frame(3), (1, "0"), (6, "0"))).unread == ["3"]


@pytest.mark.parametrize(
    "text",
    [
        "1795446001",
        "20261123-15:00:01",
        "20261123 10:00:01 America/New_York",
        "20261123 10:00:01 US/Eastern",
        "20261123  10:00:01 EST",
        "20261123 16:00:01 Europe/Amsterdam",
        "20261124 00:00:01 Asia/Tokyo",
    ],
)
def test_each_way_to_write_a_time_is_read(text: str) -> None:
    heard = Heard().tell(execution((TIME, text)))
    at = datetime(2026, 11, 23, 15, 0, 1, tzinfo=UTC)
    assert heard.of(ExecutionNews)[0].report.executed_at == at
    assert heard.of(StampNews) == [StampNews(at, timedelta(seconds=1))]


def test_the_zone_that_ib_calls_by_its_winter_name_has_its_summer() -> None:
    (news,) = Heard().tell(execution((TIME, "20260701 10:00:00 EST"))).of(ExecutionNews)
    assert news.report.executed_at == datetime(2026, 7, 1, 14, 0, tzinfo=UTC)


def test_a_local_time_that_comes_twice_is_the_earlier_one() -> None:
    (news,) = Heard().tell(execution((TIME, "20261101 01:30:00 US/Eastern"))).of(ExecutionNews)
    assert news.report.executed_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20261123",
        "20261123  10:00:01",
        "20261123 10:00:01",
        "20261123 10:00:01 Nowhere/Land",
        "20261123 10:00:01 ../UTC",
        "20261123 10:00:01 Europe",
        "20261323-10:00:01",
        "20261123-10:61:01",
        "noon",
    ],
)
def test_a_time_that_does_not_say_what_it_means_is_unread(text: str) -> None:
    heard = Heard().tell(execution((TIME, text)))
    assert (heard.unread, heard.news[:-1]) == (["11"], [])


@pytest.mark.parametrize(
    ("position", "text"),
    [
        (SIDE, "BUY OR SELL"),
        (SIDE, ""),
        (SHARES, ""),
        (SHARES, "NaN"),
        (SHARES, "-1"),
        (SHARES, LARGEST),
        (PRICE, ""),
        (PRICE, "NaN"),
        (PRICE, LARGEST),
        (14, ""),
    ],
)
def test_an_execution_that_can_not_be_told_for_sure_is_unread(position: int, text: str) -> None:
    heard = Heard().tell(execution((position, text)))
    assert (heard.unread, heard.of(ExecutionNews), heard.of(StampNews)) == (["11"], [], [])


def test_a_bust_is_an_execution_of_nothing() -> None:
    (news,) = Heard().tell(execution((SHARES, "0"))).of(ExecutionNews)
    assert news.report.quantity == 0


def test_an_execution_of_an_order_without_an_id_names_none() -> None:
    for text in ("0", "2147483647"):
        (news,) = Heard().tell(execution((EXECUTION_ORDER_ID, text))).of(ExecutionNews)
        assert news.report.order_id == 0


@pytest.mark.parametrize("request_id", ["0", "7"])
def test_an_execution_that_was_asked_for_is_no_stamp_of_now(request_id: str) -> None:
    heard = Heard().tell(execution((1, request_id)))
    assert len(heard.of(ExecutionNews)) == 1
    assert heard.of(StampNews) == []


def test_a_commission_that_is_not_known_yet_is_no_news() -> None:
    assert Heard().tell(changed(frame(59), (3, LARGEST))).news == []


def test_a_rebate_is_negative() -> None:
    (news,) = Heard().tell(changed(frame(59), (3, "-0.35"))).of(CommissionNews)
    assert news.report.amount == Decimal("-0.35")


@pytest.mark.parametrize(("position", "text"), [(3, ""), (3, "NaN"), (2, "")])
def test_a_commission_that_can_not_be_told_for_sure_is_unread(position: int, text: str) -> None:
    heard = Heard().tell(changed(frame(59), (position, text)))
    assert (heard.unread, heard.of(CommissionNews)) == (["59"], [])


# --- positions and the account ----------------------------------------------------------------


def test_a_position_is_told_with_its_multiplier() -> None:
    (news,) = Heard().tell(changed(frame(61), (9, "100"), (14, "-3"))).of(PositionNews)
    assert (news.multiplier, news.quantity) == (Decimal(100), Decimal(-3))


@pytest.mark.parametrize("kind", ["OPT", "FUT", "FOP", "WAR"])
def test_a_derivative_without_its_multiplier_is_unread(kind: str) -> None:
    assert Heard().tell(changed(frame(61), (5, kind), (9, ""))).unread == ["61"]


@pytest.mark.parametrize("kind", ["STK", "CASH", "BOND"])
def test_what_has_no_multiplier_counts_once(kind: str) -> None:
    (news,) = Heard().tell(changed(frame(61), (5, kind), (9, ""))).of(PositionNews)
    assert news.multiplier == 1


@pytest.mark.parametrize("text", ["", "NaN", LARGEST, "x"])
def test_an_unreadable_position_is_not_flat(text: str) -> None:
    heard = Heard().tell(changed(frame(61), (14, text)))
    assert (heard.unread, heard.of(PositionNews), heard.items) == (["61"], [], {})


def test_a_figure_of_the_account_is_told_as_it_stands() -> None:
    heard = Heard().tell([6, 2, "NetLiquidation", "1,5", "USD", "DU1"])
    assert heard.news == [AccountNews("DU1", "NetLiquidation", "1,5", "USD")]


# --- time -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "0", "-1", "0x", "99999999999999"])
def test_an_unreadable_clock_is_unread_and_no_answer(text: str) -> None:
    heard = Heard().tell([49, 1, text])
    assert (heard.unread, heard.ended, heard.of(StampNews)) == (["49"], [], [])


def test_unread_news_say_why() -> None:
    (news,) = Heard().tell(order((ACTION, "HOLD"))).of(UnreadNews)
    assert "'HOLD' is no side" in news.why


def test_a_status_whose_permanent_id_is_none_names_none() -> None:
    (news,) = Heard().tell(changed(frame(3), (6, "2147483647"))).of(StatusNews)
    assert news.report.perm_id == 0
