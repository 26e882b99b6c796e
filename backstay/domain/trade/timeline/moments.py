"""In which sequence what is written down of a trade is told, and what of it compares the clocks."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from backstay.domain.trade import chronicle
from backstay.domain.trade.chronicle import Call, Entry, TradeFacts, WayOutBegun, WayOutOver
from backstay.domain.trade.timeline.lines import Heard


class Moment(NamedTuple):
    """An entry as it was written down, or a call as it was answered."""

    at: datetime
    entry: Entry
    is_answer: bool


def moments(facts: TradeFacts) -> Iterator[Moment]:
    """Each entry, and each answer beside it; what runs is heard of last of all."""
    last = max((_last(each) for each in facts.entries), default=None)
    for entry in facts.entries:
        yield Moment(entry.at, entry, is_answer=False)
        if isinstance(entry, Call) and last is not None:
            yield Moment(entry.answered_at or last, entry, is_answer=True)


def _last(entry: Entry) -> datetime:
    """The last moment of the engine that an entry, or its newest sign of life, speaks of."""
    moments = [entry.at]
    if isinstance(entry, Call):
        moments += [entry.answered_at] if entry.answered_at is not None else []
        moments += [entry.retry.at] if entry.retry is not None else []
    return max(moments)


def heard(facts: TradeFacts) -> Iterator[Heard]:
    """What compares the clocks: all that the edge has told, save what the account was asked."""
    begun = {each.way_out: each.at for each in facts.entries if isinstance(each, WayOutBegun)}
    for entry in facts.entries:
        match entry:
            case Call(deed=chronicle.Admitting()):
                continue
            case Call(at=asked, answered_at=at) if at is not None:
                told_at = getattr(getattr(entry.deed, "answer", None), "at", None)
                if told_at is not None:
                    yield Heard(asked, told_at, at)
            case WayOutOver(outcome=outcome, way_out=way_out) if outcome is not None:
                yield Heard(begun.get(way_out, entry.at), outcome.at, entry.at)
            case _:
                continue
