"""What `backstay simulate` is given, as it is typed."""

from pathlib import Path
from typing import Annotated

import typer

from backstay.gateway.profile import parse
from backstay.lab.simulation.drawing.names import FAULTS, STRIKES
from backstay.lab.simulation.drawing.stories import STORIES
from backstay.lab.simulation.scenario import Role

ALL_STORIES = "all"
SEED_MAX = 2**63 - 1


def _seeds(text: str) -> range:
    """From and to, both included, or a single one."""
    first, colon, last = text.partition(":")
    ends = (first, last if colon else first)
    if not all(end.isascii() and end.isdigit() and int(end) <= SEED_MAX for end in ends):
        raise typer.BadParameter(f'{text!r}; expected two whole numbers, such as "1:1000"')
    start, end = map(int, ends)
    if start > end:
        raise typer.BadParameter(f'{text!r}; the lower one comes first, such as "1:1000"')
    return range(start, end + 1)


def _fault(text: str) -> str:
    if text not in FAULTS:
        raise typer.BadParameter(
            f"{text!r}; expected {', '.join(STRIKES)}, or a fault of 'backstay gateway faults'"
        )
    return text


def _profile(text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    return text


def _story(text: str) -> str:
    if text != ALL_STORIES and text not in STORIES:
        names = ", ".join((*STORIES, ALL_STORIES))
        raise typer.BadParameter(f"{text!r}; expected one of {names}")
    return text


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}; expected one of {', '.join(Role)}") from None


Seeds = Annotated[
    range | None,
    typer.Option(metavar="A:B", parser=_seeds, help="play these seeds, both ends included"),
]
Seed = Annotated[int | None, typer.Option(metavar="N", min=0, max=SEED_MAX, help="play one seed")]
ScenarioFile = Annotated[
    Path | None, typer.Option("--scenario", metavar="FILE", help="play a scenario that was kept")
]
Story = Annotated[
    str | None,
    typer.Option(metavar="NAME", parser=_story, help="play a small scenario with a name, or all"),
]
EveryAwait = Annotated[
    bool, typer.Option("--every-await", help="once for each step of a worker, killed before it")
]
RoleName = Annotated[
    Role | None,
    typer.Option("--role", metavar="ROLE", parser=_role, help="whose steps: broker or trades"),
]
Step = Annotated[
    int | None, typer.Option(metavar="N", min=2, help="kill it before this step alone")
]
Trace = Annotated[bool, typer.Option("--trace", help="tell the story of a single run")]
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="FAULT", parser=_fault, help="let only this go wrong; can be repeated"),
]
ProfileWords = Annotated[
    str | None,
    typer.Option("--profile", metavar="WORDS", parser=_profile, help="how the gateway behaves"),
]
Jobs = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="how many processes play; one a core")
]
Minutes = Annotated[
    float | None, typer.Option(metavar="M", min=0.0, help="begin no run after so many minutes")
]
UntilFirst = Annotated[
    bool, typer.Option("--until-first", help="end with the first failure, and leave it as it is")
]
Marks = Annotated[
    bool, typer.Option("--marks", help="fail unless everything is reached that can be")
]
Keep = Annotated[
    Path | None, typer.Option("--keep", metavar="FOLDER", help="write each shrunk failure there")
]
Table = Annotated[bool, typer.Option("--table", help="print the figures as a Markdown table")]
