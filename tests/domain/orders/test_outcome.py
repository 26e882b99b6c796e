"""What a submission came to: three answers and no fourth."""

from datetime import timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from backstay.domain.ids import IntentKey, Purpose
from backstay.domain.orders.outcome import (
    Accepted,
    Rejected,
    RejectionClass,
    SubmitOutcome,
    Unknown,
)
from tests.domain.orders.told import at

KEY = IntentKey("T7K2M9QX", 0, Purpose.ENTRY, 1)
OUTCOMES: TypeAdapter[SubmitOutcome] = TypeAdapter(SubmitOutcome)


@pytest.mark.req("S4.3")
@pytest.mark.parametrize(
    "outcome",
    [
        Accepted(KEY, order_id=5, perm_id=7, at=at(1)),
        Rejected(KEY, code=201, rejection=RejectionClass.MARGIN, text="margin", at=at(1)),
        Unknown(KEY, since=at(1)),
    ],
    ids=lambda outcome: outcome.kind,
)
def test_each_answer_survives_json_as_itself(outcome: SubmitOutcome) -> None:
    again = OUTCOMES.validate_json(OUTCOMES.dump_json(outcome))
    assert again == outcome
    assert type(again) is type(outcome)


@pytest.mark.req("S0.5")
@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_an_answer_that_is_not_stamped_in_utc_is_refused(zone: timezone | None) -> None:
    local = at(1).replace(tzinfo=zone)
    with pytest.raises(ValueError, match=r"^accepted: the time .* is not in UTC$"):
        Accepted(KEY, order_id=5, perm_id=7, at=local)
    with pytest.raises(ValueError, match=r"^rejected: the time .* is not in UTC$"):
        Rejected(KEY, code=201, rejection=RejectionClass.MARGIN, text="margin", at=local)
    with pytest.raises(ValueError, match=r"^unknown: the time .* is not in UTC$"):
        Unknown(KEY, since=local)


@pytest.mark.req("S4.3")
def test_there_is_no_fourth_answer() -> None:
    text = OUTCOMES.dump_json(Unknown(KEY, since=at(1))).replace(b'"unknown"', b'"probably"')
    with pytest.raises(ValidationError, match="'accepted', 'rejected', 'unknown'"):
        OUTCOMES.validate_json(text)


@pytest.mark.req("S3.4")
def test_rejections_are_classed_by_what_decides_the_next_step() -> None:
    assert [rejection.value for rejection in RejectionClass] == [
        "margin",
        "market closed",
        "invalid price",
        "halted",
        "other",
    ]
