"""ib_async's decoder, which loses nothing in silence.

As it is, what it can't decode ends in a log, a field left empty becomes a zero, and a time without
a zone is taken to be that of this computer. Here each of these is unread, and heard to be.
"""

from collections.abc import Callable, Sequence
from typing import Any

from ib_async.decoder import Decoder

from backstay.broker.line.encoding import SERVER_VERSION
from backstay.broker.translation.hearing import UNREADABLE, Hearing, Message
from backstay.broker.translation.times import broker_time

_NEXT_VALID_ID = 9
_EXECUTION_TIME = 15

_STATED: dict[int, tuple[int, ...]] = {
    Message.OPEN_ORDER: (14,),
    _NEXT_VALID_ID: (2,),
    Message.EXECUTION: (19, 20),
    Message.CURRENT_TIME: (2,),
    Message.COMMISSION: (3,),
    Message.POSITION: (14,),
    Message.COMPLETED_ORDER: (13,),
}
"""The numbers that must not be left empty, because an empty one would be decoded as zero."""


class LoudDecoder(Decoder):
    """Decodes messages and has `hearing` hear them, or hear that they can't be read."""

    def __init__(self, hearing: Hearing) -> None:
        super().__init__(hearing, SERVER_VERSION)  # type: ignore[arg-type]
        self._hearing = hearing

    def interpret(self, fields: list[str]) -> None:
        """Decode one message."""
        try:
            message_id = int(fields[0])
            handler = self.handlers[message_id]
        except UNREADABLE:
            self._hearing.unread("".join(fields[:1]), "a message of a kind that is not known")
            return
        try:
            for position in _STATED.get(message_id, ()):
                if not fields[position]:
                    raise ValueError(f"field {position} is empty")
            handler(fields)
        except UNREADABLE as why:
            self._hearing.unread(message_id, f"{type(why).__name__}: {why}")

    def wrap(  # noqa: D102 - ib_async's
        self,
        methodName: str,  # noqa: N803
        types: Sequence[type],
        skip: int = 2,
    ) -> Callable[[list[str]], None]:
        def handler(fields: list[str]) -> None:
            texts = fields[skip:]
            if len(texts) < len(types):
                raise ValueError(f"{len(texts)} fields instead of {len(types)}")
            values = [_parsed(kind, text) for kind, text in zip(types, texts, strict=False)]
            getattr(self.wrapper, methodName)(*values)

        return handler

    def execDetails(self, fields: list[str]) -> None:  # noqa: N802
        """Read the time here: seconds since 1970 is the one form that can't be misread."""
        at = broker_time(fields[_EXECUTION_TIME])
        fields = [*fields]
        fields[_EXECUTION_TIME] = str(int(at.timestamp()))
        super().execDetails(fields)  # type: ignore[no-untyped-call]


def _parsed(kind: type, text: str) -> Any:
    if kind is bool:
        return bool(int(text or 0))
    return text if kind is str else kind(text or 0)
