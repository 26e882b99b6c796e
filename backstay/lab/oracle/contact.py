"""Whether anybody could have done anything: who is up, who is connected, and since when.

A time that the house is given runs only while it is there and hears the broker. It begins anew with
each session, and after whatever has kept the house from hearing; what does is in one table here.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from backstay.gateway.profile import Profile
from backstay.gateway.times import SECOND_NS, broker_day
from backstay.lab.oracle import happenings as world
from backstay.lab.simulation.scenario import Role

CONNECTED_NS = 5 * SECOND_NS
RECONNECTED_NS = 10 * SECOND_NS

ENDS_CONNECTIONS = frozenset(
    {
        "reset-before-frame",
        "reset-after-frame",
        "reset-mid-frame",
        "half-open",
        "nightly-restart",
        "oversized-frame",
        "client-id-lingers",
    }
)
"""Faults after which there is no connection: one on which a frame claims too much is ended from
here, and nothing that follows it is read; the last one strikes where one has just ended.
"""

HOLDS_ANSWERS_BACK = frozenset({"request-unanswered", "answers-slow", "garbage-frame"})
"""Faults after which the house does not know what it has asked for: its time begins anew."""

UPSTREAM_LOST, UPSTREAM_BACK = 1100, frozenset({1101, 1102})


class Contact:
    """The house's reach to the broker, as of now."""

    def __init__(self, client_id: int) -> None:
        self._client_id = client_id
        self._has_session = False
        self._hears_upstream = True
        self._broker_is_up = True
        self._frozen: dict[Role, None] = {}
        self._trades_are_up = True
        self._engine_is_up = True
        self._began_ns = 0
        """Since when the newest broker worker has been there, with whatever it remembers."""
        self.engine_ready_ns = 0
        """Since when engine and trades worker are both there."""
        self.ready_ns = 0
        """Since when the house has been there and has heard everything."""
        self.served_ns = 0
        """When the house was last told the end of what a session begins with asking for."""
        self._served_before_ns = 0
        self.conn = 0
        """The connection that has the session, or had it last."""

    @property
    def reaches_broker(self) -> bool:
        """Whether somebody is there who can speak with the broker."""
        is_there = self._broker_is_up and Role.BROKER not in self._frozen
        return is_there and self._has_session and self._hears_upstream

    @property
    def reaches_engine(self) -> bool:
        """Whether workflows can take a step."""
        is_there = self._trades_are_up and Role.TRADES not in self._frozen
        return is_there and self._engine_is_up

    def has_caught_up(self, now_ns: int) -> bool:
        """Whether a session has stood for as long as the house is given to catch up with it."""
        return self.reaches_broker and now_ns >= self.ready_ns + RECONNECTED_NS

    def served_until(self, now_ns: int) -> int:
        """When that was last, of what the house has had its time since then to act on: whoever had
        to wait for an answer begins to know only with it.
        """
        is_new = now_ns <= self.served_ns + CONNECTED_NS
        return self._served_before_ns if is_new else self.served_ns

    def limit(self, since_ns: int, connected_ns: int = CONNECTED_NS) -> int:
        """Until when something that began then had to be over, while the house reaches the broker.

        A session that is older than what began has nothing to catch up with.
        """
        limit = since_ns + connected_ns
        if self.ready_ns > since_ns - RECONNECTED_NS:
            limit = max(limit, self.ready_ns + RECONNECTED_NS)
        return limit

    def is_overdue(self, since_ns: int, now_ns: int, connected_ns: int = CONNECTED_NS) -> bool:
        """Whether it should have been over by now."""
        return self.reaches_broker and now_ns > self.limit(since_ns, connected_ns)

    def can_know(self, at_ns: int, profile: Profile) -> bool:
        """Whether the newest broker worker was there then, or could still read of it: an earlier
        broker day than that on which it began, or than the one before, can't be asked for.
        """
        day_first = broker_day(self._began_ns)
        if profile.yesterday_stays_visible:
            day_first -= timedelta(days=1)
        return broker_day(at_ns) >= day_first

    def engine_limit(self, since_ns: int, within_ns: int = CONNECTED_NS) -> int:
        """The same for what takes a workflow, and no broker."""
        limit = since_ns + within_ns
        if self.engine_ready_ns > since_ns - RECONNECTED_NS:
            limit = max(limit, self.engine_ready_ns + RECONNECTED_NS)
        return limit

    # --- what changes it ---

    def wire(self, line: Mapping[str, Any]) -> None:
        """A line of the wire log about the session."""
        match line["msg"]:
            case "nextValidId" if line["client"] == self._client_id:
                self.conn = max(self.conn, line["conn"])
                self._has_session = self._hears_upstream = True
                self.ready_ns = line["t"]
            case "accountDownloadEnd" if line["client"] == self._client_id:
                self._served_before_ns, self.served_ns = self.served_ns, line["t"]
            case "error" if line["fields"].get("code") == UPSTREAM_LOST:
                self._hears_upstream = False
            case "error" if line["fields"].get("code") in UPSTREAM_BACK:
                if not self._hears_upstream:
                    self.ready_ns = line["t"]
                self._hears_upstream = True
            case _:
                pass

    def struck(self, at_ns: int, name: str) -> None:
        """A fault has struck."""
        if name in ENDS_CONNECTIONS:
            self._has_session = False
        elif name in HOLDS_ANSWERS_BACK:
            self.ready_ns = at_ns

    def happened(self, at_ns: int, what: world.Happening) -> None:
        """Something has happened in the world."""
        match what:
            case world.LinesCut():
                self._has_session = False
            case world.WorkerDied(Role.BROKER):
                self._broker_is_up = self._has_session = False
            case world.WorkerStarted(Role.BROKER):
                self._broker_is_up, self._began_ns = True, at_ns
            case world.WorkerDied():
                self._trades_are_up = False
            case world.WorkerStarted():
                self._trades_are_up, self.engine_ready_ns = True, at_ns
            case world.WorkerFroze(role):
                self._frozen[role] = None
            case world.WorkerThawed(role):
                self._frozen.pop(role, None)
                self._again(role, at_ns)
            case world.EngineGone():
                self._engine_is_up = False
            case world.EngineBack():
                self._engine_is_up, self.engine_ready_ns = True, at_ns
            case _:
                pass

    def _again(self, role: Role, at_ns: int) -> None:
        if role is Role.BROKER:
            self.ready_ns = at_ns
        else:
            self.engine_ready_ns = at_ns
