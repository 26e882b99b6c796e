"""What all handlers share: the doors to the other rooms, and who is here."""

from backstay.gateway.agenda import Agenda
from backstay.gateway.front.client import Client
from backstay.gateway.front.doors import AccountsDoor, ExchangeDoor, MarketDoor
from backstay.gateway.front.feed import Feed
from backstay.gateway.settings import Settings

TWS_CLIENT_ID = 0
"""The client that may hear of TWS's own orders."""


class Hall:
    """The doors, the clients by their ids, and the state of the gateway's own line to IB."""

    def __init__(
        self,
        agenda: Agenda,
        market: MarketDoor,
        exchange: ExchangeDoor,
        accounts: AccountsDoor,
        settings: Settings,
    ) -> None:
        self.agenda = agenda
        self.market = market
        self.exchange = exchange
        self.accounts = accounts
        self.settings = settings
        self.feed = Feed(market)
        self.clients: dict[int, Client] = {}
        self.is_upstream_lost = False
        self.is_competing = False
        self.unsubscribed: dict[int, None] = {}
        self.lines_taken = 0
        self.tick_streams_taken = 0
        self._lingering: dict[int, int] = {}

    def linger(self, client_id: int, duration_ns: int) -> None:
        """Let an id stay claimed for so long, as if the old connection were still there."""
        self._lingering[client_id] = self.agenda.now_ns + duration_ns

    def is_claimed(self, client_id: int) -> bool:
        """Whether nobody else can have this id now."""
        until_ns = self._lingering.get(client_id)
        if until_ns is not None and until_ns <= self.agenda.now_ns:
            del self._lingering[client_id]
            until_ns = None
        return until_ns is not None or client_id in self.clients

    def account_named(self, name: str) -> str | None:
        """The account that is meant by `name`, or None if there is none; empty is the default."""
        if not name:
            return self.accounts.default
        return name if name in self.accounts.names else None
