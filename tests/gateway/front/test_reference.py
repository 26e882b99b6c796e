"""What can be traded is told in full, and what can't be is an error."""

from dataclasses import replace
from decimal import Decimal

from backstay.gateway.front.reference import PAUSE_NS, PORTION
from backstay.gateway.messages.replies import (
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
from backstay.gateway.values.contract import Contract
from tests.gateway.front.doubles import AAPL, CALL, PUT, START_NS, STEPS, Room


def test_contract_details_tell_all_about_the_one_instrument_and_then_end() -> None:
    wanted = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
    assert Room().caller().ask(RequestContractDetails(3, wanted)) == [
        ContractDetails(
            req_id=3,
            contract=AAPL.contract,
            market_name="AAPL",
            min_tick=Decimal("0.01"),
            order_types="LMT,MKT",
            valid_exchanges="SMART,NASDAQ",
            long_name="AAPL",
            time_zone="US/Eastern",
            trading_hours="AAPL: all hours of 6 days",
            liquid_hours="AAPL: regular hours of 6 days",
            agg_group=1,
            market_rule_ids="26,26",
        ),
        ContractDetailsEnd(3),
    ]


def test_an_ambiguous_description_is_answered_with_everything_that_it_fits() -> None:
    caller = Room().caller()
    caller.ask(RequestContractDetails(3, Contract(symbol="AAPL", sec_type="OPT")))
    told = caller.all(ContractDetails)
    assert [each.contract for each in told] == [CALL.contract, PUT.contract]
    assert [(each.under_con_id, each.real_expiration, each.agg_group) for each in told] == [
        (AAPL.con_id, "20251219", 2)
    ] * 2


def series(room: Room, count: int) -> RequestContractDetails:
    """As many calls as that, and what asks for them."""
    for number in range(count):
        contract = replace(CALL.contract, con_id=20_000 + number, symbol="SPX")
        room.market.instruments[contract.con_id] = replace(CALL, contract=contract)
    return RequestContractDetails(3, Contract(symbol="SPX", sec_type="OPT"))


def test_a_long_answer_comes_in_portions_and_then_ends() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(series(room, 2 * PORTION + 1))
    assert len(caller.heard) == PORTION
    room.agenda.advance(START_NS + PAUSE_NS)
    assert len(caller.heard) == 2 * PORTION
    room.agenda.advance(START_NS + 2 * PAUSE_NS)
    told = [each.contract.con_id for each in caller.all(ContractDetails)]
    assert told == [20_000 + number for number in range(2 * PORTION + 1)]
    assert caller.heard[2 * PORTION + 1 :] == [ContractDetailsEnd(3)]


def test_a_portion_that_is_all_ends_at_once() -> None:
    room = Room()
    heard = room.caller().ask(series(room, PORTION))
    assert len(heard) == PORTION + 1
    assert heard[-1] == ContractDetailsEnd(3)


def test_who_has_gone_is_told_no_more_portions() -> None:
    room = Room()
    caller = room.caller()
    caller.ask(series(room, 3 * PORTION))
    before = room.agenda.next_due_ns()
    caller.client.gone()
    room.agenda.advance(START_NS + PAUSE_NS)
    assert before == START_NS + PAUSE_NS
    assert room.agenda.next_due_ns() != START_NS + 2 * PAUSE_NS


def test_a_contract_that_nobody_knows_is_error_200_and_has_no_end() -> None:
    text = "No security definition has been found for the request"
    nobody = RequestContractDetails(3, Contract(symbol="NOPE"))
    assert Room().caller().ask(nobody) == [Notice(3, 200, text)]


def test_an_option_chain_is_told_exchange_by_exchange() -> None:
    strikes = (Decimal(185), Decimal(190))
    on_cboe = OptionChain(4, "CBOE", AAPL.con_id, "AAPL", "100", ("20251219",), strikes)
    request = RequestOptionChain(4, "AAPL", "", "STK", AAPL.con_id)
    caller = Room().caller()
    assert caller.ask(request) == [
        on_cboe,
        replace(on_cboe, exchange="SMART"),
        OptionChainEnd(4),
    ]
    assert caller.ask(replace(request, exchange="CBOE")) == [on_cboe, OptionChainEnd(4)]


def test_an_underlying_without_options_has_an_empty_chain() -> None:
    assert Room().caller().ask(RequestOptionChain(4, "MSFT", "", "STK", 272093)) == [
        OptionChainEnd(4)
    ]


def test_a_market_rule_is_told_by_its_number() -> None:
    assert Room().caller().ask(RequestMarketRule(26)) == [MarketRule(26, STEPS)]


def test_a_market_rule_that_doesnt_exist_is_an_error() -> None:
    caller = Room().caller()
    caller.ask(RequestMarketRule(27))
    assert caller.codes == [(-1, 321)]
