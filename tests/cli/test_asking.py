"""Whatever an engine does, a command ends with one line; and its process with its exit code."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import TypeAdapter, ValidationError
from temporalio.exceptions import TemporalError

from activities.engine import TemporalEngine
from activities.ports import CallRefusedError, EngineSilentError, UnknownWorkflowError
from backstay.cli import asking
from backstay.cli.exits import SaysNoError
from backstay.cli.program import Program
from tests.cli.scripted_engine import ACCOUNT, Desk, desk_in
from tests.cli.typed import Typed, typed
from workers.bootstrap import StartError
from workers.config import Settings


def _not_read() -> ValidationError:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(int).validate_python("x")
    return error.value


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (EngineSilentError("no answer yet"), "no answer yet", 3),
        (TemporalError("boom"), "the engine says: boom", 3),
        (_not_read(), "the engine keeps something that this build can't read: int", 3),
        (UnknownWorkflowError("not there"), "not there", 1),
        (CallRefusedError("update", "too late"), "update: too late", 1),
        (SaysNoError("no"), "no", 1),
    ],
)
def test_every_error_of_an_engine_is_one_line_and_an_exit_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    line: str,
    code: int,
) -> None:
    desk_in(tmp_path, monkeypatch)

    async def question(_: TemporalEngine) -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        asking.ask(Settings(account=ACCOUNT), question)
    assert ended.value.exit_code == code
    assert capsys.readouterr() == ("", f"{line}\n")


def test_where_no_engine_is_it_is_said_where_one_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk: Desk = desk_in(tmp_path, monkeypatch)

    async def engine_of(*_: object) -> TemporalEngine:
        raise StartError("127.0.0.1:7233: no engine answers here: Connection refused")

    monkeypatch.setattr(asking, "engine_of", engine_of)
    assert desk.types("trade", "list") == Typed(
        "",
        "127.0.0.1:7233: no engine answers here: Connection refused; is `backstay up` running,"
        " or is [temporal] address another one?\n",
        3,
    )


@pytest.fixture
def deaf() -> Iterator[str]:
    """Where somebody listens who never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


def test_an_engine_that_never_answers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deaf: str
) -> None:
    monkeypatch.setattr(asking, "CONNECTED_WITHIN_SECONDS", 0.3)
    file = tmp_path / "backstay.toml"
    file.write_text(f'account = "{ACCOUNT}"\n[temporal]\naddress = "{deaf}"\n')
    told = typed("trade", "cancel", "aapl", "--config", str(file))
    assert (told.out, told.exit_code) == ("", 3)
    assert told.err.startswith(f"{deaf}: no engine answers here within 0.3 s; is `backstay up`")


class _LeftError(Exception):
    """In the place of a process that is gone."""


def _program(code: int | None) -> Program:
    program = Program(add_completion=False)

    @program.command()
    def only() -> None:
        sys.stdout.write("said\n")
        raise typer.Exit(0 if code is None else code)

    return program


@pytest.mark.parametrize("code", [0, 3])
def test_a_process_with_the_engines_library_leaves_by_its_exit_code_with_all_that_it_said(
    code: int, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    left: list[int] = []

    def leave(number: int) -> None:
        left.append(number)
        raise _LeftError

    assert "temporalio" in sys.modules
    monkeypatch.setattr(os, "_exit", leave)
    with pytest.raises(_LeftError):
        _program(code)(args=[])
    assert left == [code]
    assert capfd.readouterr().out == "said\n"


def test_a_process_without_it_ends_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "temporalio")
    with pytest.raises(SystemExit) as ended:
        _program(2)(args=[])
    assert ended.value.code == 2
