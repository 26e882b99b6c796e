"""How a seeded market behaves, beside what its catalogue says of each instrument."""

from dataclasses import dataclass

from backstay.gateway.times import SECOND_NS

_MINUTE_NS = 60 * SECOND_NS
_STEPS_MIN = 8


@dataclass(frozen=True, slots=True)
class Walk:
    """The temper of all walks; one seed and one temper make one path.

    `storm` is how many times as often prices move; `swing` how many times as far. A gap is a leap
    within regular hours, `gap_days` daily moves wide at the most; `gap_chance` and `halt_chance`
    are per instrument and day.
    """

    step_ms: int = 250
    storm: int = 1
    swing: float = 1.0
    gap_chance: float = 0.05
    gap_days: float = 1.5
    halt_chance: float = 0.01
    halt_minutes: int = 5

    def __post_init__(self) -> None:
        if self.step_ms < 1 or self.storm < 1:
            raise ValueError(
                f"a step of {self.step_ms} ms, {self.storm} times as often; both are 1 or more"
            )
        steps, rest = divmod(60_000 * self.storm, self.step_ms)
        if rest or steps < _STEPS_MIN or _MINUTE_NS % steps:
            raise ValueError(
                f"a step of {self.step_ms} ms, {self.storm} times as often; a minute must be made "
                f"of whole steps, {_STEPS_MIN} at least"
            )

    @property
    def steps(self) -> int:
        """How many steps a minute has."""
        return 60_000 * self.storm // self.step_ms

    @property
    def step_ns(self) -> int:
        """From one step to the next."""
        return _MINUTE_NS // self.steps
