"""A message that is garbled is read or unread, one or the other, and the next one is read."""

from hypothesis import given
from hypothesis import strategies as st

from backstay.broker.news import StampNews, UnreadNews
from tests.broker.translation.heard import Heard
from tests.broker.translation.messages import NO_NUMBERS, changed, frame

NEWS = ("3", "5", "6", "11", "59", "61", "101")
garbage = st.text(max_size=12).filter(lambda text: "\0" not in text) | st.sampled_from(
    ["", "NaN", "-NaN", "Infinity", "-1", "0", "1e400", "None", "?", *NO_NUMBERS]
)


@given(st.sampled_from(NEWS), st.data())
def test_a_garbled_field_makes_a_message_unread_or_is_read_as_it_stands(
    message_id: str, data: st.DataObject
) -> None:
    message = frame(int(message_id))
    position = data.draw(st.integers(1, len(message) - 1))
    heard = Heard().tell(changed(message, (position, data.draw(garbage))))
    said = [news for news in heard.news if not isinstance(news, StampNews)]
    assert len(said) <= 1
    assert heard.unread in ([], [message_id])
    assert len(heard.of(StampNews)) <= len(said) - len(heard.unread)
    heard.tell(frame(59))
    assert len(heard.news) > len(said)


@given(st.sampled_from(NEWS), st.data())
def test_a_message_that_is_cut_short_is_unread_or_says_less(
    message_id: str, data: st.DataObject
) -> None:
    """What it has lost at its end may be nothing that is read here; no number is made up for it."""
    message = frame(int(message_id))
    length = data.draw(st.integers(1, len(message) - 1))
    whole, cut = Heard().tell(message), Heard().tell(message[:length])
    assert cut.of(UnreadNews) or cut.news == whole.news
