"""An asyncio loop whose clock moves only while everything waits.

Nothing here reads a real clock, opens a socket or knows a thread: whatever would is refused by
name. Time jumps to the next timer as soon as no callback is ready, so an hour takes as long as what
happens in it. What is due at the same instant happens in the order in which it was asked for.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from contextvars import Context
from functools import partial
from pathlib import Path
from threading import get_ident
from typing import Any, NoReturn, Protocol, TypeVar, TypeVarTuple

from backstay.gateway.times import SECOND_NS
from backstay.lab.at_once import AtOnce
from backstay.lab.processes import Process, process_of
from backstay.lab.timers import StuckError, Timers, Turn

LIMIT_NS = 50 * 86_400 * SECOND_NS
"""How far a run may go: beyond 52 days the loop's seconds, which are floats, lose nanoseconds."""

WIND_UP_ROUNDS_MAX = 10
"""How often what is left is cancelled; a task may leave another one behind."""

CLOSED = "Event loop is closed"
"""As asyncio says it."""

NAMED_MAX = 10
"""How many waiting tasks an error names."""

_Result = TypeVar("_Result")
_Arguments = TypeVarTuple("_Arguments")


class VirtualTimeError(RuntimeError):
    """A run that can't go on, or a wish that no virtual clock can grant."""


class Network(Protocol):
    """Where connections lead."""

    async def connect(
        self, factory: Callable[[], Any], host: str, port: int
    ) -> tuple[asyncio.Transport, Any]:
        """Connect a protocol, or raise what a socket would."""


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop; `now_ns` is its date, `time()` the seconds since it began."""

    # What BaseEventLoop has, and its stubs don't tell of.
    _closed: bool
    _ready: deque[Turn]
    _stopping: bool

    def __init__(
        self, *, start_ns: int, net: Network | None = None, limit_ns: int = LIMIT_NS
    ) -> None:
        super().__init__()
        self._net = net
        self._thread = get_ident()
        self._selector = Timers(start_ns, min(limit_ns, LIMIT_NS))
        self._tasks: dict[asyncio.Task[Any], Process | None] = {}
        self._nobodys = Context()
        # What asyncio asks for again and again, with no call of Python's in between.
        self.create_future = partial(asyncio.Future, loop=self)  # type: ignore[method-assign]
        self.get_debug = bool  # type: ignore[method-assign]
        self.uncaught: BaseException | None = None
        """What was raised where nobody could catch it; it ends the run."""
        self.set_exception_handler(_note)

    @property
    def now_ns(self) -> int:
        """The virtual date, in nanoseconds since 1970 UTC."""
        return self._selector.now_ns

    @property
    def waiting(self) -> tuple[asyncio.Task[Any], ...]:
        """The tasks that may yet end, in the order in which they were created."""
        return tuple(
            task
            for task, process in self._tasks.items()
            if not task.done() and (process is None or not process.is_dead)
        )

    def run_forever(self) -> None:
        """Run until it is stopped; what ran before doesn't count as part of a loop without end."""
        self._selector.turns = 0
        super().run_forever()

    def stand_still(self, seconds: float) -> None:
        """Take no turn for so long, as when the machine sleeps."""
        self._selector.pass_by(round(seconds * SECOND_NS))

    def time(self) -> float:
        """How many seconds the loop has run."""
        return self._selector.seconds

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Arguments], object],
        *args: *_Arguments,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Have something done at a time of this loop's own clock."""
        if self._closed:
            raise RuntimeError(CLOSED)
        turn = Turn(callback, args, context, self._selector)
        self._selector.add(turn, when)
        return turn

    def call_later(
        self,
        delay: float,
        callback: Callable[[*_Arguments], object],
        *args: *_Arguments,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Have something done that much later."""
        if self._closed:
            raise RuntimeError(CLOSED)
        turn = Turn(callback, args, context, self._selector)
        self._selector.add(turn, self._selector.seconds + delay)
        return turn

    def call_soon(
        self,
        callback: Callable[[*_Arguments], object],
        *args: *_Arguments,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """Have something done in the next turn; for a process it is a step."""
        if self._closed:
            raise RuntimeError(CLOSED)
        turn = Turn(callback, args, context, self._selector)
        self._ready.append(turn)
        return turn

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, _Result], **options: Any
    ) -> asyncio.Task[_Result]:
        """A task that is held until it ends.

        asyncio holds it only weakly: when a forgotten one vanishes is up to the garbage collector,
        and a run would not be the same twice.
        """
        task = asyncio.Task(coro, loop=self, **options)
        process = self._tasks[task] = process_of(options.get("context"))
        if process is not None:
            process.begins(task)
        task.add_done_callback(self._forget, context=self._nobodys)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        process = self._tasks.pop(task)
        if process is not None:
            process.ended(task)

    async def create_connection(
        self,
        protocol_factory: Callable[[], Any],
        host: str | None = None,
        port: int | None = None,
        **options: Any,
    ) -> tuple[asyncio.Transport, Any]:
        """Connect to an address of the memory network; there are no options."""
        if self._net is None or host is None or port is None or any(options.values()):
            asked = ", ".join([f"{host}:{port}", *options])
            raise VirtualTimeError(
                f"no connection to {asked}: only a memory network is within reach"
            )
        return await self._net.connect(protocol_factory, host, port)

    def call_soon_threadsafe(
        self,
        callback: Callable[[*_Arguments], object],
        *args: *_Arguments,
        context: Context | None = None,
    ) -> asyncio.Handle:
        """From the one thread that there is, as asyncio itself calls it for its generators."""
        if get_ident() != self._thread:
            raise _refusal("call_soon_threadsafe", "there is one thread")
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Have it done by somebody who needs no thread for it."""
        if not isinstance(executor, AtOnce):
            raise _refusal("run_in_executor", "there is one thread")
        answer = self.create_future()
        self.call_later(executor.seconds, executor.do, answer, func, *args)
        return answer

    # The hooks of BaseEventLoop, by the names that it knows them by.

    def _run_once(self) -> None:
        """Turn after turn until it is stopped, and not one alone, as asyncio has it.

        In each comes what was ready when it began, and what was due.
        """
        ready, select = self._ready, self._selector.select
        while True:
            select(ready, is_idle=not ready and not self._stopping)
            for _ in range(len(ready)):
                turn = ready.popleft()
                owner = turn.owner
                if not turn.is_called_off and (owner is None or owner.may_step(turn)):
                    try:
                        turn.context.run(turn.act, *turn.arguments)
                    except (SystemExit, KeyboardInterrupt):
                        raise
                    except BaseException as error:  # noqa: BLE001 - as asyncio does
                        self.call_exception_handler({"message": repr(turn), "exception": error})
            if self._stopping:
                return


def _refusal(name: str, why: str) -> VirtualTimeError:
    return VirtualTimeError(f"{name} has no place under a virtual clock: {why}")


def _refusing(name: str, why: str) -> Callable[..., NoReturn]:
    def refuse(*_args: Any, **_options: Any) -> NoReturn:
        raise _refusal(name, why)

    return refuse


REFUSED: Mapping[str, str] = {
    "add_reader": "there are no sockets",
    "add_signal_handler": "a signal comes at a real time",
    "add_writer": "there are no sockets",
    "connect_accepted_socket": "there are no sockets",
    "create_datagram_endpoint": "there are no sockets",
    "create_server": "listen at the memory network",
    "create_unix_connection": "there are no sockets",
    "create_unix_server": "there are no sockets",
    "getaddrinfo": "there are no names to look up",
    "getnameinfo": "there are no names to look up",
    "subprocess_exec": "another process has a clock of its own",
    "subprocess_shell": "another process has a clock of its own",
}
"""What would reach beyond the loop."""

for _name, _why in REFUSED.items():
    setattr(VirtualLoop, _name, _refusing(_name, _why))


def run(
    main: Coroutine[Any, Any, _Result],
    *,
    start_ns: int,
    net: Network | None = None,
    limit_ns: int = LIMIT_NS,
) -> _Result:
    """What `main` returns; what it leaves running is cancelled, in the order of its creation.

    A run that can't go on says where its tasks wait. What is raised where nobody can catch it, in a
    callback, a protocol or a forgotten task, ends the run and is raised here.
    """
    loop = VirtualLoop(start_ns=start_ns, net=net, limit_ns=limit_ns)
    try:
        return _until(loop, loop.create_task(main))
    finally:
        try:
            _wind_up(loop)
        finally:
            loop.close()


def running() -> VirtualLoop:
    """The virtual loop that the caller runs on."""
    loop = asyncio.get_running_loop()
    if not isinstance(loop, VirtualLoop):
        raise VirtualTimeError("this runs on a real clock; start it with `run`")
    return loop


def _until(loop: VirtualLoop, future: asyncio.Future[_Result]) -> _Result:
    def stop(_: object) -> None:
        loop.stop()

    future.add_done_callback(stop)
    try:
        loop.run_forever()
    except StuckError as stuck:
        raise VirtualTimeError(f"{stuck}; {_whereabouts(loop)}") from None
    finally:
        future.remove_done_callback(stop)
    uncaught, loop.uncaught = loop.uncaught, None
    if uncaught is not None:
        raise uncaught
    return future.result()


def _wind_up(loop: VirtualLoop) -> None:
    for _ in range(WIND_UP_ROUNDS_MAX):
        # What is ready may yet begin a task, such as the end of a generator that was dropped.
        _until(loop, loop.create_task(asyncio.sleep(0)))
        waiting = loop.waiting
        if not waiting:
            break
        for task in waiting:
            task.cancel()
        _until(loop, asyncio.gather(*waiting, return_exceptions=True))
    _until(loop, loop.create_task(loop.shutdown_asyncgens()))


def _note(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """End the run; a future that fails unheard is no fault, for its asker may have given up."""
    assert isinstance(loop, VirtualLoop)
    fault, future = context.get("exception"), context.get("future")
    forgotten = isinstance(future, asyncio.Future) and not isinstance(future, asyncio.Task)
    if fault is not None and not forgotten and loop.uncaught is None:
        loop.uncaught = fault
        loop.stop()


def _whereabouts(loop: VirtualLoop) -> str:
    places = [f"{task.get_name()} in {_place(task)}" for task in loop.waiting]
    more = f" and {len(places) - NAMED_MAX} more" if len(places) > NAMED_MAX else ""
    return f"who waits: {', '.join(places[:NAMED_MAX])}{more}" if places else "nobody waits"


def _place(task: asyncio.Task[Any]) -> str:
    """The coroutines that a task is in, from the outermost, and the line of the innermost."""
    names: list[str] = []
    line = ""
    inner: Any = task.get_coro()
    while (frame := getattr(inner, "cr_frame", None)) is not None:
        names.append(frame.f_code.co_name)
        line = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
        inner = inner.cr_await
    return f"{' > '.join(names)} ({line})"
