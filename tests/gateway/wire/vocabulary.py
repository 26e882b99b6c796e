"""How the clients' libraries spell the fields of our values.

Both write `camelCase` and the same words; the tables name the fields that are called otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_type_hints

from backstay.gateway.messages.replies import ContractDetails
from backstay.gateway.values.contract import ComboLeg, Contract
from backstay.gateway.values.execution import Execution
from backstay.gateway.values.order import Order
from backstay.gateway.values.state import MarginPreview

UNSET_WHOLE = 2**31 - 1
UNSET_NUMBER = float("1.7976931348623157E308")

_CALLED: dict[type, dict[str, str]] = {
    Contract: {"expiry": "lastTradeDateOrContractMonth", "combo_legs_text": "comboLegsDescrip"},
    ComboLeg: {},
    Order: {
        "quantity": "totalQuantity",
        "limit_price": "lmtPrice",
        "discretionary_amount": "discretionaryAmt",
        "min_quantity": "minQty",
        "min_trade_quantity": "minTradeQty",
        "cash_quantity": "cashQty",
        "rule_80a": "rule80A",
        "scale.init_fill_quantity": "scaleInitFillQty",
        "peg.reference_con_id": "referenceContractId",
        "peg.is_change_decrease": "isPeggedChangeAmountDecrease",
        "peg.change_amount": "peggedChangeAmount",
        "peg.reference_change_amount": "referenceChangeAmount",
        "peg.reference_exchange": "referenceExchangeId",
        "adjustment.order_type": "adjustedOrderType",
        "adjustment.trigger_price": "triggerPrice",
        "adjustment.limit_price_offset": "lmtPriceOffset",
        "adjustment.stop_price": "adjustedStopPrice",
        "adjustment.stop_limit_price": "adjustedStopLimitPrice",
        "adjustment.trailing_amount": "adjustedTrailingAmount",
        "adjustment.trailing_unit": "adjustableTrailingUnit",
        "soft_dollar_name": "softDollarTier.name",
        "soft_dollar_value": "softDollarTier.val",
        "soft_dollar_display": "softDollarTier.displayName",
        "no_auto_price_for_hedge": "dontUseAutoPriceForHedge",
        "discretionary_up_to_limit": "discretionaryUpToLimitPrice",
        "use_price_management": "usePriceMgmtAlgo",
    },
    MarginPreview: {
        "init_before": "initMarginBefore",
        "maint_before": "maintMarginBefore",
        "equity_before": "equityWithLoanBefore",
        "init_change": "initMarginChange",
        "maint_change": "maintMarginChange",
        "equity_change": "equityWithLoanChange",
        "init_after": "initMarginAfter",
        "maint_after": "maintMarginAfter",
        "equity_after": "equityWithLoanAfter",
        "warning": "warningText",
    },
    ContractDetails: {"time_zone": "timeZoneId", "real_expiration": "realExpirationDate"},
    Execution: {
        "account": "acctNumber",
        "cum_quantity": "cumQty",
        "average_price": "avgPrice",
    },
}

# What clients keep elsewhere or in another shape.
_APART = {ContractDetails: {"req_id", "contract"}, Execution: {"time_ns"}}


@dataclass(frozen=True, slots=True)
class Word:
    """A field of ours: its path, its type without None, and what clients call it."""

    path: str
    type: Any
    may_be_none: bool
    called: str


def words(made_of: type) -> Iterator[Word]:
    """The fields of a value and of its parts, but for its lists and for what may be absent."""
    return _words(made_of, _CALLED[made_of], "")


def _words(made_of: type, called: dict[str, str], prefix: str) -> Iterator[Word]:
    assert is_dataclass(made_of)
    hints = get_type_hints(made_of)
    for field in fields(made_of):
        if field.name in _APART.get(made_of, ()):
            continue
        path = f"{prefix}{field.name}"
        inner = [part for part in get_args(hints[field.name]) if part is not NoneType]
        kind = inner[0] if inner else hints[field.name]
        if hints[field.name] in (str, int, bool, Decimal) or kind in (int, bool, Decimal):
            yield Word(path, kind, bool(inner), called.get(path) or _camel_case(path))
        elif not inner and is_dataclass(kind) and isinstance(kind, type):
            yield from _words(kind, called, f"{path}.")


def _camel_case(path: str) -> str:
    first, *rest = path.replace(".", "_").split("_")
    return first + "".join(word.capitalize() for word in rest)
