"""An order as a client words it, field by field.

`None` is IB's "no number"; a zero is a zero. What the gateway doesn't act on is kept all the same,
because a client gets its order back as it was sent.
"""

from dataclasses import dataclass
from decimal import Decimal

from backstay.gateway.values.contract import TagValue

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class DeltaNeutralOrder:
    """The second order that keeps a volatility order neutral."""

    order_type: str = ""
    aux_price: Decimal | None = None
    con_id: int = 0
    settling_firm: str = ""
    clearing_account: str = ""
    clearing_intent: str = ""
    open_close: str = ""
    short_sale: bool = False
    short_sale_slot: int = 0
    designated_location: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """An order that is cut into levels."""

    init_level_size: int | None = None
    subs_level_size: int | None = None
    price_increment: Decimal | None = None
    price_adjust_value: Decimal | None = None
    price_adjust_interval: int | None = None
    profit_offset: Decimal | None = None
    auto_reset: bool = False
    init_position: int | None = None
    init_fill_quantity: int | None = None
    random_percent: bool = False
    table: str = ""


@dataclass(frozen=True, slots=True)
class Peg:
    """An order pegged to another contract."""

    reference_con_id: int = 0
    is_change_decrease: bool = False
    change_amount: Decimal = _ZERO
    reference_change_amount: Decimal = _ZERO
    reference_exchange: str = ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a stop turns into once a price has been reached."""

    order_type: str = ""
    trigger_price: Decimal | None = None
    limit_price_offset: Decimal | None = None
    stop_price: Decimal | None = None
    stop_limit_price: Decimal | None = None
    trailing_amount: Decimal | None = None
    trailing_unit: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition under which an order becomes active.

    `number` is IB's kind: 1 price, 3 time, 4 margin, 5 execution, 6 volume, 7 percent change.
    `terms` are the fields of that kind in the order in which the protocol has them.
    """

    number: int
    conjunction: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """What a client asks for."""

    order_id: int = 0
    client_id: int = 0
    perm_id: int = 0
    action: str = ""
    quantity: Decimal = _ZERO
    order_type: str = ""
    limit_price: Decimal | None = None
    aux_price: Decimal | None = None
    tif: str = ""
    oca_group: str = ""
    oca_type: int = 0
    account: str = ""
    order_ref: str = ""
    transmit: bool = True
    parent_id: int = 0
    outside_rth: bool = False
    trigger_method: int = 0
    good_after_time: str = ""
    good_till_date: str = ""
    what_if: bool = False
    open_close: str = ""
    origin: int = 0
    block_order: bool = False
    sweep_to_fill: bool = False
    display_size: int | None = 0
    hidden: bool = False
    discretionary_amount: Decimal = _ZERO
    all_or_none: bool = False
    min_quantity: int | None = None
    percent_offset: Decimal | None = None
    override_percentage_constraints: bool = False
    trail_stop_price: Decimal | None = None
    trailing_percent: Decimal | None = None
    fa_group: str = ""
    fa_method: str = ""
    fa_percentage: str = ""
    model_code: str = ""
    short_sale_slot: int = 0
    designated_location: str = ""
    exempt_code: int = -1
    rule_80a: str = ""
    settling_firm: str = ""
    clearing_account: str = ""
    clearing_intent: str = ""
    e_trade_only: bool = False
    firm_quote_only: bool = False
    nbbo_price_cap: Decimal | None = None
    opt_out_smart_routing: bool = False
    auction_strategy: int | None = 0
    starting_price: Decimal | None = None
    stock_ref_price: Decimal | None = None
    delta: Decimal | None = None
    stock_range_lower: Decimal | None = None
    stock_range_upper: Decimal | None = None
    randomize_size: bool = False
    randomize_price: bool = False
    volatility: Decimal | None = None
    volatility_type: int | None = None
    delta_neutral: DeltaNeutralOrder = DeltaNeutralOrder()
    continuous_update: bool = False
    reference_price_type: int | None = None
    basis_points: Decimal | None = None
    basis_points_type: int | None = None
    scale: Scale = Scale()
    active_start_time: str = ""
    active_stop_time: str = ""
    hedge_type: str = ""
    hedge_param: str = ""
    not_held: bool = False
    solicited: bool = False
    algo_strategy: str = ""
    algo_params: tuple[TagValue, ...] = ()
    algo_id: str = ""
    combo_leg_prices: tuple[Decimal | None, ...] = ()
    smart_combo_routing: tuple[TagValue, ...] = ()
    misc_options: tuple[TagValue, ...] = ()
    peg: Peg = Peg()
    adjustment: Adjustment = Adjustment()
    conditions: tuple[Condition, ...] = ()
    conditions_cancel_order: bool = False
    conditions_ignore_rth: bool = False
    ext_operator: str = ""
    soft_dollar_name: str = ""
    soft_dollar_value: str = ""
    soft_dollar_display: str = ""
    cash_quantity: Decimal | None = None
    mifid2_decision_maker: str = ""
    mifid2_decision_algo: str = ""
    mifid2_execution_trader: str = ""
    mifid2_execution_algo: str = ""
    no_auto_price_for_hedge: bool = False
    is_oms_container: bool = False
    discretionary_up_to_limit: bool = False
    use_price_management: bool | None = None
    duration: int | None = None
    post_to_ats: int | None = None
    auto_cancel_parent: bool = False
    advanced_error_override: str = ""
    manual_order_time: str = ""
    min_trade_quantity: int | None = None
    min_compete_size: int | None = None
    compete_against_best_offset: Decimal | None = None
    mid_offset_at_whole: Decimal | None = None
    mid_offset_at_half: Decimal | None = None
