"""Stories for the judge, told by hand, with places where a test puts what must not happen."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.kill import KillMode
from backstay.domain.limits.settings import LimitSettings
from backstay.gateway.profile import PESSIMISTIC
from backstay.gateway.times import SECOND_NS
from backstay.lab.engine.tasks import RunName
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.judge import Judge
from backstay.lab.oracle.premises import Premises, Rest
from tests.lab.oracle.record import Line

TRADE, OTHER = "T7K2M9QX", "T0000001"
ACCOUNT, CON_ID, SYMBOL = "DU1", 1, "AAPL"
BEGINS = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
BEGINS_NS = round(BEGINS.timestamp()) * SECOND_NS
CLOSES = 6 * 3600.0
"""Seconds from the beginning to the end of the session."""

LIMITS = LimitSettings(
    account=ACCOUNT,
    base_currency="USD",
    exposure_max=Decimal(50_000),
    share_position_max=Decimal(300),
    order_value_max=Decimal(30_000),
    open_trades_max=2,
    entries_per_day_max=3,
    blocked_symbols=("GME",),
)
PREMISES = Premises(
    ACCOUNT,
    1,
    PESSIMISTIC,
    LIMITS,
    {CON_ID: SYMBOL, 2: "MSFT", 3: "GME"},
    regular=((BEGINS_NS - 1800 * SECOND_NS, BEGINS_NS + round(CLOSES) * SECOND_NS),),
)
RUN = RunName(f"trade:{ACCOUNT}:plan", "run")
APPROVED = ("EN", "PR", "XS", "XM", "XT")


def ref(purpose: str = "EN", generation: int = 1, trade: str = TRADE, leg: int = 0) -> str:
    return f"bs1:{trade}:{leg}:{purpose}:{generation}"


FIRST = ref()


def key(purpose: str, leg: int = 0) -> dict[str, Any]:
    return {"trade": TRADE, "leg": leg, "purpose": purpose, "generation": 1}


def moment(seconds: float) -> str:
    return (BEGINS + timedelta(seconds=seconds)).isoformat()


def approved(purpose: str, trade: str = TRADE, generation: int = 1, **more: Any) -> dict[str, Any]:
    """What a history says of an order that may leave."""
    opens = purpose == "EN"
    return {
        "intent": {
            "key": {"trade": trade, "leg": 0, "purpose": purpose, "generation": generation},
            "instrument": {"con_id": CON_ID},
            "side": "buy" if opens else "sell",
            "quantity": "100",
        },
        "collar": {"low": "95", "high": "105"} if opens else None,
        "valid_until": moment(60) if opens else None,
        "kind": "approved",
        **more,
    }


class Teller:
    """Tells a story to a judge, and remembers what time it is."""

    def __init__(
        self, premises: Premises = PREMISES, *, is_quiet: bool = True, **profile: bool
    ) -> None:
        self.judge = Judge(replace(premises, profile=replace(premises.profile, **profile)))
        self.now_ns = BEGINS_NS
        self.conn = 0
        self.position: dict[int, Decimal] = {}
        self.asked: dict[str, int] = {}
        self.cash = Decimal(1_000_000)
        self._order_ids: dict[str, int] = {}
        self._filled: dict[str, Decimal] = {}
        self._orders: dict[str, Line] = {}
        self._count = 0
        if is_quiet:
            self.happens(world.Quiet())
        self._cash(self.cash, self.cash, "opening", None)
        self.connects()

    # --- time and the world ---

    def after(self, seconds: float) -> "Teller":
        self.now_ns += round(seconds * SECOND_NS)
        self.judge.now(self.now_ns)
        return self

    def happens(self, *what: world.Happening) -> None:
        for each in what:
            self.judge.happened(self.now_ns, each)

    def kills(self, mode: KillMode = KillMode.FREEZE) -> None:
        self.happens(world.Killed(1, mode))
        self.tells(IncidentKind.KILLED, ACCOUNT)

    def shows(self, last: str, con_id: int = CON_ID) -> None:
        price = Decimal(last)
        self.happens(world.Shown(con_id, price - Decimal("0.02"), price + Decimal("0.02"), price))

    def tells(self, kind: str, subject: str = SYMBOL, text: str = "so it is") -> None:
        self.judge.notice(self.now_ns, kind, subject, text)

    # --- the wire ---

    def connects(self) -> None:
        self.conn += 1
        self._wire("nextValidId", "out", fields={"order_id": 1})

    def serves(self) -> None:
        self._wire("accountDownloadEnd", "out", fields={"account": ACCOUNT})

    def places(
        self,
        name: str = FIRST,
        quantity: int = 100,
        kind: str = "LMT",
        side: str = "",
        limit: str | None = "100",
        con_id: int = CON_ID,
        conn: int = 0,
        **more: Any,
    ) -> None:
        self._order_ids.setdefault(name, len(self._order_ids) + 1)
        order = {
            "action": side or ("BUY" if ":EN:" in name else "SELL"),
            "quantity": str(quantity),
            "order_type": kind,
            "order_ref": name,
            "tif": "GTC" if kind.startswith("STP") else "DAY",
            # An entry waits for the stop that hangs on it.
            "transmit": ":EN:" not in name,
            **({"limit_price": limit} if kind == "LMT" else {"aux_price": "95"}),
            **more,
        }
        self._orders[name] = {"con_id": con_id, "side": order["action"], "qty": str(quantity)}
        fields = {"contract": {"con_id": con_id}, "order": order}
        self._wire("placeOrder", "in", name, conn, fields=fields)

    def cancels(self, name: str, conn: int = 0) -> None:
        self._wire("cancelOrder", "in", name, conn, fields={})

    def speaks_of(self, name: str) -> None:
        self._wire("orderStatus", "out", name, fields={}, perm_id=self._perm_id(name))

    # --- the audit ---

    def works(self, name: str, status: str = "Submitted", **more: Any) -> None:
        """The exchange has the order."""
        line = {
            "what": "order",
            "perm_id": self._perm_id(name),
            "ref": name,
            "price": "100",
            "status": status,
            "over": status in ("Filled", "Cancelled"),
            "filled": str(self._filled.get(name, 0)),
            "client_id": 1,
            "order_id": self._order_ids[name],
            **self._orders[name],
            **more,
        }
        self._audit(**line)

    def rests(self, name: str, quantity: int = 100, kind: str = "LMT", **more: Any) -> None:
        self.places(name, quantity, kind, **more)
        self.works(name)
        self.speaks_of(name)

    def fills(self, name: str, quantity: int, price: str = "100") -> None:
        self._filled[name] = self._filled.get(name, Decimal(0)) + quantity
        known = self._orders[name]
        is_done = self._filled[name] == Decimal(known["qty"])
        self.trades(quantity if known["side"] == "BUY" else -quantity, name, price, known["con_id"])
        self.works(name, "Filled" if is_done else "Submitted")

    def ends(self, name: str) -> None:
        """The order is cancelled at the exchange."""
        self.works(name, "Cancelled")

    def trades(
        self, change: int, name: str | None = None, price: str = "100", con_id: int = CON_ID
    ) -> None:
        """An execution of an order, or of somebody else's, and what comes of it."""
        self._count += 1
        exec_id = f"e.{self._count}.01"
        side, amount = ("BOT", -change) if change > 0 else ("SLD", -change)
        self._audit(
            what="execution",
            con_id=con_id,
            perm_id=7 if name is None else self._perm_id(name),
            ref=name,
            side=side,
            qty=str(abs(change)),
            price=price,
            exec_id=exec_id,
            multiplier="1",
            currency="USD",
        )
        after = self.position[con_id] = self.position.get(con_id, Decimal(0)) + change
        self._audit(what="position", con_id=con_id, position_after=str(after), reason="trade")
        self._pays(amount * Decimal(price), "trade", exec_id)
        self._pays(Decimal(-1), "commission", exec_id)

    def corrects(self, name: str, quantity: int, price: str = "100", was: str = "100") -> None:
        """What the last fill, of this order, was for is another quantity or price by now."""
        before, self._filled[name] = self._filled[name], Decimal(quantity)
        known, exec_id = self._orders[name], f"e.{self._count}.02"
        con_id, way = known["con_id"], 1 if known["side"] == "BUY" else -1
        self.strikes("execution-corrected", name)
        self._audit(
            what="correction",
            con_id=con_id,
            perm_id=self._perm_id(name),
            ref=name,
            side="BOT" if known["side"] == "BUY" else "SLD",
            qty=str(quantity),
            price=price,
            exec_id=exec_id,
            replaces=f"e.{self._count}.01",
            multiplier="1",
            currency="USD",
        )
        after = self.position[con_id] = self.position[con_id] + (quantity - before) * way
        self._audit(what="position", con_id=con_id, position_after=str(after), reason="correction")
        self._pays(way * (before * Decimal(was) - quantity * Decimal(price)), "correction", exec_id)
        self.works(name, "Filled")

    def strikes(self, fault: str, name: str | None = None, **more: Any) -> None:
        self._audit(what="fault", name=fault, ref=name, **{"perm_id": None, "subject": "", **more})

    # --- the histories ---

    def calls(self, activity: str, asked: Any, run: RunName = RUN) -> None:
        self._count += 1
        self.asked[activity] = self._count
        event = HistoryEvent(event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
        event.event_id = self._count
        attributes = event.activity_task_scheduled_event_attributes
        attributes.activity_type.name = activity
        attributes.input.payloads.append(_payload(asked))
        self.judge.history(run, event)

    def answers(self, number: int, told: Any, run: RunName = RUN) -> None:
        event = HistoryEvent(event_type=EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
        event.activity_task_completed_event_attributes.scheduled_event_id = number
        event.activity_task_completed_event_attributes.result.payloads.append(_payload(told))
        self.judge.history(run, event)

    def begins(self, kind: str = "Trade", run: RunName = RUN) -> None:
        event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
        event.workflow_execution_started_event_attributes.workflow_type.name = kind
        self.judge.history(run, event)

    def marks(self, state: str, run: RunName = RUN) -> None:
        event = HistoryEvent(event_type=EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES)
        fields = event.upsert_workflow_search_attributes_event_attributes.search_attributes
        fields.indexed_fields["BackstayState"].CopyFrom(_payload(state))
        self.judge.history(run, event)

    def closes(self, result: Any, run: RunName = RUN) -> None:
        event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED)
        payloads = event.workflow_execution_completed_event_attributes.result.payloads
        payloads.append(_payload(result))
        self.judge.history(run, event)

    def fails(self, failure: str, run: RunName = RUN) -> None:
        event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED)
        failed = event.workflow_execution_failed_event_attributes.failure
        failed.application_failure_info.type = failure
        self.judge.history(run, event)

    def step_fails(self, message: str, run: RunName = RUN) -> None:
        event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
        event.workflow_task_failed_event_attributes.failure.message = message
        self.judge.history(run, event)

    def step_is_done(self, run: RunName = RUN) -> None:
        event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
        self.judge.history(run, event)

    # --- the verdict ---

    def comes_to_rest(self, **found: Any) -> None:
        self.judge.at_rest(Rest(**{"positions": self.position, **found}))

    def laws(self) -> list[str]:
        """What was broken, by the names of the laws."""
        return [finding.law for finding in self.judge.findings()]

    def texts(self, law: str) -> list[str]:
        """How everything is told that was broken under this law."""
        return [finding.text for finding in self.judge.findings() if finding.law == law]

    def one(self, law: str) -> str:
        """What was broken: one thing, under this law; how it is told."""
        findings = self.judge.findings()
        assert [finding.law for finding in findings] == [law], [str(each) for each in findings]
        return findings[0].text

    # --- the rest ---

    def _perm_id(self, name: str) -> int:
        return 100 + self._order_ids[name]

    def _pays(self, amount: Decimal, reason: str, exec_id: str) -> None:
        self.cash += amount
        self._cash(amount, self.cash, reason, exec_id)

    def _cash(self, amount: Decimal, after: Decimal, reason: str, exec_id: str | None) -> None:
        self._audit(
            what="cash",
            amount=str(amount),
            cash_after=str(after),
            currency="USD",
            reason=reason,
            exec_id=exec_id,
        )

    def _audit(self, **line: Any) -> None:
        self.judge.audit({"t": self.now_ns, "account": ACCOUNT, **line})

    def _wire(
        self, message: str, way: str, name: str | None = None, conn: int = 0, **more: Any
    ) -> None:
        line: Line = {
            "t": self.now_ns,
            "conn": conn or self.conn,
            "client": 1,
            "dir": way,
            "msg": message,
            "order_id": self._order_ids[name] if name else None,
            "perm_id": None,
            "ref": name if message == "placeOrder" else None,
            **more,
        }
        self.judge.wire(line)


def _payload(value: Any) -> Payload:
    return Payload(data=json.dumps(value).encode())


def armed(teller: Teller, trigger: dict[str, Any] | None = None) -> None:
    """An entry with its stop is written down, and everything by which it may be left."""
    arm = {
        "entry": approved("EN"),
        "protection": approved("PR"),
        "trigger": trigger and {"breach_pct": "0", "premarket": "ignore", **trigger},
        "expires_at": None,
    }
    teller.calls("arm", {"arm": arm})
    ways = [approved(purpose) for purpose in ("XS", "XM", "XT")]
    teller.calls("walk", {"way_out": {"rules": {"first_key": key("XS")}, "exit": ways}})


def held(quantity: int = 100, *, is_quiet: bool = True, **profile: bool) -> Teller:
    """A position that was bought, under its stop."""
    teller = Teller(PREMISES, is_quiet=is_quiet, **profile)
    armed(teller)
    teller.places(ref("EN"), quantity)
    teller.places(ref("PR"), quantity, "STP", parent_id=1)
    teller.works(ref("EN"))
    teller.works(ref("PR"), "PreSubmitted")
    teller.speaks_of(ref("EN"))
    teller.fills(ref("EN"), quantity)
    teller.works(ref("PR"), "PreSubmitted")
    return teller


def leaves(teller: Teller, purpose: str = "XS") -> None:
    """Its stop gives way to an exit."""
    teller.cancels(ref("PR"))
    teller.ends(ref("PR"))
    teller.rests(ref(purpose))
