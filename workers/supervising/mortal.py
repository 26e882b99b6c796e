"""A process that does not outlive whoever starts it: how each child here begins.

It has a session of its own, so Ctrl-C reaches whoever started it and not itself: there is still
work to be handed back to it. Elsewhere than on Linux a parent that is killed leaves it behind; what
is left then stands in the roster, and the next `backstay up` ends it.
"""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from typing import IO

LINE_BYTES_MAX = 65_536
"""How long a line may be that is read from it."""

# Runs in the child before it becomes what it is to be: it is told to end when its parent has died,
# which it may have done already.
_BECOME = """\
import ctypes, os, signal, sys
parent, binary = int(sys.argv[1]), sys.argv[2]
prctl = getattr(ctypes.CDLL(None), "prctl", None)
if prctl is not None:
    prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
os.execv(binary, sys.argv[2:])
"""


async def start_mortal(
    words: Sequence[str],
    *,
    stdin: int = asyncio.subprocess.DEVNULL,
    stdout: int = asyncio.subprocess.DEVNULL,
    stderr: int | IO[bytes],
    environment: Mapping[str, str] | None = None,
    line_bytes_max: int = LINE_BYTES_MAX,
) -> asyncio.subprocess.Process:
    """Start it; the first word is the path of a program. Unless it is said otherwise it reads
    nothing from standard input.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-ISc",
        _BECOME,
        str(os.getpid()),
        *words,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=None if environment is None else {**os.environ, **environment},
        start_new_session=True,
        limit=line_bytes_max,
    )
