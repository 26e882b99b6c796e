"""Recorded messages, and the places in them at which a test puts something else."""

from tests.broker.translation.recorded import recorded

LARGEST = "1.7976931348623157E308"
NO_NUMBERS = [LARGEST, "9223372036854775807", "170141183460469231731687303715884105727"]

# Where the fields of an openOrder stand.
ORDER_ID, OCA_TYPE = 1, 53
ACTION, QUANTITY, TYPE, LIMIT, AUX, TIF, GROUP = 13, 14, 15, 16, 17, 18, 19
OURS = (23, "bs1:AAAAAAAA:0:EN:1")
"""A reference of ours, instead of one that is none."""

EXECUTION_ORDER_ID, TIME, SIDE, SHARES, PRICE = 2, 15, 18, 19, 20


def frame(message_id: int, holding: str = "") -> list[str]:
    """The first recorded message of a kind that holds a text."""
    return next(
        list(each)
        for each in recorded().frames
        if each[0] == str(message_id) and (not holding or holding in each)
    )


def changed(message: list[str], *changes: tuple[int, str]) -> list[str]:
    message = list(message)
    for position, text in changes:
        message[position] = text
    return message


def order(*changes: tuple[int, str]) -> list[str]:
    return changed(frame(5, "resting"), *changes)


def execution(*changes: tuple[int, str]) -> list[str]:
    return changed(frame(11), *changes)
