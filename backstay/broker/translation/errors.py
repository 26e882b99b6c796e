"""The one table of IB's error codes: what each means, what it is about, and how that is known.

A code's meaning is its meaning for a new order, if it can be about one. What it amounts to depends
on what was asked of the order last; that is `judging`. A code that isn't here, or of which it isn't
known whether the order lives, is ambiguous: the broker is asked, which costs a moment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from backstay.domain.orders.outcome import RejectionClass


class Meaning(StrEnum):
    """What a code says."""

    REJECTED = "rejected"
    """The order was not taken; a live order's modification was not."""

    OVER = "over"
    """IB ends the order, whether or not it had taken it before."""

    ID_TAKEN = "id taken"
    """The order's id can't be used; under another one it may be sent."""

    NO_SUCH_ORDER = "no such order"
    """The order, or the parent that it names, is not known."""

    MODIFY_REFUSED = "modify refused"
    CANCEL_REFUSED = "cancel refused"
    """Neither that the order lives nor that it is over."""

    CANCELLED = "cancelled"
    INFORMATIONAL = "informational"
    """Whatever it is about lives on."""

    AMBIGUOUS = "ambiguous"
    """It may have come through, or not."""

    CONNECTIVITY = "connectivity"
    DATA = "data"
    """A request for data is refused, or its answer is not what was asked for."""


class About(StrEnum):
    """What an error can be about."""

    ORDER = "order"
    REQUEST = "request"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One row; `rejection` says why an order was refused, as far as the code alone tells."""

    code: int
    meaning: Meaning
    about: frozenset[About]
    source: str
    rejection: RejectionClass = RejectionClass.OTHER


_DOCUMENTED = "IB's message codes (interactivebrokers.github.io/tws-api/message_codes.html)"
_EMBEDDED = "as the embedded gateway has it"
_WARNINGS = range(2100, 2200)

_ORDER = frozenset({About.ORDER})
_REQUEST = frozenset({About.REQUEST})
_BOTH = _ORDER | _REQUEST
_CONNECTION = frozenset({About.CONNECTION})
_EVERYTHING = _BOTH | _CONNECTION


def _rows(
    meaning: Meaning,
    about: frozenset[About],
    source: str,
    *codes: int,
    rejection: RejectionClass = RejectionClass.OTHER,
) -> Iterable[ErrorCode]:
    return (ErrorCode(code, meaning, about, source, rejection) for code in codes)


_ROWS: tuple[ErrorCode, ...] = (
    # Rejections. The text of 201 says why.
    *_rows(Meaning.OVER, _ORDER, _DOCUMENTED, 201),
    *_rows(
        Meaning.REJECTED,
        _ORDER,
        _DOCUMENTED,
        # Off the grid, beyond a percentage or a number of ticks, a stop that is none.
        *(110, 163, 382, 403),
        rejection=RejectionClass.INVALID_PRICE,
    ),
    *_rows(
        Meaning.REJECTED,
        _ORDER,
        _DOCUMENTED,
        # Time in force and type, trigger method, size, type and exchange, time, account.
        *(111, 146, 383, 387, 388, 391, 434, 435, 436),
    ),
    *_rows(Meaning.REJECTED, _ORDER, _EMBEDDED, 10243, 10326),
    *_rows(Meaning.REJECTED, _BOTH, _DOCUMENTED, 203),
    *_rows(
        Meaning.REJECTED,
        _BOTH,
        "QuantConnect/Lean.Brokerages.InteractiveBrokers pull 245: no other word comes",
        *(200, 460),
    ),
    *_rows(
        Meaning.REJECTED,
        _BOTH,
        "ib_async's wrapper: of a live order it refuses the modification only",
        321,
    ),
    *_rows(
        Meaning.ID_TAKEN,
        _ORDER,
        "dshe/InterReact issue 12, erdewit/ib_insync issues 80 and 644",
        103,
    ),
    *_rows(Meaning.NO_SUCH_ORDER, _ORDER, "erdewit/ib_insync issue 647", 135),
    # Modifications and cancels.
    *_rows(Meaning.MODIFY_REFUSED, _ORDER, _DOCUMENTED, 104, 105, 134, 329),
    *_rows(Meaning.CANCEL_REFUSED, _ORDER, _DOCUMENTED, 136, 161, 10147, 10148),
    *_rows(Meaning.CANCELLED, _ORDER, _DOCUMENTED, 202),
    # The order lives: it waits for the open, or for shares to borrow, or was put right.
    *_rows(Meaning.INFORMATIONAL, _ORDER, _DOCUMENTED, 399, 404, 2109),
    *_rows(Meaning.INFORMATIONAL, _ORDER, _EMBEDDED, 10349),
    # Read, or not: only the broker can say.
    *_rows(Meaning.AMBIGUOUS, _ORDER, _DOCUMENTED, 106, 107, 109, 133),
    *_rows(Meaning.AMBIGUOUS, _EVERYTHING, _DOCUMENTED, 100, 320, 322, 323, 504, 505),
    # The connection.
    *_rows(Meaning.CONNECTIVITY, _CONNECTION, _DOCUMENTED, 326, 501, 502, 503, 506, 507),
    *_rows(Meaning.CONNECTIVITY, _CONNECTION, _DOCUMENTED, 1100, 1101, 1102, 1300, 2110),
    *_rows(Meaning.INFORMATIONAL, _CONNECTION, _DOCUMENTED, 2103, 2104, 2105, 2106, 2107, 2108),
    *_rows(Meaning.INFORMATIONAL, _CONNECTION, _DOCUMENTED, 2158),
    # Requests for data.
    *_rows(Meaning.DATA, _REQUEST, _DOCUMENTED, 101, 102, 162, 300, 354, 366, 420),
    *_rows(Meaning.DATA, _REQUEST, _DOCUMENTED, 10089, 10090, 10168, 10186, 10190, 10197),
    *_rows(Meaning.DATA, _REQUEST, _EMBEDDED, 10314),
    *_rows(Meaning.INFORMATIONAL, _REQUEST, _DOCUMENTED, 165, 10167),
)

TABLE: dict[int, ErrorCode] = {row.code: row for row in _ROWS}

_PHRASES: tuple[tuple[str, RejectionClass], ...] = (
    ("halt", RejectionClass.HALTED),
    ("trading is suspended", RejectionClass.HALTED),
    ("margin", RejectionClass.MARGIN),
    ("available funds", RejectionClass.MARGIN),
    ("settled funds", RejectionClass.MARGIN),
    ("cash needed", RejectionClass.MARGIN),
    ("buying power", RejectionClass.MARGIN),
    ("exchange is closed", RejectionClass.MARKET_CLOSED),
    ("market is closed", RejectionClass.MARKET_CLOSED),
    ("market is not open", RejectionClass.MARKET_CLOSED),
    ("outside of trading hours", RejectionClass.MARKET_CLOSED),
    ("price does not conform", RejectionClass.INVALID_PRICE),
    ("invalid price", RejectionClass.INVALID_PRICE),
    ("price too far", RejectionClass.INVALID_PRICE),
    ("at the limit price you selected", RejectionClass.INVALID_PRICE),
)
"""What the text of a rejection (201) says of its reason; the first one that fits counts."""


def meaning_of(code: int) -> Meaning:
    """What a code says; nothing certain if it isn't known."""
    if row := TABLE.get(code):
        return row.meaning
    return Meaning.INFORMATIONAL if code in _WARNINGS else Meaning.AMBIGUOUS


def rejection_of(code: int, text: str) -> RejectionClass:
    """Why an order was refused: where the code doesn't tell, its text may."""
    row = TABLE.get(code)
    if row and row.rejection is not RejectionClass.OTHER:
        return row.rejection
    said = text.casefold()
    fitting = (rejection for phrase, rejection in _PHRASES if phrase in said)
    return next(fitting, RejectionClass.OTHER)


def refuses_a_request(code: int) -> bool:
    """Whether a request that is told this code gets no other answer."""
    return meaning_of(code) not in (Meaning.INFORMATIONAL, Meaning.CONNECTIVITY)
