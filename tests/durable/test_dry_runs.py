"""What a plan would do, asked of a real engine, a real edge and the gateway; nothing is sent."""

import pytest

from activities.ports import Differs, Same, Wanted
from backstay.domain.ids import Purpose
from backstay.domain.limits.codes import RefusalCode
from backstay.domain.limits.kill import KillMode
from backstay.domain.trade.dry_run import DryRunReport, Foreseen, Unanswered, Unworkable
from backstay.domain.trade.preflight import KnownTrade
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import ACCOUNT
from tests.durable.pier import Pier
from tests.durable.stories import on_a_pier

pytestmark = pytest.mark.long

UNLISTED = 'type = "OPT"\nexpiry = 2026-12-18\nstrike = 101.37\nright = "C"'


def foreseen(report: DryRunReport) -> Foreseen:
    """The report about a plan that works."""
    assert isinstance(report, Foreseen), report
    return report


def refusals(report: DryRunReport) -> list[RefusalCode]:
    """Which rules say no."""
    return [refusal.verdict.code for refusal in foreseen(report).preflight.refusals]


@on_a_pier(profiles=["pessimistic"])
async def test_a_dry_run_that_is_asked_twice_says_the_same_and_leaves_nothing(pier: Pier) -> None:
    before = await pier.store.revision()
    for _ in range(2):
        report = foreseen(await pier.dry_run(pier.order()))
        prospect = report.prospect
        assert report.preflight.refusals == ()
        assert prospect.market is not None
        assert prospect.market.touch is not None
        assert prospect.preview is not None
        assert prospect.preview.maintenance is not None
        assert prospect.preview.commission is not None
        purposes = [each.intent.key.purpose for each in report.preflight.orders]
        assert purposes == [
            Purpose.ENTRY,
            Purpose.PROTECT,
            Purpose.EXIT_STOP,
            Purpose.EXIT_MANUAL,
        ]
    assert await pier.store.revision() == before
    assert await pier.store.record(pier.order().trade) is None
    assert await pier.engine.known(pier.order()) is None
    assert (await pier.engine.trades(ACCOUNT, Wanted(), 10)).found == ()
    assert pier.sent() == []
    assert pier.living() == set()


@pytest.mark.req("S3.4")
@on_a_pier(profiles=["pessimistic"])
async def test_what_a_dry_run_foresees_is_what_the_trade_is_refused_for(pier: Pier) -> None:
    report = foreseen(await pier.dry_run(pier.order(quantity=9_999)))
    first = report.preflight.refusals[0]
    trade = await pier.submit(quantity=9_999)
    settlement = await trade.settlement()
    assert settlement.why == first.verdict.line
    known = foreseen(await pier.dry_run(pier.order())).preflight.known
    assert known == KnownTrade("aapl-pier", was_approved=False)


@pytest.mark.req("S1.6")
@on_a_pier(profiles=["pessimistic"])
async def test_a_plan_that_names_what_is_not_listed_is_told_so(pier: Pier) -> None:
    report = await pier.dry_run(pier.order(instrument=UNLISTED))
    assert isinstance(report, Unworkable)
    (complaint,) = report.prospect.complaints
    assert str(complaint).startswith("instrument.strike: 101.37")
    assert report.prospect.seen is None


@pytest.mark.req("S3.2")
@on_a_pier(profiles=["pessimistic"])
async def test_a_dry_run_beside_its_own_trade_knows_it_and_a_kill_is_told(
    pier: Pier,
) -> None:
    trade = await pier.guarding()
    assert isinstance(await pier.engine.known(pier.order()), Same)
    assert isinstance(await pier.engine.known(pier.order(quantity=200)), Differs)
    known = foreseen(await pier.dry_run(pier.order())).preflight.known
    assert known == KnownTrade("aapl-pier", was_approved=True)
    assert await pier.store.open_records()
    await pier.store.kill(KillMode.FREEZE, "a test", "nobody", pier.now)
    assert RefusalCode.KILLED in refusals(await pier.dry_run(pier.order("another")))
    pier.breach()
    await trade.ends()
    assert refusals(await pier.dry_run(pier.order()))[0] is RefusalCode.KEY_USED


@on_a_pier(profiles=["pessimistic"])
async def test_without_a_broker_worker_or_a_trades_worker_it_is_said_who_is_missing(
    pier: Pier,
) -> None:
    await pier.crew.broker_goes()
    report = await pier.dry_run(pier.order())
    assert isinstance(report, Unanswered)
    assert report.text.startswith("no broker worker serves DU1234567")
    await pier.crew.trades_goes()
    report = await pier.engine.dry_run(pier.order())
    assert isinstance(report, Unanswered)
    assert report.text.startswith("no trades worker takes calls")
    pier.crew.trades_comes()
    await pier.crew.broker_comes()
    assert isinstance(await pier.dry_run(pier.order()), Foreseen)


@on_a_pier(rule("tick-none", probability=1), profiles=["pessimistic"])
async def test_a_quote_that_never_comes_is_told_before_the_time_is_over(pier: Pier) -> None:
    report = await pier.dry_run(pier.order())
    assert isinstance(report, Unworkable), report
    assert [str(each) for each in report.prospect.complaints] == ["entry: AAPL has no good quote"]
    assert report.prospect.seen is not None
    assert report.prospect.seen.market.touch is None
