"""How each fault of the gateway is planned: how often, against whom, and with which details.

One literal table. `gentle` and `hard` are the probabilities of an occasion and the most strikes,
`nth` how far from the first one a single occasion is picked; a fault without occasions strikes by
the clock. What opens no way back, such as a cancel that is never carried out, is rare.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backstay.lab.simulation.drawing.ideas import Idea
from backstay.lab.simulation.drawing.throws import falls, mostly_short, period, pick
from backstay.lab.simulation.seeds import Die

Details = Callable[[Die, Idea], dict[str, object]]

_ANY = ("EN", "EN", "PR", "PR", "XS", "XT")
_MOSTLY_LATER = ("EN", "PR", "PR", "XS", "XS", "XT", "XM")
_FEW_SHARES, _SOME_SHARES = 5, 60


def _none(thrown: Die, idea: Idea) -> dict[str, object]:
    del thrown, idea
    return {}


def _lasting(name: str, low: float, high: float) -> Details:
    """A length of time under that name; long ones are rare."""

    def details(thrown: Die, idea: Idea) -> dict[str, object]:
        del idea
        return {name: period(mostly_short(thrown, low, high))}

    return details


def _whole(name: str, low: int, high: int) -> Details:
    def details(thrown: Die, idea: Idea) -> dict[str, object]:
        del idea
        return {name: thrown.randint(low, high)}

    return details


def _in_the_end(good: str, bad: str, name: str, low: float, high: float) -> Details:
    """So long, and then mostly what is good."""

    def details(thrown: Die, idea: Idea) -> dict[str, object]:
        del idea
        then = pick(thrown, ((good, 85.0), (bad, 15.0)))
        return {name: period(mostly_short(thrown, low, high)), "then": then}

    return details


def _freeze(thrown: Die, idea: Idea) -> dict[str, object]:
    return {"above": max(1, round(idea.quantity * thrown.uniform(0.3, 0.95)))}


def _rejection(thrown: Die, idea: Idea) -> dict[str, object]:
    del idea
    return {} if falls(thrown, 0.7) else {"code": thrown.choice((110, 200, 203, 463))}


def _garbage(thrown: Die, idea: Idea) -> dict[str, object]:
    del idea
    return {"shape": thrown.choice(("noise", "unknown-id", "cut-short"))}


def _late_fill(thrown: Die, idea: Idea) -> dict[str, object]:
    del idea
    share = pick(thrown, (("1", 60.0), ("0.5", 30.0), ("0.1", 10.0)))
    return {"delay": period(mostly_short(thrown, 0.02, 4.0)), "share": share}


def _correction(thrown: Die, idea: Idea) -> dict[str, object]:
    most = min(idea.quantity, _FEW_SHARES)
    changes = pick(thrown, ((0, 70.0), (-most, 20.0), (most, 10.0)))
    return {
        "delay": period(mostly_short(thrown, 0.02, 4.0)),
        "price_by": pick(thrown, (("0.01", 50.0), ("-0.02", 30.0), ("0.00", 20.0))),
        "quantity_by": str(changes),
    }


def _order_in_tws(thrown: Die, idea: Idea) -> dict[str, object]:
    return {
        "symbol": idea.symbol if not idea.is_option else "AAPL",
        "side": thrown.choice(("BUY", "SELL")),
        "quantity": thrown.randint(1, _SOME_SHARES),
        "limit": pick(thrown, (("0", 70.0), (str(idea.entry), 30.0))),
    }


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one fault is planned; without `gentle` it strikes by the clock."""

    gentle: tuple[float, int] | None = None
    hard: tuple[float, int] = (0.5, 3)
    nth: int = 0
    """0: never a single occasion."""
    early: float = 0.4
    """How often it may strike from the beginning on, and not only once a position may be there."""
    aims: tuple[str, ...] = ()
    aimed: float = 0.25
    kinds: tuple[str, ...] = ()
    details: Details = _none


_TICK = Recipe((0.08, 20), (0.3, 80))
_STATUSES = ("PreSubmitted", "Submitted", "Cancelled", "Filled")
_QUERIES = (
    "reqOpenOrders",
    "reqAllOpenOrders",
    "reqCompletedOrders",
    "reqExecutions",
    "reqPositions",
    "reqContractDetails",
    "reqMktData",
    "reqCurrentTime",
)
_REQUESTS = ("placeOrder", "cancelOrder", "reqExecutions", "reqMktData")
_ALWAYS, _SELDOM = 0.9, 0.3


def _of_order(
    gentle: tuple[float, int], hard: tuple[float, int], nth: int, details: Details = _none
) -> Recipe:
    """What is told or done of an order: there are few of them, so each counts."""
    return Recipe(gentle, hard, nth, _ALWAYS, _ANY, details=details)


def _of_status(
    gentle: tuple[float, int], hard: tuple[float, int], details: Details = _none
) -> Recipe:
    return Recipe(gentle, hard, 6, _ALWAYS, _ANY, kinds=_STATUSES, details=details)


def _against_order(
    gentle: tuple[float, int], hard: tuple[float, int], details: Details = _none
) -> Recipe:
    """What keeps an order off the exchange: mostly not the entry, or nothing happens in the run."""
    return Recipe(gentle, hard, 4, _SELDOM, _MOSTLY_LATER, 0.45, details=details)


def _of_line(
    gentle: tuple[float, int], hard: tuple[float, int], details: Details = _none
) -> Recipe:
    return Recipe(gentle, hard, 30, aims=_ANY, kinds=_REQUESTS, details=details)


RECIPES: Mapping[str, Recipe] = {
    "ids-roll-back": Recipe((0.7, 1), (1.0, 4), details=_whole("by", 1, 30)),
    "placement-swallowed": _against_order((0.5, 1), (0.7, 2)),
    "placement-acknowledged-late": _of_order((0.7, 2), (1.0, 6), 4, _lasting("delay", 0.05, 8.0)),
    "order-rejected": _against_order((0.5, 1), (0.7, 4), _rejection),
    "held-for-locate": Recipe(
        (0.8, 1), (1.0, 2), details=_in_the_end("located", "never", "delay", 0.5, 12.0)
    ),
    "freeze-quantity": _against_order((0.7, 1), (0.9, 3), _freeze),
    "fast-modify-refused": Recipe(
        (1.0, 1), (1.0, 5), 2, _ALWAYS, details=_lasting("within", 2.0, 30.0)
    ),
    "second-perm-id": Recipe((1.0, 1), (1.0, 3), 2, _ALWAYS),
    "cancel-refused": _of_order((0.8, 1), (1.0, 4), 2),
    "cancel-unanswered": _of_order(
        (0.8, 1), (1.0, 4), 2, _in_the_end("cancelled", "never", "delay", 0.2, 12.0)
    ),
    "read-only": _against_order((0.4, 1), (0.6, 4)),
    "request-unanswered": Recipe((0.1, 3), (0.3, 8), 20, kinds=_QUERIES),
    "answers-slow": Recipe(
        (0.2, 4), (0.6, 20), 20, kinds=_QUERIES, details=_lasting("delay", 0.1, 8.0)
    ),
    "reset-before-frame": _of_line((0.05, 1), (0.15, 4)),
    "reset-after-frame": _of_line((0.05, 1), (0.15, 4)),
    "reset-mid-frame": Recipe((0.005, 1), (0.02, 4), 150, kinds=("in", "out")),
    "client-id-lingers": Recipe((1.0, 1), (1.0, 3), details=_lasting("lasting", 0.3, 8.0)),
    "half-open": _of_line((0.03, 1), (0.08, 2), _lasting("lasting", 0.5, 12.0)),
    "garbage-frame": Recipe((0.005, 1), (0.02, 3), 150, details=_garbage),
    "oversized-frame": Recipe((0.004, 1), (0.015, 2), 150),
    "status-duplicated": _of_status((0.6, 4), (1.0, 40), _whole("copies", 1, 4)),
    "status-delayed": _of_status((0.5, 3), (0.9, 20), _lasting("delay", 0.05, 8.0)),
    "status-reordered": _of_status((0.6, 3), (1.0, 20), _lasting("within", 0.2, 6.0)),
    "status-missing": _of_status((0.4, 2), (0.7, 10)),
    "commission-before-execution": _of_order((0.7, 2), (1.0, 10), 3, _lasting("within", 0.2, 5.0)),
    "commission-missing": _of_order((0.7, 1), (1.0, 10), 3),
    "tick-none": _TICK,
    "tick-zero": _TICK,
    "tick-minus-one": _TICK,
    "tick-nan": _TICK,
    "tick-crossed": Recipe((0.2, 10), (0.5, 40)),
    "tick-stale": Recipe((0.05, 15), (0.25, 50), details=_lasting("delay", 0.2, 10.0)),
    "tick-storm": Recipe((0.02, 2), (0.06, 5), details=_whole("ticks", 5, 80)),
    "stream-dead": Recipe(),
    "farm-broken": Recipe(details=_lasting("lasting", 0.5, 10.0)),
    "competing-login": Recipe(details=_lasting("lasting", 0.5, 10.0)),
    "upstream-lost": Recipe(details=_in_the_end("kept", "lost", "lasting", 0.3, 8.0)),
    "nightly-restart": Recipe(details=_lasting("down", 0.3, 8.0)),
    "fill-after-cancel": _of_order((0.8, 1), (1.0, 3), 2, _late_fill),
    "execution-corrected": _of_order((0.5, 1), (0.8, 3), 3, _correction),
    "execution-busted": _of_order((0.4, 1), (0.6, 2), 3, _lasting("delay", 0.02, 4.0)),
    "manual-order": Recipe(details=_order_in_tws),
    "manual-close": Recipe((0.5, 1), (0.8, 2), 2, details=_lasting("delay", 0.05, 6.0)),
}
"""By the name of each fault in the gateway's catalogue."""
