"""On which side of the entry a stop and a target belong.

One rule, asked twice: of the prices that the plan names, when it is read, and of the price that
the market gives, when it is sized. A buy has its stop below and its targets above; a sell is the
mirror image.
"""

from collections.abc import Iterable
from decimal import Decimal

from backstay.domain.plan.complaints import Complaint, Path
from backstay.domain.plan.entry import EntryPoint
from backstay.domain.plan.exits import Target
from backstay.domain.plan.stop import Stop
from backstay.domain.sides import Side


def misplaced(
    side: Side, stop: Stop, targets: tuple[Target, ...], entry: EntryPoint
) -> Iterable[Complaint]:
    """Every stop and target that does not work for a position entered at `entry`."""
    if stop.price is not None:
        yield from wrong_side(("stop", "price"), "stop", stop.price, side, entry)
    if side is Side.BUY:
        distance = stop.trail.distance if stop.trail else None
        yield from _too_far(("stop", "offset"), stop.offset, side, entry)
        yield from _too_far(("stop", "trail", "distance"), distance, side, entry)
    for index, target in enumerate(targets):
        path = ("target", index)
        if target.price is not None:
            yield from wrong_side((*path, "price"), "target", target.price, side, entry)
        if side is Side.SELL:
            yield from _too_far((*path, "offset"), target.offset, side, entry)


def wrong_side(
    path: Path, what: str, price: Decimal, side: Side, entry: EntryPoint, given: str = ""
) -> Iterable[Complaint]:
    """A complaint unless `price`, of a "stop" or a "target", is on its side of the entry.

    `given` is what the plan says where `price` only follows from it.
    """
    belongs_below = (side is Side.BUY) == (what == "stop")
    ahead = price - entry.price
    if ahead < 0 if belongs_below else ahead > 0:
        return
    subject = f"{given} puts it at {price}, which is" if given else f"{price} is"
    stands = "at" if ahead == 0 else "above" if ahead > 0 else "below"
    belongs = "below" if belongs_below else "above"
    yield Complaint(path, f"{subject} {stands} {entry}; a {side} needs a {what} {belongs} it")


def _too_far(
    path: Path, distance: Decimal | None, side: Side, entry: EntryPoint
) -> Iterable[Complaint]:
    """A complaint where `distance`, downwards from the entry, leaves no price above 0."""
    if distance is not None and distance >= entry.price:
        text = f"{distance} leaves nothing of {entry}; a {side} needs it shorter"
        yield Complaint(path, text)
