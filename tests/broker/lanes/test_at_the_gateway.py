"""The lanes before the embedded gateway: what is urgent is read first, and nobody is cut off."""

import asyncio
from json import loads
from typing import Any

import pytest

from backstay.broker.doors.wire import Departure
from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.line.encoding import Encoder
from backstay.broker.line.opening import open_line
from backstay.broker.line.reading import Ears
from backstay.domain.ids import Lane
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.times import SECOND_NS
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run
from tests.broker.line.stage import AAPL, HOST, PORT, SETTINGS, START_NS, STILL

ENCODER = Encoder()
CANCEL = ENCODER.frames(lambda client: client.cancelOrder(41))


def details_of(number: int) -> Departure:
    frame = ENCODER.frames(lambda client: client.reqContractDetails(number, AAPL))
    return lambda: (frame,)


@pytest.mark.req("S2.6")
def test_a_cancel_behind_five_hundred_requests_is_read_within_fifty_milliseconds() -> None:
    net, wire = MemoryNet(), list[str]()

    async def story() -> None:
        outlets = Outlets(wire.append, lambda _line: None, lambda _line: None)
        net.serve(HOST, PORT, Gateway(SETTINGS, START_NS, tape=parse(STILL), outlets=outlets))
        lost: list[str] = []
        line = await open_line(HOST, PORT, 1, Ears(object(), lambda _news: None), lost.append)
        lanes = OutgoingLanes(lambda notice: pytest.fail(notice.text), lambda: pytest.fail("now"))
        lanes.attach(line.write)
        for number in range(1_500_000_000, 1_500_000_500):
            lanes.send(Lane.DATA, details_of(number), lost.append)
        for _ in range(15):
            assert lanes.send(Lane.CANCEL, lambda: (CANCEL,), lost.append)
        await asyncio.sleep(30)
        assert (lost, line.is_open, lanes.waiting) == ([], True, 0)
        line.close()

    run(story(), start_ns=START_NS, net=net)
    lines: list[dict[str, Any]] = [loads(line) for line in wire]
    read = [one for one in lines if one["dir"] == "in"]
    cancels = [one["t"] for one in read if one["msg"] == "cancelOrder"]
    details = [one for one in read if one["msg"] == "reqContractDetails"]
    assert (len(cancels), len(details)) == (15, 500)
    assert max(cancels) - details[0]["t"] <= 0.05 * SECOND_NS
