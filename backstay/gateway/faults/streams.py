"""The market data that one client has asked for, and what of it is silent.

A dead stream stays silent until it is asked for anew under any request id; darkness silences every
stream for as long as it lasts.
"""

from backstay.gateway.chance import Dice
from backstay.gateway.messages.data_replies import (
    TickBidAsk,
    TickGeneric,
    TickLast,
    TickMidPoint,
    TickOption,
    TickPrice,
    TickSize,
    TickString,
)
from backstay.gateway.messages.requests import (
    CancelMarketData,
    CancelTickByTick,
    Request,
    RequestMarketData,
    RequestTickByTick,
)

TICKS = (
    TickBidAsk,
    TickGeneric,
    TickLast,
    TickMidPoint,
    TickOption,
    TickPrice,
    TickSize,
    TickString,
)


class Streams:
    """Which streams there are, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._asked: dict[int, None] = {}
        self._dead: dict[int, None] = {}
        self._darkness = 0

    @property
    def request_ids(self) -> tuple[int, ...]:
        """Each stream's request."""
        return tuple(self._asked)

    @property
    def all_flow(self) -> bool:
        """Whether nothing is silent."""
        return not self._dead and not self._darkness

    def hear(self, request: Request) -> None:
        """Learn of a stream that begins or ends."""
        match request:
            case RequestMarketData() | RequestTickByTick():
                self._asked[request.req_id] = None
                self._dead.pop(request.req_id, None)
            case CancelMarketData() | CancelTickByTick():
                self._asked.pop(request.req_id, None)
                self._dead.pop(request.req_id, None)
            case _:
                pass

    def flows(self, req_id: int) -> bool:
        """Whether a tick of this request passes."""
        return not self._darkness and req_id not in self._dead

    def kill_all(self) -> None:
        """Let every stream fall silent for good."""
        self._dead.update(self._asked)

    def kill(self, share: float, dice: Dice) -> None:
        """Let about this share of the streams fall silent for good."""
        for req_id in self._asked:
            if dice.random() < share:
                self._dead[req_id] = None

    def darken(self) -> None:
        """Let everything fall silent for now; can be done more than once at a time."""
        self._darkness += 1

    def lighten(self) -> None:
        """Take one darkness back."""
        self._darkness = max(0, self._darkness - 1)
