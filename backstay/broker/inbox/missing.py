"""Orders of ours that the broker shows no more, and that nothing explains.

One that has filled or was cancelled while nobody listened is explained by what is over today. What
is left open by several complete readings in a row will hardly be explained by the next one: it
ended on an earlier day, or never arrived. It counts as one that may still fill, until a person
declares it absent.
"""

from collections.abc import Collection

from backstay.domain.ids import IntentKey

READINGS = 3
"""How many in a row have to leave it open."""

UNEXPLAINED = (
    "the broker shows it no more, neither among the orders that stand nor among those that were"
    " over today. It counts as one that may still fill, until somebody who has looked for it in TWS"
    " declares it absent"
)
"""What a person is told of one."""


class Missing:
    """How often each has been left open."""

    def __init__(self) -> None:
        self._left_open: dict[IntentKey, int] = {}

    def read(self, unexplained: Collection[IntentKey]) -> tuple[IntentKey, ...]:
        """All was read, and these are left open; those that are to be told now, each once."""
        before = self._left_open
        self._left_open = {key: before.get(key, 0) + 1 for key in unexplained}
        return tuple(key for key, count in self._left_open.items() if count == READINGS)
