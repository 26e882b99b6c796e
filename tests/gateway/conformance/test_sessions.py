"""The real ib_async connects, is told who it is, and is refused what is taken."""

import asyncio
import logging

import pytest
from ib_async import IB

from backstay.gateway.settings import AccountSettings, Settings
from tests.gateway.conformance.house import Codes, house, until


def test_a_client_is_ready_after_its_start_up_burst() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client(raiseSyncErrors=True)
            assert ib.client.serverVersion() == 178
            assert ib.managedAccounts() == ["DU1234567"]
            assert ib.client.isReady()
            ib.disconnect()

    asyncio.run(scene())


def test_all_accounts_of_the_user_are_named() -> None:
    async def scene() -> None:
        accounts = (AccountSettings("DU1"), AccountSettings("DU2"))
        async with house(Settings(accounts=accounts)) as gateway:
            ib = await gateway.client()
            assert ib.managedAccounts() == ["DU1", "DU2"]
            ib.disconnect()

    asyncio.run(scene())


def test_the_broker_tells_its_own_time() -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            gateway.forward(3600)
            told = await ib.reqCurrentTimeAsync()
            assert 0 <= gateway.gateway.now_ns // 10**9 - int(told.timestamp()) <= 1
            ib.disconnect()

    asyncio.run(scene())


def test_a_client_id_belongs_to_one_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        async with house() as gateway:
            first = await gateway.client(5)
            second = IB()
            codes = Codes(second)
            with caplog.at_level(logging.CRITICAL), pytest.raises((TimeoutError, ConnectionError)):
                await second.connectAsync("127.0.0.1", gateway.port, clientId=5, timeout=1)
            assert 326 in codes.numbers()
            other = await gateway.client(6)
            assert first.isConnected()
            first.disconnect()
            other.disconnect()
            again = await gateway.client(5)
            again.disconnect()

    asyncio.run(scene())


def test_a_restart_ends_every_session_and_keeps_the_exchange(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene() -> None:
        async with house() as gateway:
            ib = await gateway.client()
            ended = asyncio.Event()
            ib.disconnectedEvent += ended.set
            with gateway.gateway.turn():
                gateway.gateway.restart(60 * 10**9)
            await asyncio.wait_for(ended.wait(), 10)
            with caplog.at_level(logging.CRITICAL), pytest.raises(ConnectionError):
                await gateway.client()
            gateway.forward(61)
            await asyncio.wait_for(gateway.listening(), 10)
            back = await gateway.client()
            await until(back, back.client.isReady)
            back.disconnect()

    asyncio.run(scene())
