"""The doctor once it is connected: account, clocks, prices, and whether orders may go."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backstay.broker.doctor import findings
from backstay.broker.doctor.findings import (
    Diagnosis,
    Outcome,
    Patient,
    Step,
    Verdict,
)
from backstay.broker.doctor.walk import examine
from backstay.domain.limits.facts import AccountKind
from backstay.gateway.faults.plan import rule
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.values.contract import Contract
from backstay.lab.memory_net import MemoryNet
from tests.broker.doctor.examined import (
    FAILED,
    NOT_REACHED,
    PASSED,
    PATIENT,
    STEPS,
    diagnose,
    finding,
    machine,
    only_failure,
    reached,
)
from tests.broker.line.scripted import ACCOUNTS, GREETING, NEXT_ID, Scripted, perform
from tests.broker.line.stage import HOST, PORT, Stage


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
