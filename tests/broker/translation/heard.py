"""A hearing on a line's reading, and everything that comes of what it is told."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeVar

from backstay.broker.line.reading import Ears, Reading
from backstay.broker.news import News, UnreadNews
from backstay.broker.translation.hearing import Hearing

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
_News = TypeVar("_News", bound=News)


class Heard:
    """Hears messages, and takes down news and answers. `asked` are the ids that may fail."""

    def __init__(self, *asked: int) -> None:
        self.news: list[News] = []
        self.items: defaultdict[int | str, list[object]] = defaultdict(list)
        self.ended: list[int | str] = []
        self.failed: list[tuple[int, int, str]] = []
        self.spoilt: list[str] = []
        self._asked = asked
        self.hearing = Hearing(self.news.append, lambda: NOW, self)
        self._reading = Reading(Ears(self.hearing, self.hearing.unread))

    def add(self, question: int | str, item: object) -> None:
        self.items[question].append(item)

    def end(self, question: int | str) -> None:
        self.ended.append(question)

    def fail(self, question: int, code: int, text: str) -> bool:
        if question not in self._asked:
            return False
        self.failed.append((question, code, text))
        return True

    def spoil(self, kind: str, why: str) -> None:
        assert why
        self.spoilt.append(kind)

    def tell(self, *messages: Iterable[object]) -> "Heard":
        """Have messages read, each given by its fields."""
        self._reading.read(
            iter(["".join(f"{field}\0" for field in fields).encode() for fields in messages])
        )
        return self

    def of(self, kind: type[_News]) -> list[_News]:
        return [news for news in self.news if isinstance(news, kind)]

    @property
    def unread(self) -> list[str]:
        """The ids of the messages that could not be read."""
        return [news.message_id for news in self.of(UnreadNews)]
