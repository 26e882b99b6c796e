"""What an arm or a guard may use of the rest of the edge."""

from dataclasses import dataclass
from datetime import tzinfo

from backstay.broker.doors.knowing import Inbox, Session
from backstay.broker.doors.market import Catalogue, Watch
from backstay.broker.doors.ordering import Desk
from backstay.broker.doors.wire import Now
from backstay.broker.errands import Errands
from backstay.broker.naked.measure import NakedTimes
from backstay.broker.notices import Tell


@dataclass(frozen=True, slots=True)
class Rooms:
    """The doors that stand open to whoever acts on a decision."""

    desk: Desk
    inbox: Inbox
    session: Session
    watch: Watch
    catalogue: Catalogue
    errands: Errands
    naked: NakedTimes
    now: Now
    tell: Tell
    zone: tzinfo
    """Whose midnight ends the broker's day."""
