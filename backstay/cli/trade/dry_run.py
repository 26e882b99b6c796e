"""The dry run of `backstay trade submit --dry-run`: what a plan would do now, and nothing is done.

The same workers are asked as for a trade, so an answer here means that they are there, too.
"""

from activities.engine import TemporalEngine
from backstay.cli.asking import ask
from backstay.cli.exits import Exit
from backstay.cli.screen import Screen, print_json
from backstay.cli.trade.dry_run_page import show
from backstay.cli.trade.dry_run_report import Foretold, Outcome, foretold
from backstay.domain.plan.trade import TradePlan
from backstay.domain.trade.order import TradeOrder
from workers.config import Settings

EXITS = {
    Outcome.ADMITTED: Exit.DONE,
    Outcome.SAME: Exit.DONE,
    Outcome.REFUSED: Exit.NEGATIVE,
    Outcome.UNFIT: Exit.NEGATIVE,
    Outcome.UNANSWERED: Exit.CANNOT_TELL,
}


def run_dry(settings: Settings, plan: TradePlan, *, as_json: bool) -> Exit:
    """Ask, show what is answered, and say how the command ends; the plan is for this account."""
    order = TradeOrder(plan, settings.account, settings.broker.assumed)
    told = ask(settings, lambda engine: foretell(engine, order))
    if as_json:
        print_json(Foretold, told)
    else:
        show(told, Screen())
    return EXITS[told.outcome]


async def foretell(engine: TemporalEngine, order: TradeOrder) -> Foretold:
    """What would become of the order."""
    return foretold(await engine.dry_run(order), await engine.known(order))
