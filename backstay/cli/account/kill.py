"""`backstay kill`: stop trading in the account, now."""

import sys
from typing import Annotated

import typer

from backstay.cli.engine_loop import run
from backstay.cli.exits import Exit
from backstay.cli.given import AsJson, By, ConfigFile, Reason, end, settings_of
from backstay.cli.screen import Screen, print_json
from backstay.domain.limits.kill import KillMode
from workers.config import Settings

EPILOG = """\b
Examples:
  backstay kill freeze --by Ada --reason "prices look wrong"
  backstay kill flatten --by Ada --reason "out of everything" --yes

freeze: nothing enters any more, what is open stays protected. flatten: every position is left as
well. The kill is written into the book before anybody is told, and it holds without an engine, too:
every broker worker reads the book and lets nothing pass that opens a position. It stays through
every restart; a freeze does not soften a flatten. No command ends a kill yet; `backstay doctor`
says how an account that holds nothing begins anew. What is open can still be closed, and its stop
moved.

With --json: account, asked, state (epoch and mode in force), told, untold (workflow_id, text, and
exists: whether the engine knows it), trouble (why it is not written down), complete.

\b
Exit codes:
  0  it is written down, and every running trade has heard of it
  1  nothing was done, or a trade that has room in the book runs nowhere
  2  wrong usage, or settings that can't be used
  3  it is not written down, or not everybody was told; the page says which
"""
_MEANS = {
    KillMode.FREEZE: "nothing enters any more",
    KillMode.FLATTEN: "nothing enters any more, and every position is left at once",
}


def kill(
    mode: Annotated[KillMode, typer.Argument(help="stop entries, or leave everything as well")],
    *,
    by: By,
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="don't ask whether it is meant")] = False,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Stop trading in the account: entries only, or everything."""
    settings = settings_of(config)
    _confirm(mode, settings, yes=yes)
    # What asks the engine loads its library, which takes half a second.
    from backstay.cli.account.kill_page import show  # noqa: PLC0415
    from backstay.cli.account.kill_report import KillReport, kill_report  # noqa: PLC0415
    from backstay.cli.account.killing import killed  # noqa: PLC0415

    told = run(killed(settings, mode, reason, by))
    report = kill_report(settings.account, mode, told)
    if as_json:
        print_json(KillReport, report)
    else:
        show(report, Screen())
    if not report.is_certain:
        raise typer.Exit(Exit.CANNOT_TELL)
    raise typer.Exit(Exit.DONE if report.complete else Exit.NEGATIVE)


def _confirm(mode: KillMode, settings: Settings, *, yes: bool) -> None:
    """Have a person say that it is meant; a script says it with --yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise end("nobody is here to be asked whether it is meant; give --yes", Exit.BAD_INPUT)
    question = f"{settings.account} ({settings.kind.value}): {_MEANS[mode]}. Is that meant?"
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise end("nothing was done", Exit.NEGATIVE)
