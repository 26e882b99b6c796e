"""A crash before a step strikes exactly there: nothing is different until then, and then it is."""

import pytest

from backstay.lab.simulation import stage
from backstay.lab.simulation.jobs import Job, Told
from backstay.lab.simulation.journal import Journal, Source
from backstay.lab.simulation.player import scenario_of
from backstay.lab.simulation.scenario import Role

STORY = "breakout"
STEPS = (2, 40, 150)


@pytest.fixture(scope="module")
def calm() -> tuple[Journal, dict[tuple[Role, int], int]]:
    """The story without a crash, and how many lines there were before each step."""
    journal = Journal(keeps=True)
    lines: dict[tuple[Role, int], int] = {}

    def stepped(role: Role, step: int) -> None:
        lines[role, step] = journal.count

    stage.play(stage.story(STORY), journal, replays=False, stepped=stepped)
    return journal, lines


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("step", STEPS)
def test_until_the_step_everything_is_as_in_calm(
    role: Role, step: int, calm: tuple[Journal, dict[tuple[Role, int], int]]
) -> None:
    journal, lines = calm
    before = lines[role, step]
    struck = Journal(keeps=True)
    scenario = scenario_of(Job(Told(STORY, role, step)), stage)
    assert stage.play(scenario, struck, replays=False, stepped=None).crashes == 1
    assert struck.entries[:before] == journal.entries[:before]
    strike = struck.entries[before]
    assert strike.source is Source.STRIKE
    assert f'"what":"{role} crash"' in strike.text
