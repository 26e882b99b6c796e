"""Which runs are meant by what was typed; a contradiction is a usage error."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer
from pydantic import ValidationError

from backstay.cli.exits import Exit
from backstay.cli.given import end
from backstay.cli.simulate.options import ALL_STORIES
from backstay.lab.simulation.cases import Case, of_scenario, of_seeds, of_story
from backstay.lab.simulation.drawing.stories import STORIES
from backstay.lab.simulation.scenario import SCENARIO, Role, Scenario

_ONE_OF = "--seeds, --seed, --scenario and --story"


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
        return SCENARIO.validate_json(file.read_bytes())
    except OSError as error:
        raise end(f"{file}: {error.strerror}", Exit.BAD_INPUT) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        text = f"{file}: {where}: {first['msg']}; expected a scenario that was kept with --keep"
        raise end(text, Exit.BAD_INPUT) from None
