"""How verdicts and refusals read."""

from decimal import Decimal

import pytest

from backstay.domain.limits.codes import RefusalCode, Refused, Verdict, plain, refused
from tests.domain.limits.samples import NOW, key


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        ("100", "100"),
        ("100.00", "100"),
        ("0.10", "0.1"),
        ("1E+5", "100000"),
        ("1E-7", "0.0000001"),
        ("-2.50", "-2.5"),
        ("0", "0"),
        ("0.00", "0"),
        ("50000.01", "50000.01"),
    ],
)
def test_a_figure_is_shown_to_the_last_digit_that_matters(figure: str, text: str) -> None:
    assert plain(Decimal(figure)) == text


@pytest.mark.req("S3.4")
def test_a_verdict_is_one_line_that_begins_with_its_code() -> None:
    assert Verdict(RefusalCode.RATE, passed=False, text="too fast").line == "rate: too fast"


def test_a_refusal_says_what_the_verdict_says() -> None:
    verdict = Verdict(
        RefusalCode.RATE, passed=False, text="x", measured=Decimal(1), bound=Decimal(2)
    )

    assert refused(key(), verdict, NOW) == Refused(
        key(), RefusalCode.RATE, "rate: x", NOW, measured=Decimal(1), bound=Decimal(2)
    )


@pytest.mark.parametrize("code", RefusalCode)
def test_a_code_is_its_own_name_in_small_letters(code: RefusalCode) -> None:
    assert code.value == code.name.lower()
