"""What every table of a plan has in common.

A table is frozen, refuses keys that it does not know, and is never half right: what it says
against itself is refused as it is built, so it holds for a plan that comes as JSON from another
process just as for one that comes from a file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from backstay.domain.plan.complaints import Complaint

CONTRADICTION = "contradiction"
"""The type of the error that carries a table's own complaints as `complaints`."""


@dataclass(frozen=True, slots=True)
class Expected:
    """In a field's annotation: what a person is told to write there. It checks nothing itself."""

    text: str


def items(least: int, most: int) -> BeforeValidator:
    """In an array's annotation: how many items it takes, counted before any of them is looked at,
    so that a wrong item is not also told as a missing one.
    """

    def counted(value: object) -> object:
        if isinstance(value, list | tuple) and not least <= len(value) <= most:
            raise ValueError("too few or too many items")
        return value

    return BeforeValidator(counted)


class Table(BaseModel):
    """One table of the plan: its fields are the keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    def contradictions(self) -> Iterable[Complaint]:
        """What this table says against itself, with paths that start here."""
        return ()

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        complaints = tuple(self.contradictions())
        if complaints:
            text = "; ".join(map(str, complaints))
            raise PydanticCustomError(
                CONTRADICTION, "{text}", {"text": text, "complaints": complaints}
            )
        return self
