"""The newest kill state that was heard of.

Until one is heard there is none, and the last hop refuses what a kill would forbid. It is told by
several, in any sequence: the higher epoch wins.
"""

from backstay.domain.limits.kill import KillState


class KillSwitch:
    """What is known of the kill; nothing until it is told."""

    def __init__(self) -> None:
        self.state: KillState | None = None

    def heard(self, reported: KillState) -> KillState:
        """Take in a state that was read somewhere; the newest that is known now."""
        self.state = reported if self.state is None else self.state.newest(reported)
        return self.state
