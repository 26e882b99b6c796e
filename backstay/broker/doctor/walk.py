"""The questions, asked of a gateway one after the other.

It sends nothing that could trade: the one order only asks what it would do. It waits for every
answer for a limited time, so it ends whatever the gateway does.
"""

import asyncio
import os
from datetime import datetime, timedelta

from backstay.broker.doctor import findings
from backstay.broker.doctor.findings import Chart, Diagnosis, Patient, Step
from backstay.broker.doctor.visit import PRICES_SECONDS_MAX, Prices, Visit
from backstay.broker.doors.wire import EdgeError, Now, RequestRefusedError
from backstay.broker.line.errors import (
    ClientIdTakenError,
    NumbersUsedUpError,
    OpeningError,
    WrongProtocolError,
    WrongVersionError,
)
from backstay.broker.session.accounts import kind_of
from backstay.domain.instruments import Instrument

PORT_SECONDS_MAX = 5.0
SYMBOL = "AAPL"
"""Of what market data and permission are asked: everybody can trade it."""

CLOCK_DIFFERENCE_MAX = timedelta(seconds=2)
_HALF_A_SECOND = timedelta(seconds=0.5)

READ_ONLY = 321
TOO_MANY_LINES = 101
OTHER_LOGIN = 10197
UPSTREAM_LOST = frozenset({1100, 2110})
UPSTREAM_BACK = frozenset({1101, 1102})

REAL_TIME, FROZEN = 1, 2
_DATA_TYPES = {REAL_TIME: "real-time", FROZEN: "frozen", 3: "delayed", 4: "delayed and frozen"}


async def examine(patient: Patient, machine: Now) -> Diagnosis:
    """Everything that can be found out; `machine` is this machine's own clock."""
    chart = Chart(patient)
    if await _knock(chart):
        await _visit(chart, machine)
    return chart.diagnosis()


async def _knock(chart: Chart) -> bool:
    """Whether anybody listens, and nothing more."""
    host, port = chart.patient.host, chart.patient.port
    try:
        async with asyncio.timeout(PORT_SECONDS_MAX):
            transport, _ = await asyncio.get_running_loop().create_connection(
                asyncio.Protocol, host, port
            )
    except TimeoutError:
        found = f"{host}:{port} has not answered in {PORT_SECONDS_MAX:g} s"
        chart.failed(Step.PORT, found, findings.OPEN_FIREWALL)
        return False
    except OSError as error:
        found = f"{host}:{port} can't be reached: {_reason(error)}"
        chart.failed(Step.PORT, found, findings.START_IT)
        return False
    transport.close()
    chart.passed(Step.PORT, f"{host}:{port} is open")
    return True


def _reason(error: OSError) -> str:
    """The system's own words; asyncio's repeat the address."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error)


async def _visit(chart: Chart, machine: Now) -> None:
    """Under the first client id that nobody else has."""
    patient = chart.patient
    taken: list[str] = []
    for client_id in (patient.client_id, *patient.spare_client_ids):
        visit = Visit(patient.host, patient.port, client_id, machine)
        try:
            async with visit:
                chart.passed(Step.HANDSHAKE, "it is a gateway")
                others = f"; taken: {', '.join(taken)}" if taken else ""
                chart.passed(Step.CLIENT_ID, f"client id {client_id} is ours{others}")
                await _question(chart, visit, machine)
        except ClientIdTakenError as error:
            taken.append(str(client_id))
            chart.passed(Step.HANDSHAKE, "it is a gateway")
            chart.failed(Step.CLIENT_ID, str(error), findings.FREE_CLIENT_ID)
        except OpeningError as error:
            chart.failed(Step.HANDSHAKE, str(error), _remedy_of(error))
            return
        else:
            return


def _remedy_of(error: OpeningError) -> str:
    match error:
        case WrongProtocolError():
            return findings.OTHER_PORT
        case WrongVersionError():
            return findings.UPDATE_GATEWAY
        case NumbersUsedUpError():
            return findings.RESET_NUMBERS
        case _:
            return findings.ENABLE_API


async def _question(chart: Chart, visit: Visit, machine: Now) -> None:
    try:
        broker_at = await visit.asks.current_time()
    except EdgeError as error:
        chart.failed(Step.ANSWERS, str(error), findings.RESTART_GATEWAY)
        return
    machine_at = machine()
    chart.passed(Step.ANSWERS, f"it is {broker_at:%Y-%m-%d %H:%M:%S} UTC there")
    _judge_upstream(chart, visit)
    account = _judge_account(chart, visit.accounts)
    _judge_clock(chart, broker_at, machine_at)
    await _look_at_trading(chart, visit, account)


def _judge_upstream(chart: Chart, visit: Visit) -> None:
    lost = None
    for said in visit.said:
        if said.code in UPSTREAM_LOST:
            lost = said
        elif said.code in UPSTREAM_BACK:
            lost = None
    if lost is None:
        chart.passed(Step.UPSTREAM, "nothing is said against it")
    else:
        chart.failed(Step.UPSTREAM, f"{lost.text} ({lost.code})", findings.CALL_SUPPORT)


def _judge_account(chart: Chart, accounts: tuple[str, ...]) -> str | None:
    """The account that is there, and of the right kind or not."""
    patient, listed = chart.patient, ", ".join(accounts)
    account = patient.account or accounts[0]
    if account not in accounts:
        found = f"the gateway is logged in to {listed}, not to {account}"
        chart.failed(Step.ACCOUNT, found, findings.OTHER_LOGIN)
        return None
    chart.passed(Step.ACCOUNT, f"the gateway is logged in to {listed}")
    kind = kind_of(account)
    if patient.kind in (None, kind):
        chart.passed(Step.KIND, f"{account} is a {kind} account")
    else:
        found = f"{account} is a {kind} account, not a {patient.kind} one"
        chart.failed(Step.KIND, found, findings.OTHER_KIND)
    return account


def _judge_clock(chart: Chart, broker_at: datetime, machine_at: datetime) -> None:
    """The broker's time is in whole seconds, so it is half a second more at a guess."""
    ahead = broker_at + _HALF_A_SECOND - machine_at
    seconds = abs(ahead.total_seconds())
    if abs(ahead) <= CLOCK_DIFFERENCE_MAX:
        chart.passed(Step.CLOCK, f"they agree within {CLOCK_DIFFERENCE_MAX.seconds} s")
        return
    way = "ahead of" if ahead > timedelta(0) else "behind"
    found = f"the broker's clock is about {seconds:.1f} s {way} this machine's"
    chart.failed(Step.CLOCK, found, findings.SET_CLOCK)


async def _look_at_trading(chart: Chart, visit: Visit, account: str | None) -> None:
    """Whether there are prices, and whether the account may trade."""
    try:
        instrument = await visit.instrument(SYMBOL)
    except EdgeError as error:
        found = f"{SYMBOL} can't be looked up: {error}"
        chart.failed(Step.MARKET_DATA, found, findings.CALL_SUPPORT)
        return
    _judge_prices(chart, await visit.prices(instrument))
    _judge_login(chart, visit)
    if account is not None:
        await _ask_permission(chart, visit, account, instrument)


def _judge_prices(chart: Chart, prices: Prices) -> None:
    refusal, data_type = prices.refusal, prices.data_type
    if refusal is not None:
        remedies = {
            TOO_MANY_LINES: findings.FREE_LINE,
            OTHER_LOGIN: findings.LOG_OTHER_OUT,
        }
        found = f"{SYMBOL}: {refusal.text} ({refusal.code})"
        remedy = remedies.get(refusal.code, findings.SUBSCRIBE)
        chart.failed(Step.MARKET_DATA, found, remedy)
    elif not prices.came.is_set():
        found = f"{SYMBOL}: no price within {PRICES_SECONDS_MAX:g} s"
        chart.failed(Step.MARKET_DATA, found, findings.CALL_SUPPORT)
    elif data_type in (REAL_TIME, FROZEN, None):
        name = _DATA_TYPES[data_type or REAL_TIME]
        chart.passed(Step.MARKET_DATA, f"{SYMBOL} is {name}, and a line was free")
    else:
        name = _DATA_TYPES.get(data_type, f"of type {data_type}")
        chart.failed(Step.MARKET_DATA, f"{SYMBOL} is {name}", findings.SUBSCRIBE)


async def _ask_permission(chart: Chart, visit: Visit, account: str, instrument: Instrument) -> None:
    try:
        answer = await visit.what_if(account, instrument)
    except RequestRefusedError as refused:
        if refused.code == READ_ONLY:
            chart.failed(Step.WRITABLE, str(refused), findings.SWITCH_OFF_READ_ONLY)
            return
        chart.passed(Step.WRITABLE, "it takes orders")
        chart.failed(Step.PERMISSION, str(refused), findings.GET_PERMISSION)
    except EdgeError as error:
        chart.failed(Step.WRITABLE, str(error), findings.CALL_SUPPORT)
    else:
        chart.passed(Step.WRITABLE, "it takes orders")
        margin = f"{answer.init_margin_change:.2f}"
        chart.passed(Step.PERMISSION, f"1 {SYMBOL} would tie up {margin} in {account}")


def _judge_login(chart: Chart, visit: Visit) -> None:
    for said in visit.said:
        if said.code == OTHER_LOGIN:
            found = f"{said.text} ({said.code})"
            chart.failed(Step.ONLY_LOGIN, found, findings.LOG_OTHER_OUT)
            return
    chart.passed(Step.ONLY_LOGIN, "nobody else takes the market data")
