"""What a house stands on: the settings, the data folder, the book of the account, the limits.

Each look is one function that reads, and one that judges what was read.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backstay.accounts.errors import AccountsError, BookMissingError
from backstay.accounts.file import AccountFile
from backstay.accounts.state import AccountState
from backstay.domain.figures import plain
from backstay.domain.limits.facts import AccountKind
from backstay.domain.limits.kill import KillMode
from backstay.domain.limits.settings import LimitSettings, TradingMode
from workers.config import Settings
from workers.examining.findings import Area, Finding, Stake, failed, noted, passed
from workers.supervising.folder import DataFolder

FREE_BYTES_MIN = 500_000_000
"""What is written down before it is sent needs room, and so does the engine's file."""

_BYTES_A_GB = 1_000_000_000
_KILLED = {
    KillMode.FREEZE: "frozen: nothing that opens a position is approved",
    KillMode.FLATTEN: "flattened: everything is closed, and nothing new is approved",
}


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in the settings, where, and what is wrong with them.

    Without a file and without a complaint nobody has written any.
    """

    file: Path | None
    settings: Settings | None = None
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """How the data folder stands; `kind` says what lies there, if it is no folder."""

    path: Path
    is_there: bool
    is_folder: bool
    is_writable: bool
    free_bytes: int
    has_engine: bool


@dataclass(frozen=True, slots=True)
class BookFacts:
    """The account as its book has it, or why it can't be read."""

    path: Path
    state: AccountState | None
    trouble: str = ""
    is_missing: bool = False


def stake_of(settings: Settings) -> Stake:
    """Whose money it is."""
    limits = settings.bounds
    if limits is None:
        return Stake(settings.account, settings.kind, TradingMode.DISABLED, is_armed=False)
    return Stake(settings.account, settings.kind, limits.trading, limits.live_armed)


def judge_settings(written: Written) -> Iterator[Finding]:
    """Whether there are settings, and whether they can be used."""
    if written.settings is not None:
        found = f"{written.file}" if written.file is not None else "the environment alone"
        yield passed(Area.SETTINGS, "file", f"{found}: every key is known, every value fits")
        return
    for complaint in written.complaints:
        yield failed(Area.SETTINGS, "file", complaint, "Mend it; examples/backstay.toml has them.")
    if not written.complaints:
        yield noted(
            Area.SETTINGS,
            "file",
            "there are no settings: no --config, no BACKSTAY_CONFIG, and no backstay.toml here",
            "`backstay up` writes one to begin with, for a paper account.",
        )


def look_at_folder(path: Path) -> FolderFacts:
    """How the data folder stands."""
    folder, is_there = DataFolder(path), path.exists()
    above = next(each for each in (path, *path.parents) if each.is_dir())
    return FolderFacts(
        path=path,
        is_there=is_there,
        is_folder=path.is_dir(),
        is_writable=os.access(path, os.W_OK | os.X_OK),
        free_bytes=shutil.disk_usage(above).free,
        has_engine=folder.engine.exists(),
    )


def judge_folder(facts: FolderFacts) -> Iterator[Finding]:
    """Whether everything can be written down."""
    if not facts.is_there:
        found = f"{facts.path}: there is no such folder"
        yield failed(
            Area.FOLDER, "there", found, "`backstay up` makes it, or `backstay account create`."
        )
    elif not facts.is_folder:
        found = f"{facts.path} is no folder"
        yield failed(Area.FOLDER, "there", found, "Name another one as `data` in the settings.")
    elif not facts.is_writable:
        found = f"{facts.path} can't be written to"
        yield failed(Area.FOLDER, "writable", found, "Give this user the right to write there.")
    else:
        yield passed(Area.FOLDER, "writable", f"{facts.path}")
    free = f"{facts.free_bytes / _BYTES_A_GB:.1f} GB free"
    if facts.free_bytes < FREE_BYTES_MIN:
        remedy = "Make room: what can't be written down is not sent."
        yield failed(Area.FOLDER, "room", free, remedy)
    else:
        yield passed(Area.FOLDER, "room", free)


def look_at_book(path: Path, account: str) -> BookFacts:
    """The account as its book has it."""
    file = AccountFile(path, account)
    try:
        with file.transaction(writes=False) as connection:
            return BookFacts(path, file.state(connection))
    except BookMissingError as error:
        return BookFacts(path, None, str(error), is_missing=True)
    except AccountsError as error:
        return BookFacts(path, None, str(error))
    finally:
        file.close()


def judge_book(facts: BookFacts, account: str, *, has_engine: bool) -> Iterator[Finding]:
    """Whether the book can be read, and whether it lets anything be opened.

    One that is missing beside the engine's file is a loss: the trades of that engine stood in it.
    """
    state = facts.state
    if state is None:
        if not facts.is_missing:
            remedy = "Bring the book back from its last copy; an empty one would forget the account"
            yield failed(Area.BOOK, "there", facts.trouble, f"{remedy}.")
        elif has_engine:
            remedy = (
                "Bring the book back, or name the account that it is of in the settings: beside an"
                " engine that has run, an empty one forgets all."
            )
            yield failed(Area.BOOK, "there", facts.trouble, remedy)
        else:
            remedy = "`backstay up` makes it, or `backstay account create`."
            yield failed(Area.BOOK, "there", facts.trouble, remedy)
        return
    open_trades = state.book.open_trades
    trades = "1 open trade" if open_trades == 1 else f"{open_trades} open trades"
    yield passed(Area.BOOK, "there", f"{facts.path} is the book of {account}, with {trades}")
    mode = state.kill.mode
    if mode is None:
        yield passed(Area.BOOK, "kill", "clear")
    else:
        why = f" ({state.turns[-1].reason})" if state.turns else ""
        remedy = (
            "Look at what is held. No command ends a kill yet: an account that holds nothing can"
            " begin anew, with another folder as `data` in the settings."
        )
        yield failed(Area.BOOK, "kill", f"{_KILLED[mode]}{why}", remedy)
    halts = [
        each.reason + (f" in {each.symbol}" if each.symbol else "") for each in state.book.halts
    ]
    if halts:
        remedy = "Entries wait until that ends; `backstay account show` has the notices."
        yield failed(Area.BOOK, "halts", "; ".join(halts), remedy)
    else:
        yield passed(Area.BOOK, "halts", "none")


def judge_limits(settings: Settings, file: Path | None) -> Iterator[Finding]:
    """Whether anything may be opened, and whether it is real money."""
    limits, where = settings.bounds, file or "the settings"
    if limits is None:
        yield failed(
            Area.LIMITS,
            "bounds",
            "there are none: everything that opens a position is refused",
            f"Write [limits] into {where}: base_currency, exposure_max, share_position_max, and"
            ' trading = "paper".',
        )
        return
    yield passed(Area.LIMITS, "bounds", _bounds(limits))
    yield _judge_trading(settings, limits, where)


def _bounds(limits: LimitSettings) -> str:
    money = limits.base_currency
    return (
        f"at most {plain(limits.exposure_max)} {money} at stake,"
        f" {plain(limits.order_value_max)} {money} an order,"
        f" {plain(limits.share_position_max)} shares of a kind,"
        f" {limits.entries_per_day_max} entries a day"
    )


def _judge_trading(settings: Settings, limits: LimitSettings, where: Path | str) -> Finding:
    mode, kind = limits.trading, settings.kind
    if mode is TradingMode.DISABLED:
        found = "DISABLED: everything that opens a position is refused"
        return failed(
            Area.LIMITS, "trading", found, f'Set trading = "{kind}" under [limits] in {where}.'
        )
    if mode is TradingMode.PAPER and kind is AccountKind.LIVE:
        found = "paper, and the account is live: everything that opens a position is refused"
        remedy = 'Set kind = "paper", or trading = "live" and live_armed if real money is meant.'
        return failed(Area.LIMITS, "trading", found, remedy)
    if mode is TradingMode.PAPER:
        return passed(Area.LIMITS, "trading", "paper: nothing here is real money")
    if not limits.live_armed:
        found = "live, NOT ARMED: everything that opens a position is refused"
        remedy = f'Write live_armed = "{settings.account}" there, if real money is meant.'
        return failed(Area.LIMITS, "trading", found, remedy)
    found = f"LIVE AND ARMED: orders of {settings.account} are real money"
    return noted(Area.LIMITS, "trading", found)
