"""A plan travels: what is written as JSON is read back as the same plan, by every way."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from backstay.domain.plan.complaints import Complaint
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.levels import StopLevels
from backstay.domain.plan.losses import Losses
from backstay.domain.plan.model import Plan
from backstay.domain.plan.reading import read_json, read_toml
from backstay.domain.plan.sizing import Sized, Sizing, Unfit
from backstay.domain.plan.trade import TradePlan
from tests.domain.plan.documents import Document, as_json, group, toml, trade
from tests.domain.plan.strategies import documents

PLAN: TypeAdapter[TradePlan | GroupPlan] = TypeAdapter(Plan)


@given(documents())
@settings(max_examples=50)
def test_a_plan_survives_its_own_json(document: Document) -> None:
    plan = read_toml(toml(document))
    for text in (PLAN.dump_json(plan), to_json(plan)):
        assert PLAN.validate_json(text) == plan
        assert TypeAdapter(type(plan)).validate_json(text) == plan
        assert read_json(text.decode()) == plan
    assert hash(PLAN.validate_json(PLAN.dump_json(plan))) == hash(plan)


@given(documents())
@settings(max_examples=50)
def test_both_notations_of_a_document_are_the_same_plan(document: Document) -> None:
    assert read_json(as_json(document)) == read_toml(toml(document))


def test_a_plan_is_told_apart_by_its_group_also_as_a_value() -> None:
    for document, kind in ((trade(), TradePlan), (group(), GroupPlan)):
        plan = read_toml(toml(document))
        assert type(PLAN.validate_python(plan)) is kind
        assert type(PLAN.validate_json(plan.model_dump_json())) is kind


def test_a_plan_can_not_be_changed() -> None:
    plan = read_toml(toml(trade()))
    with pytest.raises(ValidationError, match="frozen"):
        plan.id = "other"  # type: ignore[misc]


def test_a_plan_that_contradicts_itself_is_refused_wherever_it_comes_from() -> None:
    text = as_json(
        trade(
            {
                "stop.price": "193.00",
                "entry.limit_offset": 0,
                "entry.trigger.price": 190,
                "target": [],
            }
        )
    )
    with pytest.raises(ValidationError, match=r"stop.price: 193.00 is above the entry trigger 190"):
        PLAN.validate_json(text)


@pytest.mark.parametrize(
    "sizing",
    [
        Sized(
            Decimal(83),
            Decimal("190.00"),
            StopLevels(Decimal("187.00"), None),
            Decimal("15770.00"),
            Losses(Decimal("249.00"), None),
        ),
        Unfit((Complaint(("target", 0, "price"), "too low"), Complaint((), "no plan"))),
    ],
)
def test_a_sizing_survives_its_own_json(sizing: Sized | Unfit) -> None:
    adapter: TypeAdapter[Sized | Unfit] = TypeAdapter(Sizing)
    assert adapter.validate_json(adapter.dump_json(sizing)) == sizing
