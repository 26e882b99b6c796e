"""The judge of a run: it is fed after every event, and finds every law of the house that was
broken.

It believes the gateway's record and the wire, and the histories for what they alone can say (I2,
I3, L3, L4, and which levels are watched, for I6 and L6). Notices count as what people were told.
What the world does is told to it so that it can be fair.

Safety, I1 to I11, is judged always; liveness, L1 to L5, once nothing goes wrong any more; L6, that
what is watched is acted on, wherever prices and orders have a way between house and broker. Laws
about parts of the house that do not exist yet arrive with them: a group's risk against its filled
hedge (I7 across legs, I8 across contracts, the levels of a hedge under L2), the account's workflow
(drawdown and halts under I5 and I7, its histories under L4), incidents as workflows (L5 by
severity).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from temporalio.api.history.v1 import HistoryEvent

from backstay.lab.engine.tasks import RunName
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle import histories
from backstay.lab.oracle.contact import Contact
from backstay.lab.oracle.exchange import Contract, Exchange, Order, Placement
from backstay.lab.oracle.laws.acting import Acting
from backstay.lab.oracle.laws.aims import Aims
from backstay.lab.oracle.laws.alerting import Alerting
from backstay.lab.oracle.laws.attaching import Attaching
from backstay.lab.oracle.laws.bounds import Bounds
from backstay.lab.oracle.laws.cover import Cover
from backstay.lab.oracle.laws.emptying import Emptying
from backstay.lab.oracle.laws.fencing import Fencing
from backstay.lab.oracle.laws.guarding import Guarding
from backstay.lab.oracle.laws.halts import Halts
from backstay.lab.oracle.laws.intents import Intents
from backstay.lab.oracle.laws.leaving import WORLDLY, Leaving
from backstay.lab.oracle.laws.lifecycles import Lifecycles
from backstay.lab.oracle.laws.parting import Parting
from backstay.lab.oracle.laws.profits import Profits
from backstay.lab.oracle.laws.quotes import Quotes
from backstay.lab.oracle.laws.recalling import Recalling
from backstay.lab.oracle.laws.records import Records
from backstay.lab.oracle.laws.resting import Resting
from backstay.lab.oracle.laws.shields import Shields
from backstay.lab.oracle.laws.stopping import Stopping
from backstay.lab.oracle.laws.ways_out import WaysOut
from backstay.lab.oracle.lines import HEEDED
from backstay.lab.oracle.premises import Premises, Rest
from backstay.lab.oracle.told import SAYS_WHY_DIFFERENT, Notice, Told
from backstay.lab.oracle.watches import Watches
from backstay.lab.simulation.outcome import Finding

Fields = Mapping[str, Any]


class Judge:
    """What has happened so far, and what was wrong with it."""

    def __init__(self, premises: Premises) -> None:
        self._now_ns = 0
        self._found: dict[tuple[str, str], Finding] = {}
        self._exchange = exchange = Exchange()
        self._contact = contact = Contact(premises.client_id)
        self._profile = premises.profile
        self._told = told = Told(premises.symbols)
        self._dirty: dict[int, Contract] = {}
        self._cause: dict[int, tuple[Order | None, bool]] = {}
        self._struck: dict[int, None] = {}
        self._has_settled: dict[str, None] = {}
        self._records = Records()
        self._intents = Intents()
        self._lifecycles = Lifecycles()
        self._profits = Profits(exchange, contact)
        self._fencing = Fencing(premises.client_id)
        self._quotes = Quotes()
        self._aims = Aims(exchange)
        self._attaching = Attaching()
        self._watches = Watches()
        self._acting = Acting(self._watches, exchange, contact, told, premises)
        self._bounds = Bounds(exchange, premises)
        self._stopping = Stopping(exchange, contact)
        self._halts = Halts(contact)
        self._leaving = Leaving(exchange, contact, told, premises)
        self._shields = Shields(exchange, contact, told, premises)
        self._cover = Cover(exchange, contact, told, premises, self._shields)
        self._parting = Parting(exchange, contact, premises)
        self._emptying = Emptying(exchange, contact, told, premises)
        self._ways_out = WaysOut(exchange, contact, told, premises)
        self._guarding = Guarding(contact, told, premises)
        self._recalling = Recalling(exchange, contact)
        self._alerting = Alerting(exchange, contact, told, premises)
        self._resting = Resting(exchange, told, premises)
        self._audits: Mapping[str, Callable[[Fields], None]] = {
            "order": self._order,
            "execution": self._execution,
            "correction": self._execution,
            "position": self._position,
            "fault": self._fault,
        }
        self._timed = (
            self._stopping,
            self._leaving,
            self._shields,
            self._cover,
            self._parting,
            self._emptying,
            self._ways_out,
            self._guarding,
            self._recalling,
            self._alerting,
            self._acting,
        )

    # --- what is fed ---

    def audit(self, fields: Fields) -> None:
        """A line of the gateway's audit."""
        self.now(fields["t"])
        self._find(self._records.read(fields))
        take = self._audits.get(fields["what"])
        if take is not None:
            take(fields)

    def wire(self, fields: Fields) -> None:
        """A line of the gateway's wire log."""
        name = fields["msg"]
        if name not in HEEDED:
            return
        self.now(fields["t"])
        if fields["dir"] == "in":
            if name == "placeOrder":
                self._placed(fields)
            elif name == "cancelOrder":
                self._cancelled(fields)
            elif name == "reqMktData":
                con_id = fields["fields"]["contract"]["con_id"]
                self._acting.asked_for_data(fields["t"], con_id, fields["conn"])
                self._quotes.asked_for(fields["t"], con_id)
        elif fields["perm_id"]:
            self._stopping.spoken_of(fields["t"], fields["perm_id"])
        else:
            self._contact.wire(fields)
            if name == "nextValidId":
                self._fencing.given(fields["client"], fields["conn"])

    def history(self, run: RunName, event: HistoryEvent) -> None:
        """An event of a history, as it is written down: now, whatever its clock says."""
        self._intents.heard()
        said = histories.read(event)
        match said:
            case histories.Call():
                self._call(run.workflow_id, said)
            case histories.Answer():
                self._watches.answered(run.workflow_id, said)
                self._recalling.answered(self._now_ns, run.workflow_id, said)
            case histories.Settled():
                self._settled(run.workflow_id, said)
            case histories.Began(_, state):
                self._guarding.began(run.workflow_id, said)
                self._resting.heard(run.workflow_id, said)
                self._ways_out.heard(self._now_ns, run.workflow_id, said)
                if state:
                    self._find(self._lifecycles.marked(self._now_ns, run.workflow_id, state))
            case histories.Marked(state):
                self._watches.goes_on(run.workflow_id)
                self._find(self._lifecycles.marked(self._now_ns, run.workflow_id, state))
            case histories.Wished(wish):
                self._emptying.wished(self._now_ns, run.workflow_id, wish)
            case histories.Closed():
                self._resting.heard(run.workflow_id, said)
                self._ways_out.heard(self._now_ns, run.workflow_id, said)
                self._watches.goes_on(run.workflow_id)
                self._closed(run.workflow_id, said)
            case histories.StepDone() | histories.StepFailed():
                self._resting.heard(run.workflow_id, said)
            case None:
                pass

    def notice(self, at_ns: int, kind: str, subject: str, text: str) -> None:
        """A person was told something."""
        self.now(at_ns)
        self._told.take(Notice(at_ns, kind, subject, text))

    def happened(self, at_ns: int, what: world.Happening) -> None:
        """Something has happened in the world."""
        self.now(at_ns)
        self._contact.happened(at_ns, what)
        self._emptying.happened(at_ns, what)
        self._ways_out.happened(at_ns, what)
        self._acting.happened(at_ns, what)
        self._guarding.happened(at_ns, what)
        self._quotes.happened(at_ns, what)
        match what:
            case world.Killed(epoch, mode):
                self._stopping.killed(at_ns, what)
                self._resting.killed(at_ns, mode)
                self._alerting.killed(at_ns, epoch)
            case world.TradingResumed():
                self._stopping.resumed()
                self._resting.resumed()
            case world.SplitMade(con_id, ratio):
                self._exchange.split(con_id, ratio)
                self._quotes.split(con_id)
                self._aims.split(con_id)
                self._profits.split(con_id)
                self._leaving.shrank(at_ns, con_id)
            case world.Halted() | world.HaltEnded():
                self._halts.happened(at_ns, what)
            case world.Quiet():
                self._cover.quiet(at_ns)
                self._alerting.quiet(at_ns)
                self._recalling.quiet(at_ns)
            case _:
                pass

    def now(self, at_ns: int) -> None:
        """It is this late; what was due by now is."""
        if at_ns <= self._now_ns:
            return
        self._settle()
        self._now_ns = at_ns
        for law in self._timed:
            self._find(law.passes(at_ns))

    def has_caught_up(self, now_ns: int) -> bool:
        """Whether the house has had the time that it is given after a session has begun."""
        return self._contact.has_caught_up(now_ns)

    def at_rest(self, rest: Rest) -> None:
        """Everything has come to rest."""
        self._settle()
        self._find(self._records.at_rest(self._now_ns))
        self._find(self._resting.at_rest(self._now_ns, rest))

    def findings(self) -> tuple[Finding, ...]:
        """Everything that was broken so far, each once, in the order in which it was found."""
        return tuple(self._found.values())

    # --- the wire ---

    def _placed(self, fields: Fields) -> None:
        self._records_read(fields)
        placement = Placement.read(fields)
        place = placement.client, placement.order_id
        before = self._exchange.placed.get(place)
        is_new = before is None or before.ref != placement.ref
        self._find(self._intents.placed(placement, is_new=is_new))
        self._find(self._recalling.placed(placement, is_new=is_new))
        self._find(self._attaching.placed(placement, is_new=is_new))
        self._find(self._quotes.placed(placement))
        self._watches.placed(placement)
        self._find(self._stopping.placed(placement))
        self._find(self._leaving.placed(placement))
        self._find(self._halts.placed(placement))
        what = placement.ref or f"order {placement.order_id}"
        self._submitted(fields, what)
        if placement.is_preview:
            return
        self._exchange.place(placement)
        self._shields.placed(placement)
        self._emptying.placed(placement)
        self._find(self._bounds.placed(placement))

    def _records_read(self, fields: Fields) -> None:
        self._find(self._records.read(fields))

    def _cancelled(self, fields: Fields) -> None:
        client, order_id = fields["client"], fields["order_id"]
        self._stopping.cancelled(client, order_id)
        self._watches.cancelled(self._exchange.placed.get((client, order_id)))
        self._leaving.cancelled(fields["t"], client, order_id)
        self._shields.cancelled(client, order_id)
        self._submitted(fields, f"the cancel of order {order_id}")

    def _submitted(self, fields: Fields, what: str) -> None:
        self._find(self._fencing.submitted(fields["t"], fields["client"], fields["conn"], what))

    # --- the audit ---

    def _order(self, fields: Fields) -> None:
        at_ns, order = fields["t"], self._exchange.order(fields)
        self._touch(order.con_id)
        self._stopping.changed(order)
        self._find(self._leaving.changed(at_ns, order))
        self._shields.changed(at_ns, order)
        self._alerting.changed(at_ns, order)

    def _execution(self, fields: Fields) -> None:
        """A fill of a living order of ours is the house's doing; whatever else is the world's."""
        con_id, order = fields["con_id"], self._exchange.orders.get(fields["perm_id"])
        is_fill = fields["what"] == "execution"
        is_ours = is_fill and order is not None and order.reference is not None
        is_living = order is not None and not order.is_over
        self._cause[con_id] = order if is_fill else None, is_ours and is_living
        self._exchange.executed(fields)
        self._touch(con_id)

    def _position(self, fields: Fields) -> None:
        contract = self._exchange.contract(fields["con_id"])
        before = contract.position
        self._exchange.position(fields)
        after = contract.position
        self._touch(contract.con_id)
        order, is_ours = self._cause.pop(contract.con_id, (None, False))
        if not is_ours and abs(after) < abs(before):
            self._leaving.shrank(fields["t"], contract.con_id)
        if order is None or not order.reduces or order.perm_id in self._struck:
            return
        if after * order.sign > 0 and before * order.sign <= 0:
            self._find(self._leaving.turned(fields["t"], order, contract))

    def _fault(self, fields: Fields) -> None:
        name = fields["name"]
        self._contact.struck(fields["t"], name)
        self._halts.struck(name)
        self._parting.struck(name, fields["ref"])
        self._ways_out.struck(name, fields["ref"])
        self._acting.struck(fields["t"], name, fields["subject"])
        self._quotes.struck(fields["t"], name)
        if name == "request-unanswered":
            self._told.owed(fields["t"], fields["subject"])
        if name == "second-perm-id":
            self._exchange.forked(fields["ref"])
        if name in WORLDLY:
            if fields["perm_id"]:
                self._struck[fields["perm_id"]] = None
            if fields["ref"]:
                self._leaving.forked(fields["ref"])

    # --- the histories ---

    def _call(self, workflow_id: str, call: histories.Call) -> None:
        self._intents.allowed(call.approvals)
        self._quotes.called(self._now_ns, call)
        self._find(self._aims.called(self._now_ns, call))
        self._attaching.called(call)
        self._watches.called(workflow_id, call)
        self._guarding.called(workflow_id, call)
        self._emptying.called(workflow_id, call)
        self._recalling.called(self._now_ns, workflow_id, call)
        self._alerting.called(self._now_ns, call)
        if call.name == "arm" and call.asked["arm"]["protection"] is None:
            self._cover.goes_bare(call.asked["arm"]["entry"]["intent"]["key"]["trade"])

    def _closed(self, workflow_id: str, closed: histories.Closed) -> None:
        settled = histories.settled(closed.result)
        if settled is not None:
            self._settled(workflow_id, settled)

    def _settled(self, workflow_id: str, settled: histories.Settled) -> None:
        """It is judged once, as soon as it is written down: what follows is told, and not booked,
        however long it takes until the book has it.
        """
        if workflow_id in self._has_settled:
            return
        self._has_settled[workflow_id] = None
        is_told = self._told.names(SAYS_WHY_DIFFERENT, settled.trade)
        filled = {
            ref: quantity
            for ref, quantity in self._exchange.filled.items()
            if self._has_to_be_booked(self._exchange.filled_ns[ref], is_told=is_told)
        }
        self._find(self._lifecycles.settled(self._now_ns, workflow_id, settled, filled))
        self._find(self._profits.settled(self._now_ns, workflow_id, settled))
        self._find(self._parting.settled(self._now_ns, workflow_id, settled))
        self._cover.ended(settled.trade)
        self._guarding.ended(settled.trade)

    def _has_to_be_booked(self, filled_ns: int, *, is_told: bool) -> bool:
        is_lost = is_told and not self._contact.can_know(filled_ns, self._profile)
        return not is_lost and self._contact.is_overdue(filled_ns, self._now_ns)

    # --- the rest ---

    def _touch(self, con_id: int) -> None:
        self._dirty[con_id] = self._exchange.contract(con_id)

    def _settle(self) -> None:
        """An instant is over: what it left behind counts, and not what was there in between."""
        if not self._dirty:
            return
        for contract in self._dirty.values():
            self._leaving.settle(self._now_ns, contract)
            self._cover.settle(self._now_ns, contract)
            self._parting.settle(contract)
            self._emptying.settle(self._now_ns, contract)
            self._guarding.settle(self._now_ns, contract)
        self._dirty.clear()

    def _find(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._found.setdefault((finding.law, finding.text), finding)
