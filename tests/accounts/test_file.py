"""A file that is not what it should be is refused, and nothing is put in its place."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from backstay.accounts.errors import (
    AccountsError,
    BookBusyError,
    BookDamagedError,
    BookExistsError,
    BookForeignError,
    BookMissingError,
    DiskError,
)
from backstay.accounts.file import AccountFile, create
from backstay.accounts.state import AccountState, TradeRecord
from backstay.domain.limits.kill import Halt
from tests.domain.limits.samples import ACCOUNT, TRADE

OTHER_ACCOUNT = "DU7654321"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with an empty book."""
    path = tmp_path / "accounts.db"
    create(path, ACCOUNT)
    return path


def read(path: Path, account: str = ACCOUNT) -> AccountState:
    with (
        closing(AccountFile(path, account, 0.05)) as file,
        file.transaction(writes=False) as open_file,
    ):
        return file.state(open_file)


def halt(path: Path, account: str = ACCOUNT) -> None:
    with closing(AccountFile(path, account, 0.05)) as file, file.transaction() as open_file:
        state = file.state(open_file)
        book = state.book.halted(Halt("a test"))
        file.keep(open_file, AccountState(account, book))


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_book_that_was_made_is_empty_and_stands_alone_in_its_folder(path: Path) -> None:
    assert read(path) == AccountState(ACCOUNT)
    assert [each.name for each in path.parent.iterdir()] == ["accounts.db"]


def test_a_change_is_there_for_whoever_opens_the_file_next(path: Path) -> None:
    halt(path)

    assert read(path).book.halts == (Halt("a test"),)


def test_a_book_is_never_made_where_there_is_one(path: Path) -> None:
    halt(path)

    with pytest.raises(BookExistsError, match=f"holds a book of {ACCOUNT} already"):
        create(path, ACCOUNT)
    assert read(path).book.halts == (Halt("a test"),)


def test_several_accounts_live_in_one_file_and_know_nothing_of_each_other(path: Path) -> None:
    create(path, OTHER_ACCOUNT)
    halt(path, OTHER_ACCOUNT)

    assert read(path) == AccountState(ACCOUNT)
    assert read(path, OTHER_ACCOUNT).book.halts == (Halt("a test"),)


def test_a_book_is_never_made_for_somebody_who_only_looks(tmp_path: Path) -> None:
    with pytest.raises(BookMissingError, match="does not exist"):
        read(tmp_path / "nothing.db")
    assert list(tmp_path.iterdir()) == []


def test_an_account_without_a_book_in_the_file_is_told(path: Path) -> None:
    with pytest.raises(BookMissingError, match=f"holds no book of {OTHER_ACCOUNT}"):
        read(path, OTHER_ACCOUNT)
    with (
        closing(AccountFile(path, OTHER_ACCOUNT)) as file,
        pytest.raises(BookMissingError),
        file.transaction(writes=False) as open_file,
    ):
        file.revision(open_file)


def truncated(path: Path) -> None:
    path.write_bytes(b"")


def halved(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def overwritten(path: Path) -> None:
    path.write_bytes(b"\x00" * path.stat().st_size)


def of_another_program(path: Path) -> None:
    path.unlink()
    execute(path, "CREATE TABLE accounts (a)")


def of_another_version(path: Path) -> None:
    execute(path, "PRAGMA user_version = 2")


def without_a_log(path: Path) -> None:
    execute(path, "PRAGMA journal_mode = DELETE")


def without_its_table(path: Path) -> None:
    execute(path, "DROP TABLE accounts")


def edited(path: Path) -> None:
    execute(path, "UPDATE accounts SET state = replace(state, '\"epoch\":0', '\"epoch\":1')")


def emptied(path: Path) -> None:
    execute(path, "UPDATE accounts SET state = '{}'")


@pytest.mark.parametrize(
    ("harm", "error"),
    [
        (truncated, BookForeignError),
        (halved, BookDamagedError),
        (overwritten, BookDamagedError),
        (of_another_program, BookForeignError),
        (of_another_version, BookForeignError),
        (without_a_log, BookForeignError),
        (without_its_table, BookDamagedError),
        (edited, BookDamagedError),
        (emptied, BookDamagedError),
    ],
)
def test_a_file_that_is_not_what_was_written_is_refused_and_left_as_it_is(
    path: Path, harm: Callable[[Path], None], error: type[AccountsError]
) -> None:
    harm(path)
    before = path.read_bytes()

    with pytest.raises(error):
        read(path)
    with pytest.raises(error):
        halt(path)
    with pytest.raises(AccountsError):
        create(path, ACCOUNT)
    assert path.read_bytes() == before


def test_a_state_that_is_signed_and_makes_no_sense_is_refused(path: Path) -> None:
    """What another version has written, and signed, as it sees fit."""
    with closing(AccountFile(path, ACCOUNT)) as file, file.transaction() as open_file:
        file.keep(open_file, AccountState(OTHER_ACCOUNT))

    with pytest.raises(BookDamagedError, match=f"is that of {OTHER_ACCOUNT}"):
        read(path)


def test_a_trade_that_is_not_what_was_written_is_refused(path: Path) -> None:
    with closing(AccountFile(path, ACCOUNT)) as file:
        with file.transaction() as open_file:
            file.keep_record(open_file, TradeRecord(TRADE, "a plan"))
        execute(path, "UPDATE trades SET record = replace(record, 'a plan', 'b plan')")
        with (
            pytest.raises(BookDamagedError, match=f"the trade {TRADE} is not what was written"),
            file.transaction() as open_file,
        ):
            file.record(open_file, TRADE)


@pytest.mark.parametrize("writes", [True, False])
def test_a_file_that_vanishes_under_us_is_refused_until_it_is_back(
    path: Path, writes: bool
) -> None:
    aside = path.with_name("aside.db")
    with closing(AccountFile(path, ACCOUNT)) as file:
        with file.transaction() as open_file:
            file.state(open_file)
        path.rename(aside)
        for _ in range(2):
            with pytest.raises(BookMissingError), file.transaction(writes=writes):
                pytest.fail("it is gone")
        assert not path.exists()

        aside.rename(path)
        with file.transaction(writes=writes) as open_file:
            assert file.state(open_file) == AccountState(ACCOUNT)


def test_a_file_that_was_put_in_the_place_of_ours_is_not_taken_for_it(path: Path) -> None:
    with closing(AccountFile(path, ACCOUNT)) as file:
        with file.transaction() as open_file:
            file.state(open_file)
        other = path.with_name("other.db")
        create(other, ACCOUNT)
        os.replace(other, path)

        with (
            pytest.raises(BookMissingError, match="another file than the one that was opened"),
            file.transaction(),
        ):
            pytest.fail("it is another one")


def test_a_file_that_is_held_by_another_is_waited_for_and_then_told(path: Path) -> None:
    with closing(AccountFile(path, ACCOUNT)) as holder, holder.transaction():
        with pytest.raises(BookBusyError, match=r"for 0\.05 s"):
            halt(path)
        assert read(path) == AccountState(ACCOUNT)


def swell(file: AccountFile, pages: int) -> None:
    with file.transaction() as open_file:
        open_file.execute(f"PRAGMA max_page_count = {pages}")
        file.keep_record(open_file, TradeRecord(TRADE, "x" * 100_000))


def ask_nonsense(file: AccountFile) -> None:
    with file.transaction() as open_file:
        file.keep_record(open_file, TradeRecord(TRADE, "another plan"))
        open_file.execute("SELECT * FROM nowhere")


def fail_halfway(file: AccountFile) -> None:
    with file.transaction() as open_file:
        file.keep_record(open_file, TradeRecord(TRADE, "a plan"))
        raise ZeroDivisionError


def test_a_disk_that_is_full_is_told_and_nothing_has_changed(path: Path) -> None:
    with closing(AccountFile(path, ACCOUNT)) as file:
        with file.transaction() as open_file:
            pages = open_file.execute("PRAGMA page_count").fetchone()[0]
        with pytest.raises(DiskError, match="full"):
            swell(file, pages)

        with file.transaction() as open_file:
            assert file.record(open_file, TRADE) is None


def test_what_fails_in_the_middle_leaves_nothing_behind(path: Path) -> None:
    with closing(AccountFile(path, ACCOUNT)) as file:
        with pytest.raises(ZeroDivisionError):
            fail_halfway(file)

        with file.transaction() as open_file:
            assert file.record(open_file, TRADE) is None


def test_a_statement_that_fails_is_told_and_the_next_change_is_made(path: Path) -> None:
    with closing(AccountFile(path, ACCOUNT)) as file:
        with pytest.raises(BookDamagedError, match="no such table"):
            ask_nonsense(file)

        with file.transaction() as open_file:
            assert file.record(open_file, TRADE) is None
            file.keep_record(open_file, TradeRecord(TRADE, "a plan"))


def test_every_commit_is_on_the_disk_before_it_is_told(path: Path) -> None:
    with closing(AccountFile(path, ACCOUNT)) as file, file.transaction() as open_file:
        marks = [
            open_file.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous")
        ]

    assert marks == ["wal", 2]


def test_the_mark_of_a_file_is_another_one_after_a_write_and_the_same_after_a_look(
    path: Path,
) -> None:
    with closing(AccountFile(path, ACCOUNT)) as file, closing(AccountFile(path, ACCOUNT)) as other:
        with file.transaction() as open_file:
            file.keep(open_file, AccountState(ACCOUNT))
        before = other.mark()
        with file.transaction(writes=False) as open_file:
            file.state(open_file)
        assert other.mark() == before
        with file.transaction() as open_file:
            file.keep(open_file, AccountState(ACCOUNT))
        assert other.mark() != before


def test_a_file_that_is_gone_has_a_mark_of_its_own(path: Path) -> None:
    with closing(AccountFile(path, ACCOUNT)) as file:
        before = file.mark()
        path.unlink()
        assert file.mark() != before


def test_only_changes_of_the_account_raise_its_revision(path: Path) -> None:
    with closing(AccountFile(path, ACCOUNT)) as file, file.transaction() as open_file:
        before = file.revision(open_file)
        file.keep_record(open_file, TradeRecord(TRADE, "a plan"))
        assert file.revision(open_file) == before
        file.keep(open_file, AccountState(ACCOUNT))
        assert file.revision(open_file) == before + 1
