"""The last hop: what is asked again in the turn in which an order leaves.

Owns the gathering of what this side of the wire sees at that moment; the judgement is the domain's.
An approval is data that has travelled, so it is believed in nothing that can be looked up here.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from backstay.broker.desk.kill import KillSwitch
from backstay.broker.desk.recent_entries import RecentEntries
from backstay.broker.doors.knowing import Inbox
from backstay.broker.doors.market import Catalogue, Quotes
from backstay.broker.session.accounts import kind_of
from backstay.domain.edge.submission import Submission
from backstay.domain.limits.clearance import Clearance, clearance
from backstay.domain.limits.codes import Refused
from backstay.domain.limits.facts import LastHopFacts, LiveOrder
from backstay.domain.limits.last_hop import LOOKS_AT_LIVE_ORDERS, recheck
from backstay.domain.limits.settings import LimitSettings
from backstay.domain.orders.intent import OrderIntent

_NOTHING = Decimal(0)

Accounts = Callable[[], tuple[str, ...]]
"""The accounts that the gateway reports for this session; none without one."""


class LastHop:
    """Asks the domain with what is known here."""

    def __init__(
        self,
        limits: LimitSettings | None,
        kill: KillSwitch,
        accounts: Accounts,
        catalogue: Catalogue,
        quotes: Quotes,
        inbox: Inbox,
    ) -> None:
        self._limits = limits
        self._kill = kill
        self._accounts = accounts
        self._catalogue = catalogue
        self._quotes = quotes
        self._inbox = inbox
        self.entries = RecentEntries()

    def clearance(self, submission: Submission) -> Clearance | None:
        """What can be judged of an entry ahead of the moment in which it leaves."""
        intent = submission.intent
        return clearance(submission.approved, intent, kind_of(intent.account), self._limits)

    def refusal(
        self,
        submission: Submission,
        now: datetime,
        attached: Submission | None = None,
        cleared: Clearance | None = None,
    ) -> Refused | None:
        """Why it may not leave now, or why the stop `attached` to it may not; None if both may.

        Both are asked about one picture, in which the order counts for its stop as live; and as
        what has filled nothing, whatever the position has come to. For an order that is `cleared`
        only the moment is looked at, unless there is something to refuse.
        """
        intent = submission.intent
        if cleared is None or not self._holds(cleared, intent, now):
            facts = self._facts(intent, self._live_orders(intent), self._untold(intent))
            refusal = recheck(submission.approved, intent, facts, self._limits, now)
            if refusal is not None:
                return refusal
        if attached is None:
            return None
        live_orders = (*self._live_orders(attached.intent), LiveOrder.of(intent, _NOTHING))
        facts = self._facts(intent, live_orders, _NOTHING)
        return recheck(attached.approved, attached.intent, facts, self._limits, now)

    def _holds(self, cleared: Clearance, intent: OrderIntent, now: datetime) -> bool:
        instrument = intent.instrument
        return cleared.holds(
            self._accounts(),
            self._kill.state,
            self._catalogue.phase(instrument.con_id),
            self._quotes.touch(instrument.con_id),
            self.entries.last_but(instrument, intent.key),
            now,
        )

    def _live_orders(self, intent: OrderIntent) -> tuple[LiveOrder, ...]:
        """What else may still fill, where a rule looks at it."""
        if intent.key.purpose.effect not in LOOKS_AT_LIVE_ORDERS:
            return ()
        return self._inbox.live_orders(intent.instrument.con_id)

    def _untold(self, intent: OrderIntent) -> Decimal:
        """What of the position executions may still tell, for whom what may fill is looked at."""
        if intent.key.purpose.effect not in LOOKS_AT_LIVE_ORDERS:
            return _NOTHING
        return self._inbox.untold(intent.instrument.con_id)

    def _facts(
        self, intent: OrderIntent, live_orders: tuple[LiveOrder, ...], untold: Decimal
    ) -> LastHopFacts:
        con_id = intent.instrument.con_id
        return LastHopFacts(
            accounts=self._accounts(),
            account_kind=kind_of(intent.account),
            kill=self._kill.state,
            phase=self._catalogue.phase(con_id),
            touch=self._quotes.touch(con_id),
            position=self._inbox.position(con_id),
            live_orders=live_orders,
            last_entry_at=self.entries.last_but(intent.instrument, intent.key),
            untold=untold,
        )
