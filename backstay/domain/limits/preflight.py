"""What admission would say of orders that nobody asks for yet: every rule of each, to the end.

Owns a dry run of the limits. Each order is judged against the book as it would be after the ones
before it, as `admit` does; but here the first refusal is not the last word. What is refused counts
for what comes after it, or an exit would be refused for want of the entry that it gets out of, and
nobody would see what is wrong with the exit itself.
"""

from dataclasses import dataclass
from datetime import datetime

from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.check import check, verdicts
from backstay.domain.limits.codes import Verdict
from backstay.domain.limits.facts import Request
from backstay.domain.limits.question import at_admission
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.orders.intent import OrderIntent


@dataclass(frozen=True, slots=True)
class Judgement:
    """An order as it would leave, and what each rule that binds it says, in the rules' order."""

    intent: OrderIntent
    verdicts: tuple[Verdict, ...]

    @property
    def refusals(self) -> tuple[Verdict, ...]:
        """The rules that say no."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)


def judge(
    requests: tuple[Request, ...], book: Book, settings: LimitSettings | None, now: datetime
) -> tuple[Book, tuple[Judgement, ...]]:
    """What is said of each, and the book as it would be with all of them."""
    after, judgements = book, []
    for request in requests:
        said = verdicts(request.intent, request.facts, after, settings, now)
        judgements.append(Judgement(request.intent, said))
        after = _with(request, after, settings, now)
    return after, tuple(judgements)


def _with(request: Request, book: Book, settings: LimitSettings | None, now: datetime) -> Book:
    if settings is None:
        return book
    answer = check(request.intent, request.facts, book, settings, now)
    if isinstance(answer, Approved):
        return book.reserved(answer, request.facts.trading_day)
    return at_admission(request.intent, request.facts, book, settings, now).after
