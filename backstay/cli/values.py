"""Values as they are typed: an account, an address, a price. Whatever is none is refused in one
line.
"""

from decimal import Decimal
from typing import NamedTuple

import typer
from pydantic import TypeAdapter, ValidationError

from backstay.domain.plan.scalars import Account, Distance, Price, Symbol

PORT_MAX = 65_535
_ACCOUNT: TypeAdapter[str] = TypeAdapter(Account)
_SYMBOL: TypeAdapter[str] = TypeAdapter(Symbol)
_PRICE: TypeAdapter[Decimal] = TypeAdapter(Price)
_DISTANCE: TypeAdapter[Decimal] = TypeAdapter(Distance)


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


def symbol_of(text: str) -> str:
    """A symbol; BadParameter if it is none."""
    try:
        return _SYMBOL.validate_python(text)
    except ValidationError:
        raise typer.BadParameter(
            f'{text!r}; expected a symbol in capitals, such as "AAPL" or "BRK B"'
        ) from None


def price_of(text: str) -> Decimal:
    """A price; BadParameter if it is none."""
    try:
        return _PRICE.validate_python(text)
    except ValidationError:
        raise typer.BadParameter(f"{text!r}; expected a price above 0") from None


def distance_of(text: str) -> Decimal:
    """A distance in price; BadParameter if it is none."""
    try:
        return _DISTANCE.validate_python(text)
    except ValidationError:
        raise typer.BadParameter(f"{text!r}; expected a distance in price, above 0") from None
