"""Faults of orders and requests from the client's side: the whole gateway, spoken to in bytes."""

from decimal import Decimal

from backstay.gateway.messages.order_replies import (
    CommissionReport,
    ExecutionDetails,
    OpenOrder,
    OrderStatus,
)
from backstay.gateway.messages.replies import Notice, PositionReport
from backstay.gateway.messages.requests import (
    RequestAllOpenOrders,
    RequestCurrentTime,
    RequestExecutions,
    RequestOpenOrders,
    RequestPositions,
)
from tests.gateway.faults.byte_client import (
    buy,
    fills,
    holding,
    kinds,
    living,
    planned,
)


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


def test_held_for_locate() -> None:
    scene, client = planned("held-for-locate", delay="30s")
    buy(client)
    client.place(2, action="SELL", order_type="MKT", limit_price=None)
    assert client.codes() == []
    assert holding(client) == 0
    client.place(3, action="SELL", order_type="MKT", limit_price=None)
    said = client.all()
    assert [each.code for each in said if isinstance(each, Notice)] == [404]
    (told,) = [each for each in said if isinstance(each, OrderStatus)]
    assert (told.status, told.why_held) == ("PreSubmitted", "locate")
    scene.pass_time(29.9)
    assert holding(client) == 0
    scene.pass_time(0.1)
    assert holding(client) == -100


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
