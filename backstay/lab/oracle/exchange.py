"""The exchange as the gateway's own record shows it: orders, positions, and who has done what.

Read off the audit, and off the placements on the wire, which alone say of what type an order is,
whose child, and in which group. Nothing a client believes gets in here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from backstay.gateway.profile import Profile
from backstay.lab.oracle.references import Reference, reference_of

NOTHING = Decimal(0)
_SIGNS = {"BUY": 1, "SELL": -1, "BOT": 1, "SLD": -1}
_OVER = frozenset({"Cancelled", "Filled"})


@dataclass(frozen=True, slots=True)
class Placement:
    """An order, or a change of one, as it was read off the wire."""

    at_ns: int
    conn: int
    client: int
    order_id: int
    ref: str
    reference: Reference | None
    con_id: int
    sign: int
    quantity: Decimal
    kind: str
    limit: Decimal | None
    group: str
    parent_id: int
    is_preview: bool
    is_last: bool
    """Whether it and what it hangs on may go to the exchange now."""
    is_lasting: bool
    """Whether it outlives the day, until it is cancelled."""

    @classmethod
    def read(cls, line: Mapping[str, Any]) -> "Placement":
        """What stands in a line of the wire log."""
        order, contract = line["fields"]["order"], line["fields"]["contract"]
        ref = line["ref"] or ""
        limit = order.get("limit_price")
        return cls(
            at_ns=line["t"],
            conn=line["conn"],
            client=line["client"],
            order_id=line["order_id"],
            ref=ref,
            reference=reference_of(ref),
            con_id=contract.get("con_id", 0),
            sign=_SIGNS[order["action"]],
            quantity=Decimal(order["quantity"]),
            kind=order["order_type"],
            limit=None if limit is None else Decimal(limit),
            group=order.get("oca_group", ""),
            parent_id=order.get("parent_id", 0),
            is_preview=bool(order.get("what_if")),
            is_last=order.get("transmit", True),
            is_lasting=order.get("tif") == "GTC",
        )


class Order:
    """One order at the exchange, by its permanent number."""

    __slots__ = (
        "client",
        "con_id",
        "filled",
        "group",
        "is_held",
        "is_over",
        "kind",
        "limit",
        "order_id",
        "parent_id",
        "perm_id",
        "quantity",
        "ref",
        "reference",
        "sign",
        "since_ns",
        "status",
    )

    def __init__(self, line: Mapping[str, Any]) -> None:
        self.perm_id: int = line["perm_id"]
        self.ref: str = line["ref"] or ""
        self.reference = reference_of(self.ref)
        self.con_id: int = line["con_id"]
        self.sign = _SIGNS[line["side"]]
        self.client: int = line.get("client_id", 0)
        self.order_id: int = line.get("order_id", 0)
        self.since_ns: int = line["t"]
        self.quantity = self.filled = NOTHING
        self.status = ""
        self.is_over = self.is_held = False
        self.kind = ""
        self.group = ""
        self.limit: Decimal | None = None
        self.parent_id = 0

    @property
    def left(self) -> Decimal:
        """What it may still fill."""
        return NOTHING if self.is_over else self.quantity - self.filled

    @property
    def place(self) -> tuple[int, int]:
        """Under which numbers its client speaks of it."""
        return self.client, self.order_id

    @property
    def reduces(self) -> bool:
        """Whether it is one of ours that only ever leaves a position."""
        return self.reference is not None and not self.reference.opens


class Contract:
    """What an account has in one contract, and what lives there."""

    __slots__ = ("con_id", "foreign", "living", "open_of", "position", "taken")

    def __init__(self, con_id: int) -> None:
        self.con_id = con_id
        self.position = NOTHING
        self.foreign = NOTHING
        """What others than our trades have bought and sold, all in all."""
        self.open_of: dict[str, Decimal] = {}
        """What each of our trades holds, by its own fills."""
        self.taken = NOTHING
        """What hands have closed of that: what they open later is none of it."""
        self.living: dict[int, Order] = {}

    def ours(self) -> Decimal:
        """What our trades hold together, as far as it is still there."""
        held = self._held()
        return _within(_within(held, self.position), held - self.taken)

    def trade(self, trade: str, change: Decimal) -> None:
        """One of our trades has bought, or sold."""
        self.open_of[trade] = self.open_of.get(trade, NOTHING) + change
        self.taken = _within(self.taken, self._held())

    def trade_by_hand(self, change: Decimal, *, is_correction: bool) -> None:
        """Somebody else has: of what is held they close their own first."""
        self.foreign += change
        if is_correction:
            self.taken = NOTHING
        else:
            ours = self.ours()
            self.taken += ours - _within(ours, self.position + change)

    def split(self, ratio: Decimal) -> None:
        """Each share has become more of them; the position follows by the audit."""
        self.open_of = {trade: held * ratio for trade, held in self.open_of.items()}
        self.foreign *= ratio
        self.taken *= ratio

    def _held(self) -> Decimal:
        return sum(self.open_of.values(), NOTHING)

    def surely_holds(self, trade: str) -> bool:
        """Whether what a trade holds by its own fills is there, and on its side of the account."""
        held = self.open_of.get(trade, NOTHING)
        return held * self.ours() > 0 and self._is_surely_ours()

    def _is_surely_ours(self) -> bool:
        """Whether something of ours is there that is sure to be ours: hands have done nothing but
        close a part of it, and it is known of which trade. Where they have opened something of
        their own, nobody can say any more what is whose.
        """
        holders = [held for held in self.open_of.values() if held]
        is_known_whose = len(holders) == 1 or not self.taken
        have_only_closed = self.foreign == NOTHING - self.taken
        return bool(self.ours()) and have_only_closed and is_known_whose

    def held_against(self, sign: int) -> Decimal:
        """What orders of a side could leave: nothing where they would add to it."""
        return max(NOTHING - sign * self.position, NOTHING)

    def is_asleep(self, order: Order) -> bool:
        """Whether it waits for the order that it hangs on."""
        return bool(order.parent_id) and self.is_alive(order.client, order.parent_id)

    def leaving(self, sign: int, profile: Profile) -> Decimal:
        """What our living orders of a side, which only reduce, could trade together.

        Those of one group trade once. A child sleeps while its parent lives, or works for what that
        has filled.
        """
        alone = NOTHING
        groups: dict[str, Decimal] = {}
        for order in self.living.values():
            if order.sign != sign or not order.reduces:
                continue
            if self.is_asleep(order):
                alone += self._awake(order) if profile.child_covers_partial_parent else NOTHING
            elif order.group:
                groups[order.group] = max(groups.get(order.group, NOTHING), order.left)
            else:
                alone += order.left
        return alone + sum(groups.values(), NOTHING)

    def _awake(self, child: Order) -> Decimal:
        """What of it works already: as much as its parent has filled."""
        place = child.client, child.parent_id
        filled = max(order.filled for order in self.living.values() if order.place == place)
        return max(min(child.quantity, filled) - child.filled, NOTHING)

    def is_alive(self, client: int, order_id: int) -> bool:
        """Whether an order lives under these numbers."""
        return any(order.place == (client, order_id) for order in self.living.values())

    def exits(self, trade: str = "") -> Iterator[Order]:
        """Our living orders that leave, of one trade or of all; a stop that was made into something
        else is one of them.
        """
        for order in self.living.values():
            reference = order.reference
            if reference is None or reference.opens or trade not in ("", reference.trade):
                continue
            if reference.is_exit or order.kind in ("LMT", "MKT"):
                yield order


class Exchange:
    """Everything that the account has and has asked for."""

    def __init__(self) -> None:
        self.placed: dict[tuple[int, int], Placement] = {}
        self.orders: dict[int, Order] = {}
        self.contracts: dict[int, Contract] = {}
        self.filled: dict[str, Decimal] = {}
        """What was filled for each reference, corrections in."""
        self.filled_ns: dict[str, int] = {}
        """When each reference has filled last."""
        self.moved_ns: dict[str, int] = {}
        """When something was last executed for each trade."""
        self.made: dict[str, Decimal] = {}
        """What each trade has got by its fills, less what it has paid by them."""
        self.repriced: dict[str, list[tuple[int, Decimal]]] = {}
        """When the price of a fill of each trade was corrected, and what it had made before."""
        self.entered: dict[str, tuple[Decimal, Decimal]] = {}
        """At which prices each trade got in, the lowest and the highest."""
        self._executed: dict[str, Decimal] = {}
        self._valued: dict[str, Decimal] = {}
        self._former: dict[tuple[int, int], Placement] = {}
        self._forking: dict[str, None] = {}
        self._twins: dict[int, Placement] = {}
        """By what was last read when the gateway let the order before it live on."""

    def contract(self, con_id: int) -> Contract:
        """One contract."""
        found = self.contracts.get(con_id)
        if found is None:
            found = self.contracts[con_id] = Contract(con_id)
        return found

    def place(self, placement: Placement) -> None:
        """An order was read off the wire; what comes of it, the audit says."""
        place = placement.client, placement.order_id
        if place in self.placed:
            self._former[place] = self.placed[place]
        self.placed[place] = placement

    def forked(self, ref: str) -> None:
        """The gateway lets the former order of a key live on beside the changed one."""
        self._forking[ref] = None

    def order(self, line: Mapping[str, Any]) -> Order:
        """A line of the audit about an order."""
        known = self.orders.get(line["perm_id"])
        if known is None:
            known = self.orders[line["perm_id"]] = Order(line)
            if known.ref in self._forking and known.place in self.placed:
                del self._forking[known.ref]
                self._twins[known.perm_id] = self.placed[known.place]
        known.quantity, known.filled = Decimal(line["qty"]), Decimal(line["filled"])
        known.status = line["status"]
        known.is_over = line["over"] or line["status"] in _OVER
        asked = self._asked(known)
        if asked is not None and asked.ref == known.ref:
            known.kind, known.group = asked.kind, asked.group
            known.parent_id = asked.parent_id or known.parent_id
            known.limit = asked.limit
            known.is_held = not asked.is_last and known.status == "PendingSubmit"
        living = self.contract(known.con_id).living
        if known.is_over:
            living.pop(known.perm_id, None)
        else:
            living[known.perm_id] = known
        return known

    def _asked(self, order: Order) -> Placement | None:
        """What it was read as: one that lives on beside what it was changed into is still what it
        was, until it is changed itself.
        """
        asked = self.placed.get(order.place)
        if asked is None or self._twins.get(order.perm_id) is not asked:
            return asked
        return self._former.get(order.place, asked)

    def executed(self, line: Mapping[str, Any]) -> Decimal:
        """A line of an execution or of a correction; by how much it changes what is held."""
        fill = line["account"] + line["exec_id"].rpartition(".")[0]
        is_correction = fill in self._executed
        counts = Decimal(line["qty"]) * _SIGNS[line["side"]]
        change = counts - self._executed.get(fill, NOTHING)
        self._executed[fill] = counts
        contract, reference = self.contract(line["con_id"]), reference_of(line["ref"])
        if reference is None:
            contract.trade_by_hand(change, is_correction=is_correction)
        else:
            contract.trade(reference.trade, change)
            signed = change * (1 if line["side"] in ("BOT", "BUY") else -1)
            self.filled_ns[line["ref"]] = self.moved_ns[reference.trade] = line["t"]
            self.filled[line["ref"]] = self.filled.get(line["ref"], NOTHING) + signed
            value = NOTHING - counts * Decimal(line["price"]) * Decimal(line["multiplier"])
            made = self.made.get(reference.trade, NOTHING)
            if is_correction and not change:
                self.repriced.setdefault(reference.trade, []).append((line["t"], made))
            self.made[reference.trade] = made + value - self._valued.get(fill, NOTHING)
            self._valued[fill] = value
            if reference.purpose == "EN":
                self._entered(reference.trade, Decimal(line["price"]))
        return change

    def _entered(self, trade: str, price: Decimal) -> None:
        low, high = self.entered.get(trade, (price, price))
        self.entered[trade] = min(low, price), max(high, price)

    def position(self, line: Mapping[str, Any]) -> Contract:
        """A line of a position."""
        contract = self.contract(line["con_id"])
        contract.position = Decimal(line["position_after"])
        return contract

    def out_of_reach(self, trade: str) -> Iterator[Order]:
        """Its living orders under whose numbers a later one is over: no client can end them."""
        over = {order.place: order.perm_id for order in self.orders.values() if order.is_over}
        for order in self.orders.values():
            is_of_trade = order.reference is not None and order.reference.trade == trade
            if is_of_trade and not order.is_over and over.get(order.place, 0) > order.perm_id:
                yield order

    def split(self, con_id: int, ratio: Decimal) -> None:
        """Each share has become more of them."""
        self.contract(con_id).split(ratio)


def _within(quantity: Decimal, bound: Decimal) -> Decimal:
    """As much of it as is on the side of the bound, and no more than that."""
    return NOTHING if quantity * bound <= 0 else min(quantity, bound, key=abs)
