"""Runs one gateway over TCP, from its files to its last words.

Owns what is opened, and that it is closed. What can't be opened is one line for whoever asked.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from os import SEEK_END
from pathlib import Path
from traceback import format_exception

from backstay.cli.screen import Screen
from backstay.domain.figures import plain
from backstay.gateway.audit_file import AuditFile
from backstay.gateway.faults.plan import load_plan
from backstay.gateway.gateway import Gateway, Outlets, Write
from backstay.gateway.market.tape import Tape, parse
from backstay.gateway.market.tape_follower import TapeFollower
from backstay.gateway.server.clock import BrokerClock, Reading, today_ns
from backstay.gateway.server.followed_file import FollowedFile
from backstay.gateway.server.following import Following
from backstay.gateway.server.tcp import Port, TcpServer
from backstay.gateway.settings import Settings
from backstay.gateway.store import Store
from backstay.gateway.times import local, to_ns

BEAT_SECONDS = 1.0
HALF_LINE_STEP = 65_536
START_NS_MIN = 0
START_NS_MAX = to_ns(datetime(2200, 1, 1, tzinfo=UTC))
NOTICE = "PAPER: prices, fills and accounts are simulated, and no order reaches a market."


class UnusableError(Exception):
    """A file or an address that can't be used; the message is one line."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files that were named."""

    tape: Path | None
    follow: Path | None
    faults: Path | None
    state: Path | None
    wire_log: Path | None
    audit: Path | None

    def by_label(self) -> Iterator[tuple[str, Path]]:
        """Those that were named, each with what it is for."""
        for label, path in (
            ("tape", self.tape),
            ("follow", self.follow),
            ("faults", self.faults),
            ("state", self.state),
            ("wire log", self.wire_log),
            ("audit", self.audit),
        ):
            if path is not None:
                yield label, path


@dataclass(frozen=True, slots=True)
class Asked:
    """What the operator wants; `profile` as it was typed, no `start_ns` if it can be any."""

    settings: Settings
    profile: str
    host: str
    port: int
    start_ns: int | None
    speed: Decimal
    files: Files
    pulse: bool = False
    """Whether somebody waits for a sign of life every second, on standard output."""
    clock: Reading | None = None
    """What the clock said of a gateway that this one takes the place of."""


def serve(asked: Asked) -> None:
    """Run until Ctrl-C or SIGTERM; UnusableError if it can't begin.

    The port comes first: whoever starts a second gateway by mistake has touched no file.
    """
    _tell_apart(asked.files)
    with ExitStack() as opened:
        port = _port(asked)
        opened.callback(port.close)
        gateway, start_ns = _composed(asked, opened)
        following = _following(asked.files.follow, gateway, opened)
        asyncio.run(_serve(asked, port, gateway, start_ns, following))


async def _serve(
    asked: Asked, port: Port, gateway: Gateway, start_ns: int, following: Following | None
) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(
        lambda _, context: _report(context["message"], context.get("exception"))
    )
    server = TcpServer(gateway, port, _report)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.stop)

    clock = _clock(asked, start_ns)
    async with asyncio.TaskGroup() as tasks:
        watch: asyncio.Task[None] | None = None
        pulse: asyncio.Task[None] | None = None

        def begin(address: str) -> None:
            nonlocal watch, pulse
            Screen().line(address)
            _show(asked, start_ns)
            if following is not None:
                watch = tasks.create_task(following.run(server.act))
            if asked.pulse:
                pulse = tasks.create_task(_beat(clock))

        await server.serve(clock, begin)
        for task in (watch, pulse):
            if task is not None:
                task.cancel()


def _clock(asked: Asked, start_ns: int) -> BrokerClock:
    """One that goes on if there is one to go on from, and not back behind `start_ns`."""
    clock = _going_on(asked)
    if clock is not None and clock.now_ns() >= start_ns:
        return clock
    return BrokerClock(start_ns, Fraction(asked.speed))


def _going_on(asked: Asked) -> BrokerClock | None:
    if asked.clock is None:
        return None
    return BrokerClock.going_on(asked.clock, Fraction(asked.speed))


async def _beat(clock: BrokerClock) -> None:
    """Say what time it is. Nobody may be reading: then it is lost, and holds nothing up."""
    sys.stdout.flush()
    out = sys.stdout.fileno()
    os.set_blocking(out, False)
    while True:
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(out, f"{clock.reading()}\n".encode())
        await asyncio.sleep(BEAT_SECONDS)


def _tell_apart(files: Files) -> None:
    """One file for two things would be neither; only a device takes whatever comes."""
    labels: dict[Path, str] = {}
    for label, path in files.by_label():
        if _is_plain(path):
            other = labels.setdefault(path.resolve(), label)
            if other is not label:
                raise UnusableError(f"{path}: named as {other} and as {label}")


def _port(asked: Asked) -> Port:
    try:
        return Port(asked.host, asked.port)
    except OSError as error:
        raise UnusableError(f"{asked.host}:{asked.port}: {error.strerror}") from None


def _composed(asked: Asked, opened: ExitStack) -> tuple[Gateway, int]:
    """The gateway and when its time starts; everything that it needs is open."""
    files = asked.files
    tape = _tape(files.tape) if files.tape else None
    try:
        plan = load_plan(files.faults) if files.faults else ()
        store = Store.open(files.state) if files.state else None
        if store is not None:
            opened.callback(store.close)
        vouched = _audit_file(files.audit, store, opened)
        outlets = Outlets(
            wire_log=_outlet(files.wire_log, asked, opened),
            audit=vouched.write if vouched else _outlet(files.audit, asked, opened),
            report=_report,
            pending=vouched.pending if vouched else None,
        )
        start_ns = _start_ns(asked, tape, store)
        gateway = Gateway(
            asked.settings, start_ns, tape=tape, plan=plan, store=store, outlets=outlets
        )
    except ValueError as error:
        raise UnusableError(str(error)) from error
    return gateway, start_ns


def _start_ns(asked: Asked, tape: Tape | None, store: Store | None) -> int:
    """As a clock before has it, else as asked, else when the tape begins, else now; but never
    before what the state tells of.
    """
    clock = _going_on(asked)
    goes_on_ns = clock.now_ns() if clock is not None else None
    begins_ns = tape.start_ns() if tape is not None else None
    found = (goes_on_ns, asked.start_ns, begins_ns, today_ns())
    start_ns = next(ns for ns in found if ns is not None)
    if not START_NS_MIN <= start_ns < START_NS_MAX:
        raise ValueError("time can begin in a year from 1970 to 2199")
    latest_ns = store.latest_ns() if store is not None else None
    return start_ns if latest_ns is None else max(start_ns, latest_ns)


def _tape(path: Path) -> Tape:
    try:
        return parse(path.read_text("utf-8"))
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnusableError(f"{path}: this is not text in UTF-8") from None
    except ValueError as error:
        raise UnusableError(f"{path}: {error}") from None


def _following(path: Path | None, gateway: Gateway, opened: ExitStack) -> Following | None:
    """The prices that somebody writes; the market stands already as the file has left it."""
    if path is None:
        return None
    try:
        file = FollowedFile(path, _report)
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise UnusableError(f"{path}: {error}") from None
    opened.callback(file.close)
    following = Following(file, TapeFollower(gateway.market), _report)
    following.begin()
    return following


def _outlet(path: Path | None, asked: Asked, opened: ExitStack) -> Write | None:
    """Lines to a file, each of them there at once for whoever reads along."""
    if path is None:
        return None
    mode = "w" if asked.files.state is None else "a"
    try:
        if mode == "a" and path.is_file():
            _cut_half_line(path)
        file = opened.enter_context(path.open(mode, buffering=1, encoding="utf-8"))
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror}") from None

    def write(line: str) -> None:
        file.write(line)

    return write


def _audit_file(path: Path | None, store: Store | None, opened: ExitStack) -> AuditFile | None:
    """The audit as a file that the state vouches for, and whole; None if it can't be one.

    A device takes what comes and keeps nothing, so nothing can be missing in it.
    """
    if path is None or store is None or not _is_plain(path):
        return None
    try:
        file = AuditFile(path)
        opened.callback(file.close)
        _cut_half_line(path)
        pending = store.pending()
        if pending is not None:
            file.mend(pending, _report)
    except OSError as error:
        raise UnusableError(f"{path}: {error.strerror}") from None
    return file


def _is_plain(path: Path) -> bool:
    """Whether it is a file and no device, or becomes one."""
    return path.is_file() or not path.exists()


def _cut_half_line(path: Path) -> None:
    """What a process that died left unfinished is no line, and would spoil the next one."""
    with path.open("r+b") as file:
        end = file.seek(0, SEEK_END)
        while end:
            start = max(end - HALF_LINE_STEP, 0)
            file.seek(start)
            found = file.read(end - start).rfind(b"\n")
            end = start if found < 0 else start + found + 1
            if found >= 0:
                break
        file.truncate(end)


def _report(text: str, fault: BaseException | None = None) -> None:
    """What went wrong, for whoever looks; the whole of a fault, for it is one of this program."""
    errors = Screen(errors=True)
    errors.line(text)
    for line in format_exception(fault) if fault else ():
        errors.line(line.rstrip())


def _show(asked: Asked, start_ns: int) -> None:
    errors = Screen(errors=True)
    errors.line(NOTICE)
    errors.facts(_facts(asked, start_ns))


def _facts(asked: Asked, start_ns: int) -> Iterator[tuple[str, str]]:
    settings = asked.settings
    yield "seed", str(settings.seed)
    yield "profile", asked.profile
    yield "time", f"{local(start_ns):%Y-%m-%d %H:%M:%S} in New York, {_fast(asked.speed)}"
    restart = settings.restart_at
    yield "restart", f"every night at {restart:%H:%M} in New York" if restart else "never"
    for account in settings.accounts:
        yield "account", f"{account.name}, {plain(account.cash)} {account.currency} at first"
    if settings.read_only:
        yield "orders", "every one is refused (read-only)"
    for label, path in asked.files.by_label():
        yield label, str(path)


def _fast(speed: Decimal) -> str:
    return "in real time" if speed == 1 else f"{plain(speed)} times as fast as real time"
