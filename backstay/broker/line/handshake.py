"""How a session begins: both say which protocol they speak, and the gateway whose it is.

After the greeting we say who we are; then a list of accounts and the next order id must both have
come. Values in, values and bytes out: nothing here knows a socket.
"""

from asyncio import Future
from dataclasses import dataclass
from functools import cache

from ib_async.client import Client

from backstay.broker.line.encoding import SERVER_VERSION, Encoder
from backstay.broker.line.errors import (
    ClientIdTakenError,
    HungUpError,
    NumbersUsedUpError,
    OpeningError,
    WrongProtocolError,
    WrongVersionError,
)
from backstay.broker.line.numbers import REQUEST_ID_MIN

_NEXT_ORDER_ID, _ACCOUNTS, _ERROR = b"9", b"15", b"4"
_CLIENT_ID_TAKEN = b"326"
_CHARACTERS_SHOWN_MAX = 60


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the gateway has said at the beginning."""

    accounts: tuple[str, ...]
    next_order_id: int


class Handshake:
    """One handshake, from the first byte to the welcome or the reason why there is none."""

    def __init__(self, client_id: int, welcome: "Future[Welcome]") -> None:
        self._client_id = client_id
        self._welcome = welcome
        self.has_greeting = False
        self._accounts: tuple[str, ...] = ()
        self._next_order_id: int | None = None
        self._said = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected."""
        return self._welcome.done()

    @property
    def is_refused(self) -> bool:
        """Whether there will be no welcome."""
        return self.is_over and (self._welcome.cancelled() or self._welcome.exception() is not None)

    @property
    def missing(self) -> str:
        """What has not come yet."""
        if not self.has_greeting:
            return "no greeting"
        parts = {"list of accounts": self._accounts, "next order id": self._next_order_id}
        return " and ".join(f"no {name}" for name, value in parts.items() if not value)

    def hello(self) -> bytes:
        """What is said first."""
        versions = b"v%d..%d" % (Client.MinClientVersion, Client.MaxClientVersion)
        return b"API\0" + len(versions).to_bytes(4, "big") + versions

    def take(self, message: bytes) -> bytes:
        """Read a message; the answer to it."""
        if not self.has_greeting:
            return self._greet(message)
        kind, *fields = message.split(b"\0")
        try:
            if kind == _NEXT_ORDER_ID:
                self._next_order_id = int(fields[1])
            elif kind == _ACCOUNTS:
                accounts = fields[1].decode().split(",")
                self._accounts = tuple(account for account in accounts if account)
            elif kind == _ERROR:
                self._hear_error(fields[2], fields[3])
        except (IndexError, ValueError):
            self._refuse(WrongProtocolError(f"{_shown(message)} can't be read"))
        self._conclude()
        return b""

    def end(self, why: str) -> None:
        """There is no connection any more."""
        said = f" after it said: {self._said}" if self._said else f": {self.missing}"
        self._refuse(HungUpError(f"{why}{said}"))

    def break_off(self, why: str) -> None:
        """What comes can't be read."""
        self._refuse(WrongProtocolError(why))

    def _greet(self, message: bytes) -> bytes:
        version, *rest = message.split(b"\0")
        if not version.isdigit() or len(rest) != 2:  # noqa: PLR2004 - a date, and what is after it
            self._refuse(WrongProtocolError(f"{_shown(message)} is no greeting"))
            return b""
        if int(version) != SERVER_VERSION:
            self._refuse(
                WrongVersionError(f"the gateway speaks {int(version)}, not {SERVER_VERSION}")
            )
            return b""
        self.has_greeting = True
        return _introduction(self._client_id)

    def _hear_error(self, code: bytes, text: bytes) -> None:
        if code == _CLIENT_ID_TAKEN:
            self._refuse(ClientIdTakenError(f"client id {self._client_id} is in use (326)"))
        self._said = f"{code.decode()} {text.decode(errors='backslashreplace')}"

    def _conclude(self) -> None:
        next_order_id = self._next_order_id
        if self.is_over or not self._accounts or next_order_id is None:
            return
        if next_order_id >= REQUEST_ID_MIN:
            self._refuse(
                NumbersUsedUpError(
                    f"the next order id is {next_order_id}; from {REQUEST_ID_MIN} on ids are those"
                    " of requests. Reset the order id sequence in the gateway's API settings"
                )
            )
        else:
            self._welcome.set_result(Welcome(self._accounts, next_order_id))

    def _refuse(self, error: OpeningError) -> None:
        if not self.is_over:
            self._welcome.set_exception(error)
            # Whoever waited for it may have given up already; then nobody has to hear of it.
            self._welcome.exception()


@cache
def _introduction(client_id: int) -> bytes:
    """Who we are, as ib_async spells it; who waits for its client id says it again and again."""
    encoder = Encoder()
    encoder.clientId = client_id
    return encoder.frames(lambda client: client.startApi())


def _shown(message: bytes) -> str:
    return repr(message[:_CHARACTERS_SHOWN_MAX])
