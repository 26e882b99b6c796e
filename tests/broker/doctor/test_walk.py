"""The doctor: each thing that can keep us from the broker is found, and named with its remedy."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal
from json import loads
from typing import Any

import pytest

from backstay.broker.doctor import findings
from backstay.broker.doctor.findings import (
    QUESTIONS,
    Diagnosis,
    Finding,
    Outcome,
    Patient,
    Step,
    Verdict,
)
from backstay.broker.doctor.visit import Visit
from backstay.broker.doctor.walk import examine
from backstay.domain.limits.facts import AccountKind
from backstay.gateway.faults.plan import rule
from backstay.gateway.faults.rules import Rule
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.server.memory import Cable
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.times import SECOND_NS, from_ns
from backstay.gateway.values.contract import Contract
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run, running
from tests.broker.line.scripted import ACCOUNTS, GREETING, NEXT_ID, Scripted, perform
from tests.broker.line.stage import HOST, PORT, SETTINGS, START_NS, STILL, Stage, play

PATIENT = Patient(HOST, PORT, 1)
PASSED, FAILED, NOT_REACHED = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_REACHED


def machine() -> datetime:
    return from_ns(running().now_ns)


def diagnose(
    *plan: Rule,
    patient: Patient = PATIENT,
    before: Callable[[Stage], Awaitable[Any]] | None = None,
    clock: Callable[[], datetime] = machine,
    **options: Any,
) -> Diagnosis:
    """What the doctor finds at the embedded gateway, in memory."""
    found: list[Diagnosis] = []

    async def story(stage: Stage) -> None:
        if before is not None:
            await before(stage)
        found.append(await examine(patient, clock))
        await asyncio.sleep(5)
        assert stage.net.lines == () or before is not None, "it has hung up"

    play(story, *plan, **options)
    return found[0]


def diagnose_scripted(*script: str | bytes | None) -> Diagnosis:
    """What the doctor finds at something that says this."""
    found: list[Diagnosis] = []

    async def story(_net: MemoryNet) -> None:
        found.append(await examine(PATIENT, machine))

    perform(Scripted(*script), story)
    return found[0]


def finding(diagnosis: Diagnosis, step: Step) -> Finding:
    return next(one for one in diagnosis.findings if one.step is step)


def only_failure(diagnosis: Diagnosis) -> Finding:
    (one,) = [one for one in diagnosis.findings if one.outcome is FAILED]
    return one


def reached(diagnosis: Diagnosis) -> list[Step]:
    return [one.step for one in diagnosis.findings if one.outcome is not NOT_REACHED]


STEPS = list(Step)


@pytest.mark.req("S3.1")
def test_all_is_well_and_every_step_says_what_it_found() -> None:
    diagnosis = diagnose()
    assert diagnosis.verdict is Verdict.WELL
    assert [one.step for one in diagnosis.findings] == STEPS
    assert {one.outcome for one in diagnosis.findings} == {PASSED}
    assert [one.found for one in diagnosis.findings] == [
        "gateway:4002 is open",
        "it is a gateway",
        "client id 1 is ours",
        "it is 2026-11-23 15:00:00 UTC there",
        "nothing is said against it",
        "the gateway is logged in to DU1234567",
        "DU1234567 is a paper account",
        "they agree within 2 s",
        "AAPL is real-time, and a line was free",
        "nobody else takes the market data",
        "it takes orders",
        "1 AAPL would tie up 0.50 in DU1234567",
    ]
    assert all(one.remedy == "" for one in diagnosis.findings)
    assert all(one.question == QUESTIONS[one.step] for one in diagnosis.findings)


def test_what_it_asks_is_in_this_order_and_its_only_order_never_rests() -> None:
    net, wire = MemoryNet(), list[str]()

    async def story() -> None:
        outlets = Outlets(wire.append, lambda _line: None, lambda _line: None)
        gateway = Gateway(SETTINGS, START_NS, tape=parse(STILL), outlets=outlets)
        net.serve(HOST, PORT, gateway)
        assert (await examine(PATIENT, machine)).verdict is Verdict.WELL
        await asyncio.sleep(1)
        assert net.lines == ()
        assert list(gateway.accounts.positions(gateway.accounts.default)) == []

    run(story(), start_ns=START_NS, net=net)
    read = [one for one in map(loads, wire) if one["dir"] == "in"]
    assert [one["msg"] for one in read if one["msg"]] == [
        "hello",
        "startApi",
        "reqCurrentTime",
        "reqContractDetails",
        "reqMarketDataType",
        "reqMktData",
        "cancelMktData",
        "placeOrder",
    ]
    order = read[-1]
    assert order["order_id"] == 1
    assert order["fields"]["order"]["what_if"] is True


@pytest.mark.req("S3.1")
def test_nobody_listens() -> None:
    async def before(stage: Stage) -> None:
        stage.net.close(HOST, PORT)

    diagnosis = diagnose(before=before)
    assert diagnosis.verdict is Verdict.NOT_CONNECTED
    one = only_failure(diagnosis)
    assert one.step is Step.PORT
    assert one.found == "gateway:4002 can't be reached: Connection refused"
    assert one.remedy == findings.START_IT
    assert reached(diagnosis) == [Step.PORT]


@pytest.mark.req("S3.1")
def test_a_port_that_swallows_everything_is_the_firewall_s() -> None:
    diagnosis = diagnose(cable=Cable(latency_ns=20 * SECOND_NS))
    one = only_failure(diagnosis)
    assert (one.step, one.found) == (Step.PORT, "gateway:4002 has not answered in 5 s")
    assert one.remedy == findings.OPEN_FIREWALL
    assert diagnosis.verdict is Verdict.NOT_CONNECTED


@pytest.mark.req("S3.1")
@pytest.mark.parametrize(
    ("script", "found", "remedy"),
    [
        ((), "no greeting", findings.ENABLE_API),
        ((None,), "the gateway hung up: no greeting", findings.ENABLE_API),
        ((GREETING,), "no list of accounts and no next order id", findings.ENABLE_API),
        ((b"HTTP/1.1 400 Bad Request\r\n\r\n",), "claims 1213486160 bytes", findings.OTHER_PORT),
        (("hello\0",), "is no greeting", findings.OTHER_PORT),
        (("76\x0020261123 10:00:00 EST\0",), "speaks 76, not 178", findings.UPDATE_GATEWAY),
        (
            (GREETING, ACCOUNTS, "9\x001\x001999999999\0"),
            "the next order id is 1999999999",
            findings.RESET_NUMBERS,
        ),
    ],
)
def test_what_listens_is_no_gateway_that_lets_us_in(
    script: tuple[Any, ...], found: str, remedy: str
) -> None:
    diagnosis = diagnose_scripted(*script)
    one = only_failure(diagnosis)
    assert one.step is Step.HANDSHAKE
    assert found in one.found
    assert one.remedy == remedy
    assert reached(diagnosis) == [Step.PORT, Step.HANDSHAKE]
    assert diagnosis.verdict is Verdict.NOT_CONNECTED


@pytest.mark.req("S3.1")
def test_the_client_id_is_in_use() -> None:
    async def before(stage: Stage) -> None:
        await Visit(HOST, PORT, 1, machine).__aenter__()

    diagnosis = diagnose(before=before)
    one = only_failure(diagnosis)
    assert (one.step, one.found) == (Step.CLIENT_ID, "client id 1 is in use (326)")
    assert one.remedy == findings.FREE_CLIENT_ID
    assert reached(diagnosis) == [Step.PORT, Step.HANDSHAKE, Step.CLIENT_ID]
    assert diagnosis.verdict is Verdict.NOT_CONNECTED


def test_a_gateway_that_does_not_answer_is_asked_nothing_more() -> None:
    diagnosis = diagnose_scripted(GREETING, ACCOUNTS, NEXT_ID)
    one = only_failure(diagnosis)
    assert (one.step, one.found) == (Step.ANSWERS, "current time: no answer in 4 s")
    assert one.remedy == findings.RESTART_GATEWAY
    assert reached(diagnosis) == [Step.PORT, Step.HANDSHAKE, Step.CLIENT_ID, Step.ANSWERS]
    assert diagnosis.verdict is Verdict.FAILED


def test_a_gateway_that_has_lost_its_broker() -> None:
    lost = "4\x002\0-1\x001100\0Connectivity between IBKR and TWS has been lost.\0\0"
    back = "4\x002\0-1\x001102\0Connectivity is back.\0\0"

    class Alone(Scripted):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if data.endswith(b"49\x001\0"):
                self.say("49\x001\x001795446000\0")

    for said, outcome in (((lost,), FAILED), ((lost, back), PASSED)):
        found: list[Diagnosis] = []

        async def story(_net: MemoryNet, found: list[Diagnosis] = found) -> None:
            found.append(await examine(PATIENT, machine))

        perform(Alone(GREETING, ACCOUNTS, *said, NEXT_ID), story)
        assert finding(found[0], Step.UPSTREAM).outcome is outcome
        looked_up = finding(found[0], Step.MARKET_DATA)
        assert looked_up.found == "AAPL can't be looked up: contract details: no answer in 15 s"
        assert finding(found[0], Step.PERMISSION).outcome is NOT_REACHED


@pytest.mark.req("S3.1")
def test_the_account_is_not_there() -> None:
    diagnosis = diagnose(patient=Patient(HOST, PORT, 1, account="U7654321"))
    one = only_failure(diagnosis)
    assert one.step is Step.ACCOUNT
    assert one.found == "the gateway is logged in to DU1234567, not to U7654321"
    assert one.remedy == findings.OTHER_LOGIN
    unreached = {Step.KIND, Step.WRITABLE, Step.PERMISSION}
    assert set(STEPS) - set(reached(diagnosis)) == unreached
    assert diagnosis.verdict is Verdict.FAILED


@pytest.mark.req("S3.1")
@pytest.mark.parametrize(
    ("name", "meant", "outcome"),
    [
        ("DU1", AccountKind.PAPER, PASSED),
        ("DF1", AccountKind.PAPER, PASSED),
        ("U1", AccountKind.LIVE, PASSED),
        ("U1", AccountKind.PAPER, FAILED),
        ("DU1", AccountKind.LIVE, FAILED),
        ("U1", None, PASSED),
    ],
)
def test_the_account_has_to_be_of_the_kind_that_was_meant(
    name: str, meant: AccountKind | None, outcome: Outcome
) -> None:
    settings = Settings(seed=7, restart_at=None, accounts=(AccountSettings(name),))
    diagnosis = diagnose(patient=Patient(HOST, PORT, 1, kind=meant), settings=settings)
    one = finding(diagnosis, Step.KIND)
    assert one.outcome is outcome
    kind = "live" if name.startswith("U") else "paper"
    if outcome is FAILED:
        assert one.found == f"{name} is a {kind} account, not a {meant} one"
        assert one.remedy == findings.OTHER_KIND
    else:
        assert one.found == f"{name} is a {kind} account"
    assert finding(diagnosis, Step.PERMISSION).outcome is PASSED


@pytest.mark.req("S0.5")
@pytest.mark.parametrize(
    ("seconds", "outcome", "found"),
    [
        (0.0, PASSED, "they agree within 2 s"),
        (1.4, PASSED, "they agree within 2 s"),
        (-2.4, PASSED, "they agree within 2 s"),
        (-2.6, FAILED, "the broker's clock is about 2.1 s behind this machine's"),
        (37.0, FAILED, "the broker's clock is about 37.5 s ahead of this machine's"),
    ],
)
def test_the_broker_s_clock_is_compared_with_this_machine_s(
    seconds: float, outcome: Outcome, found: str
) -> None:
    diagnosis = diagnose(clock=lambda: machine() - timedelta(seconds=seconds))
    one = finding(diagnosis, Step.CLOCK)
    assert one.outcome is outcome
    assert one.found == found
    assert one.remedy == (findings.SET_CLOCK if outcome is FAILED else "")


@pytest.mark.req("S3.7")
def test_market_data_is_delayed() -> None:
    async def before(stage: Stage) -> None:
        apple = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
        (instrument,) = stage.gateway.market.find(apple)
        stage.gateway.front.refuse_data(instrument.con_id)

    one = only_failure(diagnose(before=before))
    assert (one.step, one.found) == (Step.MARKET_DATA, "AAPL is delayed")
    assert one.remedy == findings.SUBSCRIBE


@pytest.mark.req("S3.7")
def test_no_line_is_free() -> None:
    settings = Settings(seed=7, restart_at=None, data_lines_max=0)
    one = only_failure(diagnose(settings=settings))
    assert one.step is Step.MARKET_DATA
    assert one.found.startswith("AAPL: ")
    assert one.found.endswith(" (101)")
    assert one.remedy == findings.FREE_LINE


@pytest.mark.req("S3.7")
def test_prices_do_not_come() -> None:
    diagnosis = diagnose(rule("request-unanswered", kinds=["reqMktData"]))
    one = only_failure(diagnosis)
    assert (one.step, one.found) == (Step.MARKET_DATA, "AAPL: no price within 5 s")
    assert one.remedy == findings.CALL_SUPPORT


@pytest.mark.req("S3.1")
def test_somebody_else_is_logged_in_with_this_user() -> None:
    async def before(stage: Stage) -> None:
        stage.gateway.front.compete(on=True)

    diagnosis = diagnose(before=before)
    failed = [one for one in diagnosis.findings if one.outcome is FAILED]
    assert [one.step for one in failed] == [Step.MARKET_DATA, Step.ONLY_LOGIN]
    assert failed[1].found == "No market data during competing live session (10197)"
    assert {one.remedy for one in failed} == {findings.LOG_OTHER_OUT}


@pytest.mark.req("S3.1")
def test_the_gateway_is_read_only() -> None:
    settings = Settings(seed=7, restart_at=None, read_only=True)
    diagnosis = diagnose(settings=settings)
    one = only_failure(diagnosis)
    assert one.step is Step.WRITABLE
    assert one.found.startswith("321: ")
    assert one.remedy == findings.SWITCH_OFF_READ_ONLY
    assert finding(diagnosis, Step.PERMISSION).outcome is NOT_REACHED


def test_an_order_would_be_refused() -> None:
    accounts = (AccountSettings("DU1", cash=Decimal(0)),)
    diagnosis = diagnose(settings=Settings(seed=7, restart_at=None, accounts=accounts))
    one = only_failure(diagnosis)
    assert one.step is Step.PERMISSION
    assert one.found.startswith("201: ")
    assert one.remedy == findings.GET_PERMISSION
    assert finding(diagnosis, Step.WRITABLE).outcome is PASSED


def test_the_order_that_only_asks_is_not_answered() -> None:
    diagnosis = diagnose(rule("reset-after-frame", kinds=["placeOrder"]))
    one = only_failure(diagnosis)
    assert one.step is Step.WRITABLE
    assert one.found.startswith("what-if: ")
    assert one.remedy == findings.CALL_SUPPORT
    assert finding(diagnosis, Step.PERMISSION).outcome is NOT_REACHED


def test_a_contract_that_is_not_answered_leaves_what_needs_it_unreached() -> None:
    diagnosis = diagnose(rule("request-unanswered", kinds=["reqContractDetails"]))
    one = only_failure(diagnosis)
    assert one.step is Step.MARKET_DATA
    assert one.found == "AAPL can't be looked up: contract details: no answer in 15 s"
    unreached = {Step.ONLY_LOGIN, Step.WRITABLE, Step.PERMISSION}
    assert set(STEPS) - set(reached(diagnosis)) == unreached


def test_a_line_that_breaks_on_the_way_ends_the_examination_soon() -> None:
    diagnosis = diagnose(rule("reset-after-frame", kinds=["reqContractDetails"]))
    one = only_failure(diagnosis)
    assert one.step is Step.MARKET_DATA
    assert "AAPL can't be looked up: contract details: " in one.found


def test_an_empty_answer_about_a_contract_is_no_contract() -> None:
    class Empty(Scripted):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if data.endswith(b"49\x001\0"):
                self.say("49\x001\x001795446000\0")
            elif data[4:7] == b"9\x008":
                self.say("\0".join(("52", "1", data[4:].decode().split("\0")[2], "")))

    found: list[Diagnosis] = []

    async def story(_net: MemoryNet) -> None:
        found.append(await examine(PATIENT, machine))

    perform(Empty(GREETING, ACCOUNTS, NEXT_ID), story)
    one = finding(found[0], Step.MARKET_DATA)
    assert one.found == "AAPL can't be looked up: contract details: an empty answer"
