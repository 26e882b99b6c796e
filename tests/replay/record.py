"""Record the histories anew: `make histories`, after every change of what workflows do.

All stories of tests/durable are told, and every history that they leave is read. One is kept of
each shape: the same steps, with answers of the same kinds. If any story fails, nothing is changed.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from tests.durable.conftest import OPTION
from tests.durable.histories import ROOT, load

FOLDER = Path(__file__).with_name("histories")
STORIES = ROOT / "tests" / "durable"
_TELLING = ("kind", "why", "phase", "state")


def main() -> int:
    """Tell the stories; keep what they leave."""
    with TemporaryDirectory() as name:
        told = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-n", "auto", str(STORIES), OPTION, name],
            cwd=ROOT,
            check=False,
        )
        if told.returncode:
            return told.returncode
        FOLDER.mkdir(exist_ok=True)
        for former in FOLDER.glob("*.json"):
            former.unlink()
        kept = 0
        for path in one_of_each(sorted(Path(name).glob("*.json"), key=_pessimistic_first)):
            (FOLDER / path.name).write_bytes(path.read_bytes())
            kept += path.stat().st_size
        sys.stdout.write(f"{len(list(FOLDER.glob('*.json')))} histories, {kept / 1e6:.1f} MB\n")
    return 0


def one_of_each(paths: Iterable[Path]) -> Iterator[Path]:
    """The first history of each shape."""
    seen: set[tuple[str, ...]] = set()
    for path in paths:
        shape = tuple(_steps(load(path)))
        if shape not in seen:
            seen.add(shape)
            yield path


def _pessimistic_first(path: Path) -> tuple[bool, str]:
    return ".pessimistic." not in path.name, path.name


def _steps(history: WorkflowHistory) -> Iterator[str]:
    for event in history.events:
        name = event.activity_task_scheduled_event_attributes.activity_type.name
        yield f"{event.event_type} {name} {' '.join(_kinds(event))}"


def _kinds(event: HistoryEvent) -> Iterator[str]:
    """What kind of answer an activity has given."""
    for payload in event.activity_task_completed_event_attributes.result.payloads:
        answer = json.loads(payload.data or b"null")
        if isinstance(answer, dict):
            yield from (str(answer[key]) for key in _TELLING if key in answer)


if __name__ == "__main__":
    sys.exit(main())
