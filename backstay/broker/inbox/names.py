"""Whose an id is.

Owns the rule of evidence. A permanent id is for ever, and a reference names its order for certain;
an order id is worth something only in the session in which it was heard, because a restarted
gateway may give it out again, and only for our own client. What an order id alone has led to is
taken back as soon as a reference says otherwise.
"""

from enum import IntEnum
from typing import NamedTuple

from backstay.domain.ids import IntentKey


class Evidence(IntEnum):
    """How an order id came to be somebody's; what is stronger replaces what is weaker."""

    EXECUTED = 1
    """An execution named both; it may be of an earlier session."""

    SHOWN = 2
    """The broker has described the order, or said how it stands, in this session."""

    SENT = 3
    """It left under this id."""


class Owner(NamedTuple):
    """Whose a permanent id is, None for a foreign one; named if a reference has said so."""

    key: IntentKey | None
    is_named: bool


class _Claim(NamedTuple):
    key: IntentKey
    evidence: Evidence


class Names:
    """The ids of this client, and the permanent ids of everybody."""

    def __init__(self) -> None:
        self._order_ids: dict[int, _Claim] = {}
        self._owners: dict[int, Owner] = {}

    def begin_session(self) -> None:
        """Order ids mean nothing any more."""
        self._order_ids.clear()

    def of_order_id(
        self, order_id: int, at_least: Evidence = Evidence.EXECUTED
    ) -> IntentKey | None:
        """Whose order id of this session that is, on evidence as strong as that."""
        claim = self._order_ids.get(order_id)
        return claim.key if claim and claim.evidence >= at_least else None

    def owner(self, perm_id: int) -> Owner | None:
        """Whose permanent id that is, or None if nobody has said."""
        return self._owners.get(perm_id)

    def learn_order_id(self, order_id: int, key: IntentKey, evidence: Evidence) -> bool:
        """Whether the id is now this key's; a weaker claim of another key gives way."""
        known = self._order_ids.get(order_id)
        if known is None or known.evidence < evidence or evidence is Evidence.SENT:
            self._order_ids[order_id] = _Claim(key, evidence)
            return True
        return known.key == key

    def learn_perm_id(self, perm_id: int, owner: Owner) -> Owner:
        """Whose the permanent id is from now on: a name outweighs an inference, and our own name
        outweighs a foreign one.
        """
        known = self._owners.get(perm_id)
        is_better = known is None or (
            owner.is_named and (not known.is_named or (known.key is None and owner.key is not None))
        )
        if is_better:
            self._owners[perm_id] = owner
            return owner
        return known or owner

    def forget(self, perm_id: int) -> None:
        """Nothing more is expected to be said of a permanent id."""
        self._owners.pop(perm_id, None)
