"""What a player plays with: where scenarios are drawn, and the whole house that plays them."""

from backstay.lab.simulation.drawing.draw import draw as draw_seed
from backstay.lab.simulation.drawing.stories import story
from backstay.lab.simulation.journal import Journal
from backstay.lab.simulation.outcome import Outcome
from backstay.lab.simulation.player import Stepped
from backstay.lab.simulation.playing import play as play_scenario
from backstay.lab.simulation.scenario import Scenario

__all__ = ["draw", "play", "story"]


def draw(seed: int, profile: str | None = None, only: tuple[str, ...] | None = None) -> Scenario:
    """The scenario of a seed."""
    return draw_seed(seed, profile, only)


def play(
    scenario: Scenario, journal: Journal, *, replays: bool, stepped: Stepped | None
) -> Outcome:
    """What comes of it."""
    return play_scenario(scenario, journal, replay=replays, stepped=stepped)
