"""Which runs are asked for: the seeds of a range, or a story with a crash before each step."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from shlex import quote

from backstay.lab.simulation.jobs import Drawn, Given, Job, Told
from backstay.lab.simulation.scenario import Role, Scenario

PLAYED_TWICE_EVERY = 100
REPLAYED_EVERY = 50


@dataclass(frozen=True, slots=True)
class Case:
    """One run. `again` are the words of the command that plays it once more."""

    name: str
    job: Job
    again: str
    is_played_twice: bool = False


def of_seeds(
    seeds: Iterable[int], profile: str | None = None, only: tuple[str, ...] | None = None
) -> Iterator[Case]:
    """A run for each seed; the first of each hundred is played twice."""
    more = "".join(f" --only {quote(one)}" for one in only or ())
    more += f" --profile {quote(profile)}" if profile else ""
    for place, seed in enumerate(seeds):
        yield Case(
            f"seed {seed}",
            Job(Drawn(seed, profile, only), is_replayed=place % REPLAYED_EVERY == 0),
            f"--seed {seed}{more}",
            is_played_twice=place % PLAYED_TWICE_EVERY == 0,
        )


def of_scenario(scenario: Scenario, file: str) -> Case:
    """A scenario that was kept."""
    return Case(file, Job(Given(scenario), is_replayed=True), f"--scenario {quote(file)}")


def of_story(story: str, role: Role | None = None, step: int = 0) -> Case:
    """A story, calm or with a crash before a step."""
    if role is None:
        return Case(f"story {story}", Job(Told(story)), f"--story {story}")
    name = f"story {story}, {role} worker, step {step}"
    return Case(name, Job(Told(story, role, step)), f"--story {story} --role {role} --step {step}")
