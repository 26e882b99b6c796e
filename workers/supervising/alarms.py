"""What a person has to know of the processes: on the screen, in the log, in the account's book."""

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime

from backstay.broker.notices import Notice, Tell
from backstay.domain.incidents.kinds import IncidentKind
from workers.supervising.policy import SILENT_SECONDS_MAX, WITHIN_SECONDS, Again, GivenUp
from workers.supervising.report import Alarm, PartReport
from workers.supervising.roster import Part

ALARMS_KEPT = 100
_LOG = logging.getLogger("backstay.house")


class Alarms:
    """Tells of each death and each silence, of what is done about it, and of each return."""

    def __init__(
        self, say: Callable[[str], None], board: Tell, now: Callable[[], datetime]
    ) -> None:
        self._say = say
        self._board = board
        self._now = now
        self._raised: deque[Alarm] = deque(maxlen=ALARMS_KEPT)

    @property
    def raised(self) -> tuple[Alarm, ...]:
        """The newest of them, oldest first."""
        return tuple(self._raised)

    def begun(self, part: PartReport) -> None:
        """It serves for the first time: no alarm."""
        self._tell(f"{part.part} serves at {part.address}, as process {part.pid}")

    def died(self, part: Part, how: str, next_step: Again | GivenUp) -> None:
        """A part has died: that is an alarm, whatever is done about it."""
        if isinstance(next_step, Again):
            kind = IncidentKind.PROCESS_ENDED
            text = f"has died ({how}); begins again in {next_step.pause_seconds:g} s"
        else:
            kind = IncidentKind.PROCESS_GIVEN_UP
            often = f"{next_step.deaths} times within {WITHIN_SECONDS / 60:g} minutes"
            text = f"has died {often} ({how}); given up"
        self._raise(kind, part, text)

    def lives_again(self, part: Part) -> None:
        """It serves again."""
        self._tell(f"{part} serves again")

    def fell_silent(self, part: Part, seconds: float) -> None:
        """A part runs and does not answer: that is an alarm before anything is done about it."""
        text = (
            f"has not answered for {seconds:.0f} s;"
            f" begins again if it stays silent for {SILENT_SECONDS_MAX:g} s"
        )
        self._raise(IncidentKind.PROCESS_SILENT, part, text)

    def answers_again(self, part: Part) -> None:
        """It was silent, and has answered."""
        self._tell(f"{part} answers again")

    def _raise(self, kind: IncidentKind, part: Part, text: str) -> None:
        self._raised.append(Alarm(self._now(), f"{part} {text}"))
        self._board(Notice(kind, part.value, text, self._now()))
        self._say(f"{part} {text}")

    def _tell(self, text: str) -> None:
        _LOG.info(text)
        self._say(text)
