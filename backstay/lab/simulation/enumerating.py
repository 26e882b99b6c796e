"""Stories, once in calm, then once for each step of a worker where a crash makes a difference."""

from collections.abc import Iterable
from itertools import count

from backstay.lab.simulation.cases import Case, of_story
from backstay.lab.simulation.jobs import Job, Told
from backstay.lab.simulation.players import Lost, Player, PlayersError
from backstay.lab.simulation.report import Terms
from backstay.lab.simulation.scenario import Role


async def every_await(
    stories: Iterable[str], roles: Iterable[Role], terms: Terms
) -> tuple[Case, ...]:
    """Each story in calm, and then with each crash."""
    player = Player(count(1), terms.stage, terms.run_seconds_max)
    cases: list[Case] = []
    try:
        for story in stories:
            cases.append(of_story(story))
            for role in roles:
                done = await player.play(Job(Told(story), points_of=role))
                if isinstance(done, Lost):
                    raise PlayersError(f"story {story} can't be played in calm: {done.why}")
                cases += [of_story(story, role, step) for step in done.points]
    finally:
        await player.close()
    return tuple(cases)
