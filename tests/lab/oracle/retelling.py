"""True stories, told once more to the judge: all that the gateway of a stage wrote, in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from json import loads
from typing import Any
from unittest.mock import patch

from backstay.gateway.gateway import Outlets
from backstay.gateway.profile import PESSIMISTIC, Profile
from backstay.gateway.times import to_ns
from backstay.lab.oracle import happenings as world
from backstay.lab.oracle.judge import Judge
from backstay.lab.oracle.premises import Premises
from backstay.lab.simulation.scenario import Role
from backstay.lab.virtual_time import running
from tests.broker.edge.stage import ACCOUNT, LIMITS, START_NS, TRADE
from tests.broker.exactly_once.world import Crash, World

AAPL, MSFT, SPY = 265598, 272093, 756733
SYMBOLS = {AAPL: "AAPL", MSFT: "MSFT", SPY: "SPY"}
Told = tuple[int, int, str, Any]
"""When, in which order among equals, what kind, and what was told."""


def premises(profile: Profile = PESSIMISTIC, *, is_bare: bool = False) -> Premises:
    """What holds on a stage."""
    bare = frozenset({TRADE}) if is_bare else frozenset[str]()
    return Premises(ACCOUNT, 1, profile, LIMITS, SYMBOLS, bare=bare)


@contextmanager
def overheard() -> Iterator[list[Told]]:
    """Everything that a stage which is built in here writes, and what is done to its edges."""
    heard: list[Told] = []

    def hear(kind: str, what: Any, at_ns: int | None = None) -> None:
        heard.append((running().now_ns if at_ns is None else at_ns, len(heard), kind, what))

    def outlets(wire: Any, audit: Any, said: Any) -> Outlets:
        def on_wire(text: str) -> None:
            wire(text)
            line = loads(text)
            hear("wire", line, line["t"])

        def on_audit(text: str) -> None:
            audit(text)
            line = loads(text)
            hear("audit", line, line["t"])

        return Outlets(on_wire, on_audit, said)

    strike = World._strike

    def struck(stage: World, process: Any) -> None:
        ending = stage.ending
        if isinstance(ending, Crash):
            hear("world", world.WorkerDied(Role.BROKER))
            hear("world", world.WorkerStarted(Role.BROKER))
        else:
            hear("world", world.WorkerFroze(Role.BROKER))
            thaws_ns = running().now_ns + round(ending.seconds * 1e9)
            hear("world", world.WorkerThawed(Role.BROKER), thaws_ns)
        strike(stage, process)

    with (
        patch("tests.broker.edge.stage.Outlets", outlets),
        patch.object(World, "_strike", struck),
    ):
        yield heard


def retold(heard: list[Told], stage: Any, judged_by: Premises) -> Judge:
    """The judge of it, asked about safety and liveness from the beginning on."""
    told = [
        *heard,
        *(
            (to_ns(notice.at), len(heard) + place, "notice", notice)
            for place, notice in enumerate(stage.notices)
        ),
        *((at_ns, -1, "world", world.LinesCut()) for at_ns in getattr(stage, "died_at", ())),
    ]
    judge = Judge(judged_by)
    judge.happened(START_NS, world.Quiet())
    for at_ns, _, kind, what in sorted(told, key=lambda each: each[:2]):
        match kind:
            case "wire":
                judge.wire(what)
            case "audit":
                judge.audit(what)
            case "notice":
                judge.notice(at_ns, what.kind, what.subject, what.text)
            case _:
                judge.happened(at_ns, what)
    return judge
