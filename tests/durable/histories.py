"""A history in a file, which tells nothing of the machine on which it was made."""

import json
import re
import socket
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

from backstay.lab.lives import Life

ROOT = Path(__file__).parents[2]


def export(life: Life, folder: Path, story: str) -> None:
    """Write it down as `<story>.<workflow>.json`, in a line for each event."""
    events = WorkflowHistory(life.workflow_id, life.events).to_json_dict()["events"]
    lines = [json.dumps(_stripped(event), separators=(",", ":")) for event in events]
    told = "\n".join((*lines, *_payloads(events)))
    for secret in (socket.gethostname(), str(ROOT), f"{Path.home()}/"):
        assert secret not in told, f"{story}: {secret} stands in the history of {life.workflow_id}"
    name = re.sub("[^A-Za-z0-9]+", "-", life.workflow_id)
    text = '{"events":[\n' + ",\n".join(lines) + "\n]}\n"
    (folder / f"{story}.{name}.json").write_text(text, encoding="utf-8")


def load(path: Path) -> WorkflowHistory:
    """Read it again."""
    history = WorkflowHistory.from_json("", path.read_text(encoding="utf-8"))
    started = history.events[0].workflow_execution_started_event_attributes
    return WorkflowHistory(started.workflow_id, history.events)


def _stripped(value: Any) -> Any:
    """Without the traces of errors: they name files of this machine, and replay needs none."""
    match value:
        case dict():
            return {key: _stripped(each) for key, each in value.items() if key != "stackTrace"}
        case list():
            return [_stripped(each) for each in value]
        case _:
            return value


def _payloads(value: Any) -> Iterator[str]:
    """What stands in the payloads, which are written in base 64."""
    match value:
        case {"data": str(data), "metadata": dict()}:
            yield b64decode(data).decode()
        case dict():
            for each in value.values():
                yield from _payloads(each)
        case list():
            for each in value:
                yield from _payloads(each)
        case _:
            pass
