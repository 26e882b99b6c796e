"""Who ends what nothing explains: a person, by name, where the broker shows nothing that speaks
against it.
"""

from collections.abc import Callable

from backstay.broker.arms.arms import Arms
from backstay.broker.desk.desk import OrderDesk
from backstay.broker.doors.knowing import Inbox
from backstay.broker.notices import Notice, Tell
from backstay.domain.edge.looking import AbsenceDeclared, DeclareAnswer, NotDeclared
from backstay.domain.ids import IntentKey
from backstay.domain.incidents.kinds import IncidentKind


class Absence:
    """Takes a person's word that the broker does not have an order."""

    def __init__(
        self,
        arms: Arms,
        desk: OrderDesk,
        inbox: Inbox,
        settle: Callable[[], None],
        tell: Tell,
    ) -> None:
        self._arms = arms
        self._desk = desk
        self._inbox = inbox
        self._settle = settle
        self._tell = tell

    async def declare(self, key: IntentKey, by: str, reason: str) -> DeclareAnswer:
        """Have it count as over, everywhere, and tell who has said so."""
        if not (self._inbox.knows(key) or self._arms.is_unknown(key)):
            return NotDeclared(key, "nobody here waits to hear what became of it")
        answer = await self._desk.declare_absent(key, by, reason)
        if isinstance(answer, AbsenceDeclared):
            self._arms.declared_absent(answer)
            self._settle()
            self._tell(Notice(IncidentKind.MANUAL_ACTION, str(key), answer.text, answer.at))
        return answer
