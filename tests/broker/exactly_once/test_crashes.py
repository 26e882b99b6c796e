"""The edge dies before each step that makes a difference, and nothing is lost, doubled or bare."""

import pytest

from tests.broker.exactly_once.enumerating import by_crash
from tests.broker.exactly_once.stories import STORIES
from tests.broker.exactly_once.telling import Telling

EVERY = 8
"""Each so many of the steps are tried here; `explore` tries them all."""


@pytest.mark.req("S2.6")
@pytest.mark.parametrize("name", STORIES)
def test_wherever_the_edge_dies_its_successor_leaves_nothing_lost_doubled_or_bare(
    name: str,
) -> None:
    assert by_crash(Telling(STORIES[name]), every=EVERY).wrong == ()
