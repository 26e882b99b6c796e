"""How verdicts and refusals read."""

from decimal import Decimal

import pytest

from backstay.domain.limits.codes import RefusalCode, Refused, Verdict, refused
from tests.domain.limits.samples import NOW, key


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
