"""The edge as a contender: whatever it has to be in earnest, it is here."""

import asyncio
import json
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import uvloop

from backstay.broker.edge import Edge
from backstay.broker.notices import Notice
from backstay.broker.settings import EdgeSettings
from backstay.domain.edge.arms import Arm, ArmPhase
from backstay.domain.edge.asked import Asked
from backstay.domain.edge.contracts import InstrumentQuery, Resolved
from backstay.domain.ids import IntentKey, Purpose, trade_id
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.instruments import Instrument, OptionTerms, Right
from backstay.domain.limits.approval import Approved
from backstay.domain.limits.book import Book
from backstay.domain.limits.check import check
from backstay.domain.limits.facts import AccountKind, AdmissionFacts, Margin, TriggerPrice
from backstay.domain.limits.kill import KillState
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.money import ExchangeRates
from backstay.domain.orders.intent import Limit, OrderIntent, TimeInForce
from backstay.domain.profile import PESSIMISTIC
from backstay.domain.sessions.calendar import MarketPhase
from backstay.domain.sides import Side
from backstay.domain.ticks.levels import Crossing
from backstay.domain.ticks.sources import PriceSource
from backstay.domain.ticks.triggers import IfMissed, Trigger
from backstay.lab.benches.edge.peer import START

LIMIT = Decimal("0.05")
COLLAR_PCT = Decimal("99.99")
"""So wide that an order which is never to fill lies within it."""

ARMING_SECONDS = 5.0
DRILL_EVERY = timedelta(milliseconds=2)


class EdgeContender:
    """An edge with ten triggers on each of a hundred contracts."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given
        account = given["account"]
        limits = self._limits = LimitSettings(
            account=account,
            base_currency="USD",
            exposure_max=Decimal(10**9),
            share_position_max=Decimal(10**6),
            trading=TradingMode.PAPER,
            share_collar_pct=COLLAR_PCT,
            option_collar_pct=COLLAR_PCT,
        )
        settings = EdgeSettings(
            "127.0.0.1",
            given["port"],
            given["client_id"],
            account,
            AccountKind.PAPER,
            limits,
            drill_every=DRILL_EVERY,
        )
        self._edge = Edge(settings, self._complain, START)
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Arm everything, and arm anew whatever has fired."""
        self._edge.set_epoch(KillState())
        self._edge.start()
        await self._edge.synced()
        for seat in self._given["seats"]:
            resolved = await self._edge.resolve(_query(seat))
            if not isinstance(resolved, Resolved):
                raise SystemExit(f"{seat['symbol']}: {resolved}")
            for level in self._given["levels"]:
                self._arm(resolved.instrument, Decimal(level))
        await asyncio.sleep(ARMING_SECONDS)
        if (armed := self._edge.health().armed) < len(self._tasks):
            raise SystemExit(f"only {armed} of {len(self._tasks)} are armed")
        print("ready", flush=True)
        await asyncio.Event().wait()

    def _arm(self, instrument: Instrument, level: Decimal) -> None:
        task = asyncio.get_running_loop().create_task(self._keep_armed(instrument, level))
        self._tasks.add(task)

    async def _keep_armed(self, instrument: Instrument, level: Decimal) -> None:
        """A trigger; once it has fired, one as far above the others as there are levels."""
        while True:
            arm, revision = self._arm_at(instrument, level), 0
            while True:
                progress = await self._edge.arm(arm, 1, revision)
                revision = progress.revision
                if progress.phase is not ArmPhase.WAITING:
                    break
            if progress.phase not in (ArmPhase.SENDING, ArmPhase.WORKING):
                print(f"{arm.key} is {progress.phase}: {progress.why}", file=sys.stderr)
            level += Decimal(self._given["step"]) * len(self._given["levels"])

    def _arm_at(self, instrument: Instrument, level: Decimal) -> Arm:
        self._count += 1
        key = IntentKey(trade_id("bench", str(self._count)), 0, Purpose.ENTRY, 1)
        now = self._edge.snapshot().as_of
        entry = OrderIntent(
            key,
            self._given["account"],
            instrument,
            Side.BUY,
            Decimal(1),
            Limit(LIMIT),
            TimeInForce.DAY,
        )
        trigger = Trigger(level, Crossing.ABOVE, source=PriceSource.BID, if_missed=IfMissed.FIRE)
        facts = AdmissionFacts(
            account_kind=AccountKind.PAPER,
            phase=MarketPhase.REGULAR,
            trading_day=now.date(),
            rates=ExchangeRates("USD"),
            reference=TriggerPrice(level),
            margin=Margin(Decimal(0), Decimal(10**9)),
        )
        approved = check(entry, facts, Book(), self._limits, now)
        if not isinstance(approved, Approved):
            raise SystemExit(approved.reason)
        return Arm(approved, None, PESSIMISTIC, Asked(now, Decimal(0)), trigger=trigger)

    def _complain(self, notice: Notice) -> None:
        """Prices that rest while another contender is measured are no fault here."""
        if notice.kind is not IncidentKind.TICKS_STALE:
            print(notice, file=sys.stderr)


def _query(seat: dict[str, Any]) -> InstrumentQuery:
    query = InstrumentQuery(seat["symbol"], seat["exchange"], seat["currency"])
    if not seat["strike"]:
        return query
    terms = OptionTerms(
        date.fromisoformat(seat["expiry"]), Decimal(seat["strike"]), Right(seat["right"])
    )
    return replace(query, option=terms)


async def main() -> None:
    """Be the edge for as long as the process lives."""
    await EdgeContender(json.loads(sys.stdin.readline())).run()


if __name__ == "__main__":
    uvloop.run(main())
