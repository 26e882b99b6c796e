"""When a person is told that the session is missing: soon after it is, and every hour again.

What is planned is no alarm, and neither is a short gap. That somebody else holds our client id
mostly resolves itself, so it is given longer; a wrong account never does, so it is told at once.
"""

from backstay.broker.session.standing import Standing
from backstay.domain.edge.session import SessionState

PATIENCE_SECONDS = 4.0
PATIENCE_IN_STANDBY_SECONDS = 60.0
AGAIN_SECONDS = 3600.0


def is_due(standing: Standing, told_at: float | None, at: float) -> bool:
    """Whether a person is to be told now, having been told of this absence at `told_at`."""
    if standing.missing_since is None or standing.in_window or standing.is_closed:
        return False
    if told_at is not None:
        return at - told_at >= AGAIN_SECONDS
    return at - standing.missing_since >= _patience_seconds(standing)


def _patience_seconds(standing: Standing) -> float:
    if standing.is_mismatched:
        return 0.0
    if standing.state is SessionState.STANDBY:
        return PATIENCE_IN_STANDBY_SECONDS
    return PATIENCE_SECONDS
