"""The figures of what is live: distances, what a stop covers, profit and loss.

Every function takes what is known and gives None for what can't be said from it. A figure that is
only almost right is none: where a fill is claimed and not reported, nothing is reckoned with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from backstay.domain.edge.arms import ArmPhase
from backstay.domain.edge.live import Distance, LegPhase, Profit, StopStanding
from backstay.domain.figures import total
from backstay.domain.instruments import Instrument
from backstay.domain.orders.view import CommissionTotal, OrderView
from backstay.domain.protection.naked import Cover, naked_quantity
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing

_NOTHING = Decimal(0)
_PERCENT_STEP = Decimal("0.0001")

_PHASES = {
    ArmPhase.WAITING: LegPhase.WAITING,
    ArmPhase.SENDING: LegPhase.SENDING,
    ArmPhase.WORKING: LegPhase.WORKING,
}


def leg_phase(
    arm: ArmPhase | None, open_quantity: Decimal, *, is_watched: bool, is_leaving: bool
) -> LegPhase:
    """What a leg is about, by its entry, by whoever watches it and by what is open."""
    if is_leaving:
        return LegPhase.LEAVING
    if arm is ArmPhase.UNKNOWN:
        return LegPhase.UNKNOWN
    if is_watched:
        return LegPhase.GUARDING
    entering = None if arm is None else _PHASES.get(arm)
    if entering is not None:
        return entering
    return LegPhase.HELD if open_quantity > 0 else LegPhase.OVER


def distance(crossing: Crossing, level: Decimal, price: Decimal | None) -> Distance | None:
    """How far `price` has to go to reach a level that is crossed on that side."""
    if price is None:
        return None
    away = level - price if crossing is Crossing.ABOVE else price - level
    return Distance(away, (away / price * 100).quantize(_PERCENT_STEP))


def stop_standing(
    open_quantity: Decimal,
    awake: Iterable[Cover],
    asleep: Iterable[Cover],
    exits: Iterable[Cover],
    *,
    is_virtual: bool,
) -> StopStanding:
    """How the stop at the broker stands over what is open. `awake` are the stops that work and may
    act, `asleep` those that wait for the end of the entry; `exits` are other orders that leave.
    """
    awake, asleep, exits = tuple(awake), tuple(asleep), tuple(exits)
    if is_virtual:
        return StopStanding.VIRTUAL
    if open_quantity <= 0:
        return StopStanding.ACKNOWLEDGED if _covers(awake + asleep) else StopStanding.NONE
    if not naked_quantity(open_quantity, awake + exits):
        return StopStanding.ACKNOWLEDGED if _covers(awake) else StopStanding.EXIT
    if not naked_quantity(open_quantity, awake + asleep + exits):
        return StopStanding.ASLEEP
    return StopStanding.MISSING


def _covers(covers: tuple[Cover, ...]) -> bool:
    return any(cover.quantity for cover in covers)


@dataclass(frozen=True, slots=True)
class Traded:
    """What several orders of one side have filled, its worth, and what was told of its cost.

    `is_whole` says that no fill is known to be missing, `costs_known` that of each was told what it
    cost.
    """

    quantity: Decimal = _NOTHING
    value: Decimal = _NOTHING
    costs: tuple[CommissionTotal, ...] = ()
    is_whole: bool = True
    costs_known: bool = True

    @property
    def average_price(self) -> Decimal | None:
        """What one unit was worth; None where that can't be told."""
        return self.value / self.quantity if self.is_whole and self.quantity else None

    def joined(self, other: "Traded") -> "Traded":
        """Both together."""
        return Traded(
            self.quantity + other.quantity,
            self.value + other.value,
            _summed((*self.costs, *other.costs)),
            self.is_whole and other.is_whole,
            self.costs_known and other.costs_known,
        )


def traded(view: OrderView, *, costs_known: bool) -> Traded:
    """What one order has filled."""
    return Traded(
        view.filled,
        total(fill.quantity * fill.price for fill in view.executions),
        view.commissions,
        not view.unbooked and not view.missing_executions,
        costs_known,
    )


def profit(
    side: Side,
    instrument: Instrument,
    entered: Decimal | None,
    exits: Traded,
    open_quantity: Decimal | None,
    price: Decimal | None,
    costs: Traded,
) -> Profit:
    """What a leg of `side` has come to, entered at that average. What is open, or None where that
    is uncertain, is worth `price`; `costs` are all orders of the leg together.
    """
    sign, unit = side.sign, instrument.multiplier
    realised: Decimal | None = None
    if exits.is_whole and open_quantity is not None:
        if not exits.quantity:
            realised = _NOTHING
        elif entered is not None:
            realised = sign * (exits.value - exits.quantity * entered) * unit
    unrealised: Decimal | None = None
    if open_quantity is not None:
        if not open_quantity:
            unrealised = _NOTHING
        elif entered is not None and price is not None:
            unrealised = sign * (price - entered) * open_quantity * unit
    after = _after(realised, unrealised, costs, instrument.currency)
    return Profit(instrument.currency, realised, unrealised, costs.costs, costs.costs_known, after)


def _after(
    realised: Decimal | None, unrealised: Decimal | None, costs: Traded, currency: str
) -> Decimal | None:
    if realised is None or unrealised is None or not costs.costs_known:
        return None
    if any(cost.currency != currency for cost in costs.costs):
        return None
    return realised + unrealised - total(cost.amount for cost in costs.costs)


def _summed(costs: Iterable[CommissionTotal]) -> tuple[CommissionTotal, ...]:
    amounts: dict[str, Decimal] = {}
    for cost in costs:
        amounts[cost.currency] = amounts.get(cost.currency, _NOTHING) + cost.amount
    return tuple(CommissionTotal(currency, amounts[currency]) for currency in sorted(amounts))
