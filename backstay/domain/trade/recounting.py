"""How a trade stands, recounted from what is written down of it.

The workflow keeps a standing of its own, but only a worker can say it. This one is put together
from the same news in the same way, and from the last signs of life of what runs, so it is there
whoever has died; and it follows the ways out, which the workflow hears of when they are over.
"""

from dataclasses import replace

from backstay.domain.edge.arms import Amended
from backstay.domain.edge.guards import ExitBegun, GuardEnded, Split
from backstay.domain.edge.walking import Walked
from backstay.domain.lifecycle import Happened
from backstay.domain.limits.codes import Refused
from backstay.domain.protection.naked import newest as latest
from backstay.domain.trade import chronicle
from backstay.domain.trade.admission import Admitted
from backstay.domain.trade.chronicle import Begun, Call, TradeFacts
from backstay.domain.trade.progress import (
    after_change,
    after_event,
    after_prospect,
    after_report,
    after_telling,
    led_by,
    with_exits,
)
from backstay.domain.trade.prospect import NoProspect, Prospect
from backstay.domain.trade.settlement import Settlement
from backstay.domain.trade.standing import Doing, TradeStanding, begun


def standing_of(facts: TradeFacts) -> TradeStanding | None:
    """How it stands, as far as anything is written down; None where not even its beginning is."""
    first = next((each for each in facts.entries if isinstance(each, Begun)), None)
    if first is None:
        return None
    standing, newest = begun(first.order, first.at), _newest_version(facts)
    for call in _in_sequence(facts):
        standing = _after(standing, call, newest)
    for entry in facts.entries:
        match entry:
            case chronicle.WayOutBegun(way_out=way_out):
                standing = led_by(standing, way_out)
            case chronicle.WayOutOver(outcome=outcome) if outcome is not None:
                standing = with_exits(standing, outcome.orders, outcome.naked, outcome.at)
            case chronicle.Killed(mode=mode, epoch=epoch):
                standing = replace(
                    standing,
                    why=standing.why or f"trading is stopped: {mode.value}, epoch {epoch}",
                )
            case chronicle.Over(settlement=settlement, failure=failure):
                standing = _over(standing, settlement, failure)
            case _:
                pass
    return standing


def settlement_in(facts: TradeFacts) -> Settlement | None:
    """What it has come to, once that is written down."""
    found = (
        each.deed.settlement
        for each in facts.entries
        if isinstance(each, Call) and isinstance(each.deed, chronicle.Settling)
    )
    return next(found, None)


def _in_sequence(facts: TradeFacts) -> list[Call]:
    """The calls as they were answered; what runs comes last, and what is not answered as it was
    asked.
    """
    calls = [each for each in facts.entries if isinstance(each, Call)]
    answered = [each for each in calls if each.answered_at is not None]
    running = [each for each in calls if each.answered_at is None]
    return [*sorted(answered, key=lambda each: each.answered_at or each.at), *running]


def _newest_version(facts: TradeFacts) -> int:
    """Of the changes of the guard that were made: a watch that knows less does not know where the
    stop stands.
    """
    deeds = [each.deed for each in facts.entries if isinstance(each, Call)]
    changes = [
        d.answer for d in deeds if isinstance(d, chronicle.ChangingGuard | chronicle.Splitting)
    ]
    return max((each.version for each in changes if isinstance(each, Amended | Split)), default=0)


def _after(standing: TradeStanding, call: Call, newest_version: int) -> TradeStanding:
    """The standing after what one call has told."""
    match call.deed:
        case chronicle.Prospecting(answer=Prospect() as found):
            return after_prospect(standing, found)
        case chronicle.Prospecting(answer=NoProspect(complaints=complaints)):
            return after_event(standing, Happened.REJECTED, "; ".join(map(str, complaints)))
        case chronicle.Admitting(answer=Refused(reason=reason)):
            return after_event(standing, Happened.REJECTED, reason)
        case chronicle.Admitting(answer=Admitted()):
            return after_event(standing, Happened.VALIDATED)
        case chronicle.Arming() as arming:
            return _armed(standing, arming)
        case chronicle.Guarding() as guarding:
            return _guarded(standing, guarding, newest_version)
        case chronicle.Walking(answer=walked, newest=newest):
            return _walked(replace(standing, doing=Doing.LEAVING), walked or newest)
        case chronicle.ChangingGuard(change=change, answer=Amended()):
            return after_change(standing, change)
        case chronicle.Splitting(asked=asked, answer=Split()):
            return after_change(standing, asked)
        case chronicle.Settling():
            return replace(standing, doing=Doing.SETTLING)
        case chronicle.Alerting(incident=incident, text=text):
            return after_telling(standing, f"{incident}: {text}")
        case _:
            return standing


def _armed(standing: TradeStanding, arming: chronicle.Arming) -> TradeStanding:
    arm, report = arming.arm, arming.answer or arming.newest
    if standing.doing in (Doing.LEARNING, Doing.QUEUED, Doing.ADMITTING):
        doing = Doing.ENTERING if arm.trigger is None else Doing.WAITING
        standing = replace(standing, doing=doing)
    if report is None:
        return standing
    return after_report(standing, report, arm.entry.intent.quantity)


def _walked(standing: TradeStanding, told: Walked | None) -> TradeStanding:
    if told is None:
        return standing
    return with_exits(standing, told.orders, told.naked, told.at, told.entry)


def _guarded(
    standing: TradeStanding, guarding: chronicle.Guarding, newest_version: int
) -> TradeStanding:
    """What is asked for is the watch as it was at first; where its stop stands is in its news."""
    news, newest = guarding.answer, guarding.newest
    standing = replace(standing, doing=Doing.GUARDING)
    if news is not None:
        standing = replace(standing, stop=news.guarded.level.stop)
    elif newest is not None:
        if newest.version >= newest_version:
            standing = replace(standing, stop=newest.guarded.level.stop)
        standing = replace(standing, naked=latest(standing.naked, newest.naked), at=newest.at)
    match news:
        case ExitBegun(why=why):
            return replace(standing, doing=Doing.LEAVING, why=why.value)
        case GuardEnded(why=end, orders=orders, naked=naked, at=at, entry=entry):
            standing = with_exits(standing, orders, naked, at, entry)
            return replace(standing, doing=Doing.LEAVING, why=end.value)
        case _:
            return standing


def _over(standing: TradeStanding, settlement: Settlement | None, failure: str) -> TradeStanding:
    """The standing once the trade is over, which the settlement knows best."""
    standing = replace(standing, doing=Doing.OVER)
    if settlement is None:
        return replace(standing, why=failure)
    lifecycle = replace(standing.lifecycle, state=settlement.state)
    return replace(standing, lifecycle=lifecycle, why=settlement.why)
