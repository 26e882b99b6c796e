"""A market on a Monday, and what its tests do to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backstay.gateway.agenda import Agenda
from backstay.gateway.chance import Chance
from backstay.gateway.market.catalogue import CATALOGUE, Listing
from backstay.gateway.market.market import Market
from backstay.gateway.market.parameters import Walk
from backstay.gateway.market.tape import Tape
from backstay.gateway.market.words import Instrument, Moved, News
from backstay.gateway.times import SECOND_NS, ZONE, to_ns
from backstay.gateway.values.contract import Contract

AAPL, SPY, SPX, KO = 265598, 756733, 416904, 8894
MINUTE_NS = 60 * SECOND_NS
MONDAY = "2026-11-23"
CALM = Walk(halt_chance=0, gap_chance=0)


def new_york(text: str) -> int:
    """Nanoseconds of a local time, `2026-11-23T10:00`."""
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=ZONE))


class Scene:
    """A market, its clock, and the news it has told."""

    def __init__(
        self,
        at: str = f"{MONDAY}T10:00",
        *,
        seed: int = 7,
        walk: Walk = CALM,
        tape: Tape | None = None,
        catalogue: Sequence[Listing] = CATALOGUE,
    ) -> None:
        self.agenda = Agenda(new_york(at))
        self.market = Market(self.agenda, Chance(seed), tape, catalogue, walk)
        self.news: list[News] = []
        self.market.listen(self.news.append)
        self.market.start()
        self.agenda.advance(self.agenda.now_ns)

    def until(self, at: str) -> None:
        """Move to a local time."""
        self.agenda.advance(new_york(at))

    def after(self, seconds: float) -> None:
        """Move on."""
        self.agenda.advance(self.agenda.now_ns + int(seconds * SECOND_NS))

    @property
    def moves(self) -> list[Moved]:
        """The moves that were told."""
        return [news for news in self.news if isinstance(news, Moved)]

    def option(self, local_symbol: str) -> Instrument:
        """The listed option of this name."""
        (found,) = self.market.find(Contract(local_symbol=local_symbol, sec_type="OPT"))
        return found


def wild(con_id: int, **change: float) -> tuple[Listing, ...]:
    """The catalogue with one entry changed."""
    return tuple(
        replace(each, **change) if each.con_id == con_id else each  # type: ignore[arg-type]
        for each in CATALOGUE
    )
