"""What the gateway answers: one table a message, and both ways between messages and bytes.

Some messages lost their own version when the protocol got one; writing it all the same would shift
every field that follows.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from backstay.gateway.messages import data_replies as prices
from backstay.gateway.messages import replies as said
from backstay.gateway.messages.replies import PriceStep, Reply
from backstay.gateway.wire import data_replies, kinds, order_replies, parts
from backstay.gateway.wire.errors import WireError
from backstay.gateway.wire.fields import Cut, Fields, cut
from backstay.gateway.wire.handshake import VERSION
from backstay.gateway.wire.layout import (
    Column,
    Layout,
    Record,
    Values,
    constant,
    listed,
    message_version,
    number,
    rows,
    since,
    single,
    text,
    until,
    whole,
)

CHAIN_LENGTH_MAX = 10_000


def _read_expiry(source: Fields, values: Values) -> None:
    field = source.parse("contract.expiry", kinds.TEXT)
    values["contract.expiry"], _, values["last_trade_time"] = field.partition(" ")


def _write_expiry(message: Any, texts: list[str], _version: int) -> None:
    expiry = f"{message.contract.expiry} {message.last_trade_time}".strip()
    texts.append(kinds.TEXT.show(expiry))


# The last day, and after a space the time of that day, in one field.
_EXPIRY = Column(("contract.expiry", "last_trade_time"), _read_expiry, _write_expiry)

_CONTRACT_DETAILS = Layout(
    "contractDetails",
    10,
    said.ContractDetails,
    until(164, message_version(8)),
    *whole("req_id"),
    *text("contract.symbol", "contract.sec_type"),
    _EXPIRY,
    *number("contract.strike"),
    *text("contract.right", "contract.exchange", "contract.currency", "contract.local_symbol"),
    *text("market_name", "contract.trading_class"),
    *whole("contract.con_id"),
    *number("min_tick"),
    until(164, constant("1")),  # what sizes are multiplied by
    *text("contract.multiplier", "order_types", "valid_exchanges"),
    *whole("price_magnifier", "under_con_id"),
    single("long_name", kinds.ESCAPED),
    *text("contract.primary_exchange", "contract_month", "industry", "category", "subcategory"),
    *text("time_zone", "trading_hours", "liquid_hours", "ev_rule"),
    *number("ev_multiplier"),
    parts.tag_values("sec_ids"),
    *whole("agg_group"),
    *text("under_symbol", "under_sec_type", "market_rule_ids", "real_expiration", "stock_type"),
    since(163, until(164, constant("1"))),  # the smallest step of a size
    since(164, *number("min_size", "size_increment", "suggested_size_increment")),
)

LAYOUTS: tuple[Layout[Any], ...] = (
    Layout(
        "managedAccounts",
        15,
        said.ManagedAccounts,
        message_version(1),
        single("accounts", kinds.COMMAS),
    ),
    Layout("nextValidId", 9, said.NextValidId, message_version(1), *whole("order_id")),
    Layout(
        "error",
        4,
        said.Notice,
        message_version(2),
        *whole("req_id", "code"),
        single("text", kinds.ESCAPED),
        since(166, single("reject_json", kinds.ESCAPED)),
    ),
    Layout("currentTime", 49, said.CurrentTime, message_version(1), single("seconds", kinds.LONG)),
    _CONTRACT_DETAILS,
    Layout("contractDetailsEnd", 52, said.ContractDetailsEnd, message_version(1), *whole("req_id")),
    Layout(
        "securityDefinitionOptionParameter",
        75,
        said.OptionChain,
        *whole("req_id"),
        *text("exchange"),
        *whole("under_con_id"),
        *text("trading_class", "multiplier"),
        listed("expiries", kinds.TEXT, at_most=CHAIN_LENGTH_MAX),
        listed("strikes", kinds.NUMBER, at_most=CHAIN_LENGTH_MAX),
    ),
    Layout("securityDefinitionOptionParameterEnd", 76, said.OptionChainEnd, *whole("req_id")),
    Layout(
        "marketRule",
        93,
        said.MarketRule,
        *whole("rule_id"),
        rows("steps", Record(PriceStep, *number("low_edge", "increment"))),
    ),
    *data_replies.LAYOUTS,
    *order_replies.LAYOUTS,
    Layout(
        "position",
        61,
        said.PositionReport,
        message_version(3),
        *text("account"),
        *parts.TOLD_CONTRACT,
        *number("quantity", "average_cost"),
    ),
    Layout("positionEnd", 62, said.PositionsEnd, message_version(1)),
    Layout(
        "updateAccountValue",
        6,
        said.AccountValue,
        message_version(2),
        *text("key", "value", "currency", "account"),
    ),
    Layout(
        "updatePortfolio",
        7,
        said.PortfolioValue,
        message_version(8),
        *whole("contract.con_id"),
        *text("contract.symbol", "contract.sec_type", "contract.expiry"),
        *number("contract.strike"),
        *text("contract.right", "contract.multiplier", "contract.primary_exchange"),
        *text("contract.currency", "contract.local_symbol", "contract.trading_class"),
        *number("quantity", "market_price", "market_value", "average_cost"),
        *number("unrealized_pnl", "realized_pnl"),
        *text("account"),
    ),
    Layout("updateAccountTime", 8, said.AccountTime, message_version(1), *text("time")),
    Layout("accountDownloadEnd", 54, said.AccountDownloadEnd, message_version(1), *text("account")),
    Layout(
        "accountUpdateMulti",
        73,
        said.AccountValueMulti,
        message_version(1),
        *whole("req_id"),
        *text("account", "model_code", "key", "value", "currency"),
    ),
    Layout(
        "accountUpdateMultiEnd",
        74,
        said.AccountValuesMultiEnd,
        message_version(1),
        *whole("req_id"),
    ),
    Layout(
        "accountSummary",
        63,
        said.AccountSummary,
        message_version(1),
        *whole("req_id"),
        *text("account", "tag", "value", "currency"),
    ),
    Layout("accountSummaryEnd", 64, said.AccountSummaryEnd, message_version(1), *whole("req_id")),
    Layout("pnl", 94, said.Pnl, *whole("req_id"), *number("daily", "unrealized", "realized")),
    Layout(
        "pnlSingle",
        95,
        said.PnlSingle,
        *whole("req_id"),
        *number("quantity", "daily", "unrealized", "realized", "value"),
    ),
)

_BY_NUMBER = MappingProxyType({layout.number: layout for layout in LAYOUTS})
_BY_MESSAGE = MappingProxyType({layout.made_of: layout for layout in LAYOUTS})
_WRITTEN_OUT: MappingProxyType[type, Callable[[Any], bytes]] = MappingProxyType(
    {
        prices.TickPrice: data_replies.tick_price,
        prices.TickSize: data_replies.tick_size,
        prices.TickGeneric: data_replies.tick_generic,
        prices.TickString: data_replies.tick_string,
        prices.TickLast: data_replies.tick_last,
        prices.TickBidAsk: data_replies.tick_bid_ask,
    }
)


def encode_reply(reply: Reply, version: int = VERSION) -> bytes:
    """The payload that a client reads."""
    write_out = _WRITTEN_OUT.get(type(reply))
    if write_out is not None:
        return write_out(reply)
    return _BY_MESSAGE[type(reply)].write(reply, version)


def decode_reply(payload: bytes, version: int = VERSION) -> Reply:
    """What the gateway said; a WireError if it can't be read."""
    found = cut(payload)
    reply: Reply = _layout_of(found).read(found.texts, version)
    return reply


def _layout_of(found: Cut) -> Layout[Any]:
    if found.number == data_replies.TICK_BY_TICK:
        # One number for three messages; the second field tells them apart.
        layout = data_replies.BY_TICK_TYPE.get("".join(found.texts[1:2]))
    else:
        layout = _BY_NUMBER.get(found.number)
    if layout is None:
        raise WireError(f"reply {found.number} is not spoken here")
    return layout
