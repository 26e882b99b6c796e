"""Every fault once, from the client's side: the whole gateway, spoken to in bytes."""

import json
from decimal import Decimal
from typing import Any

from backstay.gateway.faults.names import CATALOGUE
from backstay.gateway.faults.plan import rule
from backstay.gateway.messages.data_replies import TickPrice
from backstay.gateway.messages.order_replies import (
    CommissionReport,
    ExecutionDetails,
    OpenOrder,
    OrderStatus,
)
from backstay.gateway.messages.replies import CurrentTime, NextValidId, Notice, PositionReport
from backstay.gateway.messages.requests import (
    CancelMarketData,
    RequestAllOpenOrders,
    RequestCurrentTime,
    RequestExecutions,
    RequestIds,
    RequestMarketData,
    RequestOpenOrders,
    RequestPositions,
)
from backstay.gateway.profile import PESSIMISTIC
from tests.gateway.faults.byte_client import AAPL, ByteClient, Scene

BID, ASK = 1, 2


def planned(name: str, **keys: object) -> tuple[Scene, ByteClient]:
    """A scene with one fault in it, and a client that has read its greeting."""
    scene = Scene(rule(name, **keys))
    client = scene.join()
    client.all()
    return scene, client


def buy(client: ByteClient, order_id: int = 1, quantity: int = 100) -> None:
    """A market order, which fills at once."""
    client.place(order_id, order_type="MKT", limit_price=None, quantity=Decimal(quantity))


def kinds(client: ByteClient) -> list[str]:
    return [type(reply).__name__ for reply in client.all()]


def living(client: ByteClient) -> list[int]:
    """The permIds of all open orders."""
    client.all()
    client.ask(RequestAllOpenOrders())
    return [opened.order.perm_id for opened in client.heard(OpenOrder)]


def holding(client: ByteClient) -> Decimal:
    """What of AAPL is held."""
    client.all()
    client.ask(RequestPositions())
    return sum((report.quantity for report in client.heard(PositionReport)), Decimal(0))


def fills(client: ByteClient) -> list[tuple[str, Decimal, Decimal]]:
    """The executions that a request answers: the end of each execId, its price and shares."""
    client.all()
    client.ask(RequestExecutions(77))
    found = [details.execution for details in client.heard(ExecutionDetails)]
    return [(each.exec_id.rpartition(".")[2], each.price, each.shares) for each in found]


def bids(client: ByteClient) -> list[Decimal]:
    return [tick.price for tick in client.heard(TickPrice) if tick.field == BID]


def show(scene: Scene, bid: str) -> None:
    """The bid of AAPL moves."""
    con_id = scene.gateway.market.find(AAPL)[0].con_id
    scene.gateway.market.inject(con_id, bid=Decimal(bid))
    scene.pass_time(0.3)


def streaming(name: str, **keys: object) -> tuple[Scene, ByteClient]:
    """A scene with a client that streams AAPL."""
    scene, client = planned(name, **keys)
    client.ask(RequestMarketData(9, AAPL))
    scene.pass_time(1)
    return scene, client


def test_ids_roll_back() -> None:
    scene, client = planned("ids-roll-back", by=3)
    for order_id in range(1, 6):
        client.place(order_id)
    client.ask(RequestIds())
    assert client.next_id() == 6
    client.leave()
    assert scene.join().next_id() == 3


def test_placement_swallowed() -> None:
    scene, client = planned("placement-swallowed", nth=1)
    client.place(1)
    scene.pass_time(60)
    assert client.all() == []
    assert living(client) == []


def test_placement_acknowledged_late() -> None:
    scene, client = planned("placement-acknowledged-late", delay="3s")
    client.place(1)
    scene.pass_time(2.9)
    assert client.all() == []
    assert len(living(client)) == 1
    scene.pass_time(0.1)
    assert kinds(client) == ["OpenOrder", "OrderStatus"]


def test_order_rejected() -> None:
    _, client = planned("order-rejected", nth=2)
    client.place(1)
    assert client.statuses() == ["Submitted"]
    client.place(2)
    assert client.codes() == [201]
    assert len(living(client)) == 1


def test_freeze_quantity() -> None:
    _, client = planned("freeze-quantity", above=100)
    client.place(1, quantity=Decimal(101))
    assert client.codes() == [201]
    client.place(2, quantity=Decimal(100))
    assert client.statuses() == ["Submitted"]


def test_fast_modify_refused() -> None:
    scene, client = planned("fast-modify-refused", within="500ms")
    client.place(1)
    client.all()
    client.place(1, limit_price=Decimal(91))
    assert client.codes() == [103]
    scene.pass_time(1)
    client.place(1, limit_price=Decimal(92))
    client.all()
    client.ask(RequestOpenOrders())
    assert [opened.order.limit_price for opened in client.heard(OpenOrder)] == [Decimal(92)]


def test_second_perm_id() -> None:
    scene, client = planned("second-perm-id")
    client.place(1)
    scene.pass_time(1)
    client.place(1, limit_price=Decimal(91))
    client.all()
    client.ask(RequestAllOpenOrders())
    opened = client.heard(OpenOrder)
    assert sorted(each.order.limit_price or 0 for each in opened) == [Decimal(90), Decimal(91)]
    assert len({each.order.perm_id for each in opened}) == 2
    client.cancel(1)
    assert len(living(client)) == 1


def test_cancel_refused() -> None:
    _, client = planned("cancel-refused")
    client.place(1)
    client.all()
    client.cancel(1)
    assert client.codes() == [161]
    assert len(living(client)) == 1


def test_cancel_unanswered() -> None:
    scene, client = planned("cancel-unanswered", delay="30s")
    client.place(1)
    client.all()
    client.cancel(1)
    scene.pass_time(29)
    assert client.all() == []
    assert len(living(client)) == 1
    scene.pass_time(1)
    assert client.statuses()[-1] == "Cancelled"


def test_read_only() -> None:
    _, client = planned("read-only")
    client.place(1)
    client.cancel(1)
    assert client.codes() == [321, 321]
    assert living(client) == []


def test_request_unanswered() -> None:
    scene, client = planned("request-unanswered", kinds=["reqExecutions"])
    client.ask(RequestExecutions(3), RequestCurrentTime())
    scene.pass_time(600)
    assert kinds(client) == ["CurrentTime"]


def test_answers_slow() -> None:
    scene, client = planned("answers-slow", kinds=["reqExecutions"], delay="5s")
    client.ask(RequestExecutions(3), RequestCurrentTime())
    scene.pass_time(4.9)
    assert kinds(client) == ["CurrentTime"]
    scene.pass_time(0.1)
    assert kinds(client) == ["ExecutionsEnd"]


def test_reset_before_frame() -> None:
    scene, client = planned("reset-before-frame", kinds=["placeOrder"], nth=1)
    client.place(1)
    assert (client.ended, client.all()) == ("reset", [])
    client.leave()
    assert living(scene.join()) == []


def test_reset_after_frame() -> None:
    scene, client = planned("reset-after-frame", kinds=["placeOrder"], nth=1)
    client.place(1)
    assert (client.ended, client.all()) == ("reset", [])
    client.leave()
    assert len(living(scene.join())) == 1


def test_reset_mid_frame() -> None:
    _, client = planned("reset-mid-frame", kinds=["out"], nth=6)
    client.ask(RequestCurrentTime())
    assert client.all() == []
    assert client.ended == "closed"
    assert 0 < len(client.half) < 4 + len("49|1|1795446000|")
    inward = Scene(rule("reset-mid-frame", kinds=["in"], nth=2))
    client = inward.join()
    client.place(1)
    assert client.ended == "reset"
    assert living(inward.join(2)) == []


def test_client_id_lingers() -> None:
    scene, client = planned("client-id-lingers", lasting="30s")
    client.leave()
    again = scene.join()
    assert (again.codes(), again.ended) == ([326], "closed")
    again.leave()
    scene.pass_time(30)
    assert scene.join().heard(NextValidId)


def test_half_open() -> None:
    scene, client = planned("half-open", at="+10s", lasting="60s")
    scene.pass_time(10)
    client.ask(RequestCurrentTime())
    client.place(1)
    scene.pass_time(59)
    assert (client.all(), client.ended) == ([], "")
    assert scene.join().codes() == [326]
    scene.pass_time(1)
    assert client.ended == "closed"
    client.leave()
    assert living(scene.join()) == []


def test_garbage_frame() -> None:
    _, client = planned("garbage-frame", nth=6, shape="unknown-id")
    client.ask(RequestCurrentTime())
    complaint, answer = client.all()
    assert isinstance(complaint, str)
    assert isinstance(answer, CurrentTime)


def test_oversized_frame() -> None:
    _, client = planned("oversized-frame", nth=6)
    client.ask(RequestCurrentTime())
    assert client.all() == []
    assert client.half.startswith((16_777_216).to_bytes(4, "big"))


def test_status_duplicated() -> None:
    _, client = planned("status-duplicated", copies=2)
    client.place(1)
    assert client.statuses() == ["Submitted"] * 3


def test_status_delayed() -> None:
    scene, client = planned("status-delayed", kinds=["Submitted"], delay="2s")
    client.place(1)
    client.cancel(1)
    assert client.statuses()[-1] == "Cancelled"
    scene.pass_time(2)
    assert client.statuses() == ["Submitted"]


def test_status_reordered() -> None:
    _, client = planned("status-reordered", kinds=["Submitted"], within="5s")
    client.place(1)
    assert client.statuses() == []
    client.cancel(1)
    heard = client.statuses()
    assert heard.index("Submitted") == 1
    assert "Cancelled" in heard


def test_status_missing() -> None:
    scene, client = planned("status-missing", kinds=["Filled"])
    buy(client)
    scene.pass_time(60)
    heard = client.all()
    assert [reply for reply in heard if isinstance(reply, ExecutionDetails)]
    statuses = [reply.status for reply in heard if isinstance(reply, OrderStatus)]
    assert "Filled" not in statuses
    assert holding(client) == 100


def test_commission_before_execution() -> None:
    scene, client = planned("commission-before-execution")
    buy(client)
    scene.pass_time(60)
    heard = kinds(client)
    assert heard.index("CommissionReport") < heard.index("ExecutionDetails")


def test_commission_missing() -> None:
    scene, client = planned("commission-missing")
    buy(client)
    scene.pass_time(60)
    heard = kinds(client)
    assert "ExecutionDetails" in heard
    assert "CommissionReport" not in heard
    client.ask(RequestExecutions(3))
    assert client.heard(CommissionReport)


def test_tick_none() -> None:
    _, client = streaming("tick-none", kinds=["bid"])
    fields = [tick.field for tick in client.heard(TickPrice)]
    assert BID not in fields
    assert ASK in fields


def test_tick_zero() -> None:
    _, client = streaming("tick-zero", kinds=["bid"])
    assert bids(client) == [Decimal(0)]


def test_tick_minus_one() -> None:
    _, client = streaming("tick-minus-one", kinds=["bid"])
    assert bids(client) == [Decimal(-1)]


def test_tick_nan() -> None:
    _, client = streaming("tick-nan", kinds=["bid"])
    assert [reply for reply in client.all() if isinstance(reply, str) and "NaN" in reply]


def test_tick_crossed() -> None:
    scene, client = streaming("tick-crossed", nth=1)
    assert bids(client) == [Decimal("99.98")]
    show(scene, "99.99")
    assert bids(client) == [Decimal("100.05")]


def test_tick_stale() -> None:
    scene, client = streaming("tick-stale", kinds=["bid"], nth=2, delay="10s")
    client.all()
    show(scene, "99.97")
    show(scene, "99.96")
    assert bids(client) == [Decimal("99.96")]
    scene.pass_time(10)
    assert bids(client) == [Decimal("99.97")]


def test_tick_storm() -> None:
    _, client = streaming("tick-storm", kinds=["bid"], nth=1, ticks=400)
    assert bids(client) == [Decimal("99.98")] * 400


def test_stream_dead() -> None:
    scene, client = streaming("stream-dead", at="+30s")
    scene.pass_time(30)
    assert client.codes() == [2103, 2104]
    show(scene, "99.97")
    assert client.all() == []
    client.ask(CancelMarketData(9), RequestMarketData(10, AAPL))
    scene.pass_time(1)
    assert bids(client) == [Decimal("99.97")]


def test_farm_broken() -> None:
    scene, client = streaming("farm-broken", at="+30s", lasting="30s")
    scene.pass_time(30)
    assert client.codes() == [2103, 2105]
    show(scene, "99.97")
    assert client.all() == []
    scene.pass_time(30)
    assert client.codes() == [2104, 2106]
    show(scene, "99.96")
    assert bids(client) == [Decimal("99.96")]


def test_competing_login() -> None:
    scene, client = streaming("competing-login", at="+30s", lasting="60s")
    scene.pass_time(30)
    notices = client.heard(Notice)
    assert [(notice.req_id, notice.code) for notice in notices] == [(9, 10197)]
    show(scene, "99.97")
    assert client.all() == []
    scene.pass_time(60)
    assert bids(client) == [Decimal("99.97")]


def test_upstream_lost() -> None:
    scene, client = planned("upstream-lost", at="+30s", lasting="20s")
    client.place(1, limit_price=Decimal(100))
    client.all()
    scene.pass_time(30)
    assert client.codes() == [1100]
    con_id = scene.gateway.market.find(AAPL)[0].con_id
    scene.gateway.market.inject(con_id, ask=Decimal("99.99"))
    scene.pass_time(19)
    assert client.all() == []
    scene.pass_time(2)
    heard = client.all()
    codes = [reply.code for reply in heard if isinstance(reply, Notice)]
    assert codes[0] == 1102
    assert [reply for reply in heard if isinstance(reply, ExecutionDetails)]


def test_nightly_restart() -> None:
    scene, client = planned("nightly-restart", at="+30s", down="60s")
    client.place(1)
    scene.pass_time(30)
    assert client.ended == "closed"
    client.leave()
    was_accepting = scene.gateway.accepting
    scene.pass_time(60)
    assert (was_accepting, scene.gateway.accepting) == (False, True)
    assert len(living(scene.join())) == 1


def test_fill_after_cancel() -> None:
    scene, client = planned("fill-after-cancel", delay="2s")
    client.place(1)
    client.cancel(1)
    assert client.statuses()[-1] == "Cancelled"
    scene.pass_time(10)
    (details,) = client.heard(ExecutionDetails)
    assert details.execution.shares == 100
    assert holding(client) == 100


def test_execution_corrected() -> None:
    scene, client = planned("execution-corrected", nth=1, price_by="-0.02", quantity_by=-10)
    buy(client)
    scene.pass_time(60)
    told = [details.execution for details in client.heard(ExecutionDetails)]
    assert [each.exec_id.rpartition(".")[2] for each in told] == ["01", "02"]
    assert fills(client)[-1] == ("02", Decimal("100.00"), Decimal(90))
    assert holding(client) == 90


def test_execution_busted() -> None:
    scene, client = planned("execution-busted", nth=1)
    buy(client)
    scene.pass_time(60)
    assert [details.execution.shares for details in client.heard(ExecutionDetails)] == [100, 0]
    assert holding(client) == 0


def test_manual_order() -> None:
    scene, client = planned("manual-order", at="+30s", quantity=10, limit="90")
    scene.pass_time(30)
    assert client.all() == []
    client.ask(RequestAllOpenOrders())
    (opened,) = client.heard(OpenOrder)
    assert (opened.order.client_id, opened.order.order_id <= 0) == (0, True)
    assert (opened.order.quantity, opened.order.limit_price) == (Decimal(10), Decimal(90))


def test_manual_close() -> None:
    scene, client = planned("manual-close", at="+30s")
    buy(client)
    client.ask(RequestPositions())
    scene.pass_time(29)
    assert holding(client) == 100
    scene.pass_time(10)
    assert [report.quantity for report in client.heard(PositionReport)] == [0]


def test_every_fault_is_shown_here_under_its_name() -> None:
    shown = {name for name in globals() if name.startswith("test_")}
    missing = {fault.name for fault in CATALOGUE} - {
        name.removeprefix("test_").replace("_", "-") for name in shown
    }
    assert missing == set()


def test_a_strike_stands_in_the_audit() -> None:
    scene, client = planned("placement-swallowed")
    client.place(1)
    lines: list[dict[str, Any]] = [json.loads(line) for line in scene.audit]
    (fault,) = [line for line in lines if line["what"] == "fault"]
    assert (fault["name"], fault["subject"], fault["ref"]) == (
        "placement-swallowed",
        "order 1 ref-1",
        "ref-1",
    )


def test_last_bytes_may_or_may_not_have_been_read() -> None:
    read: set[int] = set()
    scene = Scene(profile=PESSIMISTIC)
    for client_id in range(1, 21):
        before = len(living(scene.join(100 + client_id)))
        client = scene.join(client_id)
        for order_id in range(1, 4):
            client.place(order_id)
        client.leave()
        read.add(len(living(scene.join(200 + client_id))) - before)
    assert read == {0, 1, 2, 3}
