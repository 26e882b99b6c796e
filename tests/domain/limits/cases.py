"""One rule, asked about one order: what surrounds the order, and what the rule has to say."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict, Unpack

from backstay.domain.limits.book import Book
from backstay.domain.limits.check import check, verdicts
from backstay.domain.limits.codes import RefusalCode, Refused, Verdict
from backstay.domain.limits.facts import AdmissionFacts
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.orders.intent import OrderIntent
from tests.domain.limits.samples import ENTRY, FACTS, NOW, SETTINGS


class Around(TypedDict, total=False):
    """What differs from an entry that every rule lets pass."""

    intent: OrderIntent
    facts: AdmissionFacts
    book: Book
    settings: LimitSettings


@dataclass(frozen=True, slots=True)
class Case:
    """An order, what surrounds it, and the verdict that is expected of one rule."""

    expected: Verdict
    intent: OrderIntent
    facts: AdmissionFacts
    book: Book
    settings: LimitSettings

    def __str__(self) -> str:
        return f"{'passes' if self.expected.passed else 'refuses'}: {self.expected.line}"

    def verdict(self) -> Verdict:
        """What the rule says, among all the verdicts of a dry run."""
        said = verdicts(self.intent, self.facts, self.book, self.settings, NOW)
        return next(verdict for verdict in said if verdict.code is self.expected.code)

    def refusal(self) -> Refused:
        """What admission answers, where the rule refuses."""
        answer = check(self.intent, self.facts, self.book, self.settings, NOW)
        assert isinstance(answer, Refused), answer
        return answer


Figure = int | str | None


def passes(
    code: RefusalCode,
    text: str,
    measured: Figure = None,
    bound: Figure = None,
    **around: Unpack[Around],
) -> Case:
    """The rule lets the order pass, in these words."""
    return _case(Verdict(code, True, text, _decimal(measured), _decimal(bound)), around)


def refuses(
    code: RefusalCode,
    text: str,
    measured: Figure = None,
    bound: Figure = None,
    **around: Unpack[Around],
) -> Case:
    """The rule refuses the order, in these words."""
    return _case(Verdict(code, False, text, _decimal(measured), _decimal(bound)), around)


def _case(expected: Verdict, around: Around) -> Case:
    return Case(
        expected,
        around.get("intent", ENTRY),
        around.get("facts", FACTS),
        around.get("book", Book()),
        around.get("settings", SETTINGS),
    )


def _decimal(figure: Figure) -> Decimal | None:
    return None if figure is None else Decimal(figure)
