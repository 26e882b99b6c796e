"""The data converter of the house."""

from decimal import Decimal

from activities.calls import Alert
from activities.converting import VALUES, Values
from backstay.domain.incidents.kinds import IncidentKind

ALERT = Alert("DU1234567", IncidentKind.TASK_FAILED, "T7K2M9QX", "for a test")


def test_a_value_comes_back_as_it_went() -> None:
    (payload,) = VALUES.payload_converter.to_payloads([ALERT])
    assert VALUES.payload_converter.from_payloads([payload], [Alert]) == [ALERT]
    (price,) = VALUES.payload_converter.to_payloads([Decimal("97.50")])
    assert VALUES.payload_converter.from_payloads([price], [Decimal]) == [Decimal("97.50")]


def test_what_reads_a_type_is_built_once_in_a_process() -> None:
    readers = [
        next(each for each in Values().converters.values() if hasattr(each, "_type_adapter"))
        for _ in range(2)
    ]
    assert readers[0] is not readers[1]
    assert readers[0]._type_adapter(Alert) is readers[1]._type_adapter(Alert)
