"""How what stands in a timeline reads, in single lines."""

from datetime import datetime
from decimal import Decimal

from backstay.domain.edge.guards import Guard
from backstay.domain.edge.walking import Walk
from backstay.domain.figures import plain
from backstay.domain.trade.chronicle import Outcome, Retry, Wish
from backstay.domain.trade.settlement import Settlement

_CENT = Decimal("0.01")
_LOST = {
    "WorkerLost": "was lost",
    "WorkerShutdown": "was told to end",
    "Silent": "fell silent",
    "EdgeClosed": "was closing",
}
_WORKERS = {"edge": "broker worker", "trades": "trades worker"}


def unknown_moment(told_at: datetime) -> str:
    """That it had happened by then, and nobody knows any more when."""
    return f"; by {told_at:%H:%M:%S}, when is not known"


def retry_text(retry: Retry) -> str:
    """That a call was taken up again, by whom, and why."""
    role = _WORKERS.get(retry.identity.partition("/")[0], "worker")
    again = f"taken up again by {retry.identity}, attempt {retry.attempt}"
    if retry.sort in _LOST:
        return f"the {role} {_LOST[retry.sort]}; {again}"
    return f"{retry.after or 'the attempt before has failed'}; {again}"


def wish_text(wish: Wish) -> str:
    """What was asked by hand, and what came of it."""
    asked = " ".join((wish.name.replace("_", "-"), *wish.args))
    refused = wish.outcome is Outcome.REFUSED and wish.text
    return f"{asked}: {wish.outcome.value}" + (f", {wish.text}" if refused else "")


def watch_text(guard: Guard) -> str:
    """What is watched, and how it is left."""
    told = f"{plain(guard.quantity)} from the first share on: stop"
    told += f" {plain(guard.guarded.level.stop)} on {guard.source.value}"
    if guard.rules.trail is not None:
        told += f", trailing at {plain(guard.rules.trail.distance)}"
    if guard.target is not None:
        part = "all" if guard.target.part is None else plain(guard.target.part)
        told += f", target {plain(guard.target.price)} for {part}"
    if guard.leave_at is not None:
        told += f", left at {guard.leave_at:%d %B %H:%M} UTC"
    return told


def leaving_text(walk: Walk) -> str:
    """What a way out is about."""
    return f"{plain(walk.way_out.quantity)} {walk.way_out.instrument.symbol} go out"


def settled_text(settlement: Settlement) -> str:
    """What it has come to, in a line."""
    made = "unknown" if settlement.profit is None else plain(settlement.profit)
    told = f"profit {made}" if settlement.orders else "nothing was traded"
    for cost in settlement.commissions:
        told += f", commissions {plain(cost.amount)} {cost.currency}"
    if settlement.left_over:
        told += f", {plain(settlement.left_over)} left over"
    if settlement.naked_seconds:
        told += f", naked for {plain(settlement.naked_seconds.quantize(_CENT))} unit seconds"
    return told
