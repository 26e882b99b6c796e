"""The numbers that the exchange gives out: permIds, executions, order ids."""

from backstay.gateway.exchange.state import SequenceState

PERM_FIRST = 1_200_000_001
CLIENT_PREFIX = "client/"
_PERM, _EXECUTION, _HAND = "perm", "execution", "hand"
_EXECUTION_FIRST = 0x5F3A0001


class Sequences:
    """Each number once, unless the ids of clients are rolled back on purpose."""

    __slots__ = ("_following",)

    def __init__(self) -> None:
        self._following = {_PERM: PERM_FIRST, _EXECUTION: _EXECUTION_FIRST, _HAND: 1}

    def perm_id(self) -> int:
        """The next permId."""
        return self._take(_PERM)

    def exec_id(self) -> str:
        """The next execution's id, in its first version."""
        return f"0000e0d5.{self._take(_EXECUTION):08x}.01.01"

    def hand_id(self) -> int:
        """The next order id of TWS itself; they are below zero."""
        return -self._take(_HAND)

    def order_id(self, client_id: int) -> int:
        """The lowest order id that the client may use."""
        return self._following.get(f"{CLIENT_PREFIX}{client_id}", 1)

    def use_order_id(self, client_id: int, order_id: int) -> None:
        """The client has used this one."""
        following = max(self.order_id(client_id), order_id + 1)
        self._following[f"{CLIENT_PREFIX}{client_id}"] = following

    def roll_back(self, by: int) -> None:
        """Every client's next order id falls back, not below 1."""
        for name, following in self._following.items():
            if name.startswith(CLIENT_PREFIX):
                self._following[name] = max(1, following - by)

    def state(self) -> tuple[SequenceState, ...]:
        """All of them."""
        return tuple(SequenceState(name, number) for name, number in self._following.items())

    def restore(self, states: tuple[SequenceState, ...]) -> None:
        """Go on from `states`."""
        self._following.update({state.name: state.following for state in states})

    def _take(self, name: str) -> int:
        number = self._following[name]
        self._following[name] = number + 1
        return number
