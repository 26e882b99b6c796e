"""What happens to orders, modifies and cancels before the exchange sees them, or instead."""

from collections.abc import Callable
from functools import partial

from backstay.gateway.agenda import Agenda
from backstay.gateway.faults.doors import Exchange
from backstay.gateway.faults.engine import Faults, Fits, Reference
from backstay.gateway.faults.outbound import Outbound
from backstay.gateway.faults.references import living, of_request
from backstay.gateway.faults.rules import Rule
from backstay.gateway.messages.replies import NO_REQUEST, Notice
from backstay.gateway.messages.requests import CancelAll, CancelOrder, PlaceOrder, Request
from backstay.gateway.values.held import HeldOrder

_READ_ONLY = (
    "Error validating request.-'bR' : cause - The API interface is currently in Read-Only mode."
)
_MODIFY_NAMES = ("fast-modify-refused", "second-perm-id")
_NEW_NAMES = (
    "placement-swallowed",
    "placement-acknowledged-late",
    "order-rejected",
    "held-for-locate",
)

Handle = Callable[[Request], None]

Hold = Callable[[int, int, int], None]
"""Keeps news of a client's order back on every connection there is: client, order, delay in ns."""


class OrderRequests:
    """The order requests of one connection."""

    def __init__(
        self,
        faults: Faults,
        agenda: Agenda,
        exchange: Exchange,
        out: Outbound,
        hold: Hold,
        handle: Handle,
    ) -> None:
        self._faults = faults
        self._agenda = agenda
        self._exchange = exchange
        self._out = out
        self._hold = hold
        self._handle = handle
        self._tells_short_from_long = faults.plans("held-for-locate")
        self._tells_new_from_old = faults.plans(*_MODIFY_NAMES, *_NEW_NAMES)

    def take(self, request: PlaceOrder | CancelOrder | CancelAll) -> None:
        """One request."""
        match request:
            case PlaceOrder():
                self._place(request)
            case CancelOrder():
                self._cancel(request)
            case CancelAll():
                if not self._read_only(NO_REQUEST, request):
                    self._handle(request)

    def _place(self, request: PlaceOrder) -> None:
        if self._read_only(request.order_id, request):
            return
        if request.order.what_if:
            self._handle(request)
            return
        if self._frozen(request):
            return
        known = self._known(request.order_id) if self._tells_new_from_old else None
        if known is None:
            self._place_new(request)
        else:
            self._modify(request, known)

    def _place_new(self, request: PlaceOrder) -> None:
        subject = self._subject(request)
        if self._strikes("placement-swallowed", subject, request):
            return
        if rule := self._strikes("order-rejected", subject, request):
            self._refuse(request.order_id, rule.whole("code"), rule.word("text"))
            return
        client = self._out.client
        if client is not None and (
            rule := self._strikes("placement-acknowledged-late", subject, request)
        ):
            self._hold(client, request.order_id, rule.ns("delay"))
        if self._tells_short_from_long:
            self._deny_borrow(request, subject)
        self._handle(request)

    def _deny_borrow(self, request: PlaceOrder, subject: str) -> None:
        """404: have a short sale held; others of the same stock wait along, and are no occasion."""
        client = self._out.client
        if client is None:
            return
        con_id = self._exchange.sold_short(client, request.contract, request.order)
        if con_id is None:
            return
        if rule := self._strikes("held-for-locate", subject, request):
            self._exchange.deny_borrow(con_id)
            if rule.word("then") != "never":
                locate = partial(self._exchange.locate, con_id)
                self._agenda.after(rule.ns("delay"), rule.name, locate)

    def _modify(self, request: PlaceOrder, known: HeldOrder) -> None:
        subject = self._subject(request)
        age_ns = self._agenda.now_ns - known.changed_ns
        if self._strikes(
            "fast-modify-refused", subject, request, lambda rule: age_ns < rule.ns("within")
        ):
            self._refuse(request.order_id, 103, "Duplicate order id")
            return
        self._handle(request)
        held = self._exchange.held(known.perm_id)
        # The exchange may have refused it: then there is no former order to live on.
        if held is None or held.order == known.order:
            return
        if self._strikes("second-perm-id", subject, request):
            self._exchange.fork(known.perm_id)

    def _cancel(self, request: CancelOrder) -> None:
        subject = f"order {request.order_id}"
        if self._read_only(request.order_id, request):
            return
        if self._strikes("cancel-refused", subject, request):
            text = "Cancel attempted when order is not in a cancellable state."
            self._refuse(request.order_id, 161, text)
        elif rule := self._strikes("cancel-unanswered", subject, request):
            self._put_off(request, rule)
        else:
            self._handle(request)

    def _put_off(self, request: CancelOrder, rule: Rule) -> None:
        client = self._out.client
        if client is None or rule.word("then") == "never":
            return
        # At the exchange and not through the connection, which may have ended by then.
        cancel = partial(self._exchange.cancel, client, request.order_id)
        self._agenda.after(rule.ns("delay"), rule.name, cancel)

    def _frozen(self, request: PlaceOrder) -> bool:
        quantity = request.order.quantity
        rule = self._strikes(
            "freeze-quantity",
            self._subject(request),
            request,
            lambda rule: quantity > rule.whole("above"),
        )
        if rule is None:
            return False
        limit = rule.whole("above")
        text = f"Order rejected - reason:The order size exceeds the freeze quantity of {limit}."
        self._refuse(request.order_id, 201, text)
        return True

    def _read_only(self, request_id: int, request: Request) -> bool:
        subject = f"order {request_id}"
        if isinstance(request, PlaceOrder):
            subject = self._subject(request)
        if not self._strikes("read-only", subject, request):
            return False
        self._refuse(request_id, 321, _READ_ONLY)
        return True

    def _known(self, order_id: int) -> HeldOrder | None:
        return living(self._exchange, self._out.client, order_id)

    def _subject(self, request: PlaceOrder) -> str:
        return f"order {request.order_id} {request.order.order_ref}".rstrip()

    def _strikes(
        self, name: str, subject: str, request: Request, fits: Fits | None = None
    ) -> Rule | None:
        client = self._out.client
        reference: Reference = partial(of_request, self._exchange, client, request)
        return self._faults.strikes(name, subject, "", client, fits, reference)

    def _refuse(self, request_id: int, code: int, text: str) -> None:
        self._out.tell(Notice(request_id, code, text))
