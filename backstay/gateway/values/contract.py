"""A contract as a client names it and as the gateway answers it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ComboLeg:
    """One leg of a combination."""

    con_id: int = 0
    ratio: int = 0
    action: str = ""
    exchange: str = ""
    open_close: int = 0
    short_sale_slot: int = 0
    designated_location: str = ""
    exempt_code: int = -1


@dataclass(frozen=True, slots=True)
class DeltaNeutral:
    """The contract that makes a combination neutral to its underlying."""

    con_id: int = 0
    delta: Decimal = Decimal(0)
    price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Contract:
    """What is traded; empty fields are ones that the client left open."""

    con_id: int = 0
    symbol: str = ""
    sec_type: str = ""
    expiry: str = ""
    strike: Decimal = Decimal(0)
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""
    include_expired: bool = False
    sec_id_type: str = ""
    sec_id: str = ""
    issuer_id: str = ""
    combo_legs: tuple[ComboLeg, ...] = ()
    combo_legs_text: str = ""
    delta_neutral: DeltaNeutral | None = None


@dataclass(frozen=True, slots=True)
class TagValue:
    """A named option of an order or of a request."""

    tag: str = ""
    value: str = ""
