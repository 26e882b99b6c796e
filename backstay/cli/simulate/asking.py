"""Which runs are meant by what was typed; a contradiction is a usage error."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import typer
from pydantic import ValidationError

from backstay.cli.exits import Exit
from backstay.cli.given import end
from backstay.cli.simulate.options import ALL_STORIES
from backstay.domain.plan.complaints import PlanRefusedError
from backstay.domain.plan.reading import read_toml
from backstay.lab.simulation.cases import Case, of_scenario, of_seeds, of_story
from backstay.lab.simulation.drawing.stories import STORIES
from backstay.lab.simulation.scenario import SCENARIO, Act, Role, Scenario
from backstay.lab.words import count

_ONE_OF = "--seeds, --seed, --scenario and --story"
_OF_MANY_RUNS = ("--keep", "--jobs", "--minutes", "--marks", "--table", "--until-first")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, as far as it says which runs are meant."""

    seeds: range | None
    seed: int | None
    scenario: Path | None
    story: str | None
    every_await: bool
    role: Role | None
    step: int | None
    only: tuple[str, ...] | None
    profile: str | None

    def check(self) -> None:
        """Raises BadParameter where it can't be meant so."""
        named = (self.seeds, self.seed, self.scenario, self.story)
        if sum(each is not None for each in named) != 1:
            raise typer.BadParameter(f"give one of {_ONE_OF}")
        is_drawn = self.seeds is not None or self.seed is not None
        if not is_drawn and (self.only or self.profile):
            raise typer.BadParameter("--only and --profile are for seeds, which draw the rest")
        if self.story is None and (self.every_await or self.role or self.step):
            raise typer.BadParameter("--every-await, --role and --step are for a --story")
        if self.step is not None and (self.role is None or self.every_await):
            raise typer.BadParameter("--step is one of a --role, and not of --every-await")
        if self.role is not None and self.step is None and not self.every_await:
            raise typer.BadParameter("--role needs --step, or --every-await")

    @property
    def stories(self) -> tuple[str, ...]:
        """Those that are meant."""
        if self.story is None:
            return ()
        return tuple(STORIES) if self.story == ALL_STORIES else (self.story,)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Whose steps are meant."""
        return tuple(Role) if self.role is None else (self.role,)

    def check_struck(self, crashes: int) -> None:
        """End the command where the step that was named is one that nobody has taken."""
        if self.step is not None and not crashes:
            text = f"--step {self.step}: the {self.role} worker of {self.story} takes fewer steps"
            raise end(text, Exit.BAD_INPUT)

    def cases(self) -> Iterator[Case]:
        """The runs, but for those of every step, which nobody knows yet."""
        if self.scenario is not None:
            yield of_scenario(read_scenario(self.scenario), str(self.scenario))
        for story in self.stories:
            yield of_story(story, self.role, self.step or 0)
        seeds = (self.seed,) if self.seed is not None else self.seeds
        yield from of_seeds(seeds or (), self.profile, self.only)


def read_scenario(file: Path) -> Scenario:
    """The scenario in a file, or the end of the command."""
    try:
        scenario = SCENARIO.validate_json(file.read_bytes())
    except OSError as error:
        raise end(f"{file}: {error.strerror}", Exit.BAD_INPUT) from None
    except ValidationError as error:
        first = error.errors()[0]
        why = first["msg"].removeprefix("Value error, ")
        what = ": ".join(filter(None, (".".join(map(str, first["loc"])), why)))
        text = f"{file}: {what}; expected a scenario that was kept with --keep"
        raise end(text, Exit.BAD_INPUT) from None
    for complaint in _complaints(scenario):
        raise end(f"{file}: {complaint}", Exit.BAD_INPUT)
    return scenario


def _complaints(scenario: Scenario) -> Iterator[str]:
    """What nobody could play, although each part of it by itself is what it should be."""
    for place, asked in enumerate(scenario.trades):
        try:
            read_toml(asked.plan)
        except PlanRefusedError as error:
            yield f"trades.{place}.plan: {error.complaints[0]}"
    for place, hand in enumerate(scenario.hands):
        if isinstance(hand, Act) and hand.trade not in range(len(scenario.trades)):
            trades = count(len(scenario.trades), "trade")
            yield f"hands.{place}.trade: {hand.trade}; it has {trades}, the first being 0"


def check_together(given: tuple[str, ...], *, is_traced: bool) -> None:
    """Raises BadParameter where one of these options would do nothing beside another."""
    of_many = [name for name in _OF_MANY_RUNS if name in given]
    if is_traced and of_many:
        raise typer.BadParameter(f"--trace tells a single run, and {of_many[0]} is for many")
    if "--table" in given and "--json" in given:
        raise typer.BadParameter("give one of --table and --json")
    if "--keep" in given and "--until-first" in given:
        raise typer.BadParameter("--until-first makes nothing small that --keep could write")


def make_folder(folder: Path) -> None:
    """Have a folder that can be written to before anything is played, or end the command."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = "it is no folder" if isinstance(error, FileExistsError) else error.strerror
        raise end(f"--keep {folder}: {why}", Exit.BAD_INPUT) from None
