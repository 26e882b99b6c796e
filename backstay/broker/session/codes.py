"""What the broker's errors about the connection say of the session, and what its silence does.

Errors about a request or an order, and about data farms, are nobody's business here.
"""

from collections.abc import Mapping

from backstay.broker.doors.wire import EdgeError
from backstay.broker.line.errors import OwedError, SpoiltError, StuckError
from backstay.broker.news import ErrorNews, UnreadNews
from backstay.broker.session.standing import Happened

HAPPENED: Mapping[int, Happened] = {
    1100: Happened.UPSTREAM_LOST,
    1101: Happened.UPSTREAM_EMPTY,
    1102: Happened.UPSTREAM_KEPT,
    # The gateway listens at another port from now on.
    1300: Happened.LOST,
    # It is out of touch with IB; told to who connects meanwhile, and taken back by 1102 as well.
    2110: Happened.UPSTREAM_LOST,
}

PRICE_MESSAGES = frozenset({"1", "2", "45", "46", "57", "58", "81", "99"})
"""A price that could not be read is followed by the next one."""


def happened(news: ErrorNews) -> Happened | None:
    """What an error says of the session, or None."""
    return HAPPENED.get(news.code) if news.subject_id < 0 else None


def is_missed(news: UnreadNews) -> bool:
    """Whether what could not be read may have been about an order or a position.

    What has no message id went wrong here, after everything was read.
    """
    return news.message_id != "" and news.message_id not in PRICE_MESSAGES


def unanswered(error: EdgeError) -> Happened:
    """What a question that came to nothing means for the reading that has asked it."""
    match error:
        case SpoiltError():
            return Happened.SYNC_UNREADABLE
        case OwedError():
            return Happened.SYNC_OWED
        case StuckError():
            return Happened.SYNC_EXHAUSTED
        case _:
            return Happened.SYNC_FAILED
