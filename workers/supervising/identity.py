"""Which process it is: its id, and when it began as the system counts it.

Ids are used again, so an id alone says nothing about a process of yesterday. A start is counted
from when the machine began, so the machine's own life belongs to it. What has ended and only waits
for its parent to notice is no process any more.
"""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from workers.supervising.roster import Process

_PROC = Path("/proc")
_BOOT = _PROC / "sys/kernel/random/boot_id"
# Of what stands behind the name in /proc/PID/stat: fields 3 and 22 of the whole.
_STATE, _START = 0, 19
_OVER = ("Z", "X", "x")


def myself() -> Process:
    """The process that asks."""
    return Process(os.getpid(), began(os.getpid()) or "")


def began(pid: int) -> str | None:
    """When this process began, or None if there is none."""
    return _began_on_linux(pid) if _BOOT.exists() else _began_elsewhere(pid)


def lives(process: Process) -> bool:
    """Whether it is still the one that was meant."""
    return bool(process.began) and began(process.pid) == process.began


def send(process: Process, number: signal.Signals) -> None:
    """Send it a signal, if it is still the one that was meant."""
    if lives(process):
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)


def _began_on_linux(pid: int) -> str | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text()
        boot = _BOOT.read_text().strip()
    except OSError:
        return None
    # The name stands in brackets and may hold anything, brackets included.
    found = text.rpartition(")")[2].split()
    return None if found[_STATE] in _OVER else f"{found[_START]} {boot}"


def _began_elsewhere(pid: int) -> str | None:
    """As `ps` has it, to the second; in one language and one zone, whoever asks."""
    told = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    return None if not told or told[0].startswith(_OVER) else " ".join(told[1:])
