"""What this gateway does where IB's documentation is silent or wrong.

Eight switches; the default of each is the answer that is harder for a client. A client that is
right under every combination needs to know none of them.
"""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Profile:
    """How this gateway behaves; `True` is the easy way."""

    cancelling_one_spares_siblings: bool = False
    """Cancelling one member of an OCA group leaves the others alive (else all are cancelled)."""

    partial_fill_reduces_by_quantity: bool = False
    """A member's partial fill takes as much off the others (else a proportional share)."""

    living_group_can_be_joined: bool = False
    """An order can join an OCA group that already works, as long as no member of it has filled or
    ended; and a group's name can be used again (else both are refused)."""

    order_type_can_be_modified: bool = False
    """A live order's type can be changed by modifying it (else the change is refused)."""

    child_covers_partial_parent: bool = False
    """An attached child works for what its parent has filled, and outlives the parent's cancel
    (else it sleeps until the parent is completely filled, and dies with it)."""

    yesterday_stays_visible: bool = False
    """Completed orders and executions of the last broker day can still be read after midnight."""

    cancels_are_prompt: bool = False
    """A cancel is answered at once even in a fast market (else after seconds)."""

    last_bytes_are_read: bool = False
    """What was written just before a drop has been read (else it may be lost)."""


PESSIMISTIC = Profile()
OPTIMISTIC = Profile(**{switch.name: True for switch in fields(Profile)})
NAMES = tuple(switch.name for switch in fields(Profile))


def parse(text: str) -> Profile:
    """`pessimistic`, `optimistic`, or either followed by switches: `pessimistic,+name,-name`."""
    base, *switches = [part.strip() for part in text.split(",")]
    if base not in {"pessimistic", "optimistic"}:
        raise ValueError(f'"{base}" is no profile; expected "pessimistic" or "optimistic"')
    profile = OPTIMISTIC if base == "optimistic" else PESSIMISTIC
    for switch in switches:
        sign, name = switch[:1], switch[1:]
        if sign not in {"+", "-"} or name not in NAMES:
            known = ", ".join(NAMES)
            raise ValueError(f'"{switch}" is no switch; expected + or - and one of {known}')
        profile = replace(profile, **{name: sign == "+"})
    return profile
