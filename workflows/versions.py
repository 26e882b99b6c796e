"""The versions of what a trade asks of its arm and its guard: one sequence, never used twice."""


class Versions:
    """Counts up from the first version, which is what was asked for at the beginning."""

    def __init__(self) -> None:
        self.newest = 1

    def next(self) -> int:
        """A version that nothing has had."""
        self.newest += 1
        return self.newest
