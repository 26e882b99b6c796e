"""What an error about an order amounts to, by what was asked of that order last.

The same code can end a new order, refuse a live one's modification, or prove nothing. Whatever is
not certain is a question for the broker: no error is taken for a rejection by default.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from backstay.broker.translation.errors import Meaning, meaning_of, rejection_of
from backstay.domain.orders.outcome import RejectionClass


class LastAsked(StrEnum):
    """What we asked of an order last."""

    NEW = "new"
    MODIFY = "modify"
    CANCEL = "cancel"


class Situation(NamedTuple):
    """What was asked last, and whether the broker has said that it has the order."""

    asked: LastAsked
    is_acknowledged: bool


class Verdict(StrEnum):
    """What an error amounts to."""

    LIVES = "lives"
    """A remark; nothing changes by it."""

    REJECTED = "rejected"
    """Nothing of the order is alive."""

    RETRYABLE = "retryable"
    """Nothing of the order stands under this id; under another one it may be sent again."""

    CANCELLED = "cancelled"
    CANCEL_REFUSED = "cancel refused"
    MODIFY_REFUSED = "modify refused"
    """The order stands as it was."""

    AMBIGUOUS = "ambiguous"
    """Ask the broker."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict, and of a rejection why."""

    verdict: Verdict
    rejection: RejectionClass | None = None


_SENT = Situation(LastAsked.NEW, is_acknowledged=False)
_WORKING = Situation(LastAsked.NEW, is_acknowledged=True)
_MODIFIED = Situation(LastAsked.MODIFY, is_acknowledged=True)
_SENT_AND_CANCELLED = Situation(LastAsked.CANCEL, is_acknowledged=False)
_CANCELLING = Situation(LastAsked.CANCEL, is_acknowledged=True)

_ALWAYS: dict[Meaning, Verdict] = {
    Meaning.INFORMATIONAL: Verdict.LIVES,
    Meaning.CANCELLED: Verdict.CANCELLED,
    Meaning.CANCEL_REFUSED: Verdict.CANCEL_REFUSED,
}

_BY_SITUATION: dict[Meaning, dict[Situation, Verdict]] = {
    Meaning.REJECTED: {
        _SENT: Verdict.REJECTED,
        _SENT_AND_CANCELLED: Verdict.REJECTED,
        _MODIFIED: Verdict.MODIFY_REFUSED,
    },
    # The order may have been shown, as inactive, before it is said to be rejected.
    Meaning.OVER: {
        _SENT: Verdict.REJECTED,
        _SENT_AND_CANCELLED: Verdict.REJECTED,
        _WORKING: Verdict.REJECTED,
        _MODIFIED: Verdict.MODIFY_REFUSED,
    },
    Meaning.ID_TAKEN: {
        _SENT: Verdict.RETRYABLE,
        _MODIFIED: Verdict.MODIFY_REFUSED,
    },
    Meaning.NO_SUCH_ORDER: {
        _SENT: Verdict.REJECTED,
        _MODIFIED: Verdict.MODIFY_REFUSED,
        _SENT_AND_CANCELLED: Verdict.CANCEL_REFUSED,
        _CANCELLING: Verdict.CANCEL_REFUSED,
    },
    Meaning.MODIFY_REFUSED: {
        _MODIFIED: Verdict.MODIFY_REFUSED,
    },
}
"""What isn't here is ambiguous. A modification of what was never acknowledged always is: the error
can be about the order itself.
"""


def judge(code: int, text: str, situation: Situation) -> Judgement:
    """What an error about an order amounts to in a situation."""
    meaning = meaning_of(code)
    verdict = _ALWAYS.get(meaning) or _BY_SITUATION.get(meaning, {}).get(
        situation, Verdict.AMBIGUOUS
    )
    if verdict is Verdict.REJECTED:
        return Judgement(verdict, rejection_of(code, text))
    return Judgement(verdict)
