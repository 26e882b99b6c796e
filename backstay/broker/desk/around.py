"""What the parts of the desk share: the rooms around it, and its own memories."""

from dataclasses import dataclass, field
from datetime import tzinfo

from backstay.broker.desk.requests import Requests
from backstay.broker.desk.sendings import Sendings
from backstay.broker.doors.knowing import Inbox, Session
from backstay.broker.doors.wire import Asks, Lanes, Now, Numbers, Writing
from backstay.broker.notices import Tell


@dataclass(frozen=True, slots=True)
class Around:
    """Everything that the desk reaches for, save what only its last hop looks at.

    `zone` is that in which the broker's day ends.
    """

    lanes: Lanes
    numbers: Numbers
    writing: Writing
    inbox: Inbox
    session: Session
    asks: Asks
    now: Now
    tell: Tell
    zone: tzinfo
    requests: Requests = field(default_factory=Requests)
    sendings: Sendings = field(default_factory=Sendings)
