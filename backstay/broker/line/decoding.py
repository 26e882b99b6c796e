"""Messages to ib_async's decoder, and from there to whoever hears them.

The decoder calls a method of the hearing for each message, by ib_async's name for it. What the
hearing has no method for is known and of no interest: it isn't decoded. Which methods it has is
looked up once, when this is built. What ib_async would only log, a message that can't be decoded or
that the hearing chokes on, is told here, and the next one is read.

The hearing has to bring what the decoder reads from ib_async's own wrapper: `defaultTimezone`, the
zone in which the times of executions are told. What the decoder would guess at, a time or a number
that isn't there, is made sure of before.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any

from ib_async.decoder import Decoder

from backstay.broker.line.early import Unread
from backstay.broker.line.encoding import SERVER_VERSION
from backstay.broker.translation.fields import made_sure

_CALLED_OTHERWISE = {"errorMsg": "error"}
"""Methods of the decoder that call one of another name."""


class Decoding(Decoder):
    """ib_async's decoder, without its silence about what goes wrong."""

    def __init__(self, hearing: object, unread: Unread) -> None:
        super().__init__(hearing, SERVER_VERSION)  # type: ignore[arg-type]
        self._unread = unread
        self._known = frozenset(self.handlers)
        self._heard = {
            message_id: handler
            for message_id, handler in self.handlers.items()
            if hasattr(hearing, _CALLED_OTHERWISE.get(handler.__name__, handler.__name__))
        }

    def take(self, message: bytes) -> None:
        """Have the message heard."""
        try:
            self._hear(message)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and the next is read
            self._unread(message, error)

    def _hear(self, message: bytes) -> None:
        texts = message.decode(errors="backslashreplace").split("\0")
        if texts.pop():
            raise ValueError("it is cut short")
        message_id = int(texts[0]) if texts else -1
        if handler := self._heard.get(message_id):
            handler(made_sure(message_id, texts))
        elif message_id not in self._known:
            raise ValueError("there is no such message")

    def parse(self, obj: Any) -> None:
        """As ib_async does: each field by the type of its default, and nothing is the default."""
        made_of: Any = type(obj)
        for name, kind, default in _typed(made_of):
            value = getattr(obj, name)
            if not value:
                setattr(obj, name, default)
            else:
                setattr(obj, name, bool(int(value)) if kind is bool else kind(value))

    def wrap(  # type: ignore[no-untyped-def] # as ib_async declares it
        self,
        methodName: str,  # noqa: N803 - its own name
        types: list[type],
        skip: int = 2,
    ):
        """A handler that calls a method with typed fields, and lets what goes wrong through."""

        def handler(texts: list[str]) -> None:
            values = zip(types, texts[skip:], strict=False)
            method: Callable[..., object] = getattr(self.wrapper, methodName)
            method(*[_read(kind, field) for kind, field in values])

        handler.__name__ = methodName
        return handler


@cache
def _typed(made_of: Any) -> tuple[tuple[str, type, object], ...]:
    """The fields of a class of ib_async's that are no texts."""
    found = ((field.name, type(field.default), field.default) for field in fields(made_of))
    return tuple(each for each in found if each[1] in {int, float, bool})


def _read(kind: type, field: str) -> Any:
    """A field as ib_async reads it: nothing is zero."""
    if kind is str:
        return field
    if kind is bool:
        return bool(int(field or 0))
    return kind(field or 0)
