"""Every code of the table means what this says, and every other one proves nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backstay.broker.translation.errors import (
    TABLE,
    About,
    Meaning,
    meaning_of,
    refuses_a_request,
    rejection_of,
)
from backstay.broker.translation.judging import Judgement, LastAsked, Situation, Verdict, judge
from backstay.domain.orders.outcome import RejectionClass

MEANINGS: dict[Meaning, set[int]] = {
    Meaning.OVER: {201},
    Meaning.REJECTED: {
        *(110, 111, 146, 163, 200, 203, 321, 382, 383, 387, 388, 391, 403, 434, 435, 436, 460),
        *(10243, 10326),
    },
    Meaning.ID_TAKEN: {103},
    Meaning.NO_SUCH_ORDER: {135},
    Meaning.MODIFY_REFUSED: {104, 105, 134, 329},
    Meaning.CANCEL_REFUSED: {136, 161, 10147, 10148},
    Meaning.CANCELLED: {202},
    Meaning.INFORMATIONAL: {
        *(165, 399, 404, 10167, 10349),
        *(2103, 2104, 2105, 2106, 2107, 2108, 2109, 2158),
    },
    Meaning.AMBIGUOUS: {100, 106, 107, 109, 133, 320, 322, 323, 504, 505},
    Meaning.CONNECTIVITY: {326, 501, 502, 503, 506, 507, 1100, 1101, 1102, 1300, 2110},
    Meaning.DATA: {
        *(101, 102, 162, 300, 354, 366, 420),
        *(10089, 10090, 10168, 10186, 10190, 10197, 10314),
    },
}
KNOWN = {code: meaning for meaning, codes in MEANINGS.items() for code in codes}

SENT = Situation(LastAsked.NEW, is_acknowledged=False)
WORKING = Situation(LastAsked.NEW, is_acknowledged=True)
MODIFIED_BLIND = Situation(LastAsked.MODIFY, is_acknowledged=False)
MODIFIED = Situation(LastAsked.MODIFY, is_acknowledged=True)
CANCELLED_BLIND = Situation(LastAsked.CANCEL, is_acknowledged=False)
CANCELLING = Situation(LastAsked.CANCEL, is_acknowledged=True)
SITUATIONS = (SENT, WORKING, MODIFIED_BLIND, MODIFIED, CANCELLED_BLIND, CANCELLING)

L, R, RETRY, C = Verdict.LIVES, Verdict.REJECTED, Verdict.RETRYABLE, Verdict.CANCELLED
CR, MR, ASK = Verdict.CANCEL_REFUSED, Verdict.MODIFY_REFUSED, Verdict.AMBIGUOUS
VERDICTS: dict[Meaning, tuple[Verdict, ...]] = {
    Meaning.OVER: (R, R, ASK, MR, R, ASK),
    Meaning.REJECTED: (R, ASK, ASK, MR, R, ASK),
    Meaning.ID_TAKEN: (RETRY, ASK, ASK, MR, ASK, ASK),
    Meaning.NO_SUCH_ORDER: (R, ASK, ASK, MR, CR, CR),
    Meaning.MODIFY_REFUSED: (ASK, ASK, ASK, MR, ASK, ASK),
    Meaning.CANCEL_REFUSED: (CR, CR, CR, CR, CR, CR),
    Meaning.CANCELLED: (C, C, C, C, C, C),
    Meaning.INFORMATIONAL: (L, L, L, L, L, L),
    Meaning.AMBIGUOUS: (ASK,) * 6,
    Meaning.CONNECTIVITY: (ASK,) * 6,
    Meaning.DATA: (ASK,) * 6,
}


def test_the_table_is_this_one() -> None:
    assert {code: row.meaning for code, row in TABLE.items()} == KNOWN
    assert all(code == row.code for code, row in TABLE.items())


def test_no_code_stands_in_two_rows() -> None:
    assert sum(len(codes) for codes in MEANINGS.values()) == len(KNOWN) == len(TABLE)


def test_each_row_says_what_it_is_about_and_how_that_is_known() -> None:
    for row in TABLE.values():
        assert row.about
        assert len(row.source) > 10


def test_what_ends_or_refuses_an_order_is_about_orders_and_data_never_is() -> None:
    for row in TABLE.values():
        match row.meaning:
            case Meaning.DATA:
                assert row.about == {About.REQUEST}
            case Meaning.CONNECTIVITY:
                assert row.about == {About.CONNECTION}
            case Meaning.INFORMATIONAL:
                assert len(row.about) == 1
            case _:
                assert About.ORDER in row.about


@pytest.mark.req("S3.4")
@pytest.mark.parametrize("code", sorted(KNOWN))
def test_every_code_is_judged_by_what_was_asked_last(code: int) -> None:
    judgements = [judge(code, "", situation) for situation in SITUATIONS]
    assert tuple(each.verdict for each in judgements) == VERDICTS[KNOWN[code]]
    for each in judgements:
        assert (each.rejection is not None) == (each.verdict is Verdict.REJECTED)


@given(
    st.integers(-1, 20_000).filter(lambda code: code not in KNOWN),
    st.text(),
    st.sampled_from(SITUATIONS),
)
def test_an_unknown_code_is_no_rejection(code: int, text: str, situation: Situation) -> None:
    expected = Verdict.LIVES if 2100 <= code < 2200 else Verdict.AMBIGUOUS
    assert judge(code, text, situation) == Judgement(expected)


@pytest.mark.parametrize("code", [2099, 2100, 2199, 2200])
def test_warnings_reach_from_2100_to_2199(code: int) -> None:
    is_warning = code in (2100, 2199)
    assert (meaning_of(code) is Meaning.INFORMATIONAL) == is_warning
    assert refuses_a_request(code) != is_warning


@pytest.mark.req("S3.4")
@pytest.mark.parametrize(
    ("text", "rejection"),
    [
        (
            "Order rejected - reason:YOUR EQUITY WITH LOAN VALUE MUST EXCEED THE INITIAL MARGIN",
            RejectionClass.MARGIN,
        ),
        ("We are unable to accept your order. Your Available Funds are", RejectionClass.MARGIN),
        ("Available settled funds are not enough", RejectionClass.MARGIN),
        ("CASH AVAILABLE: 0.00; CASH NEEDED FOR THIS ORDER: 1", RejectionClass.MARGIN),
        ("Insufficient Buying Power", RejectionClass.MARGIN),
        ("Order rejected - reason:Exchange is closed.", RejectionClass.MARKET_CLOSED),
        ("The market is closed", RejectionClass.MARKET_CLOSED),
        ("The Market is not open", RejectionClass.MARKET_CLOSED),
        ("sent outside of trading hours", RejectionClass.MARKET_CLOSED),
        ("Trading in this contract is halted", RejectionClass.HALTED),
        ("HALTED", RejectionClass.HALTED),
        ("Trading is suspended", RejectionClass.HALTED),
        ("The price does not conform to the minimum", RejectionClass.INVALID_PRICE),
        ("Invalid price", RejectionClass.INVALID_PRICE),
        ("Limit price too far outside of NBBO", RejectionClass.INVALID_PRICE),
        (
            "we cannot accept Limit Orders at the limit price you selected",
            RejectionClass.INVALID_PRICE,
        ),
        ("Order rejected - reason:The order was rejected by the exchange.", RejectionClass.OTHER),
        ("Cannot have open orders on both sides", RejectionClass.OTHER),
        ("", RejectionClass.OTHER),
    ],
)
def test_the_text_of_a_rejection_says_why(text: str, rejection: RejectionClass) -> None:
    assert judge(201, text, SENT) == Judgement(Verdict.REJECTED, rejection)


@pytest.mark.parametrize("code", [110, 163, 382, 403])
def test_some_codes_say_why_by_themselves(code: int) -> None:
    assert rejection_of(code, "the margin is halted") is RejectionClass.INVALID_PRICE


def test_a_halt_explains_more_than_what_is_said_besides() -> None:
    assert rejection_of(201, "halted; the exchange is closed; margin") is RejectionClass.HALTED


@pytest.mark.parametrize("code", sorted(KNOWN))
def test_a_request_is_refused_by_every_code_but_remarks_and_the_state_of_connections(
    code: int,
) -> None:
    remark = KNOWN[code] in (Meaning.INFORMATIONAL, Meaning.CONNECTIVITY)
    assert refuses_a_request(code) != remark


def test_an_unknown_code_refuses_a_request() -> None:
    assert refuses_a_request(9_999)
