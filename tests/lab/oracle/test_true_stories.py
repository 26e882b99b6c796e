"""What has really happened, and was judged right by other means, breaks no law."""

import pytest

from tests.broker.exactly_once.profiles import PROFILES, Assumption
from tests.broker.exactly_once.stories import STORIES
from tests.broker.exactly_once.telling import Telling, tell
from tests.lab.oracle.retelling import overheard, premises, retold


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("profile", [PROFILES[0], *PROFILES[-2:]], ids=lambda profile: profile.name)
def test_a_story_in_which_nothing_goes_wrong_breaks_no_law(name: str, profile: Assumption) -> None:
    story = STORIES[name]
    with overheard() as heard:
        told = tell(Telling(story, (), profile.gateway, profile.assumed))
    judged_by = premises(profile.gateway, is_bare=story.is_naked_on_purpose)
    assert told.wrong == ()
    assert retold(heard, told.world, judged_by).findings() == ()
