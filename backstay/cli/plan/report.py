"""What a plan will do, as values.

Owns what is worked out for the page and for JSON, so that both say the same. Every figure comes
from the rules that will trade. Where one rests on what only a broker knows, a stand-in is used and
named; where that is not enough, the figure is left out and the reason given.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from backstay.domain.hedging.exposure import Group, Holding, LegQuantity, LegRole, uncovered
from backstay.domain.ids import IntentKey, Purpose, trade_id
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import OrderTerms, TimeInForce
from backstay.domain.plan.complaints import Complaint, path_text
from backstay.domain.plan.group import GroupPlan
from backstay.domain.plan.rules import exposed_group, stop_rule, trail_rule
from backstay.domain.plan.sizing import Sized, Sizing, sized, target_quantities
from backstay.domain.plan.trade import TradePlan
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import threshold
from backstay.domain.ticks.trails import Trail
from backstay.domain.trade.opening import first_orders
from backstay.lab.stand_ins import assumption, stand_in

_CONTRACT = "the contract: that the broker knows it, and means only one by it"
_CHAIN = "the chain: that the expiry and the strike are listed"
_MARGIN = "the margin and the limits: that the account has room for it"
_SESSION = "the session and the time: that the market is open, and that no date is past"


@dataclass(frozen=True, slots=True)
class FirstTerms:
    """The orders that the plan begins with, as the broker would be told of them, and its levels."""

    entry: OrderTerms
    entry_time_in_force: TimeInForce
    protection: OrderTerms | None
    first_exit: OrderTerms
    breached_beyond: Decimal
    trail_from: Decimal | None
    target_quantities: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class TradeReport:
    """What the plan of a single trade will do. `keys` are known only with an account."""

    file: str
    plan: TradePlan
    account: str | None
    trade: str | None
    keys: tuple[str, ...]
    sized_at: Decimal | None
    sizing: Sizing | None
    not_sized_because: str | None
    first: FirstTerms | None
    assumed: str
    not_checked: tuple[str, ...]
    valid: Literal[True] = True
    kind: Literal["trade"] = "trade"


@dataclass(frozen=True, slots=True)
class LegReport:
    """One leg of a group, what it covers and what covers it."""

    leg: int
    role: LegRole
    side: Side
    quantity: Decimal
    covers: tuple[int, ...]
    covered_by: tuple[int, ...]
    key: str | None


@dataclass(frozen=True, slots=True)
class GroupReport:
    """What the plan of a group will do. `exposed_without_hedge` is the most that can be exposed."""

    file: str
    plan: GroupPlan
    account: str | None
    trade: str | None
    legs: tuple[LegReport, ...]
    exposed_without_hedge: tuple[LegQuantity, ...]
    not_checked: tuple[str, ...]
    valid: Literal[True] = True
    kind: Literal["group"] = "group"


@dataclass(frozen=True, slots=True)
class ComplaintReport:
    """One thing that is wrong: where, and what."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class RefusedReport:
    """Why a file is no plan."""

    file: str
    complaints: tuple[ComplaintReport, ...]
    valid: Literal[False] = False
    kind: Literal["refused"] = "refused"


PlanReport = TradeReport | GroupReport | RefusedReport


def refused_report(file: str, complaints: tuple[Complaint, ...]) -> RefusedReport:
    """The report about a file that is no plan."""
    told = (ComplaintReport(path_text(one.path), one.text) for one in complaints)
    return RefusedReport(file, tuple(told))


def trade_report(
    file: str,
    plan: TradePlan,
    account: str | None,
    price: Decimal | None,
    average_true_range: Decimal | None,
) -> TradeReport:
    """The report about the plan of a single trade, at `price` or at the one that it waits for."""
    instrument = stand_in(plan.instrument)
    base = price or _own_price(plan)
    reason, sizing = None, None
    if base is None:
        reason = "it enters at the market's price; give one with --price"
    elif plan.stop.atr is not None and average_true_range is None:
        reason = "its stop hangs on the average true range; give one with --atr"
    else:
        sizing = sized(plan, instrument, base, average_true_range)
    chain = (_CHAIN,) if plan.instrument.is_option else ()
    return TradeReport(
        file=file,
        plan=plan,
        account=account,
        trade=account and trade_id(account, plan.id),
        keys=_keys(plan, account),
        sized_at=base,
        sizing=sizing,
        not_sized_because=reason,
        first=first_terms(plan, instrument, sizing) if isinstance(sizing, Sized) else None,
        assumed=assumption(instrument),
        not_checked=(_CONTRACT, *chain, _MARGIN, _SESSION),
    )


def group_report(file: str, plan: GroupPlan, account: str | None) -> GroupReport:
    """The report about the plan of a group."""
    group = exposed_group(plan.group)
    trade = account and trade_id(account, plan.id)
    chain = (_CHAIN,) if any(leg.instrument.is_option for leg in plan.group.legs) else ()
    return GroupReport(
        file=file,
        plan=plan,
        account=account,
        trade=trade,
        legs=tuple(_leg_report(plan, group, number, trade) for number in range(len(group.legs))),
        exposed_without_hedge=uncovered(group, _risk_alone(plan, group)),
        not_checked=(_CONTRACT, *chain, _MARGIN, _SESSION),
    )


def _own_price(plan: TradePlan) -> Decimal | None:
    """The price that lets the entry go, as far as the plan names it."""
    return plan.entry.trigger.price if plan.entry.trigger else plan.entry.limit


def _keys(plan: TradePlan, account: str | None) -> tuple[str, ...]:
    """The references of the entry, of the stop that leaves with it, and of the first exit."""
    if account is None:
        return ()
    protection = () if plan.stop.disaster_pct is None else (Purpose.PROTECT,)
    purposes = (Purpose.ENTRY, *protection, Purpose.EXIT_STOP)
    trade = trade_id(account, plan.id)
    return tuple(IntentKey(trade, 0, purpose, 1).order_ref for purpose in purposes)


def first_terms(plan: TradePlan, instrument: Instrument, size: Sized) -> FirstTerms:
    """The first orders and the levels of `plan` at its size."""
    # Whose account it is changes the keys of the orders and nothing that is looked at here.
    orders = first_orders(plan, plan.account or "", instrument, size, PESSIMISTIC)
    rule, trail = stop_rule(plan.stop, plan.side), plan.stop.trail
    follows = trail_rule(trail, plan.side, size.entry_price) if trail is not None else None
    return FirstTerms(
        entry=orders.entry.terms,
        entry_time_in_force=orders.entry.time_in_force,
        protection=orders.protection.terms if orders.protection else None,
        first_exit=orders.first_exit.terms,
        breached_beyond=threshold(rule.crossing, size.stops.stop, rule.breach_pct),
        trail_from=None if follows is None else _activation(follows),
        target_quantities=target_quantities(size.quantity, plan.targets),
    )


def _activation(trail: Trail) -> Decimal:
    """The price at which the trail is activated."""
    return threshold(trail.crossing.opposite, trail.anchor, trail.activate_pct)


def _leg_report(plan: GroupPlan, group: Group, number: int, trade: str | None) -> LegReport:
    leg = group.legs[number]
    is_risk = leg.role is LegRole.RISK
    return LegReport(
        leg=number,
        role=leg.role,
        side=leg.side,
        quantity=plan.group.leg_quantity(number),
        covers=leg.covers,
        covered_by=group.hedges_of(number) if is_risk else (),
        key=trade and IntentKey(trade, number, Purpose.ENTRY, 1).order_ref,
    )


def _risk_alone(plan: GroupPlan, group: Group) -> tuple[Holding, ...]:
    """Every risk leg filled and not one hedge: what must never be, as a measure."""
    risks = group.with_role(LegRole.RISK)
    return tuple(
        Holding(plan.group.leg_quantity(number) if number in risks else Decimal())
        for number in range(len(group.legs))
    )
