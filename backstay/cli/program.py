"""The commands as a process of their own, and how it ends.

The engine's library has threads that outlive what was asked of it. One that has something to tell
while the interpreter is being taken down brings the process down with an abort, and with an exit
code that says nothing; so a process that has loaded the library leaves without that.
"""

import os
import sys
from contextlib import suppress
from typing import Any

import typer

_ITS_LIBRARY = "temporalio"


class Program(typer.Typer):
    """What is started as `backstay`."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Run the command that was typed, and end with its exit code."""
        try:
            return super().__call__(*args, **options)
        except SystemExit as ended:
            if isinstance(ended.code, int) and _ITS_LIBRARY in sys.modules:
                _leave(ended.code)
            raise


def _leave(code: int) -> None:
    """End here: everything that was opened is closed."""
    for stream in (sys.stdout, sys.stderr):
        # Whoever read it may be gone.
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
