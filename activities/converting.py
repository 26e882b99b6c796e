"""How values travel between processes: as JSON, read by their types.

Owns the one data converter of every client, worker and replay. It is pydantic's, but for one thing:
what reads a type is built once in a process. The library builds it anew for every workflow, which
takes longer than everything else that a trade does.
"""

from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)

TYPES_MAX = 1024


_built = lru_cache(maxsize=TYPES_MAX)(TypeAdapter[Any])


def reader(kind: Any) -> TypeAdapter[Any]:
    """Reads a type; building one takes longer than all that it will ever read."""
    return _built(kind)


class SharedReaders(PydanticJSONPlainPayloadConverter):
    """Pydantic's JSON, with readers that all of a process share."""

    def __init__(self) -> None:
        super().__init__()
        self._type_adapter = _built


class Values(CompositePayloadConverter):
    """Everything that the library converts by default, and JSON by our readers."""

    def __init__(self) -> None:
        given = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(
            *(each for each in given if not isinstance(each, JSONPlainPayloadConverter)),
            SharedReaders(),
        )


VALUES = DataConverter(payload_converter_class=Values)
"""The data converter of the house."""
