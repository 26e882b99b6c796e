"""What is asked of the broker's catalogue, and what it answers."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.instruments import Instrument, OptionTerms
from backstay.domain.limits.facts import Margin
from backstay.domain.sessions.calendar import Calendar


@dataclass(frozen=True, slots=True)
class InstrumentQuery:
    """A contract as a plan names it; the last three tell apart what would else be ambiguous, and
    who knows its id needs no other.
    """

    symbol: str
    exchange: str = "SMART"
    currency: str = "USD"
    option: OptionTerms | None = None
    primary_exchange: str | None = None
    trading_class: str | None = None
    con_id: int | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The contract, and the sessions in which it trades."""

    instrument: Instrument
    calendar: Calendar
    underlying_con_id: int | None = None
    kind: Literal["resolved"] = "resolved"


@dataclass(frozen=True, slots=True)
class Unresolvable:
    """No such contract: what of the query is wrong, its value, and the nearest that exist.

    `field` is the path in the query, such as `option.strike`; the text is one line for a person.
    """

    field: str
    value: str
    near: tuple[str, ...]
    text: str
    kind: Literal["unresolvable"] = "unresolvable"


@dataclass(frozen=True, slots=True)
class NotAnswered:
    """The broker has not answered, so nothing is known of the contract."""

    question: str
    since: datetime
    kind: Literal["not answered"] = "not answered"


ResolveAnswer = Annotated[Resolved | Unresolvable | NotAnswered, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Previewed:
    """What the broker would tie up for an order, what is free, and what it would charge.

    The maintenance margin is the change of it, in the base currency; the commissions are in their
    own. None is what the broker has not said.
    """

    margin: Margin
    commission_max: Decimal | None
    warning: str = ""
    maintenance: Decimal | None = None
    commission: Decimal | None = None
    commission_currency: str = ""
    kind: Literal["previewed"] = "previewed"


@dataclass(frozen=True, slots=True)
class PreviewRefused:
    """The broker would refuse the order."""

    code: int
    text: str
    kind: Literal["preview refused"] = "preview refused"


PreviewAnswer = Annotated[Previewed | PreviewRefused | NotAnswered, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Volatility:
    """How much a contract has moved a day: average true range, and average daily range."""

    average_true_range: Decimal
    average_daily_range: Decimal
    days: int
    last_day: date
    kind: Literal["volatility"] = "volatility"


VolatilityAnswer = Annotated[Volatility | NotAnswered, Field(discriminator="kind")]
