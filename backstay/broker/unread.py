"""What could not be read, told to a person once, however often it comes.

The same message comes again with every reading of what the broker has, so each kind is told when it
comes first, and after an hour once more if it still comes.
"""

from datetime import datetime, timedelta

from backstay.broker.doors.wire import Now
from backstay.broker.news import UnreadNews
from backstay.broker.notices import Notice, Tell
from backstay.domain.incidents.kinds import IncidentKind

AGAIN_AFTER = timedelta(hours=1)

_NAMES = {
    "3": "how an order stands",
    "4": "an error",
    "5": "an open order",
    "6": "a figure of the account",
    "11": "an execution",
    "59": "a commission",
    "61": "a position",
    "101": "a completed order",
}


class Unread:
    """Who tells it."""

    def __init__(self, account: str, now: Now, tell: Tell) -> None:
        self._account = account
        self._now = now
        self._tell = tell
        self._told_at: dict[str, datetime] = {}

    def hear(self, news: UnreadNews) -> None:
        """A message could not be read, or be taken in."""
        now, kind = self._now(), news.message_id
        told_at = self._told_at.get(kind)
        if told_at is not None and now - told_at < AGAIN_AFTER:
            return
        self._told_at[kind] = now
        what = _NAMES.get(kind, f"a message of kind {kind!r}")
        text = f"the gateway told {what}, and it could not be read: {news.why}"
        self._tell(Notice(IncidentKind.STATE_INCONSISTENT, self._account, text, now))
