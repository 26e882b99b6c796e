"""A connection says who it is, and only then anything else."""

import pytest

from backstay.gateway.messages.replies import (
    CurrentTime,
    ManagedAccounts,
    NextValidId,
    Notice,
)
from backstay.gateway.messages.requests import (
    RequestCurrentTime,
    RequestIds,
    RequestManagedAccounts,
    RequestPositions,
    SetLogLevel,
    StartApi,
)
from tests.gateway.front.doubles import ONE, SECOND_NS, START_NS, TWO, Room


def test_a_start_is_answered_with_accounts_the_next_id_and_the_farms_in_this_order() -> None:
    assert Room().stranger().ask(StartApi(7)) == [
        ManagedAccounts((ONE, TWO)),
        NextValidId(107),
        Notice(-1, 2104, "Market data farm connection is OK:usfarm"),
        Notice(-1, 2106, "HMDS data farm connection is OK:ushmds"),
        Notice(-1, 2158, "Sec-def data farm connection is OK:secdefnj"),
    ]


def test_a_client_id_that_is_in_use_is_refused_and_the_connection_closed() -> None:
    room = Room()
    first = room.caller(7)
    second = room.stranger()
    text = "Unable to connect as the client id is already in use. Retry with a unique client id."
    assert second.ask(StartApi(7)) == [Notice(-1, 326, text)]
    assert (second.closed, first.closed) == (["client id in use"], [])
    assert room.front.clients == (first.client,)


def test_a_client_id_is_free_again_once_its_connection_has_gone() -> None:
    room = Room()
    room.caller(7).client.gone()
    assert ManagedAccounts((ONE, TWO)) in room.stranger().ask(StartApi(7))


def test_a_lingering_client_id_is_in_use_until_its_time_is_over() -> None:
    room = Room()
    room.caller(7).client.gone()
    room.front.linger(7, 10 * SECOND_NS)
    room.after(9.9)
    refused = room.stranger()
    refused.ask(StartApi(7))
    assert refused.codes == [(-1, 326)]
    room.after(0.1)
    welcome = room.stranger()
    welcome.ask(StartApi(7))
    assert welcome.client.client_id == 7


def test_a_negative_client_id_is_refused() -> None:
    caller = Room().stranger()
    caller.ask(StartApi(-1))
    assert (caller.codes, caller.closed) == ([(-1, 321)], ["negative client id"])


def test_a_second_start_changes_nothing() -> None:
    room = Room()
    caller = room.caller(7)
    caller.ask(StartApi(8))
    assert (caller.codes, caller.client.client_id, caller.closed) == ([(-1, 321)], 7, [])


def test_before_the_start_everything_else_is_ignored_with_a_notice() -> None:
    caller = Room().stranger()
    assert caller.ask(RequestPositions()) == [Notice(-1, 504, "Not connected")]
    assert caller.closed == []


def test_ids_accounts_and_time_are_answered_and_a_log_level_is_accepted() -> None:
    room = Room()
    caller = room.caller(7)
    room.after(1.9)
    assert caller.ask(
        RequestIds(), RequestManagedAccounts(), RequestCurrentTime(), SetLogLevel(5)
    ) == [
        NextValidId(107),
        ManagedAccounts((ONE, TWO)),
        CurrentTime(START_NS // SECOND_NS + 1),
    ]


def test_who_has_gone_hears_nothing_and_asks_nothing() -> None:
    room = Room()
    caller = room.caller()
    caller.client.gone()
    caller.client.gone()
    assert caller.ask(RequestCurrentTime()) == []
    room.front.broadcast(2107, "HMDS data farm connection is inactive")
    assert caller.heard == []


@pytest.mark.parametrize(("asked", "codes"), [(50, []), (51, [(-1, 100)])])
def test_so_many_messages_a_second_are_allowed_and_no_more(
    asked: int, codes: list[tuple[int, int]]
) -> None:
    room = Room()
    caller = room.stranger()
    room.after(0)
    caller.ask(StartApi(7), *[SetLogLevel(1)] * (asked - 1))
    assert [each for each in caller.codes if each[1] == 100] == codes
    assert caller.closed == []


def test_messages_more_than_a_second_ago_dont_count() -> None:
    room = Room()
    caller = room.stranger()
    caller.ask(StartApi(7), *[SetLogLevel(1)] * 49)
    room.after(1)
    caller.ask(*[SetLogLevel(1)] * 50)
    assert caller.codes == []


def test_the_third_warning_in_a_minute_ends_the_connection() -> None:
    caller = Room().caller()
    caller.ask(*[SetLogLevel(1)] * 152)
    assert caller.codes == [(-1, 100)] * 3
    assert caller.closed == ["too many messages a second"]


def test_warnings_are_forgotten_after_a_minute() -> None:
    room = Room()
    caller = room.caller()
    for _ in range(5):
        caller.ask(*[SetLogLevel(1)] * 51)
        room.after(31)
    assert caller.closed == []
