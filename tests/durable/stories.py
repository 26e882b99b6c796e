"""Stories: what a test on a real engine is told as.

A test is an `async def` that is given a pier. It is told under each profile of the broker; what the
edge assumes and what the gateway does go together.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from temporalio.client import Client

from activities.attributes import register_attributes
from activities.books import AccountBooks
from activities.converting import VALUES
from activities.engine import TemporalEngine
from backstay.accounts.file import create
from backstay.accounts.store import AccountStore
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC
from backstay.gateway import profile as gateway_profile
from backstay.gateway.faults.rules import Rule
from backstay.gateway.profile import Profile
from tests.broker.edge.stage import ACCOUNT, LIMITS
from tests.broker.tcp.quay import QUIET
from tests.durable.crew import TRADES, Crew
from tests.durable.histories import export
from tests.durable.pier import Pier
from tests.gateway.conformance.house import house
from tests.hanging import HANGS_AFTER_SECONDS
from workers.embedded import tuned_engine

PROFILES = {"pessimistic": PESSIMISTIC, "optimistic": OPTIMISTIC}
GATEWAYS = {
    "pessimistic": replace(gateway_profile.PESSIMISTIC, cancels_are_prompt=True),
    "optimistic": gateway_profile.OPTIMISTIC,
}
"""What the gateway really does. A story that is about slow cancels says so."""


@asynccontextmanager
async def opened(*plan: Rule, profile: str, gateway: Profile | None = None) -> AsyncIterator[Pier]:
    """Open a pier; nothing of it is left behind."""
    settings = replace(QUIET, profile=gateway or GATEWAYS[profile])
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        served = await stack.enter_async_context(house(settings, plan=plan))
        await served.listening()
        engine = await stack.enter_async_context(tuned_engine())
        client = await Client.connect(engine.address, data_converter=VALUES, identity=TRADES)
        await register_attributes(client)
        pier = Pier(served, PROFILES[profile], client)
        path = folder / "accounts.sqlite"
        create(path, ACCOUNT)
        pier.store = AccountStore(path, ACCOUNT)
        stack.push_async_callback(pier.store.close)
        books = AccountBooks([pier.store], {ACCOUNT: LIMITS})
        pier.engine = TemporalEngine(client, books, lambda: pier.now)
        pier.crew = Crew(pier, client, pier.store, books)
        stack.push_async_callback(pier.crew.goes)
        pier.crew.trades_comes()
        await pier.crew.broker_comes()
        yield pier


Story = Callable[[Pier], Awaitable[None]]


def on_a_pier(
    *plan: Rule, profiles: Iterable[str] = PROFILES, gateway: Profile | None = None
) -> Callable[[Story], Callable[..., None]]:
    """A story that is told under each of these profiles; the laws hold at its end."""

    def told(story: Story) -> Callable[..., None]:
        @pytest.mark.parametrize("profile", profiles)
        def test(profile: str, histories: Path | None) -> None:
            asyncio.run(_tell(story, plan, profile, gateway, histories))

        # Not functools.wraps: pytest would take the pier for a fixture.
        test.__name__ = test.__qualname__ = story.__name__
        test.__doc__ = story.__doc__
        test.__module__ = story.__module__
        return test

    return told


async def _tell(
    story: Story,
    plan: tuple[Rule, ...],
    profile: str,
    gateway: Profile | None,
    histories: Path | None,
) -> None:
    async with opened(*plan, profile=profile, gateway=gateway) as pier:
        try:
            await asyncio.wait_for(story(pier), HANGS_AFTER_SECONDS)
            await pier.check()
        except BaseException as error:
            error.add_note(await pier.report())
            raise
        if histories is not None:
            for life in await pier.histories():
                export(life, histories, f"{story.__name__.removeprefix('test_')}.{profile}")
