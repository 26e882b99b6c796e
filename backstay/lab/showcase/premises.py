"""Where a showcase takes place: a folder of its own, with settings on ports that nobody has.

What a process that was killed has left behind is removed by the next one; a folder in which one
still lives is not touched.
"""

import fcntl
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from workers.config import Settings
from workers.reading import read_settings
from workers.supervising.folder import DataFolder

ACCOUNT = "DU1234567"
STARTS = "2026-11-23T10:00:00-05:00"
"""Half an hour after the open on a Monday: the market is open whenever the showcase is run."""

_PREFIX = "backstay-demo-"
_LOOPBACK = "127.0.0.1"
_SETTINGS = """\
account = "{account}"
data = "data"
[temporal]
address = "127.0.0.1:{engine}"
[broker]
port = {gateway}
[limits]
base_currency = "USD"
exposure_max = 100000
share_position_max = 500
trading = "paper"
[metrics]
port = {trades}
"""
_FAULTS = """\
[[fault]]
name = "placement-acknowledged-late"
reference = "{reference}"
delay = "15s"
"""


@dataclass(frozen=True, slots=True)
class Premises:
    """The folder and what stands in it."""

    folder: Path
    settings_file: Path
    settings: Settings
    prices: Path
    faults: Path
    ui_port: int

    @property
    def data(self) -> DataFolder:
        """What the house keeps."""
        return DataFolder(self.settings.data)

    @property
    def gateway(self) -> tuple[str, ...]:
        """What the gateway is told beyond its address and its files."""
        return (
            *("--start", STARTS, "--restart-at", "never", "--seed", "7"),
            *("--profile", "pessimistic,+cancels_are_prompt"),
            *("--follow", str(self.prices), "--faults", str(self.faults)),
        )


@contextmanager
def premises(reference: str) -> Iterator[Premises]:
    """A fresh folder until the block ends, and a gateway that will keep silent for a while about
    the order of that reference.
    """
    _sweep(Path(gettempdir()))
    with TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        engine, gateway, ui, trades = _free_ports()
        file = folder / "backstay.toml"
        file.write_text(
            _SETTINGS.format(account=ACCOUNT, engine=engine, gateway=gateway, trades=trades),
            "utf-8",
        )
        prices, faults = folder / "prices.tape", folder / "faults.toml"
        prices.touch()
        faults.write_text(_FAULTS.format(reference=reference), "utf-8")
        yield Premises(folder, file, read_settings(file, {}), prices, faults, ui)


def _free_ports() -> tuple[int, int, int, int]:
    """Four ports that nobody has; the last is followed by another one, for the second worker."""
    while True:
        with ExitStack() as held:
            found = [_port(held, 0) for _ in range(4)]
            try:
                _port(held, found[-1] + 1)
            except OSError:
                continue
            engine, gateway, ui, trades = found
            return engine, gateway, ui, trades


def _port(held: ExitStack, wanted: int) -> int:
    server = held.enter_context(socket.create_server((_LOOPBACK, wanted)))
    port: int = server.getsockname()[1]
    return port


def _sweep(root: Path) -> None:
    """Remove what was left behind: folders of ours whose keeper is gone."""
    for lock in root.glob(f"{_PREFIX}*/data/up.lock"):
        try:
            with lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        shutil.rmtree(lock.parent.parent, ignore_errors=True)
