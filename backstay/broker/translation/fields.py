"""What is put right in a message's fields before ib_async decodes them.

It reads a number left empty as zero, though a position of nothing known is not flat, and a time in
a way that depends on this computer's time zone. So the first can't be read here, and a time becomes
seconds since 1970, the one form that can't be misread.
"""

from backstay.broker.translation.times import broker_time

_OPEN_ORDER, _EXECUTION, _CURRENT_TIME = 5, 11, 49
_COMMISSION, _POSITION, _COMPLETED_ORDER = 59, 61, 101
_EXECUTION_TIME = 15

_STATED: dict[int, tuple[int, ...]] = {
    _OPEN_ORDER: (14,),
    _EXECUTION: (_EXECUTION_TIME, 19, 20),
    _CURRENT_TIME: (2,),
    _COMMISSION: (3,),
    _POSITION: (14,),
    _COMPLETED_ORDER: (13,),
}
"""Which fields of which message must not be empty: quantities, prices, costs and times."""


def made_sure(message_id: int, fields: list[str]) -> list[str]:
    """The fields of a message, its id the first; a ValueError if one is missing that must stand."""
    for position in _STATED.get(message_id, ()):
        if not fields[position : position + 1] or not fields[position]:
            raise ValueError(f"field {position} says nothing")
    if message_id != _EXECUTION:
        return fields
    seconds = str(int(broker_time(fields[_EXECUTION_TIME]).timestamp()))
    return [*fields[:_EXECUTION_TIME], seconds, *fields[_EXECUTION_TIME + 1 :]]
