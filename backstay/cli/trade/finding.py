"""Which trade is meant on the command line, and what the engine lists of it.

The id of a plan is looked up as it is. What may be a code is looked for in the book first, which
keeps every trade that was ever admitted, and among all that the engine lists after that.
"""

from activities.ports import Description, Engine, UnknownWorkflowError, Wanted
from backstay.accounts.errors import AccountsError
from backstay.accounts.store import AccountStore
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
    """The one trade of the account that is called so; SaysNoError if there is none, or more than
    one.
    """
    account = settings.account
    if name.account not in (None, account):
        raise SaysNoError(f"{name.text} is in {name.account}; the settings are for {account}")
    found = await _looked_up(engine, settings, name) or await _looked_through(engine, account, name)
    if len(found) > 1:
        ids = " and ".join(each.workflow_id for each in found)
        raise SaysNoError(f"{name.text} is ambiguous: it may be {ids}")
    return found[0]


async def _looked_up(engine: Engine, settings: Settings, name: Name) -> list[Description]:
    """Those that bear the name as the id of their plan, or by the book as their code."""
    by_code = None if name.code is None else await _in_book(settings, name.code)
    found = []
    for plan_id in dict.fromkeys((name.plan_id, by_code)):
        if plan_id is None:
            continue
        try:
            found.append(await engine.describe(workflow_id(settings.account, plan_id)))
        except UnknownWorkflowError:
            continue
    return found


async def _in_book(settings: Settings, code: str) -> str | None:
    """The plan of a trade by the book; one that can't be read is no reason to give up."""
    store = AccountStore(settings.book, settings.account)
    try:
        record = await store.record(code)
    except AccountsError:
        return None
    finally:
        await store.close()
    return None if record is None else record.plan_id


async def _looked_through(engine: Engine, account: str, name: Name) -> list[Description]:
    """Those among all that are listed, at least one; else what was perhaps meant."""
    listed = await engine.trades(account, Wanted(), LOOKED_THROUGH_MAX)
    known = {plan_of(each): each for each in listed.found}
    if plan_ids := meant(name, account, known):
        return [known[plan_id] for plan_id in plan_ids]
    near = nearest(name, account, known)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    raise SaysNoError(f"{account} has no trade called {name.text}{hint}")


def plan_of(found: Description) -> str:
    """The id of the plan of a trade."""
    return found.workflow_id.partition(":")[2].partition(":")[2]
