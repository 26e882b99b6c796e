"""What becomes of the edge when the gateway tells what can't be read."""

from typing import Any

import pytest
from ib_async.contract import Contract
from ib_async.order import Order

from backstay.broker.translation import telling
from backstay.domain.edge.session import SessionState
from backstay.gateway.faults.plan import rule
from tests.broker.edge.stage import Stage, play


def test_an_order_that_can_not_be_read_is_told_once_and_keeps_nobody_from_trading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order_news = telling.order_news

    def choosy(contract: Contract, order: Order, *rest: Any) -> Any:
        if not order.orderRef:
            raise ValueError("nobody knows this type")
        return order_news(contract, order, *rest)

    monkeypatch.setattr(telling, "order_news", choosy)

    async def story(stage: Stage) -> None:
        edge = await stage.edge()
        shown: list[SessionState] = []
        edge._session.on_change(lambda report: shown.append(report.state))
        await stage.sleep(600)
        assert (shown, edge._session.may_send) == ([], True)
        (notice,) = stage.told("state inconsistent")
        assert notice.text.startswith(
            "the gateway told an open order, and it could not be read:"
            " ValueError: nobody knows this type"
        )
        await stage.sleep(3600)
        assert len(stage.told("state inconsistent")) == 2

    play(story, rule("manual-order", at="+5s", limit=90))
