"""What was written is swallowed, late, or lost with its line, and then the edge dies or freezes.

Each fate meets one profile and one ending, the next fate the next ones; `explore` tells them all.
"""

from dataclasses import replace

import pytest

from tests.broker.exactly_once.fates import fates
from tests.broker.exactly_once.profiles import PROFILES
from tests.broker.exactly_once.stories import STORIES
from tests.broker.exactly_once.telling import Telling, tell
from tests.broker.exactly_once.world import ENDINGS

STRIDE = 7
"""Each fate takes another step than the one before; coprime to how many endings there are."""


@pytest.mark.req("S2.6")
@pytest.mark.parametrize("name", STORIES)
def test_whatever_becomes_of_a_message_nothing_is_lost_doubled_or_bare(name: str) -> None:
    wrong = []
    for count, (fate, plan) in enumerate(fates(STORIES[name])):
        profile = PROFILES[count % len(PROFILES)]
        ending = list(ENDINGS)[count % len(ENDINGS)]
        telling = Telling(
            STORIES[name], plan, profile.gateway, profile.assumed, ending=ENDINGS[ending]
        )
        calm = tell(telling, find_points=True)
        step = calm.points[count * STRIDE % len(calm.points)]
        struck = tell(replace(telling, strikes_at=step))
        wrong += [
            f"{fate}, {profile.name}, {ending} at step {step}: {text}"
            for text in (*calm.wrong, *struck.wrong)
        ]
    assert wrong == []
