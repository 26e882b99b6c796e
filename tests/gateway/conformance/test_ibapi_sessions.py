"""IB's own client connects, is told who it is, and is refused what is taken."""

from backstay.gateway.settings import AccountSettings, Settings
from tests.gateway.conformance.house import House
from tests.gateway.conformance.official import order, premises, stock


def test_the_official_client_is_ready_at_version_178() -> None:
    settings = Settings(accounts=(AccountSettings("DU1"), AccountSettings("DU2")))
    with premises(settings) as place:
        app = place.app()
        assert app.client.serverVersion() == 178
        assert app.wait("managedAccounts").accountsList == "DU1,DU2"
        assert app.wait("nextValidId").orderId == 1
        app.wait_error(2158)
        assert app.codes() == []


def test_the_broker_tells_the_official_client_its_time() -> None:
    with premises() as place:
        app = place.app()
        place.forward(3600)
        app.client.reqCurrentTime()
        told = app.wait("currentTime").time
        assert 0 <= place.do(lambda served: served.gateway.now_ns) // 10**9 - told <= 1


def test_a_client_id_that_is_taken_is_refused_with_326() -> None:
    with premises() as place:
        first = place.app(5)
        second = place.caller(5)
        second.wait_error(326)
        second.wait("connectionClosed")
        assert not second.told.since(0, "nextValidId")
        first.client.reqCurrentTime()
        first.wait("currentTime")


def test_a_client_id_is_free_again_once_its_client_has_gone() -> None:
    with premises() as place:
        place.app(5).hang_up()
        place.app(5)


def test_next_order_ids_are_counted_for_each_client_id() -> None:
    with premises() as place:
        app = place.app(1)
        order_ids = [app.place(stock("AAPL"), order("BUY", 1)) for _ in range(3)]
        app.wait_status(order_ids[-1], "Filled")
        mark = len(app.told)
        app.client.reqIds(-1)
        assert app.wait("nextValidId", mark=mark).orderId == 4
        assert place.app(2).wait("nextValidId").orderId == 1


def test_a_restart_ends_the_official_session_and_lets_it_return() -> None:
    with premises() as place:
        app = place.app()
        order_id = app.place(stock("AAPL"), order("BUY", 10, "LMT", lmtPrice=95.0, tif="GTC"))
        app.wait_status(order_id, "Submitted")

        def restart(served: House) -> None:
            with served.gateway.turn():
                served.gateway.restart(60 * 10**9)

        place.do(restart)
        app.wait("connectionClosed")
        place.forward(61)
        place.listening()
        back = place.app()
        assert back.wait("nextValidId").orderId == order_id + 1
        held = back.answers(back.client.reqOpenOrders, "openOrder", "openOrderEnd")
        assert [call.orderId for call in held] == [order_id]
