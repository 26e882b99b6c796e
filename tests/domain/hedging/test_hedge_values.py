"""The values of a hedge: what they refuse, and that they survive JSON."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from pydantic import TypeAdapter

from backstay.domain.hedging.emergency import (
    EmergencyHedge,
    open_hedge,
)
from backstay.domain.hedging.events import (
    AskBroker,
    CallOff,
    CancelHedge,
    CancelRefused,
    Escalate,
    HedgeCommand,
    HedgeEvent,
    ReadFills,
    SendHedge,
    TimePassed,
    UndoSurplus,
)
from backstay.domain.hedging.levels import HedgeOrder
from backstay.domain.ids import Purpose
from backstay.domain.incidents.kinds import IncidentKind
from tests.domain.hedging.hedges import (
    FIRST,
    START,
    gone_deep,
    opened,
    proven,
    read,
    seen,
)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"needed": Decimal(0)}, "a hedge is for a quantity above 0, not for 0"),
        ({"limit": timedelta(0)}, "a hedge needs time to work; its limit is 0:00:00"),
        ({"orders": ()}, "a hedge has 1 to 3 levels, not 0"),
        (
            {"orders": (HedgeOrder(FIRST, Decimal(1), None),) * 4},
            "a hedge has 1 to 3 levels, not 4",
        ),
    ],
)
def test_a_hedge_refuses_what_makes_no_sense(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}$"):
        replace(opened(), **change)  # type: ignore[arg-type]


def test_only_the_key_of_a_hedge_opens_one() -> None:
    key = replace(FIRST, purpose=Purpose.UNDO)
    with pytest.raises(ValueError, match=r"^bs1:T7K2M9QX:2:UN:4 is not the key of a hedge$"):
        open_hedge(Decimal(1), key, START)


def test_a_hedge_survives_json() -> None:
    adapter = TypeAdapter(EmergencyHedge)
    for hedge in (opened(), proven(), gone_deep(0, 0, 1), gone_deep(1, 2)):
        assert adapter.validate_json(adapter.dump_json(hedge)) == hedge


@pytest.mark.parametrize("event", [seen(1, 2), read(1, 2), CancelRefused(FIRST), TimePassed()])
def test_an_event_survives_json(event: HedgeEvent) -> None:
    adapter: TypeAdapter[HedgeEvent] = TypeAdapter(HedgeEvent)
    assert adapter.validate_json(adapter.dump_json(event)) == event


@pytest.mark.parametrize(
    "command",
    [
        SendHedge(FIRST, 1, Decimal(3)),
        CancelHedge(FIRST),
        AskBroker(FIRST),
        ReadFills(FIRST),
        Escalate(IncidentKind.IMMEDIATE_MANUAL_HEDGE, Decimal(1)),
        CallOff(),
        UndoSurplus(Decimal(1)),
    ],
)
def test_a_command_survives_json(command: HedgeCommand) -> None:
    adapter: TypeAdapter[HedgeCommand] = TypeAdapter(HedgeCommand)
    assert adapter.validate_json(adapter.dump_json(command)) == command
