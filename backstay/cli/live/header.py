"""The first lines of every page that shows what is live: whose account, and how fresh it is."""

from collections.abc import Iterator

from rich.text import Text

from backstay.cli.badges import badge, session_style
from backstay.domain.edge.live import EdgeNow
from backstay.domain.edge.session import SessionState
from backstay.domain.figures import seconds
from backstay.domain.limits.facts import AccountKind

STALE_SECONDS = 5.0


def header(account: str, kind: AccountKind, edge: EdgeNow | None) -> Iterator[Text]:
    """Paper or live, the account, the session, broker time and the age of the last tick."""
    line = badge(kind)
    line.append(f" {account}", "bold")
    if edge is None:
        yield line
        return
    state = edge.session.state
    line.append("  session ")
    line.append(state.value, session_style(state))
    known = edge.time
    line.append("  broker " + ("time unknown" if known is None else f"{known.at:%H:%M:%S} UTC"))
    line.append("  ")
    line.append_text(_tick(edge))
    yield line
    if edge.session.why and state is not SessionState.READY:
        yield Text(f"session {state}: {edge.session.why}", "red")


def _tick(edge: EdgeNow) -> Text:
    if edge.last_tick_at is None:
        return Text("no tick yet", "dim")
    age = max(float(seconds(edge.at - edge.last_tick_at)), 0.0)
    return Text(f"last tick {age_text(age)} ago", "yellow" if age > STALE_SECONDS else "")


def age_text(age: float) -> str:
    """A span of time, as short as a person wants it."""
    if age < 60:  # noqa: PLR2004
        return f"{age:.1f} s"
    if age < 3600:  # noqa: PLR2004
        return f"{age / 60:.0f} min"
    return f"{age / 3600:.1f} h"
