"""What the desk remembers of what it has sent, and for how long."""

from datetime import timedelta

from backstay.broker.desk.sendings import Sending, Sendings
from backstay.domain.edge.submission import NotSent, NotSentReason
from tests.broker.desk.samples import ENTRY, EXIT, OTHER_ENTRY, START, STOP

DAY = timedelta(days=1)


def test_what_left_on_an_earlier_day_is_forgotten_and_nothing_else() -> None:
    sendings = Sendings()
    old = Sending(ENTRY.key, START - DAY, left_at=START - DAY)
    refused = Sending(STOP.key, START - DAY)
    waiting = Sending(EXIT.key, START - DAY)
    new = Sending(OTHER_ENTRY.key, START, left_at=START)
    for sending in (old, refused, waiting, new):
        sendings.add(sending)
    sendings.end(refused, NotSent(STOP.key, NotSentReason.WITHDRAWN, START))
    sendings.forget_before(START, frozenset())
    found = {key: sendings.of(key) for key in (ENTRY.key, STOP.key, EXIT.key, OTHER_ENTRY.key)}
    assert found == {
        ENTRY.key: None,
        STOP.key: None,
        EXIT.key: waiting,
        OTHER_ENTRY.key: new,
    }


def test_what_somebody_follows_is_not_forgotten() -> None:
    sendings = Sendings()
    sendings.add(Sending(ENTRY.key, START - DAY, left_at=START - DAY))
    sendings.forget_before(START, frozenset({ENTRY.key}))
    assert sendings.of(ENTRY.key) is not None
