"""Who is connected, and what the exchange and the market tell them."""

from collections.abc import Callable

from backstay.gateway.agenda import Agenda
from backstay.gateway.events import (
    CashChanged,
    CommissionCharged,
    Event,
    Executed,
    OrderChanged,
    OrderNoted,
    PositionChanged,
)
from backstay.gateway.front import data, history, notices, portfolio, tick_by_tick
from backstay.gateway.front.client import Client
from backstay.gateway.front.doors import AccountsDoor, ExchangeDoor, MarketDoor
from backstay.gateway.front.hall import Hall
from backstay.gateway.front.pacing import LAST_WARNING, Pacing
from backstay.gateway.front.routing import Routing
from backstay.gateway.front.table import HANDLERS, LOCAL
from backstay.gateway.front.upstream import Upstream
from backstay.gateway.market.words import Moved, News
from backstay.gateway.messages.replies import NO_REQUEST, Notice, Reply
from backstay.gateway.messages.requests import Request, StartApi
from backstay.gateway.settings import Settings


class Front:
    """The protocol as clients see it."""

    def __init__(
        self,
        agenda: Agenda,
        market: MarketDoor,
        exchange: ExchangeDoor,
        accounts: AccountsDoor,
        settings: Settings,
    ) -> None:
        self._hall = Hall(agenda, market, exchange, accounts, settings)
        self._routing = Routing(self._hall)
        self._upstream = Upstream()

    def connect(
        self, conn: int, send: Callable[[Reply], None], close: Callable[[str], None]
    ) -> Client:
        """A connection has shaken hands; it is nobody until it says who it is."""
        pacing = Pacing(self._hall.settings.messages_per_second_max)
        return Client(conn, send, close, self, pacing)

    @property
    def clients(self) -> tuple[Client, ...]:
        """Everybody who has started, in the order of their start."""
        return tuple(self._hall.clients.values())

    def handle(self, client: Client, request: Request) -> None:
        """Have a request answered, if the client keeps the order and the pace."""
        hall = self._hall
        if client.client_id is None and not isinstance(request, StartApi):
            client.send(notices.NOT_STARTED)
            return
        warnings = client.pacing.count(hall.agenda.now_ns)
        if warnings:
            client.send(notices.TOO_FAST)
        if warnings >= LAST_WARNING:
            client.end("too many messages a second")
            return
        if hall.is_upstream_lost and type(request) not in LOCAL:
            self._upstream.hold_request(client, request)
            return
        HANDLERS[type(request)](hall, client, request)

    def forget(self, client: Client) -> None:
        """A connection has ended: nothing of it stays but its orders."""
        hall = self._hall
        for req_id in tuple(client.lines):
            data.drop(hall, client, req_id)
        for req_id in tuple(client.tick_streams):
            tick_by_tick.drop(hall, client, req_id)
        for req_id in tuple(client.bars):
            history.drop(hall, client, req_id)
        portfolio.drop_all(client)
        if client.client_id is not None:
            hall.clients.pop(client.client_id, None)

    def on_event(self, event: Event) -> None:
        """Something has happened at the exchange or in an account."""
        if self._hall.is_upstream_lost:
            self._upstream.hold_event(event)
        else:
            self._tell(event)

    def on_news(self, news: News) -> None:
        """Something has happened in the market."""
        if isinstance(news, Moved):
            self._hall.feed.on_moved(news)

    def broadcast(self, code: int, text: str) -> None:
        """Tell everybody."""
        self._broadcast(Notice(NO_REQUEST, code, text))

    def lose_upstream(self) -> None:
        """1100: from now on nothing comes from IB, and nothing gets there."""
        hall = self._hall
        if not hall.is_upstream_lost:
            hall.is_upstream_lost = True
            self._set_silence()
            self._broadcast(notices.UPSTREAM_LOST)

    def restore_upstream(self, *, data_lost: bool) -> None:
        """1102, and what was missed is made up for; or 1101, and it is not."""
        hall = self._hall
        if not hall.is_upstream_lost:
            return
        hall.is_upstream_lost = False
        events, requests = self._upstream.released()
        if data_lost:
            self._drop_lines()
            self._set_silence()
            self._broadcast(notices.UPSTREAM_BACK_DATA_LOST)
            return
        self._broadcast(notices.UPSTREAM_BACK)
        for event in events:
            self._tell(event)
        self._set_silence()
        for client, request in requests:
            if client.is_open:
                HANDLERS[type(request)](hall, client, request)

    def compete(self, *, on: bool) -> None:
        """10197: another session of the same user takes the market data away, or gives it back."""
        hall = self._hall
        if on and not hall.is_competing:
            for client in self.clients:
                for req_id in (*client.lines, *client.tick_streams):
                    client.send(notices.competing(req_id))
        hall.is_competing = on
        self._set_silence()

    def streams_back(self) -> None:
        """After a silence that the front knows nothing of, every line hears how things stand."""
        if not self._hall.feed.is_silent:
            self._hall.feed.refresh()

    def streams_dead(self, farm: str = notices.DATA_FARM) -> None:
        """2103, then 2104; and though all seems well, no line says anything any more."""
        self._broadcast(notices.farm_broken(farm))
        self._hall.feed.close_all()
        self._broadcast(notices.farm_back(farm))

    def refuse_data(self, con_id: int, *, refuse: bool = True) -> None:
        """354: the user has no live data of this instrument."""
        if refuse:
            self._hall.unsubscribed[con_id] = None
        else:
            self._hall.unsubscribed.pop(con_id, None)

    def is_claimed(self, client_id: int) -> bool:
        """Whether a client that asks for this id is refused it (326)."""
        return self._hall.is_claimed(client_id)

    def linger(self, client_id: int, duration_ns: int) -> None:
        """326: let an id stay claimed for so long after its connection has gone."""
        self._hall.linger(client_id, duration_ns)

    def _tell(self, event: Event) -> None:
        match event:
            case OrderChanged():
                self._routing.on_order(event)
            case OrderNoted():
                self._routing.on_note(event)
            case Executed():
                self._routing.on_executed(event)
            case CommissionCharged():
                self._routing.on_commission(event)
                portfolio.stir(self._hall, event.account)
            case PositionChanged():
                portfolio.on_position(self._hall, event)
                portfolio.stir(self._hall, event.account)
            case CashChanged():
                portfolio.stir(self._hall, event.account)
            case _:
                """What is forgotten at midnight is forgotten without a word."""

    def _broadcast(self, notice: Notice) -> None:
        for client in self.clients:
            client.send(notice)

    def _set_silence(self) -> None:
        """When prices come again, everybody first hears how things stand."""
        hall = self._hall
        was_silent = hall.feed.is_silent
        hall.feed.is_silent = hall.is_upstream_lost or hall.is_competing
        if was_silent and not hall.feed.is_silent:
            hall.feed.refresh()

    def _drop_lines(self) -> None:
        hall = self._hall
        for client in self.clients:
            for req_id in tuple(client.lines):
                data.drop(hall, client, req_id)
            for req_id in tuple(client.tick_streams):
                tick_by_tick.drop(hall, client, req_id)
            for req_id in tuple(client.bars):
                history.drop(hall, client, req_id)
