"""Every message that the wire can carry, made by type.

A value is made field by field from its annotations, most fields left at their defaults, so that a
failing example stays readable. What a message doesn't carry of a contract or an order stays at its
default: the sets below say so literally, and independently of the tables under test.
"""

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from backstay.gateway import times
from backstay.gateway.messages import data_replies, order_replies, replies, requests
from backstay.gateway.messages.replies import Reply
from backstay.gateway.messages.requests import Request
from backstay.gateway.values.contract import ComboLeg, Contract, TagValue
from backstay.gateway.values.execution import Execution
from backstay.gateway.values.order import Condition, DeltaNeutralOrder, Order, Peg, Scale

T = TypeVar("T")

FIELDS_SET_MAX = 12
LIST_LENGTH_MAX = 3
UNSET_WHOLE = 2**31 - 1
INFINITY = Decimal("Infinity")

# What IB's own client takes for text; it refuses everything else before sending.
plain_texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=10)
any_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=10)
words = st.text(st.sampled_from("ABCxyz019"), min_size=1, max_size=6)
wholes = st.one_of(st.integers(-(2**31), UNSET_WHOLE - 1), st.integers(-2, 1000))
# Thirteen digits: a client's float says each of them exactly.
numbers = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.integers(-(10**12), 10**12),
    st.integers(0, 8),
)
order_types = st.sampled_from(
    [
        "LMT",
        "MKT",
        "STP",
        "VOL",
        "PEG BENCH",
        "PEGBENCH",
        "PEG BEST",
        "PEGBEST",
        "PEG MID",
        "PEGMID",
    ]
)
seconds = st.integers(0, 4_000_000_000).filter(
    # The hour that is there twice can't be told apart once it is written.
    lambda second: times.local(second * times.SECOND_NS).fold == 0
)

ORDER_FIELDS_NEVER_ASKED = {
    "order_id", "client_id", "perm_id", "basis_points", "basis_points_type", "soft_dollar_display",
}  # fmt: skip
ORDER_FIELDS_NEVER_TOLD = {
    "transmit", "override_percentage_constraints", "active_start_time", "active_stop_time",
    "algo_id", "misc_options", "ext_operator", "mifid2_decision_maker", "mifid2_decision_algo",
    "mifid2_execution_trader", "mifid2_execution_algo", "advanced_error_override",
    "manual_order_time",
}  # fmt: skip
ORDER_FIELDS_GONE_WHEN_COMPLETED = {
    "order_id", "client_id", "auction_strategy", "block_order", "e_trade_only", "firm_quote_only",
    "nbbo_price_cap", "parent_id", "basis_points", "basis_points_type", "opt_out_smart_routing",
    "what_if", "soft_dollar_name", "soft_dollar_value", "soft_dollar_display",
    "discretionary_up_to_limit", "use_price_management", "duration", "post_to_ats",
}  # fmt: skip
CONTRACT_FIELDS_ASKED = {
    "con_id", "symbol", "sec_type", "expiry", "strike", "right", "multiplier", "exchange",
    "primary_exchange", "currency", "local_symbol", "trading_class",
}  # fmt: skip
CONTRACT_FIELDS_TOLD = CONTRACT_FIELDS_ASKED - {"primary_exchange"}
CONTRACT_FIELDS_OF_ORDERS_TOLD = CONTRACT_FIELDS_TOLD | {
    "combo_legs", "combo_legs_text", "delta_neutral",
}  # fmt: skip
CONTRACT_FIELDS_BY_MESSAGE: dict[type, set[str]] = {
    requests.RequestContractDetails: CONTRACT_FIELDS_ASKED
    | {"include_expired", "sec_id_type", "sec_id", "issuer_id"},
    requests.RequestMarketData: CONTRACT_FIELDS_ASKED | {"combo_legs", "delta_neutral"},
    requests.RequestTickByTick: CONTRACT_FIELDS_ASKED,
    requests.RequestHistoricalBars: CONTRACT_FIELDS_ASKED | {"combo_legs", "include_expired"},
    requests.PlaceOrder: CONTRACT_FIELDS_ASKED
    | {"sec_id_type", "sec_id", "combo_legs", "delta_neutral"},
    replies.ContractDetails: CONTRACT_FIELDS_ASKED,
    replies.PositionReport: CONTRACT_FIELDS_TOLD,
    replies.PortfolioValue: CONTRACT_FIELDS_ASKED - {"exchange"},
    order_replies.OpenOrder: CONTRACT_FIELDS_OF_ORDERS_TOLD,
    order_replies.CompletedOrder: CONTRACT_FIELDS_OF_ORDERS_TOLD,
    order_replies.ExecutionDetails: CONTRACT_FIELDS_TOLD,
}

REQUESTS: tuple[type, ...] = get_args(Request)
REPLIES: tuple[type, ...] = get_args(Reply)


def of(made_of: type[T], texts: st.SearchStrategy[str] = any_texts) -> st.SearchStrategy[T]:
    """Any message, or part of one, of a type, as the wire can carry it."""
    key: Any = made_of
    return _of(key, texts)


@cache
def _of(made_of: Any, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    if made_of in _ATOMS:
        return _ATOMS[made_of]
    if made_of is str:
        return texts
    if get_origin(made_of) is UnionType:
        (inner,) = (part for part in get_args(made_of) if part is not NoneType)
        return st.none() | _of(inner, texts)
    if get_origin(made_of) is tuple:
        inner, _ = get_args(made_of)
        return st.lists(_of(inner, texts), max_size=LIST_LENGTH_MAX).map(tuple)
    if issubclass(made_of, StrEnum):
        return st.sampled_from(list(made_of))
    return _sparse(made_of, texts).map(_BY_TYPE.get(made_of, _carried))


@st.composite
def _sparse(draw: st.DrawFn, made_of: type[Any], texts: st.SearchStrategy[str]) -> Any:
    """A value with some of its fields set."""
    assert is_dataclass(made_of)
    hints = get_type_hints(made_of)
    needed = [field.name for field in fields(made_of) if field.default is MISSING]
    free = [field.name for field in fields(made_of) if field.name not in needed]
    chosen = (
        draw(st.lists(st.sampled_from(free), unique=True, max_size=FIELDS_SET_MAX)) if free else []
    )
    return made_of(**{name: draw(_field(made_of, name, hints, texts)) for name in needed + chosen})


def _field(
    made_of: type[Any], name: str, hints: dict[str, Any], texts: st.SearchStrategy[str]
) -> st.SearchStrategy[Any]:
    special = _SPECIAL.get((made_of, name))
    return _of(hints[name], texts) if special is None else special


_FLAGS = st.sampled_from(["0", "1"])
_TERM_NUMBERS = numbers.map(lambda number: f"{_plain(number):f}")
_TERM_WHOLES = st.integers(0, 10**9).map(str)
_TERMS: dict[int, tuple[st.SearchStrategy[str], ...]] = {
    1: (_FLAGS, _TERM_NUMBERS, _TERM_WHOLES, words, _TERM_WHOLES),
    3: (_FLAGS, words),
    4: (_FLAGS, _TERM_WHOLES),
    5: (words, words, words),
    6: (_FLAGS, _TERM_WHOLES, _TERM_WHOLES, words),
    7: (_FLAGS, _TERM_NUMBERS, _TERM_WHOLES, words),
}


def _plain(number: Decimal) -> Decimal:
    """The number as the wire keeps it: 1.50 is 1.5, and 1E+2 is 100."""
    return number.quantize(Decimal(1)) if number == int(number) else number.normalize()


conditions = st.sampled_from(list(_TERMS)).flatmap(
    lambda number: st.builds(
        Condition, st.just(number), st.sampled_from("ao"), st.tuples(*_TERMS[number])
    )
)
_ATOMS: dict[Any, st.SearchStrategy[Any]] = {
    int: wholes,
    bool: st.booleans(),
    Decimal: numbers,
    Condition: conditions,
    TagValue: st.builds(TagValue, words, words),
}
_SPECIAL: dict[tuple[type, str], st.SearchStrategy[Any]] = {
    (Contract, "sec_type"): st.sampled_from(["STK", "OPT", "BAG"]),
    (Contract, "exchange"): st.sampled_from(["SMART", "IBKRATS"]),
    (Contract, "expiry"): st.dates().map(lambda day: f"{day:%Y%m%d}"),
    (replies.ContractDetails, "last_trade_time"): words,
    (replies.ContractDetails, "ev_multiplier"): st.integers(0, 1000).map(Decimal),
    (replies.ManagedAccounts, "accounts"): st.lists(words, max_size=3).map(tuple),
    (Order, "order_type"): order_types,
    (Order, "compete_against_best_offset"): st.none() | numbers | st.just(INFINITY),
    (DeltaNeutralOrder, "order_type"): words,
    (Execution, "time_ns"): seconds.map(lambda second: second * times.SECOND_NS),
    (data_replies.TickLast, "tick_type"): st.sampled_from([1, 2]),
}


def _carried(value: Any) -> Any:
    """The message with only that of its contract which it carries."""
    kept = CONTRACT_FIELDS_BY_MESSAGE.get(type(value))
    if kept is None:
        return value
    lost = {field.name for field in fields(Contract)} - kept
    return replace(value, contract=_without(value.contract, lost))


def _data_request(request: Any) -> Any:
    request = _carried(request)
    legs = request.contract.combo_legs if request.contract.sec_type == "BAG" else ()
    short = tuple(ComboLeg(leg.con_id, leg.ratio, leg.action, leg.exchange) for leg in legs)
    return replace(request, contract=replace(request.contract, combo_legs=short))


def placement(request: requests.PlaceOrder) -> requests.PlaceOrder:
    """The request with only what it carries."""
    request = _carried(request)
    order = _whole_order(_without(request.order, ORDER_FIELDS_NEVER_ASKED))
    if not order.delta_neutral.order_type:
        aux_price = order.delta_neutral.aux_price
        order = replace(order, delta_neutral=DeltaNeutralOrder(aux_price=aux_price))
    if request.contract.sec_type != "BAG":
        request = replace(request, contract=_without(request.contract, {"combo_legs"}))
        order = _without(order, {"combo_leg_prices", "smart_combo_routing"})
    return replace(request, order=_without(order, _offsets_not_asked(request.contract, order)))


def _offsets_not_asked(contract: Contract, order: Order) -> set[str]:
    best = {"min_compete_size", "compete_against_best_offset"}
    midpoint = {"mid_offset_at_whole", "mid_offset_at_half"}
    lost = set() if contract.exchange == "IBKRATS" else {"min_trade_quantity"}
    if order.order_type in {"PEG MID", "PEGMID"}:
        return lost | best
    if order.order_type not in {"PEG BEST", "PEGBEST"}:
        return lost | best | midpoint
    return lost if order.compete_against_best_offset == INFINITY else lost | midpoint


def open_order(reply: order_replies.OpenOrder) -> order_replies.OpenOrder:
    """The reply with only what it carries."""
    return replace(reply, order=_told_order(reply.order), contract=_carried(reply).contract)


def completed_order(reply: order_replies.CompletedOrder) -> order_replies.CompletedOrder:
    """The reply with only what it carries."""
    order = _without(_told_order(reply.order), ORDER_FIELDS_GONE_WHEN_COMPLETED)
    neutral = _without(
        order.delta_neutral, {"settling_firm", "clearing_account", "clearing_intent", "open_close"}
    )
    offset = order.adjustment.limit_price_offset
    adjustment = replace(Order().adjustment, limit_price_offset=offset)
    order = replace(order, delta_neutral=neutral, adjustment=adjustment)
    return replace(reply, order=order, contract=_carried(reply).contract)


def _told_order(order: Order) -> Order:
    order = _whole_order(_without(order, ORDER_FIELDS_NEVER_TOLD))
    return replace(order, scale=_without(order.scale, {"table"}))


def _whole_order(order: Order) -> Order:
    """The order without details of what it doesn't have."""
    increment = order.scale.price_increment
    if increment is None or increment <= 0:
        scale = order.scale
        kept = Scale(scale.init_level_size, scale.subs_level_size, increment, table=scale.table)
        order = replace(order, scale=kept)
    if order.order_type not in {"PEG BENCH", "PEGBENCH"}:
        order = replace(order, peg=Peg())
    if not order.conditions:
        order = _without(order, {"conditions_cancel_order", "conditions_ignore_rth"})
    if not order.hedge_type:
        order = _without(order, {"hedge_param"})
    return order if order.algo_strategy else _without(order, {"algo_params"})


def _without(value: Any, names: set[str]) -> Any:
    """The value with these fields at their defaults."""
    defaults = {field.name: field.default for field in fields(value) if field.name in names}
    assert set(defaults) == names
    return replace(value, **defaults)


def _details(reply: replies.ContractDetails) -> replies.ContractDetails:
    reply = _carried(reply)
    return reply if reply.contract.expiry else replace(reply, last_trade_time="")


_BY_TYPE: dict[type, Callable[[Any], Any]] = {
    requests.RequestMarketData: _data_request,
    requests.RequestHistoricalBars: _data_request,
    requests.PlaceOrder: placement,
    replies.ContractDetails: _details,
    order_replies.OpenOrder: open_order,
    order_replies.CompletedOrder: completed_order,
}
