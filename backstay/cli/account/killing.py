"""A kill, carried out: into the book first, and to every trade that runs if the engine is there."""

from datetime import timedelta

from temporalio.client import Client

from activities.books import AccountBooks
from activities.converting import VALUES
from activities.engine import TemporalEngine
from activities.ports import KillTold
from backstay.accounts.store import AccountStore
from backstay.cli.asking import quiet
from backstay.domain.limits.kill import KillMode
from workers import clock
from workers.config import Settings

TOLD_WITHIN = timedelta(seconds=5)


async def killed(settings: Settings, mode: KillMode, reason: str, by: str) -> KillTold:
    """Whom the kill has reached. Nothing of the engine is asked before it is written down."""
    where = settings.temporal
    store = AccountStore(settings.book, settings.account)
    try:
        client = await Client.connect(
            where.address,
            namespace=where.namespace,
            tls=where.tls,
            data_converter=VALUES,
            lazy=True,
            runtime=quiet(),
        )
        engine = TemporalEngine(
            client, AccountBooks([store], {}), clock.now, answer_within=TOLD_WITHIN
        )
        return await engine.kill(settings.account, mode, reason, by)
    finally:
        await store.close()
