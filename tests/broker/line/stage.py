"""The gateway in memory, under a virtual clock, and a line to it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ib_async import Stock

from backstay.broker.lanes.outgoing import OutgoingLanes
from backstay.broker.line.asks import BrokerAsks
from backstay.broker.line.encoding import Encoder
from backstay.broker.line.line import GatewayLine
from backstay.broker.line.numbers import IdNumbers
from backstay.broker.line.opening import open_line
from backstay.broker.line.questions import Questions
from backstay.broker.line.reading import Ears
from backstay.broker.news import News, UnreadNews
from backstay.broker.notices import Notice
from backstay.broker.translation.hearing import Hearing
from backstay.broker.translation.writing import FrameWriting
from backstay.gateway.faults.plan import Plan
from backstay.gateway.faults.rules import Rule
from backstay.gateway.gateway import Gateway, Outlets
from backstay.gateway.market.tape import parse
from backstay.gateway.server.memory import Cable
from backstay.gateway.settings import Settings
from backstay.gateway.times import SECOND_NS
from backstay.gateway.values.contract import Contract
from backstay.lab.memory_net import MemoryNet
from backstay.lab.virtual_time import run

START_NS = 1_795_446_000 * SECOND_NS  # Monday 2026-11-23, ten o'clock in New York
START = datetime(2026, 11, 23, 15, tzinfo=UTC)
HOST, PORT = "gateway", 4002
STILL = "+0 AAPL bid=99.98 ask=100.02 bid_size=500 ask_size=500 last=100 last_size=100"
SETTINGS = Settings(seed=7, restart_at=None)
AAPL = Stock("AAPL", "SMART", "USD")


class Recorder:
    """Hears a line's messages and writes down what was called, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []

    @property
    def ears(self) -> Ears:
        return Ears(
            self,
            self.hear,
            lambda: self.calls.append(("facts", None)),
        )

    def hear(self, news: News) -> None:
        self.calls.append(("unread", news))

    def error(self, subject_id: int, code: int, _text: str, _advanced: str) -> None:
        self.calls.append(("error", (subject_id, code)))

    def currentTime(self, seconds: int) -> None:  # noqa: N802 - ib_async's name
        self.calls.append(("time", seconds))

    def orderStatus(self, order_id: int, status: str, *_rest: object) -> None:  # noqa: N802
        self.calls.append(("status", (order_id, status)))

    def on_price(self, tick_type: int, price: bytes) -> None:
        self.calls.append(("price", (tick_type, price)))

    def on_text(self, tick_type: int, value: bytes) -> None:
        self.calls.append(("text", (tick_type, value)))

    def on_generic(self, tick_type: int, value: bytes) -> None:
        self.calls.append(("generic", (tick_type, value)))

    def on_data_type(self, data_type: int) -> None:
        self.calls.append(("data type", data_type))

    def of(self, kind: str) -> list[Any]:
        return [what for name, what in self.calls if name == kind]

    @property
    def unread(self) -> list[UnreadNews]:
        return self.of("unread")


class Stage:
    """What a story is told on."""

    def __init__(self, net: MemoryNet, plan: Plan, settings: Settings) -> None:
        self.net = net
        self.heard = Recorder()
        self.lost: list[str] = []
        self.encoder = Encoder()
        outlets = Outlets(lambda _line: None, lambda _line: None, lambda _line: None)
        self.gateway = Gateway(settings, START_NS, tape=parse(STILL), plan=plan, outlets=outlets)
        self._server = net.serve(HOST, PORT, self.gateway)

    async def open(self, client_id: int = 1, **options: Any) -> GatewayLine:
        return await open_line(HOST, PORT, client_id, self.heard.ears, self.lost.append, **options)

    def ask_time(self, line: GatewayLine) -> None:
        line.write(self.encoder.frames(lambda client: client.reqCurrentTime()))

    def stream(self, line: GatewayLine, request_id: int) -> None:
        line.write(
            self.encoder.frames(
                lambda client: client.reqMktData(request_id, AAPL, "", False, False, [])
            )
        )

    def show(self, **changes: str | int) -> None:
        """Show a new quote, or a trade."""
        contract = Contract(symbol="AAPL", sec_type="STK", exchange="SMART", currency="USD")
        figures: Any = {name: Decimal(value) for name, value in changes.items()}

        def inject() -> None:
            (instrument,) = self.gateway.market.find(contract)
            with self.gateway.turn():
                self.gateway.market.inject(instrument.con_id, **figures)

        self._server.act(inject)


class Asking:
    """Everything that an answer passes through, joined as the edge joins it."""

    def __init__(self, stage: Stage) -> None:
        self.notices: list[Notice] = []
        self.news: list[News] = []
        self.numbers = IdNumbers()
        self.lanes = OutgoingLanes(self.notices.append, lambda: START)
        self.questions = Questions(self.lanes)
        self.hearing = Hearing(self.news.append, lambda: START, self.questions)
        self.writing = FrameWriting(stage.encoder)
        self.asks = BrokerAsks(self.questions, self.numbers, stage.encoder, self.writing)
        self._stage = stage

    async def connect(self, client_id: int = 1) -> GatewayLine:
        ears = Ears(self.hearing, self.hearing.unread)
        line = await open_line(HOST, PORT, client_id, ears, self._lost)
        self.numbers.goes_on_from(line.next_order_id)
        self.lanes.attach(line.write)
        return line

    def _lost(self, why: str) -> None:
        self._stage.lost.append(why)
        self.lanes.detach(why)
        self.questions.line_lost(why)


Story = Callable[[Stage], Awaitable[None]]


def play(
    story: Story, *plan: Rule, cable: Cable | None = None, settings: Settings = SETTINGS
) -> Stage:
    """Tell a story to its end; the stage as it is then."""
    net = MemoryNet(cable)

    async def main() -> Stage:
        stage = Stage(net, plan, settings)
        await story(stage)
        return stage

    return run(main(), start_ns=START_NS, net=net)
