"""`backstay doctor`: what keeps us from the broker, and what to do about it."""

import asyncio
from datetime import datetime
from typing import Annotated, NamedTuple

import typer
from pydantic import TypeAdapter, ValidationError

from backstay.broker.doctor.findings import Diagnosis, Patient, Verdict
from backstay.cli.doctor_page import show
from backstay.cli.exits import Exit
from backstay.cli.screen import Screen, print_json
from backstay.domain.limits.facts import AccountKind
from backstay.domain.plan.scalars import Account
from backstay.gateway.server.clock import today_ns
from backstay.gateway.times import from_ns

EPILOG = """\b
Examples:
  backstay doctor
  backstay doctor --ib 127.0.0.1:7497 --client-id 7 --account DU1234567 --kind paper
  backstay doctor --json

\b
Exit codes:
  0  all is well
  1  it is connected, and something is not as it should be
  2  wrong usage
  3  it could not connect
"""

CLIENT_ID_MAX = 2**31 - 1
_PORT_MAX = 65_535
_ACCOUNT: TypeAdapter[str] = TypeAdapter(Account)
_EXITS = {
    Verdict.WELL: Exit.DONE,
    Verdict.FAILED: Exit.NEGATIVE,
    Verdict.NOT_CONNECTED: Exit.CANNOT_TELL,
}


class Place(NamedTuple):
    """Where a gateway listens."""

    host: str
    port: int


def _place(text: str) -> Place:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    is_port = port.isascii() and port.isdigit() and 0 < int(port) <= _PORT_MAX
    if not host or not is_port:
        raise typer.BadParameter(f'{text!r}; expected HOST:PORT, such as "127.0.0.1:4002"')
    return Place(host, int(port))


def _account(text: str) -> str:
    try:
        return _ACCOUNT.validate_python(text)
    except ValidationError:
        raise typer.BadParameter(
            f'{text!r}; expected an account id in capitals and digits, such as "DU1234567"'
        ) from None


def doctor(
    *,
    ib: Annotated[
        Place, typer.Option(metavar="HOST:PORT", parser=_place, help="TWS or the gateway")
    ] = "127.0.0.1:4002",  # type: ignore[assignment] # what a user would type; the parser reads it
    client_id: Annotated[
        int, typer.Option(metavar="N", min=0, max=CLIENT_ID_MAX, help="the client id to use")
    ] = 1,
    account: Annotated[
        str | None,
        typer.Option(metavar="ACCOUNT", parser=_account, help="the account that has to be there"),
    ] = None,
    kind: Annotated[AccountKind | None, typer.Option(help="what the account has to be")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print one JSON document and nothing else")
    ] = False,
) -> None:
    """Say what keeps us from the broker, and what to do about it.

    It connects as a trading program would and asks one thing after the other. The one order that it
    sends only asks what a share would cost, and never rests.
    """
    # What speaks to IB takes a quarter of a second to import, and no other command needs it.
    from backstay.broker.doctor.walk import examine  # noqa: PLC0415

    patient = Patient(ib.host, ib.port, client_id, account, kind)
    diagnosis = asyncio.run(examine(patient, _today))
    if as_json:
        print_json(Diagnosis, diagnosis)
    else:
        show(diagnosis, Screen())
    raise typer.Exit(_EXITS[diagnosis.verdict])


def _today() -> datetime:
    return from_ns(today_ns())
