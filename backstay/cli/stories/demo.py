"""`backstay demo`: the whole house on a fresh folder, and four stories in it."""

from typing import Annotated

import typer

from backstay.cli.exits import Exit
from backstay.cli.given import AsJson, end
from backstay.cli.screen import Screen, print_json

EPILOG = """\b
Examples:
  backstay demo
  backstay demo --once
  backstay demo --once --json

Without --once the house stays until Ctrl-C, with the engine's Web UI and everything in it. Nothing
that was there before is touched: the folder is a fresh one, and so are the ports.

\b
Exit codes:
  0  every check of every story holds
  1  one fails, or it was told to end before the stories were over
  2  wrong usage
  3  the house could not begin
"""


def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="end when the stories are told, with 0 or 1")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start everything on a fresh folder with a scripted market, and tell four stories.

    An entry in two parts that trails to its exit; a stop whose limit is run over; a worker that is
    killed between an order and its answer; a target. Account and market are simulated, all else is
    real: the engine, the wire, the processes.
    """
    # What is shown loads the engine's library and the workers, which no other command needs.
    from backstay.cli.stories.demo_page import DemoPage  # noqa: PLC0415
    from backstay.lab.showcase.program import Showcase, show  # noqa: PLC0415
    from workers.supervising.house import HouseError, ToldToEndError  # noqa: PLC0415

    page = DemoPage(Screen(errors=as_json))

    def told(shown: Showcase) -> None:
        page.summary(shown.summary)
        if as_json:
            print_json(Showcase, shown)

    try:
        shown = show(page.audience, told, None if once else page.stays)
    except ToldToEndError as error:
        raise end(str(error), Exit.NEGATIVE) from None
    except HouseError as error:
        raise end(str(error), Exit.CANNOT_TELL) from None
    raise typer.Exit(Exit.DONE if shown.summary.holds else Exit.NEGATIVE)
