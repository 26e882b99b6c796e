"""What a client hears again and again of accounts and their profits: only what has changed.

As at IB, account figures follow a trade within seconds and mere prices every three minutes; a
summary every three minutes; profits once a second.
"""

from collections.abc import Callable
from typing import Protocol

from backstay.gateway.account.words import AccountFigure, PortfolioLine
from backstay.gateway.agenda import Agenda
from backstay.gateway.front.beat import Beat
from backstay.gateway.front.doors import AccountsDoor, MarketDoor
from backstay.gateway.messages.replies import (
    AccountDownloadEnd,
    AccountSummary,
    AccountSummaryEnd,
    AccountTime,
    AccountValue,
    AccountValueMulti,
    AccountValuesMultiEnd,
    Pnl,
    PnlSingle,
    PortfolioValue,
    Reply,
)
from backstay.gateway.messages.requests import (
    RequestAccountSummary,
    RequestAccountUpdatesMulti,
    RequestPnlSingle,
)
from backstay.gateway.times import SECOND_NS, local

Send = Callable[[Reply], None]
SLOW_NS = 180 * SECOND_NS
AFTER_TRADE_NS = 3 * SECOND_NS
PROFIT_NS = SECOND_NS


class Sources(Protocol):
    """What a stream reads; while the line to IB is down there is nothing new."""

    agenda: Agenda
    accounts: AccountsDoor
    market: MarketDoor
    is_upstream_lost: bool


class Stream:
    """Tells something, and tells it again when it has changed."""

    def __init__(self, sources: Sources, send: Send, name: str, period_ns: int) -> None:
        self._sources = sources
        self._send = send
        gap_ns = min(period_ns, AFTER_TRADE_NS)
        self._beat = Beat(sources.agenda, name, period_ns, gap_ns, self._on_beat)

    def tell(self) -> None:
        """What has changed."""
        raise NotImplementedError

    def stir(self) -> None:
        """The account has traded: don't wait for the next beat."""
        self._beat.stir()

    def end(self) -> None:
        """No more of it."""
        self._beat.end()

    def _on_beat(self) -> None:
        if not self._sources.is_upstream_lost:
            self.tell()


class AccountUpdates(Stream):
    """Figures and portfolio of one account, under no request id."""

    def __init__(self, sources: Sources, send: Send, account: str) -> None:
        super().__init__(sources, send, "account updates", SLOW_NS)
        self.account = account
        self._figures = _Shown()
        self._lines: dict[int, PortfolioLine] = {}

    def begin(self) -> None:
        """Everything, and its end."""
        self.tell()
        self._send(AccountDownloadEnd(self.account))

    def tell(self) -> None:
        """What has changed, and when."""
        figures = self._figures.new(self._sources.accounts.values(self.account))
        for figure in figures:
            self._send(AccountValue(figure.key, figure.value, figure.currency, self.account))
        lines = [
            line
            for line in self._sources.accounts.portfolio(self.account)
            if self._lines.get(line.contract.con_id) != line
        ]
        for line in lines:
            self._lines[line.contract.con_id] = line
            self._send(_portfolio_value(line))
        if figures or lines:
            self._send(AccountTime(f"{local(self._sources.agenda.now_ns):%H:%M}"))


class AccountUpdatesMulti(Stream):
    """Figures of one account, under a request id."""

    def __init__(
        self, sources: Sources, send: Send, account: str, request: RequestAccountUpdatesMulti
    ) -> None:
        super().__init__(sources, send, "account updates", SLOW_NS)
        self.account = account
        self._request = request
        self._figures = _Shown()

    def begin(self) -> None:
        """Everything, and its end."""
        self.tell()
        self._send(AccountValuesMultiEnd(self._request.req_id))

    def tell(self) -> None:
        """What has changed."""
        accounts, request = self._sources.accounts, self._request
        figures = (
            accounts.summary(self.account, "$LEDGER:ALL")
            if request.ledger_only
            else accounts.values(self.account)
        )
        for figure in self._figures.new(figures):
            self._send(
                AccountValueMulti(
                    request.req_id,
                    self.account,
                    request.model_code,
                    figure.key,
                    figure.value,
                    figure.currency,
                )
            )


class SummaryStream(Stream):
    """Chosen figures of some accounts."""

    def __init__(
        self,
        sources: Sources,
        send: Send,
        accounts: tuple[str, ...],
        request: RequestAccountSummary,
    ) -> None:
        super().__init__(sources, send, "account summary", SLOW_NS)
        self._request = request
        self._figures = {account: _Shown() for account in accounts}

    def begin(self) -> None:
        """Everything, and its end."""
        self.tell()
        self._send(AccountSummaryEnd(self._request.req_id))

    def tell(self) -> None:
        """What has changed."""
        req_id, tags = self._request.req_id, self._request.tags
        for account, shown in self._figures.items():
            for figure in shown.new(self._sources.accounts.summary(account, tags)):
                self._send(
                    AccountSummary(req_id, account, figure.key, figure.value, figure.currency)
                )


class PnlStream(Stream):
    """The profit of one account; what it holds is watched meanwhile, so that its prices move."""

    def __init__(self, sources: Sources, send: Send, account: str, req_id: int) -> None:
        super().__init__(sources, send, "profit", PROFIT_NS)
        self._account = account
        self._req_id = req_id
        self._shown: Pnl | None = None
        self._watched: dict[int, None] = {}

    def tell(self) -> None:
        """The profit, if it has changed."""
        self._watch()
        profit = self._sources.accounts.pnl(self._account)
        reply = Pnl(self._req_id, profit.daily, profit.unrealized, profit.realized)
        if reply != self._shown:
            self._shown = reply
            self._send(reply)

    def end(self) -> None:
        """No more of it, and nothing is watched for it."""
        super().end()
        for con_id in self._watched:
            self._sources.market.unwatch(con_id)
        self._watched = {}

    def _watch(self) -> None:
        held = self._sources.accounts.positions(self._account)
        wanted: dict[int, None] = {each.contract.con_id: None for each in held}
        for con_id in self._watched:
            if con_id not in wanted:
                self._sources.market.unwatch(con_id)
        for con_id in wanted:
            if con_id not in self._watched:
                self._sources.market.watch(con_id)
        self._watched = wanted


class PnlSingleStream(Stream):
    """The profit of one position."""

    def __init__(
        self, sources: Sources, send: Send, account: str, request: RequestPnlSingle
    ) -> None:
        super().__init__(sources, send, "profit", PROFIT_NS)
        self._account = account
        self._request = request
        self._shown: PnlSingle | None = None
        sources.market.watch(request.con_id)

    def tell(self) -> None:
        """The profit, if it has changed."""
        request = self._request
        profit = self._sources.accounts.pnl_single(self._account, request.con_id)
        reply = PnlSingle(
            request.req_id,
            profit.quantity,
            profit.daily,
            profit.unrealized,
            profit.realized,
            profit.value,
        )
        if reply != self._shown:
            self._shown = reply
            self._send(reply)

    def end(self) -> None:
        """No more of it, and it is not watched."""
        super().end()
        self._sources.market.unwatch(self._request.con_id)


class _Shown:
    """The figures that a client has."""

    __slots__ = ("_figures",)

    def __init__(self) -> None:
        self._figures: dict[tuple[str, str], AccountFigure] = {}

    def new(self, figures: tuple[AccountFigure, ...]) -> list[AccountFigure]:
        """Those that it doesn't have; from now on it has them."""
        shown = self._figures
        new = [each for each in figures if shown.get((each.key, each.currency)) != each]
        shown.update({(each.key, each.currency): each for each in new})
        return new


def _portfolio_value(line: PortfolioLine) -> PortfolioValue:
    return PortfolioValue(
        line.contract,
        line.quantity,
        line.market_price,
        line.market_value,
        line.average_cost,
        line.unrealized_pnl,
        line.realized_pnl,
        line.account,
    )
