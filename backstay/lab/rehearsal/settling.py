"""Our books against what the broker says it holds.

Owns the words for the comparison; an answer that proves nothing is no agreement.
"""

from backstay.domain.positions.findings import CannotTell
from backstay.lab.rehearsal.desk import Desk
from backstay.lab.rehearsal.tape import Counted, Tape

AGREES = "agrees with the books"


def agreement(desk: Desk, counted: Counted, tape: Tape) -> str:
    """What the comparison comes to, in words: `AGREES` or every difference."""
    compared = desk.books.compared(counted, tape, desk.trading_day)
    if isinstance(compared, CannotTell):
        return compared.reason
    texts = [difference.text for difference in compared.differences]
    texts += [f"contract {one.con_id}, undecided: {one.reason}" for one in compared.undecided]
    return "; ".join(texts) or AGREES
