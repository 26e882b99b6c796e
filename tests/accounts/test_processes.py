"""Several processes share one book; any of them may be killed at any moment."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from backstay.accounts.file import AccountFile, create
from backstay.accounts.state import AccountState
from tests.accounts.crowd import QUANTITY, TRADES_MAX
from tests.domain.limits.samples import ACCOUNT

SECONDS_MAX = 60


@contextmanager
def asking(path: Path, name: str, count: int, open_max: int) -> Iterator[subprocess.Popen[str]]:
    """A process that asks so often, and keeps so many trades open."""
    arguments = [str(path), name, str(count), str(open_max)]
    command = [sys.executable, "-m", "tests.accounts.asking_process", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line.strip()


def trades(lines: list[str], what: str) -> set[str]:
    return {line.split()[1] for line in lines if line.startswith(f"{what} ")}


def whole(path: Path) -> AccountState:
    """The account as it stands in a file that is what was written."""
    # Whoever asks in a loop leaves hardly a moment to anybody else.
    with closing(AccountFile(path, ACCOUNT, 60)) as file, file.transaction() as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        state = file.state(connection)
        records = {record.trade for record in file.open_records(connection)}
    assert {claim.key.trade for claim in state.book.claims} == records
    assert state.book.exposure == 100 * QUANTITY * len(records)
    assert len(records) <= TRADES_MAX
    return state


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with an empty book."""
    path = tmp_path / "accounts.db"
    create(path, ACCOUNT)
    return path


@pytest.mark.req("S0.4", "S1.5")
def test_two_processes_that_ask_at_once_never_take_more_than_there_is(path: Path) -> None:
    with asking(path, "A", 60, 8) as one, asking(path, "B", 60, 8) as two:
        lines = [*said(one), *said(two)]
        assert (one.wait(SECONDS_MAX), two.wait(SECONDS_MAX)) == (0, 0)

    admitted, settled = trades(lines, "admitted"), trades(lines, "settled")
    state = whole(path)
    assert {claim.key.trade for claim in state.book.claims} == admitted - settled
    assert len(trades(lines, "refused")) == 120 - len(admitted) > 0
    for process in "AB":
        assert any(trade.startswith(process) for trade in admitted), "one of them had no turn"


@pytest.mark.req("S1.14", "S4.3")
def test_a_process_that_is_killed_leaves_a_whole_book_with_all_that_it_has_said(path: Path) -> None:
    """Another one goes on meanwhile, so that the file is open all the time."""
    with asking(path, "A", 100_000, 1) as survivor:
        for name, lines_before_the_kill in (("B", 2), ("C", 5), ("D", 12)):
            lines = []
            with asking(path, name, 100_000, 1) as victim:
                for line in said(victim):
                    lines.append(line)
                    if len(lines) == lines_before_the_kill:
                        victim.kill()
            admitted, settled = trades(lines, "admitted"), trades(lines, "settled")
            assert admitted
            in_book = {claim.key.trade for claim in whole(path).book.claims}
            assert settled & in_book == set()
            # The last thing done may be one that there was no time to say.
            assert len(admitted - settled - in_book) <= 1
            mine = {trade for trade in in_book if trade.startswith(name)}
            assert len(mine - admitted) <= 1
        assert survivor.poll() is None
