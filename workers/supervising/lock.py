"""One keeper for a data folder: whoever holds its lock, and for as long as they live.

The system lets the lock go with the process, however that ends; the file stays. It says who holds
it, for whoever comes second.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from workers.supervising.errors import HouseError


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds it, and since when."""

    pid: int
    since: datetime


_HOLDER: TypeAdapter[Holder] = TypeAdapter(Holder)


@contextmanager
def locked(file: Path, now: datetime) -> Iterator[None]:
    """Hold it; HouseError if somebody else does. Its folder is there."""
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise HouseError(f"{file}: {error.strerror}") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HouseError(f"{file.parent}: {_held_by(file)}; one is enough") from None
        except OSError as error:
            raise HouseError(f"{file}: it can't be locked: {error.strerror}") from None
        os.ftruncate(handle, 0)
        os.write(handle, _HOLDER.dump_json(Holder(os.getpid(), now)) + b"\n")
        yield
    finally:
        os.close(handle)


def _held_by(file: Path) -> str:
    with suppress(OSError, ValidationError):
        holder = _HOLDER.validate_json(file.read_bytes())
        return f"kept already, by process {holder.pid} since {holder.since:%Y-%m-%d %H:%M:%S} UTC"
    return "kept already, by another process"
