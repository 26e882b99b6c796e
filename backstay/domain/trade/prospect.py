"""What has to be known of the broker before a trade can be admitted.

All of it is asked for at once, because it belongs together: a size that was reckoned at one price
is not admitted at another.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from backstay.domain.edge.asked import Asked
from backstay.domain.edge.contracts import Previewed
from backstay.domain.edge.market import MarketFacts
from backstay.domain.instruments import Instrument
from backstay.domain.limits.facts import AdmissionFacts
from backstay.domain.plan.complaints import Complaint
from backstay.domain.plan.sizing import Sized
from backstay.domain.sessions.calendar import Session


@dataclass(frozen=True, slots=True)
class Seen:
    """What the broker has shown while a plan was looked into; for a person, nothing hangs on it."""

    instrument: Instrument
    sessions: tuple[Session, ...]
    market: MarketFacts
    preview: Previewed | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """The contract, the size, and the facts that admission rests on.

    `sessions` are the regular hours of the next days, as far as they are known; `position` is what
    the account holds of the contract. An entry that waits for the open is not armed before
    `not_before`, and everything is asked for again then. `market` and `preview` are what the facts
    were taken from, as the broker has told them.
    """

    instrument: Instrument
    underlying: Instrument | None
    sessions: tuple[Session, ...]
    sized: Sized
    facts: AdmissionFacts
    position: Decimal
    at: datetime
    not_before: datetime | None = None
    market: MarketFacts | None = None
    preview: Previewed | None = None
    kind: Literal["prospect"] = "prospect"

    @property
    def asked(self) -> Asked:
        """The circumstances in which what follows from this is written down."""
        return Asked(self.at, self.position)

    @property
    def seen(self) -> Seen | None:
        """What the broker has shown."""
        if self.market is None:
            return None
        return Seen(self.instrument, self.sessions, self.market, self.preview)


@dataclass(frozen=True, slots=True)
class NoProspect:
    """The plan does not work here and now, and this is what is wrong with it.

    `seen` is what the broker has shown before that was clear; None where there is no such contract.
    """

    complaints: tuple[Complaint, ...]
    at: datetime
    seen: Seen | None = None
    kind: Literal["no prospect"] = "no prospect"


ProspectAnswer = Annotated[Prospect | NoProspect, Field(discriminator="kind")]
