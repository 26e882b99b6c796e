"""All orders of ours.

Owns which of them may still fill, and which the broker's answers leave unexplained. An order that a
complete answer no longer lists is not over: it is missing, until something says what became of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime

from backstay.broker.inbox.names import Names
from backstay.broker.inbox.record import OrderRecord
from backstay.domain.edge.snapshot import Completeness
from backstay.domain.ids import IntentKey
from backstay.domain.limits.facts import LiveOrder


class Orders:
    """Our orders, by key, by trade and by contract."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._records: dict[IntentKey, OrderRecord] = {}
        self._of_trade: defaultdict[str, set[IntentKey]] = defaultdict(set)
        self._maybe_live: defaultdict[int, set[IntentKey]] = defaultdict(set)
        self._unsettled: set[IntentKey] = set()

    def get(self, key: IntentKey) -> OrderRecord | None:
        """The record of a key, if there is one."""
        return self._records.get(key)

    def record(self, key: IntentKey, con_id: int) -> OrderRecord:
        """The record of a key, opened if there is none."""
        known = self._records.get(key)
        if known is None:
            known = self._records[key] = OrderRecord(key, con_id)
            self._of_trade[key.trade].add(key)
        return known

    def touch(self, record: OrderRecord) -> None:
        """Something of it is new, so that it may live, or be unsettled, again."""
        self._maybe_live[record.con_id].add(record.key)
        self._unsettled.add(record.key)

    def __iter__(self) -> Iterator[OrderRecord]:
        """In the order of the keys."""
        return (self._records[key] for key in sorted(self._records))

    def known(self) -> Iterator[OrderRecord]:
        """Those that were sent or shown, in no order."""
        return (record for record in self._records.values() if record.is_known)

    def of_trade(self, trade: str) -> tuple[IntentKey, ...]:
        """The known keys of a trade, in order."""
        keys = sorted(self._of_trade.get(trade, ()))
        return tuple(key for key in keys if self._records[key].is_known)

    def live(self, con_id: int) -> tuple[OrderRecord, ...]:
        """Those of a contract that may still fill, in the order of their keys."""
        maybe = self._maybe_live.get(con_id)
        if maybe is None:
            return ()
        records = [self._records[key] for key in sorted(maybe)]
        maybe.difference_update(record.key for record in records if not record.is_live)
        if not maybe:
            del self._maybe_live[con_id]
        return tuple(record for record in records if record.is_live)

    def live_orders(self, con_id: int) -> tuple[LiveOrder, ...]:
        """The same as the last hop counts them."""
        return tuple(record.live_order(self._parent(record)) for record in self.live(con_id))

    def standing(self, completeness: Completeness) -> Iterator[OrderRecord]:
        """Those that may still fill and are not missing, by contract."""
        for con_id in sorted(self._maybe_live):
            for record in self.live(con_id):
                if not _is_unexplained(record, completeness):
                    yield record

    def unexplained(self, completeness: Completeness) -> tuple[IntentKey, ...]:
        """Those of which complete answers that were asked for since leave open what they are."""
        found = []
        for key in sorted(self._unsettled):
            record = self._records[key]
            if self._is_at_rest(record):
                self._unsettled.discard(key)
            elif _is_unexplained(record, completeness):
                found.append(key)
        return tuple(found)

    def forget(self, before: datetime, followed: Collection[IntentKey]) -> tuple[IntentKey, ...]:
        """Forget what is over and settled, last heard of `before` then, and followed by nobody."""
        old = [
            record.key
            for record in self._records.values()
            if self._is_at_rest(record)
            and record.key not in followed
            and (record.sign_at is None or record.sign_at < before)
        ]
        for key in old:
            record = self._records.pop(key)
            self._unsettled.discard(key)
            self._of_trade[key.trade].discard(key)
            if not self._of_trade[key.trade]:
                del self._of_trade[key.trade]
            self._maybe_live[record.con_id].discard(key)
            for perm_id in record.view.perm_ids if record.view else ():
                self._names.forget(perm_id)
        return tuple(old)

    def _parent(self, record: OrderRecord) -> IntentKey | None:
        """Whose child it is: by its intent, else by what the broker calls its parent."""
        if record.parent is not None:
            return record.parent
        if owner := self._names.owner(record.parent_perm_id):
            return owner.key
        described = record.described
        parent = self._names.of_order_id(described.parent_order_id) if described else None
        return parent if parent and parent.trade == record.key.trade else None

    @staticmethod
    def _is_at_rest(record: OrderRecord) -> bool:
        view = record.view
        return not record.is_live and (view is None or view.is_settled or not view.instances)


def _is_unexplained(record: OrderRecord, completeness: Completeness) -> bool:
    if record.sign_at is None:
        return False
    live = record.is_live
    asked_at = completeness.open_orders_at if live else completeness.executions_at
    return asked_at is not None and record.sign_at < asked_at
