"""PAPER or LIVE, and how a session looks: the same on every page that shows them."""

from rich.text import Text

from backstay.domain.edge.session import SessionState
from backstay.domain.limits.facts import AccountKind

_KINDS = {
    AccountKind.PAPER: (" PAPER ", "bold black on green"),
    AccountKind.LIVE: (" LIVE: REAL MONEY ", "bold white on red"),
}
_SESSIONS = {
    SessionState.READY: "green",
    SessionState.STANDBY: "yellow",
    SessionState.RESTART_WINDOW: "yellow",
}


def badge(kind: AccountKind) -> Text:
    """Unmistakably one or the other."""
    return Text.assemble(_KINDS[kind])


def badge_style(kind: AccountKind) -> str:
    """For what goes on beside the badge."""
    return _KINDS[kind][1]


def session_style(state: SessionState) -> str:
    """As planned, or not."""
    return _SESSIONS.get(state, "bold red")
