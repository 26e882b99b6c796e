"""The doors to the book: what the engine hears of it, and what a person hears."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.account import ATTEMPTS_MAX, AccountDoor
from activities.books import AccountBooks
from activities.calls import Alert
from backstay.accounts.errors import (
    AccountsError,
    BookBusyError,
    BookDamagedError,
    BookForeignError,
    BookMissingError,
    DiskError,
)
from backstay.accounts.file import create
from backstay.accounts.state import Settled
from backstay.accounts.store import AccountStore
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.codes import RefusalCode, Refused
from backstay.domain.limits.kill import KillState
from backstay.domain.trade.admission import AdmissionAnswer, AdmissionRequest, Admitted
from backstay.domain.trade.preflight import KnownTrade, Preflight
from backstay.domain.trade.settlement import Settlement
from tests.accounts.cases import request, round_trip, settlement, summary
from tests.domain.limits.samples import ACCOUNT, SETTINGS, TRADE, key


class Person:
    """Who is told; one name is heard once."""

    def __init__(self) -> None:
        self.heard: dict[str, Alert] = {}

    async def raise_alert(self, alert: Alert, name: str = "") -> None:
        """Hear it."""
        self.heard.setdefault(name, alert)


class Broken:
    """Books that can't be used, for a reason."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def admit(self, _account: str, _request: AdmissionRequest) -> AdmissionAnswer:
        """Fail."""
        raise self._error

    async def preflight(self, _account: str, _request: AdmissionRequest) -> Preflight:
        """Fail."""
        raise self._error

    async def settle(self, _settlement: Settlement) -> Settled:
        """Fail."""
        raise self._error

    async def kill_state(self, _account: str) -> KillState:
        """Fail."""
        raise self._error


@dataclass(frozen=True)
class House:
    door: AccountDoor
    person: Person
    store: AccountStore
    environment: ActivityEnvironment


@asynccontextmanager
async def house(tmp_path: Path) -> AsyncIterator[House]:
    path = tmp_path / "accounts.db"
    create(path, ACCOUNT)
    store, person = AccountStore(path, ACCOUNT), Person()
    door = AccountDoor(AccountBooks([store], {ACCOUNT: SETTINGS}), person)
    yield House(door, person, store, ActivityEnvironment())
    await store.close()


async def failure(work: Coroutine[Any, Any, object]) -> ApplicationError:
    with pytest.raises(ApplicationError) as failed:
        await work
    return failed.value


def test_what_is_admitted_is_reserved_and_what_is_settled_is_given_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            answer = await home.environment.run(home.door.admit, request())
            assert isinstance(answer, Admitted)
            assert (await home.store.state()).book.claims
            await home.environment.run(home.door.settle, round_trip())
            assert (await home.store.state()).book.claims == ()
            assert home.person.heard == {}

    asyncio.run(scenario())


def test_an_account_without_limits_is_refused_and_not_failed(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            door = AccountDoor(AccountBooks([home.store], {}), home.person)
            answer = await home.environment.run(door.admit, request())
            assert isinstance(answer, Refused)
            assert answer.code is RefusalCode.NOT_CONFIGURED

    asyncio.run(scenario())


@pytest.mark.req("S3.4")
def test_a_preflight_says_what_every_rule_would_and_takes_no_room(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            before = await home.store.revision()
            said = await home.environment.run(home.door.preflight, request())
            assert said.refusals == ()
            assert [each.intent.key for each in said.orders] == [
                each.intent.key for each in request().requests
            ]
            assert await home.store.revision() == before
            assert await home.store.record(TRADE) is None
            await home.environment.run(home.door.admit, request())
            again = await home.environment.run(home.door.preflight, request())
            assert again.known == KnownTrade(f"plan-{TRADE}", was_approved=True)

    asyncio.run(scenario())


def test_room_that_is_kept_and_figures_that_do_not_fit_are_told_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as home:
            await home.environment.run(home.door.admit, request())
            odd = settlement(summary(key(), 40, is_settled=False), left_over=30)
            for _ in range(2):
                await home.environment.run(home.door.settle, odd)
            sum_text = f"the orders of {TRADE} leave 40 of the contract 265598"
            assert list(home.person.heard.values()) == [
                Alert(ACCOUNT, IncidentKind.STATE_INCONSISTENT, TRADE, text)
                for text in (
                    f"{sum_text}, the settlement says 30",
                    "its room is kept, because these may still fill: bs1:T7K2M9QX:0:EN:1",
                )
            ]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("error", "kind", "passes"),
    [
        (BookBusyError("another process"), "BookBusy", True),
        (DiskError("full"), "Disk", True),
        (BookMissingError("gone"), "BookMissing", False),
        (BookDamagedError("torn"), "BookDamaged", False),
        (BookForeignError("of another program"), "BookForeign", False),
        (ValueError("no order"), "BadValue", False),
    ],
)
def test_what_passes_by_itself_is_tried_again_and_for_the_rest_a_person_is_needed(
    error: AccountsError | ValueError, kind: str, passes: bool
) -> None:
    async def scenario() -> None:
        door = AccountDoor(Broken(error), Person())
        environment = ActivityEnvironment()
        for work, doing in (
            (environment.run(door.admit, request()), f"admit plan-{TRADE}"),
            (environment.run(door.preflight, request()), f"look at plan-{TRADE}"),
            (environment.run(door.settle, round_trip()), f"settle {TRADE}"),
        ):
            failed = await failure(work)
            assert (failed.type, failed.non_retryable) == (kind, not passes)
            assert failed.message == f"{doing}: {error}"

    asyncio.run(scenario())


@pytest.mark.parametrize(("attempt", "is_final"), [(ATTEMPTS_MAX - 1, False), (ATTEMPTS_MAX, True)])
def test_what_should_have_passed_and_has_not_fails_for_good_so_that_a_person_is_told(
    attempt: int, is_final: bool
) -> None:
    async def scenario() -> None:
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, attempt=attempt)
        door = AccountDoor(Broken(DiskError("full")), Person())
        failed = await failure(environment.run(door.admit, request()))
        assert failed.non_retryable is is_final

    asyncio.run(scenario())


def test_a_defect_is_left_as_it_is() -> None:
    async def scenario() -> None:
        door = AccountDoor(Broken(ZeroDivisionError("a defect")), Person())
        with pytest.raises(ZeroDivisionError):
            await ActivityEnvironment().run(door.admit, request())

    asyncio.run(scenario())
