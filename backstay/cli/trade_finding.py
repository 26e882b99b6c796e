"""Which trade is meant on the command line, and what the engine lists of it.

The id of a plan is looked up as it is. What may be a code is looked for in the book first, which
keeps every trade that was ever admitted, and among all that the engine lists after that.
"""

from activities.ports import Description, Engine, UnknownWorkflowError, Wanted
from backstay.cli.exits import SaysNoError
from backstay.domain.trade.naming import (
    Name,
    meant,
    nearest,
    workflow_id,
)
from workers.config import Settings

LOOKED_THROUGH_MAX = 10_000


async def find(engine: Engine, settings: Settings, name: Name) -> Description:
    """The one trade of the account that is called so; SaysNoError if there is none, or more
    than one.
    """
    account = settings.account
    if name.account not in (None, account):
        raise SaysNoError(f"{name.text} is in {name.account}; the settings are for {account}")
    if name.plan_id is not None and name.code is None:
        try:
            return await engine.describe(workflow_id(account, name.plan_id))
        except UnknownWorkflowError:
            pass
    listed = await engine.trades(account, Wanted(), LOOKED_THROUGH_MAX)
    known = {plan_of(each): each for each in listed.found}
    plan_ids = meant(name, account, known)
    if not plan_ids:
        near = nearest(name, account, known)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise SaysNoError(f"{account} has no trade called {name.text}{hint}")
    if len(plan_ids) > 1:
        ids = " and ".join(workflow_id(account, each) for each in plan_ids)
        raise SaysNoError(f"{name.text} is ambiguous: it names {ids}")
    return known[plan_ids[0]]


def plan_of(found: Description) -> str:
    """The id of the plan of a trade."""
    return found.workflow_id.partition(":")[2].partition(":")[2]
