"""`backstay doctor`: what keeps trades from being carried out, and what to do about it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from backstay.broker.doctor.findings import Patient
from backstay.cli.doctor.page import show
from backstay.cli.engine_loop import run
from backstay.cli.exits import Exit
from backstay.cli.given import AsJson, ConfigFile
from backstay.cli.screen import Screen, print_json
from backstay.cli.values import Place, account_of, place_of
from backstay.domain.limits.facts import AccountKind
from workers import clock
from workers.config import Settings
from workers.examining.findings import Examination, Verdict
from workers.examining.ground import Written
from workers.reading import PREFIX, SettingsError, read_settings, settings_file

EPILOG = """\b
Examples:
  backstay doctor
  backstay doctor --config examples/backstay.toml
  backstay doctor --ib 127.0.0.1:7497 --account DU1234567 --kind paper
  backstay doctor --json

\b
Exit codes, the first that fits from below:
  0  all is well
  1  something is not as it should be
  2  wrong usage, or settings that can't be used
  3  it could not connect to the broker
"""

CLIENT_ID_MAX = 2**31 - 1
CLIENT_ID = 9
"""Whoever trades begins to count at 0 or 1; there it would be in the way."""

SPARE_CLIENT_IDS = 4
_GATEWAY = Place("127.0.0.1", 4002)
_EXITS = {
    Verdict.WELL: Exit.DONE,
    Verdict.FAILED: Exit.NEGATIVE,
    Verdict.NO_SETTINGS: Exit.BAD_INPUT,
    Verdict.NOT_CONNECTED: Exit.CANNOT_TELL,
}


def doctor(
    *,
    config: ConfigFile = None,
    ib: Annotated[
        Place | None,
        typer.Option(
            metavar="HOST:PORT",
            parser=place_of,
            help=f"TWS or the gateway; without settings {_GATEWAY}",
        ),
    ] = None,
    client_id: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=0, max=CLIENT_ID_MAX, help=f"else a free one, from {CLIENT_ID} on"
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(metavar="ACCOUNT", parser=account_of, help="the account that has to be there"),
    ] = None,
    kind: Annotated[AccountKind | None, typer.Option(help="what the account has to be")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what keeps trades from being carried out, and what to do about it.

    It looks at the settings, the data folder, the account's book and limits, the engine, the
    workers, the clocks, and the gateway, one after the other, and starts and changes nothing. The
    one order that it sends only asks what a share would cost, and never rests.
    """
    # The engine's library and what speaks to IB take a second to import.
    from workers.examining.walk import examine  # noqa: PLC0415

    written = _written(config)
    patient = _patient(written.settings, ib, client_id, account, kind)
    examination = run(examine(written, patient, clock.now))
    if as_json:
        print_json(Examination, examination)
    else:
        show(examination, Screen())
    raise typer.Exit(_EXITS[examination.verdict])


def _written(config: Path | None) -> Written:
    """What stands in the settings; whoever has none is told so, and examined all the same."""
    file = settings_file(config, os.environ)
    try:
        return Written(file, read_settings(config, os.environ))
    except SettingsError as error:
        has_none = file is None and not any(name.startswith(PREFIX) for name in os.environ)
        return Written(file, complaints=() if has_none else tuple(str(error).splitlines()))


def _patient(
    settings: Settings | None,
    ib: Place | None,
    client_id: int | None,
    account: str | None,
    kind: AccountKind | None,
) -> Patient:
    """Whom to examine: what is typed comes before what stands in the settings."""
    place, ids = ib or _GATEWAY, range(CLIENT_ID, CLIENT_ID + SPARE_CLIENT_IDS + 1)
    if settings is not None:
        place = ib or Place(settings.broker.host, settings.broker.port)
        account, kind = account or settings.account, kind or settings.kind
    free = [each for each in ids if settings is None or each != settings.broker.client_id]
    if client_id is not None:
        free = [client_id]
    return Patient(place.host, place.port, free[0], account, kind, tuple(free[1:]))
