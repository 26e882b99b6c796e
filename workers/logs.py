"""The log: one line for each thing, in UTC, on standard error or in a file."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_BYTES_MAX = 10_000_000

_HANDED_BACK = "Completing activity as failed"


class _Lines(logging.Formatter):
    """A line of the log; a trace stands below it where there is one."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002
        at = datetime.fromtimestamp(record.created, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """Not worth one is a call that was handed back because the process ends."""
    raised = record.exc_info[1] if record.exc_info else None
    return not (
        isinstance(raised, asyncio.CancelledError) and record.getMessage().startswith(_HANDED_BACK)
    )


def write_log(level: int = logging.INFO) -> None:
    """Have everything that is logged written."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(is_worth_a_line)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("temporalio.worker").setLevel(logging.WARNING)


@contextmanager
def logged_into(file: Path, level: int = logging.INFO) -> Iterator[None]:
    """Have what Backstay itself logs written to a file meanwhile, and nowhere else. It is begun
    anew when it has grown too long, and what stood in it is kept once.
    """
    handler = RotatingFileHandler(file, maxBytes=FILE_BYTES_MAX, backupCount=1, encoding="utf-8")
    handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("backstay")
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    try:
        yield
    finally:
        logger.setLevel(before[0])
        logger.propagate = before[1]
        logger.removeHandler(handler)
        handler.close()
