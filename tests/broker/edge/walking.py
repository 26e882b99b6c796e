"""An engine that walks: it decides, writes down what may leave, and walks again a hop later."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from json import loads

from backstay.broker.edge import Edge
from backstay.domain.edge.guards import ExitBegun, Guard
from backstay.domain.edge.walking import Walk, Walked, WayOut
from backstay.domain.exits.events import Cancel, LadderCommand, Reshape, Send, TimePassed
from backstay.domain.exits.foresight import foreseen
from backstay.domain.exits.ladder import Ladder
from backstay.domain.exits.steps import decide
from backstay.domain.ids import parse_order_ref
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.protection.naked import NakedTime
from backstay.lab.oracle.oracle import Oracle
from tests.broker.edge.stage import Counter, Stage

HOP_SECONDS = 0.008


def way_of(guard: Guard, begun: ExitBegun) -> WayOut:
    """The way out that a guard has begun."""
    rules = begun.ladder.rules
    return WayOut(rules, guard.quantity, guard.exit, guard.protection, guard.asked)


@dataclass(slots=True)
class Engine:
    """What a durable engine does for one way out, and what it has written down by when."""

    stage: Stage
    way_out: WayOut
    hop_seconds: float = HOP_SECONDS
    foresees: bool = False
    """Whether it writes down what follows if nothing comes between."""

    walked: list[Walked] = field(default_factory=list)
    decided: list[LadderCommand] = field(default_factory=list)
    written: list[tuple[int, OrderIntent]] = field(default_factory=list)
    pause: Callable[[Walked], Awaitable[None]] | None = None
    """Where it is silent for a while."""

    async def walk(
        self,
        edge: Edge,
        ladder: Ladder | None,
        entered: Decimal | None = None,
        naked: NakedTime | None = None,
    ) -> Walked:
        """Walk until nothing is left."""
        walk = Walk(self.way_out, ladder, (), naked, entered)
        while True:
            walked = await edge.walk(self.foreseeing(walk))
            following = await self.decide(walked)
            if following is None:
                return walked
            walk = following

    def foreseeing(self, walk: Walk) -> Walk:
        """The same, with what follows if nothing comes between."""
        if not self.foresees or walk.ladder is None:
            return walk
        ahead = foreseen(walk.ladder)
        for command in ahead:
            if isinstance(command, Send | Reshape):
                self.written.append((self.stage.gateway.now_ns, command.intent))
        return replace(walk, ahead=ahead)

    async def decide(self, walked: Walked) -> Walk | None:
        """What the workflow makes of an answer; None at the end."""
        self.walked.append(walked)
        if self.pause is not None:
            await self.pause(walked)
        await self.stage.sleep(self.hop_seconds)
        ladder, commands = decide(walked.ladder, TimePassed(), walked.at)
        self.decided += commands
        for command in commands:
            if isinstance(command, Send | Reshape):
                self.written.append((self.stage.gateway.now_ns, command.intent))
        if ladder.is_done and not commands:
            return None
        return Walk(self.way_out, ladder, commands, walked.naked, walked.entered)

    @property
    def changes(self) -> list[type]:
        """What it has decided on that changes something at the broker, in order."""
        return [type(each) for each in self.decided if isinstance(each, Send | Reshape | Cancel)]

    @property
    def has_gone_alone(self) -> bool:
        """Whether the edge has ever told that it took steps by itself."""
        return any(walked.went_alone for walked in self.walked)


def not_written(stage: Counter, engine: Engine) -> list[str]:
    """The exits and stops that were placed or modified after the engine's first decision, without
    it having written them down before as they were.
    """
    if not engine.walked:
        return []
    began = engine.written[0][0] if engine.written else stage.gateway.now_ns
    found = []
    for line in map(loads, stage.wire):
        key = parse_order_ref(line.get("ref") or "")
        if line["dir"] != "in" or line["msg"] != "placeOrder" or key is None or line["t"] < began:
            continue
        order = line["fields"]["order"]
        shape = (Decimal(order["quantity"]), order["order_type"])
        written = [each for at, each in engine.written if at <= line["t"] and each.key == key]
        if not any((each.quantity, each.terms.kind) == shape for each in written):
            found.append(f"{key} as {shape}")
    return found


def violations(stage: Counter) -> list[str]:
    """What the oracle finds."""
    oracle = Oracle()
    for line in (*stage.audit, *stage.wire):
        oracle.read(line)
    return [str(violation) for violation in oracle.verdict()]
