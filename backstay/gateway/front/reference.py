"""What can be traded: contract details, option chains, market rules."""

from backstay.gateway.front import notices
from backstay.gateway.front.client import Client
from backstay.gateway.front.hall import Hall
from backstay.gateway.market.words import Instrument
from backstay.gateway.messages.replies import (
    NO_REQUEST,
    ContractDetails,
    ContractDetailsEnd,
    MarketRule,
    Notice,
    OptionChain,
    OptionChainEnd,
)
from backstay.gateway.messages.requests import (
    RequestContractDetails,
    RequestMarketRule,
    RequestOptionChain,
)
from backstay.gateway.times import MILLISECOND_NS, ZONE_NAME

_HOURS_DAYS = 6
"""How many days of trading hours contract details tell."""

PORTION = 200
PAUSE_NS = 20 * MILLISECOND_NS
"""A long answer comes in portions, so that nobody waits for the end of a whole option chain."""


def tell_details(hall: Hall, client: Client, request: RequestContractDetails) -> None:
    """Everything that the description fits: none is an error (200), many are an answer."""
    found = hall.market.find(request.contract)
    if found:
        _tell_portion(hall, client, request.req_id, found)
    else:
        client.send(notices.no_definition(request.req_id))


def _tell_portion(hall: Hall, client: Client, req_id: int, found: tuple[Instrument, ...]) -> None:
    if not client.is_open:
        return
    portion, left = found[:PORTION], found[PORTION:]
    for instrument in portion:
        client.send(details(hall, req_id, instrument))
    if left:

        def go_on() -> None:
            _tell_portion(hall, client, req_id, left)

        hall.agenda.after(PAUSE_NS, "contract details", go_on)
    else:
        client.send(ContractDetailsEnd(req_id))


def details(hall: Hall, req_id: int, instrument: Instrument) -> ContractDetails:
    """An instrument as contract details tell it."""
    exchanges = instrument.valid_exchanges.count(",") + 1
    return ContractDetails(
        req_id=req_id,
        contract=instrument.contract,
        market_name=instrument.market_name,
        min_tick=instrument.min_tick,
        order_types=instrument.order_types,
        valid_exchanges=instrument.valid_exchanges,
        under_con_id=instrument.under_con_id,
        long_name=instrument.long_name,
        contract_month=instrument.contract_month,
        industry=instrument.industry,
        category=instrument.category,
        subcategory=instrument.subcategory,
        time_zone=ZONE_NAME,
        trading_hours=hall.market.trading_hours(instrument, _HOURS_DAYS),
        liquid_hours=hall.market.liquid_hours(instrument, _HOURS_DAYS),
        agg_group=2 if instrument.is_option else 1,
        under_symbol=instrument.under_symbol,
        under_sec_type=instrument.under_sec_type,
        market_rule_ids=",".join([str(instrument.market_rule_id)] * exchanges),
        real_expiration=instrument.contract.expiry,
        stock_type=instrument.stock_type,
        last_trade_time=instrument.last_trade_time,
    )


def tell_chain(hall: Hall, client: Client, request: RequestOptionChain) -> None:
    """The chain on each exchange; an underlying without options has an empty answer."""
    for chain in hall.market.chains(request.con_id, request.symbol):
        if request.exchange in {"", chain.exchange}:
            client.send(
                OptionChain(
                    request.req_id,
                    chain.exchange,
                    request.con_id,
                    chain.trading_class,
                    chain.multiplier,
                    chain.expiries,
                    chain.strikes,
                )
            )
    client.send(OptionChainEnd(request.req_id))


def tell_rule(hall: Hall, client: Client, request: RequestMarketRule) -> None:
    """The price increments that a rule stands for."""
    steps = hall.market.rule(request.rule_id)
    if steps is None:
        client.send(Notice(NO_REQUEST, 321, f"Invalid market rule id: {request.rule_id}"))
        return
    client.send(MarketRule(request.rule_id, steps))
