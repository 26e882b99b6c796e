"""What a kill has reached: the book, and every trade that runs."""

from dataclasses import dataclass

from activities.ports import KillTold, Untold
from backstay.domain.limits.kill import KillMode, KillState


@dataclass(frozen=True, slots=True)
class KillReport:
    """The kill state in force, who has heard of it and who has not. `trouble` is why it is not
    written down; then it holds for whom it has reached, and until they are started again.
    """

    account: str
    asked: KillMode
    state: KillState
    told: tuple[str, ...]
    untold: tuple[Untold, ...]
    trouble: str
    complete: bool

    @property
    def is_certain(self) -> bool:
        """Whether it is written down, and of everybody who runs it is known that they heard."""
        return not self.trouble and not any(each.exists for each in self.untold)


def kill_report(account: str, asked: KillMode, told: KillTold) -> KillReport:
    """The report of what a kill has reached."""
    return KillReport(
        account=account,
        asked=asked,
        state=told.state,
        told=told.told,
        untold=told.untold,
        trouble=told.trouble,
        complete=told.is_complete,
    )
