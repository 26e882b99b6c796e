"""When something is to happen: a plain time, or the n-th sight of something and a moment more.

Owns who waits for which sight. What is due happens outside of every process, in a turn of its own,
so nobody is struck in the midst of a turn of the gateway; or, where steps are counted, before that
very step of the process concerned.
"""

from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass

from backstay.lab.processes import Process
from backstay.lab.simulation.scenario import Cue, Sight
from backstay.lab.virtual_time import VirtualLoop

Act = Callable[[], object]
Whose = Callable[[], Process | None]
"""The process whose steps count, as it is then."""


@dataclass(slots=True)
class _Waiting:
    cue: Cue
    act: Act
    whose: Whose | None
    left: int


class Cues:
    """Everything that waits for its moment; nothing comes up any more once it is `quiet`."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._outside = copy_context()
        self._waiting: dict[Sight, list[_Waiting]] = {}
        self._steps: dict[Process, list[tuple[int, Act]]] = {}
        self._quiet = False

    def on(self, cue: Cue, act: Act, whose: Whose | None = None) -> None:
        """Have it done at its moment."""
        if cue.sight is Sight.START:
            self._later(cue.after_seconds + cue.delay_seconds, _Waiting(cue, act, whose, 0))
        else:
            self._waiting.setdefault(cue.sight, []).append(_Waiting(cue, act, whose, cue.nth))

    def saw(self, sight: Sight, word: str = "") -> None:
        """Something has come into sight."""
        waiting = self._waiting.get(sight)
        if not waiting:
            return
        now = self._loop.time()
        due: list[_Waiting] = []
        for each in waiting:
            if each.cue.after_seconds <= now and each.cue.word in ("", word):
                each.left -= 1
                if not each.left:
                    due.append(each)
        if due:
            self._waiting[sight] = [each for each in waiting if each.left > 0]
            for each in due:
                self._later(each.cue.delay_seconds, each)

    def quiet(self) -> None:
        """Nothing that still waits comes up."""
        self._quiet = True
        self._waiting.clear()
        for process in self._steps:
            process.watch = None
        self._steps.clear()

    def later(self, seconds: float, act: Act) -> None:
        """Outside of every process, whoever asks."""
        self._outside.copy().run(self._loop.call_later, seconds, act)

    def _later(self, seconds: float, waiting: _Waiting) -> None:
        self.later(seconds, lambda: self._comes(waiting))

    def _comes(self, waiting: _Waiting) -> None:
        if self._quiet:
            return
        process = waiting.whose() if waiting.whose is not None and waiting.cue.steps else None
        if process is None or process.is_gone:
            waiting.act()
            return
        steps = self._steps.setdefault(process, [])
        steps.append((process.steps + waiting.cue.steps, waiting.act))
        process.watch = lambda step: self._stepped(process, step)

    def _stepped(self, process: Process, step: int) -> None:
        steps = self._steps[process]
        due = [act for at, act in steps if at <= step]
        if not due:
            return
        left = [each for each in steps if each[0] > step]
        if left:
            self._steps[process] = left
        else:
            del self._steps[process]
            process.watch = None
        for act in due:
            self._outside.copy().run(act)
