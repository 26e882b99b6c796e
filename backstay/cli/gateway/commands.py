"""`backstay gateway`: a simulated IB Gateway that any client of the TWS API can connect to."""

from decimal import Decimal

import typer

from backstay.cli.exits import Exit
from backstay.cli.gateway import options
from backstay.cli.gateway.faults import EPILOG as FAULTS_EPILOG
from backstay.cli.gateway.faults import faults
from backstay.cli.gateway.run import Asked, Files, UnusableError, serve
from backstay.cli.screen import Screen
from backstay.gateway.profile import parse
from backstay.gateway.settings import AccountSettings, Settings

EPILOG = """\b
Examples:
  backstay gateway --port 4002 --seed 7
  backstay gateway --port 0 --start 2026-11-23T09:30:00-05:00 --speed 60
  backstay gateway --state paper.db --wire-log wire.jsonl --audit audit.jsonl
  backstay gateway --profile pessimistic,+cancels_are_prompt --account DU1
  backstay gateway --tape open.tape --faults rough.toml --restart-at never
  backstay gateway --follow prices.txt
  echo "AAPL bid=189.98 ask=190.02 last=190.01 last_size=100" >> prices.txt

\b
Exit codes:
  0  it was told to end (Ctrl-C, SIGTERM), and did
  2  wrong usage, a file that can't be used, or an address that can't be had
"""

gateway = typer.Typer()
gateway.command("faults", epilog=FAULTS_EPILOG)(faults)


@gateway.callback(invoke_without_command=True, epilog=EPILOG)
def start(  # noqa: PLR0913 - one argument an option
    context: typer.Context,
    *,
    port: options.Port = 4002,
    host: options.Host = "127.0.0.1",
    seed: options.Seed = 0,
    tape: options.TapeFile = None,
    follow: options.FollowFile = None,
    fault_file: options.FaultFile = None,
    state: options.StateFile = None,
    wire_log: options.WireLog = None,
    audit: options.Audit = None,
    speed: options.Speed = Decimal(1),
    start_ns: options.StartNs = None,
    profile: options.ProfileWords = "pessimistic",
    account: options.AccountNames = None,
    cash: options.Cash = Decimal(1_000_000),
    read_only: options.ReadOnly = False,
    master_client: options.MasterClient = None,
    data_lines: options.DataLines = 100,
    messages_per_second: options.MessagesPerSecond = 50,
    restart_at: options.RestartAt = "23:45",
    pulse: options.Pulse = False,
    clock: options.ClockReading = None,
) -> None:
    """Be a simulated IB Gateway, until Ctrl-C.

    Any client of the TWS API connects to it as to a real one with a paper account. Prices, fills
    and accounts are made up here, and no order reaches a market. The first line that it prints is
    its address. Logs begin anew each time; with --state they go on as the accounts do. Where a tape
    names the time of day, it is that time at first.
    """
    if context.invoked_subcommand is not None:
        return
    if tape is not None and follow is not None:
        raise typer.BadParameter("give --tape or --follow, not both: each says what prices do")
    names = account or [options.DEFAULT_ACCOUNT]
    try:
        settings = Settings(
            seed=seed,
            accounts=tuple(AccountSettings(name, cash) for name in names),
            profile=parse(profile),
            read_only=read_only,
            master_client_id=master_client,
            data_lines_max=data_lines,
            messages_per_second_max=messages_per_second,
            restart_at=options.hour(restart_at),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    files = Files(
        tape=tape,
        follow=follow,
        faults=fault_file,
        state=state,
        wire_log=wire_log,
        audit=audit,
    )
    try:
        serve(Asked(settings, profile, host, port, start_ns, speed, files, pulse, clock))
    except UnusableError as error:
        Screen(errors=True).line(str(error))
        raise typer.Exit(Exit.BAD_INPUT) from None
