"""The connection checklist: complete, in order, and never without advice."""

import pytest

from backstay.domain.incidents.connection import (
    CHECKLIST,
    RETRY_AFTER,
    ConnectionCheck,
    advice,
    check_for,
)


@pytest.mark.req("S3.1")
def test_every_check_stands_on_the_list_once_and_support_comes_last() -> None:
    assert [item.check for item in CHECKLIST] == list(ConnectionCheck)
    assert CHECKLIST[-1].check is ConnectionCheck.BROKER_SUPPORT


@pytest.mark.req("S3.1")
def test_a_new_attempt_comes_after_half_a_minute() -> None:
    assert RETRY_AFTER.total_seconds() == 30


@pytest.mark.req("S3.1")
def test_every_check_asks_a_question_and_says_what_to_do() -> None:
    for item in CHECKLIST:
        assert item.question.endswith("?")
        assert item.remedy.endswith(".")


@pytest.mark.req("S3.1")
def test_the_question_of_the_port_names_all_four() -> None:
    question = CHECKLIST[1].question
    assert question.endswith("7497 or 4002 for paper, 7496 or 4001 for live?")


@pytest.mark.req("S3.1")
@pytest.mark.parametrize(
    ("code", "check"),
    [
        (502, ConnectionCheck.GATEWAY_RUNNING),
        (504, ConnectionCheck.GATEWAY_RUNNING),
        (321, ConnectionCheck.API_WRITABLE),
        (326, ConnectionCheck.CLIENT_ID_FREE),
        (10197, ConnectionCheck.ONLY_LOGIN),
        (201, None),
    ],
)
def test_an_error_code_points_to_the_check_it_fails(
    code: int, check: ConnectionCheck | None
) -> None:
    assert check_for(code) is check


@pytest.mark.req("S3.1")
@pytest.mark.parametrize("check", list(ConnectionCheck))
def test_the_advice_is_about_the_earliest_check_that_failed(check: ConnectionCheck) -> None:
    later = tuple(list(ConnectionCheck)[list(ConnectionCheck).index(check) :])
    assert advice(later[::-1]).check is check


@pytest.mark.req("S3.1")
def test_where_nothing_failed_the_advice_is_to_call_support() -> None:
    assert advice(()).remedy == "Look at IB's system status, then call IB's support."
