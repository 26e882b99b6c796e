"""The data folder: what stands where in it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The files of one house. Where one of them is missing beside the others, something is lost."""

    path: Path

    @property
    def book(self) -> Path:
        """The book of the account."""
        return self.path / "accounts.sqlite"

    @property
    def engine(self) -> Path:
        """Everything that the embedded engine keeps."""
        return self.path / "engine.sqlite"

    @property
    def gateway(self) -> Path:
        """The accounts of the embedded gateway."""
        return self.path / "gateway.sqlite"

    @property
    def wire_log(self) -> Path:
        """Every message of the embedded gateway."""
        return self.path / "wire.jsonl"

    @property
    def audit(self) -> Path:
        """Every change of its accounts."""
        return self.path / "audit.jsonl"

    @property
    def roster(self) -> Path:
        """Who runs here."""
        return self.path / "processes.json"

    @property
    def lock(self) -> Path:
        """Held by the one process that keeps the house."""
        return self.path / "up.lock"

    def log(self, name: str) -> Path:
        """What a process has had to say."""
        return self.path / "logs" / f"{name}.log"
