"""Why there is no line, or no answer on it: one class for each reason that matters."""

from backstay.broker.doors.wire import EdgeError, NotAnsweredError


class OpeningError(EdgeError):
    """No line came about."""


class UnreachableError(OpeningError):
    """Nobody listens there, or there is no way to it."""


class NoWelcomeError(OpeningError):
    """It was connected, and then what makes a session did not come in time."""


class ClientIdTakenError(OpeningError):
    """Somebody else has this client id (326)."""


class HungUpError(OpeningError):
    """The gateway ended the connection before there was a session."""


class WrongVersionError(OpeningError):
    """The gateway speaks another version of the protocol."""


class WrongProtocolError(OpeningError):
    """What answers there is no gateway, or what it says can't be read."""


class NumbersUsedUpError(OpeningError):
    """The order ids of this client id have come too close to the ids of requests."""


class LineEndedError(EdgeError):
    """Something was written to a line that had ended; nothing of it has left."""


class SpoiltError(NotAnsweredError):
    """The answer came to its end, and something in it could not be read."""


class OwedError(NotAnsweredError):
    """No answer in time, and as long as it may come nothing of its kind can be asked again."""


class StuckError(NotAnsweredError):
    """Nothing was asked: an earlier question is owed its answer, and only a new line helps."""
