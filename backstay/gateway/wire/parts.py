"""The columns that several messages share: the contract, and what an order carries both ways."""

from decimal import Decimal
from typing import Any

from backstay.gateway.values.contract import ComboLeg, DeltaNeutral, TagValue
from backstay.gateway.values.order import Condition
from backstay.gateway.wire import kinds
from backstay.gateway.wire.fields import Fields
from backstay.gateway.wire.kinds import Kind
from backstay.gateway.wire.layout import (
    LIST_LENGTH_MAX,
    Column,
    Record,
    Values,
    flag,
    listed,
    maybe,
    number,
    number_or_none,
    rows,
    single,
    text,
    when,
    whole,
    whole_or_none,
)

PEGGED_TO_BENCHMARK = frozenset({"PEG BENCH", "PEGBENCH"})
PEGGED_TO_BEST = frozenset({"PEG BEST", "PEGBEST"})
PEGGED_TO_MIDPOINT = frozenset({"PEG MID", "PEGMID"})

ASKED_CONTRACT = (
    *whole("contract.con_id"),
    *text("contract.symbol", "contract.sec_type", "contract.expiry"),
    *number("contract.strike"),
    *text("contract.right", "contract.multiplier"),
    *text("contract.exchange", "contract.primary_exchange"),
    *text("contract.currency", "contract.local_symbol", "contract.trading_class"),
)
TOLD_CONTRACT = (
    *whole("contract.con_id"),
    *text("contract.symbol", "contract.sec_type", "contract.expiry"),
    *number("contract.strike"),
    *text("contract.right", "contract.multiplier", "contract.exchange"),
    *text("contract.currency", "contract.local_symbol", "contract.trading_class"),
)

_TAG_VALUE = Record(TagValue, *text("tag", "value"))
_DATA_LEG = Record(ComboLeg, *whole("con_id", "ratio"), *text("action", "exchange"))
_ORDER_LEG = Record(
    ComboLeg,
    *whole("con_id", "ratio"),
    *text("action", "exchange"),
    *whole("open_close", "short_sale_slot"),
    *text("designated_location"),
    *whole("exempt_code"),
)

COMBINATION = (
    rows("contract.combo_legs", _ORDER_LEG),
    listed("order.combo_leg_prices", kinds.NUMBER_OR_NONE),
    rows("order.smart_combo_routing", _TAG_VALUE),
)
SCALE = (
    *whole_or_none("order.scale.init_level_size", "order.scale.subs_level_size"),
    *number_or_none("order.scale.price_increment"),
    when(
        "order.scale.price_increment",
        lambda increment: increment is not None and increment > 0,
        *number_or_none("order.scale.price_adjust_value"),
        *whole_or_none("order.scale.price_adjust_interval"),
        *number_or_none("order.scale.profit_offset"),
        *flag("order.scale.auto_reset"),
        *whole_or_none("order.scale.init_position", "order.scale.init_fill_quantity"),
        *flag("order.scale.random_percent"),
    ),
)
HEDGE = (
    *text("order.hedge_type"),
    when("order.hedge_type", bool, *text("order.hedge_param")),
)
DELTA_NEUTRAL_CONTRACT = maybe(
    "contract.delta_neutral", Record(DeltaNeutral, *whole("con_id"), *number("delta", "price"))
)
ALGORITHM = (
    *text("order.algo_strategy"),
    when("order.algo_strategy", bool, rows("order.algo_params", _TAG_VALUE)),
)
PEG = when(
    "order.order_type",
    PEGGED_TO_BENCHMARK.__contains__,
    *whole("order.peg.reference_con_id"),
    *flag("order.peg.is_change_decrease"),
    *number("order.peg.change_amount", "order.peg.reference_change_amount"),
    *text("order.peg.reference_exchange"),
)


def tag_values(path: str) -> Column:
    """A length, and as many pairs of a tag and a value."""
    return rows(path, _TAG_VALUE)


def data_legs() -> Column:
    """The legs of a combination that data is asked for."""
    return when("contract.sec_type", is_combination, rows("contract.combo_legs", _DATA_LEG))


def is_combination(sec_type: str) -> bool:
    """Whether the contract has legs."""
    return sec_type == "BAG"


def _parse_conjunction(field: str) -> str:
    if field not in {"a", "o"}:
        raise ValueError("is neither a (and) nor o (or)")
    return field


_CONJUNCTION: Kind[str] = Kind(_parse_conjunction, str)
_ONE_CONDITION = "order.conditions"
# What a condition says after its number and its conjunction: each kind's own fields.
_TERMS: dict[int, tuple[Kind[Any], ...]] = {
    1: (kinds.FLAG, kinds.NUMBER, kinds.WHOLE, kinds.TEXT, kinds.WHOLE),  # price
    3: (kinds.FLAG, kinds.TEXT),  # time
    4: (kinds.FLAG, kinds.NUMBER),  # margin
    5: (kinds.TEXT, kinds.TEXT, kinds.TEXT),  # execution
    6: (kinds.FLAG, kinds.WHOLE, kinds.WHOLE, kinds.TEXT),  # volume
    7: (kinds.FLAG, kinds.NUMBER, kinds.WHOLE, kinds.TEXT),  # percent change
}


def _parse_condition_number(field: str) -> int:
    condition = kinds.parse_whole(field)
    if condition not in _TERMS:
        raise ValueError("is no kind of condition")
    return condition


_CONDITION_NUMBER: Kind[int] = Kind(_parse_condition_number, str)


def _read_conditions(source: Fields, values: Values) -> None:
    length = source.count(_ONE_CONDITION, LIST_LENGTH_MAX)
    values[_ONE_CONDITION] = tuple(_read_condition(source) for _ in range(length))


def _read_condition(source: Fields) -> Condition:
    condition = source.parse(_ONE_CONDITION, _CONDITION_NUMBER)
    conjunction = source.parse(_ONE_CONDITION, _CONJUNCTION)
    # A term is kept as it would be written, so that every client is told the same.
    terms = tuple(kind.show(source.parse(_ONE_CONDITION, kind)) for kind in _TERMS[condition])
    return Condition(condition, conjunction, terms)


def _write_conditions(message: Any, texts: list[str], _version: int) -> None:
    conditions: tuple[Condition, ...] = message.order.conditions
    texts.append(str(len(conditions)))
    for condition in conditions:
        texts += (str(condition.number), condition.conjunction, *condition.terms)


CONDITIONS = (
    Column((_ONE_CONDITION,), _read_conditions, _write_conditions),
    when(
        _ONE_CONDITION, bool, *flag("order.conditions_ignore_rth", "order.conditions_cancel_order")
    ),
)

_REST_OF_MIDPOINT = number_or_none("order.mid_offset_at_whole", "order.mid_offset_at_half")


def _is_infinite(offset: Decimal | None) -> bool:
    return offset is not None and offset.is_infinite()


ASKED_OFFSETS = (
    when(
        "contract.exchange",
        lambda exchange: exchange == "IBKRATS",
        *whole_or_none("order.min_trade_quantity"),
    ),
    when(
        "order.order_type",
        PEGGED_TO_BEST.__contains__,
        *whole_or_none("order.min_compete_size"),
        single("order.compete_against_best_offset", kinds.OFFSET),
        when("order.compete_against_best_offset", _is_infinite, *_REST_OF_MIDPOINT),
    ),
    when("order.order_type", PEGGED_TO_MIDPOINT.__contains__, *_REST_OF_MIDPOINT),
)
TOLD_OFFSETS = (
    *whole_or_none("order.min_trade_quantity", "order.min_compete_size"),
    single("order.compete_against_best_offset", kinds.OFFSET),
    *_REST_OF_MIDPOINT,
)
