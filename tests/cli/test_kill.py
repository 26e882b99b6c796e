"""`backstay kill`: written down with or without an engine, and never by accident."""

import asyncio
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from activities.ports import KillTold, Untold
from backstay.accounts.file import create
from backstay.accounts.state import Killed
from backstay.accounts.store import AccountStore
from backstay.cli.account import killing
from backstay.domain.limits.kill import KillMode, KillState
from tests.accounts.cases import request
from tests.cli.typed import Typed, typed
from tests.domain.limits.samples import ACCOUNT, SETTINGS
from workers.config import Settings

FREEZE = KillState(1, KillMode.FREEZE)
WORDS = ("--by", "Ada", "--reason", "prices look wrong")
UNREACHED = "the engine can't be reached"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings of an account with a book, and of an engine that is not there."""
    file = tmp_path / "backstay.toml"
    file.write_text(f'account = "{ACCOUNT}"\n[temporal]\naddress = "127.0.0.1:1"\n')
    (tmp_path / "data").mkdir()
    create(book_of(file), ACCOUNT)
    return file


def book_of(config: Path) -> Path:
    return config.parent / "data" / "accounts.sqlite"


def kill(config: Path, *words: str) -> Typed:
    return typed("kill", *words, "--config", str(config))


def kept(config: Path) -> tuple[KillState, Killed | None]:
    """What the book says."""

    async def look() -> tuple[KillState, Killed | None]:
        store = AccountStore(book_of(config), ACCOUNT)
        state = await store.state()
        await store.close()
        last = state.turns[-1] if state.turns else None
        return state.kill, last if isinstance(last, Killed) else None

    return asyncio.run(look())


def told(monkeypatch: pytest.MonkeyPatch, answer: KillTold) -> None:
    """Have a kill come to this."""

    async def killed(settings: Settings, mode: KillMode, reason: str, by: str) -> KillTold:
        assert (settings.account, reason, by) == (ACCOUNT, "prices look wrong", "Ada")
        return answer

    monkeypatch.setattr(killing, "killed", killed)


@pytest.mark.req("S3.2")
def test_without_an_engine_a_kill_is_written_down_and_it_is_said_who_has_not_heard(
    config: Path,
) -> None:
    answer = kill(config, "freeze", *WORDS, "--yes")
    assert (answer.exit_code, answer.err) == (3, "")
    assert answer.lines == [
        f"trading in {ACCOUNT} is killed: freeze, epoch 1",
        "  means      nothing enters any more; what is open stays protected",
        "  told       0 running trades",
        f"  untold     whoever runs: list the running trades of {ACCOUNT}: {UNREACHED}",
        "  still      every broker worker reads the book: no order that opens leaves any more",
        "  do         kill once more when the engine is there",
    ]
    state, turn = kept(config)
    assert state == FREEZE
    assert turn is not None
    assert (turn.by, turn.reason) == ("Ada", "prices look wrong")


@pytest.mark.req("S3.2")
def test_a_trade_that_the_book_holds_is_named_where_it_could_not_be_told(config: Path) -> None:
    async def admitted() -> None:
        store = AccountStore(book_of(config), ACCOUNT)
        await store.admit(request(plan_id="aapl-0312"), SETTINGS)
        await store.close()

    asyncio.run(admitted())
    answer = kill(config, "flatten", *WORDS, "--yes", "--json")
    document = json.loads(answer.out)
    assert (answer.exit_code, answer.err) == (3, "")
    assert document["state"] == {"epoch": 1, "mode": "flatten"}
    assert (document["asked"], document["complete"]) == ("flatten", False)
    trade = f"trade:{ACCOUNT}:aapl-0312"
    assert [each["workflow_id"] for each in document["untold"]] == ["", trade]
    assert document["untold"][1]["text"] == f"signal kill to {trade}: {UNREACHED}"


def test_everybody_has_heard(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, KillTold(FREEZE, (f"trade:{ACCOUNT}:a",), ()))
    answer = kill(config, "freeze", *WORDS, "--yes")
    assert (answer.exit_code, answer.err) == (0, "")
    assert answer.lines == [
        f"trading in {ACCOUNT} is killed: freeze, epoch 1",
        "  means      nothing enters any more; what is open stays protected",
        "  told       1 running trade",
    ]


def test_a_freeze_after_a_flatten_says_what_is_in_force(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, KillTold(KillState(2, KillMode.FLATTEN), (), ()))
    answer = kill(config, "freeze", *WORDS, "--yes")
    assert answer.exit_code == 0
    assert answer.lines[:3] == [
        f"trading in {ACCOUNT} is killed: flatten, epoch 2",
        "  means      nothing enters any more, and every position is left",
        "             a freeze does not soften the flatten that is in force",
    ]


def test_a_trade_that_runs_nowhere_is_a_no(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    untold = Untold(f"trade:{ACCOUNT}:a", "not found", exists=False)
    told(monkeypatch, KillTold(FREEZE, (), (untold,)))
    answer = kill(config, "freeze", *WORDS, "--yes")
    assert answer.exit_code == 1
    assert answer.lines[3:] == [
        f"  untold     trade:{ACCOUNT}:a: nobody runs it, and it has room in the book"
    ]


def test_what_is_not_written_down_comes_first(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(monkeypatch, KillTold(FREEZE, (f"trade:{ACCOUNT}:a",), (), "the disk is full"))
    answer = kill(config, "freeze", *WORDS, "--yes")
    assert answer.exit_code == 3
    assert answer.lines == [
        "the kill is NOT written down: the disk is full",
        "  means      nothing enters any more; what is open stays protected",
        "  told       1 running trade",
        "  do         kill once more when the book is there: what starts anew has not heard of it",
    ]


def test_without_a_book_and_an_engine_nobody_is_told_and_nothing_is_claimed(config: Path) -> None:
    book_of(config).unlink()
    answer = kill(config, "freeze", *WORDS, "--yes")
    assert answer.exit_code == 3
    assert answer.lines[0].startswith(f"the kill is NOT written down: {book_of(config)} does not")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "Missing argument 'mode'"),
        (("stop", *WORDS), "'stop'"),
        (("freeze", "--by", "Ada"), "Missing option '--reason'"),
        (("freeze", "--reason", "x"), "Missing option '--by'"),
        (("freeze", "--by", "Ada", "--reason", " "), "'--reason': it is empty"),
        (("freeze", *WORDS), "nobody is here to be asked whether it is meant; give --yes"),
    ],
)
def test_what_is_typed_wrongly_kills_nothing(
    config: Path, words: tuple[str, ...], text: str
) -> None:
    answer = kill(config, *words)
    assert (answer.out, answer.exit_code) == ("", 2)
    assert text in answer.err
    assert len(answer.err.splitlines()) == 1
    assert kept(config) == (KillState(), None)


@pytest.mark.parametrize(("answer", "code", "epoch"), [("n", 1, 0), ("y", 3, 1)])
def test_on_a_terminal_it_is_asked_whether_it_is_meant(
    config: Path, answer: str, code: int, epoch: int
) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    command = [str(Path(sys.executable).with_name("backstay")), "kill", "flatten", *WORDS]
    ran = subprocess.run(
        [*command, "--config", str(config)],
        stdin=theirs,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    for end in (ours, theirs):
        os.close(end)
    assert ran.returncode == code
    assert ran.stderr.startswith(
        f"{ACCOUNT} (paper): nothing enters any more, and every position is left at once."
        " Is that meant? [y/N] "
    )
    assert ran.stderr.endswith("nothing was done\n") == (answer == "n")
    assert kept(config)[0].epoch == epoch
