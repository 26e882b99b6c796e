"""I6: a target stands where it wins.

Held against the exchange's own executions, as soon as the target is written down: where the stop
lies above what was paid the target lies below it, and the other way round. An entry without a limit
may have been filled anywhere, and a trigger that was moved, or is to follow the first price of the
day, leaves targets that were meant for another one; so does a split.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from backstay.lab.oracle.exchange import Exchange
from backstay.lab.oracle.histories import Call
from backstay.lab.oracle.readings import con_id_of, family_of
from backstay.lab.simulation.outcome import Finding

LAW = "I6"


class Aims:
    """Where each trade means to take its gain."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._sells: dict[str, bool] = {}
        self._moved: dict[str, None] = {}
        self._split: dict[int, None] = {}

    def split(self, con_id: int) -> None:
        """Prices are others from now on."""
        self._split[con_id] = None

    def called(self, at_ns: int, call: Call) -> Iterator[Finding]:
        """Something was asked of the edge."""
        match call.name:
            case "arm":
                arm = call.asked["arm"]
                trigger = arm["trigger"]
                if trigger is not None and trigger.get("premarket") == "rebase":
                    self._moved[family_of(arm["entry"])[0]] = None
            case "amend_arm":
                self._moved[call.asked["key"]["trade"]] = None
            case "guard":
                guard = call.asked["guard"]
                trade = family_of(guard["exit"])[0]
                self._sells[trade] = guard["rules"]["stop"]["crossing"] == "above"
                if guard["underlying"] is None:
                    yield from self._aimed(at_ns, guard["target"])
            case "split_off":
                yield from self._aimed(at_ns, call.asked["target"])
            case _:
                pass

    def _aimed(self, at_ns: int, target: Mapping[str, Any] | None) -> Iterator[Finding]:
        if target is None:
            return
        trade = family_of(target["exit"])[0]
        paid = self._exchange.entered.get(trade)
        sells = self._sells.get(trade)
        if paid is None or sells is None or self._may_be_anywhere(trade, target):
            return
        price = Decimal(target["price"])
        if price >= paid[1] if sells else price <= paid[0]:
            which, at = ("sold", paid[1]) if sells else ("bought", paid[0])
            yield Finding(LAW, at_ns, f"{trade} has {which} at {at}, and aims at {price}")

    def _may_be_anywhere(self, trade: str, target: Mapping[str, Any]) -> bool:
        if trade in self._moved or con_id_of(target["exit"]) in self._split:
            return True
        entries = (
            order
            for order in self._exchange.orders.values()
            if order.reference is not None
            and order.reference.trade == trade
            and order.reference.purpose == "EN"
        )
        return any(order.kind != "LMT" for order in entries)
