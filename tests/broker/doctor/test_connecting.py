"""The doctor on the way to an answer: what can keep us from it, and what to do."""

import asyncio
from json import loads
from typing import Any

import pytest

from backstay.broker.doctor import findings
from backstay.broker.doctor.findings import (
    QUESTIONS,
    Diagnosis,
    Step,
    Verdict,
)
from backstay.broker.doctor.visit import Visit
from backstay.broker.doctor.walk import examine
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.server.memory import Cable
from backstay.gateway.times import SECOND_NS
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run
from tests.broker.doctor.examined import (
    FAILED,
    NOT_REACHED,
    PASSED,
    PATIENT,
    STEPS,
    diagnose,
    diagnose_scripted,
    finding,
    machine,
    only_failure,
    reached,
)
from tests.broker.line.scripted import ACCOUNTS, GREETING, NEXT_ID, Scripted, perform
from tests.broker.line.stage import HOST, PORT, SETTINGS, START_NS, STILL, Stage


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
