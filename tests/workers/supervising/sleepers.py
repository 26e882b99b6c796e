"""Processes that do nothing, for whoever has to tell them apart or end them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SLEEP = "import time; print(flush=True); time.sleep(600)"


@contextmanager
def started(program: str = SLEEP) -> "Iterator[subprocess.Popen[bytes]]":
    """One that has begun, and is gone at the end."""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        try:
            yield child
        finally:
            child.kill()
