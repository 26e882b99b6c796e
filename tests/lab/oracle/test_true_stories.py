"""What has really happened, and was judged right by other means, breaks no law."""

import pytest

from tests.broker.exactly_once.fates import fates
from tests.broker.exactly_once.profiles import PROFILES, Assumption
from tests.broker.exactly_once.stories import STORIES
from tests.broker.exactly_once.telling import Telling, tell
from tests.broker.exactly_once.world import ENDINGS
from tests.lab.oracle.retelling import overheard, premises, retold

ENOUGH = ("dies", "dies over night")
"""With a rival, the engine of these stories asks the edge that does not have the session."""

KNOWN = ("pessimistic", "optimistic", "optimistic, and known to be")
STEPS = 2
EVERY_FATE = 5


def breaks_no_law(telling: Telling) -> None:
    with overheard() as heard:
        told = tell(telling)
    judged_by = premises(telling.profile, is_bare=telling.story.is_naked_on_purpose)
    assert told.wrong == ()
    assert retold(heard, told.world, judged_by).findings() == ()


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize(
    "profile",
    [profile for profile in PROFILES if profile.name in KNOWN],
    ids=lambda profile: profile.name,
)
def test_a_story_in_which_nothing_goes_wrong_breaks_no_law(name: str, profile: Assumption) -> None:
    breaks_no_law(Telling(STORIES[name], (), profile.gateway, profile.assumed))


@pytest.mark.parametrize("name", STORIES)
def test_whatever_becomes_of_a_message_no_law_is_broken(name: str) -> None:
    for _, plan in list(fates(STORIES[name]))[1::EVERY_FATE]:
        breaks_no_law(Telling(STORIES[name], plan))


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("ending", ENOUGH)
def test_wherever_the_edge_dies_no_law_is_broken(name: str, ending: str) -> None:
    story = STORIES[name]
    points = tell(Telling(story), find_points=True).points
    for step in points[:: max(len(points) // STEPS, 1)]:
        breaks_no_law(Telling(story, strikes_at=step, ending=ENDINGS[ending]))
