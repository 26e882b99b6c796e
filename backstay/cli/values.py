"""Values as they are typed: an account, an address. Whatever is none is refused in one line."""

from typing import NamedTuple

import typer
from pydantic import TypeAdapter, ValidationError

from backstay.domain.plan.scalars import Account

PORT_MAX = 65_535
_ACCOUNT: TypeAdapter[str] = TypeAdapter(Account)


class Place(NamedTuple):
    """Where somebody listens."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def account_of(text: str) -> str:
    """The id of an account; BadParameter if it is none."""
    try:
        return _ACCOUNT.validate_python(text)
    except ValidationError:
        raise typer.BadParameter(
            f'{text!r}; expected an account id in capitals and digits, such as "DU1234567"'
        ) from None


def place_of(text: str) -> Place:
    """A host and a port; BadParameter if it is none."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    is_port = port.isascii() and port.isdigit() and 0 < int(port) <= PORT_MAX
    if not host or not is_port:
        raise typer.BadParameter(f'{text!r}; expected HOST:PORT, such as "127.0.0.1:4002"')
    return Place(host, int(port))
