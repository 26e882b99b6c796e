"""`backstay account`: a book is made once and on purpose, and shown as it stands."""

import asyncio
import json
from pathlib import Path

import pytest

from backstay.accounts.notices import Note
from backstay.accounts.store import AccountStore
from backstay.domain.ids import Purpose
from backstay.domain.incidents.kinds import IncidentKind
from backstay.domain.limits.kill import Halt, KillMode
from tests.accounts.cases import request, settlement, summary
from tests.cli.typed import Typed, typed
from tests.domain.limits.samples import ACCOUNT, NOW, OTHER_TRADE, SETTINGS, TRADE, key

TOML = f"""
account = "{ACCOUNT}"
[limits]
base_currency = "USD"
exposure_max = 50000
share_position_max = 500
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A file of settings in a folder where nothing else is."""
    file = tmp_path / "backstay.toml"
    file.write_text(TOML)
    return file


def account(command: str, config: Path, *words: str) -> Typed:
    return typed("account", command, "--config", str(config), *words)


def book_of(config: Path) -> Path:
    return config.parent / "data" / "accounts.sqlite"


def lived(config: Path) -> None:
    """An account with a trade that has filled in part, one that was left, and a kill."""

    async def story() -> None:
        store = AccountStore(book_of(config), ACCOUNT)
        gone = summary(key(trade=OTHER_TRADE), 7)
        await store.settle(settlement(gone, trade=OTHER_TRADE, left_over=7))
        await store.admit(request(TRADE), SETTINGS)
        await store.settle(settlement(summary(key(), 40, is_settled=False), left_over=40))
        await store.halt(Halt("earnings", "AAPL"))
        for number in range(3):
            text = f"the {number}th"
            await store.note(Note(IncidentKind.ORDER_SURVIVES, "AAPL", text, NOW, str(number)))
        await store.kill(KillMode.FREEZE, "it looks wrong", "Ada", NOW)
        await store.close()

    asyncio.run(story())


def test_a_book_is_made_in_a_folder_of_its_own_and_is_empty(config: Path) -> None:
    made = account("create", config)
    assert made == Typed(f"{book_of(config)} holds an empty book of {ACCOUNT}\n", "", 0)
    shown = account("show", config)
    assert (shown.exit_code, shown.err) == (0, "")
    assert shown.lines == [
        f"{ACCOUNT}: {book_of(config)}",
        "",
        "  kill       clear",
        "  halts      none",
        "  exposure   0 of 50000 USD, held and in flight",
        "  margin     0 USD in flight",
        "  open       0 trades of 100",
        "  notices    none",
    ]


def test_a_book_that_is_there_stays_as_it_is(config: Path) -> None:
    account("create", config)
    lived(config)
    before = account("show", config, "--json").out
    again = account("create", config)
    assert again == Typed("", f"{book_of(config)} holds a book of {ACCOUNT} already\n", 1)
    assert account("show", config, "--json").out == before


def test_a_file_that_is_no_book_is_never_written_over(config: Path) -> None:
    book_of(config).parent.mkdir()
    book_of(config).write_text("my letters")
    refused = account("create", config)
    assert (refused.out, refused.exit_code) == ("", 3)
    assert refused.err == f"{book_of(config)}: file is not a database\n"
    assert book_of(config).read_text() == "my letters"


def test_a_folder_is_made_only_where_its_own_folder_is(config: Path) -> None:
    refused = typed("account", "create", "--config", str(config), BACKSTAY_DATA="/nowhere/data")
    assert refused == Typed("", "/nowhere/data: there is no folder /nowhere to make it in\n", 3)
    in_the_way = config.parent / "data"
    in_the_way.write_text("")
    assert account("create", config) == Typed("", f"{in_the_way}: File exists\n", 3)


@pytest.mark.parametrize("command", ["create", "show"])
def test_settings_that_are_wrong_are_told_line_by_line(command: str, config: Path) -> None:
    config.write_text('acount = "DU1"\n')
    refused = account(command, config)
    assert (refused.out, refused.exit_code) == ("", 2)
    assert [line.removeprefix(f"{config}: ")[:8] for line in refused.err.splitlines()] == [
        "account:",
        "acount: ",
    ]


def test_where_there_is_no_book_it_is_said_how_to_make_one(config: Path) -> None:
    missing = account("show", config)
    assert missing.exit_code == 3
    assert missing.err == (
        f"{book_of(config)} does not exist; a book is made on purpose, or brought back;"
        " to make it: backstay account create\n"
    )
    account("create", config)
    config.write_text(TOML.replace(ACCOUNT, "DU7"))
    other = account("show", config)
    assert other.exit_code == 3
    assert other.err == (
        f"{book_of(config)} holds no book of DU7; to make it: backstay account create\n"
    )


def test_a_page_says_first_whether_anything_may_be_opened(config: Path) -> None:
    account("create", config)
    lived(config)
    shown = account("show", config, "--notices", "2")
    assert shown.lines == [
        f"{ACCOUNT}: {book_of(config)}",
        "",
        f"  kill       freeze, by Ada on {NOW:%Y-%m-%d %H:%M} UTC: it looks wrong",
        "  halts      earnings (AAPL)",
        "  exposure   10700 of 50000 USD, held and in flight",
        "  margin     2500 USD in flight",
        "  open       1 trade of 100",
        f"  trades     {TRADE} plan-{TRADE}: 0:EN:1 buy 100, 40 filled",
        "  foreign    7 of the contract 265598",
        "",
        f"  p1  {NOW:%Y-%m-%d %H:%M:%S} UTC  order survives, AAPL: the 2th",
        f"  p2  {NOW:%Y-%m-%d %H:%M:%S} UTC  killed, {ACCOUNT}: freeze by Ada: it looks wrong",
    ]


def test_a_document_says_the_same(config: Path) -> None:
    account("create", config)
    lived(config)
    shown = json.loads(account("show", config, "--json").out)
    assert shown["kill"] == {"epoch": 1, "mode": "freeze"}
    assert shown["last_turn"]["by"] == "Ada"
    assert shown["halts"] == [{"reason": "earnings", "symbol": "AAPL"}]
    ((order,),) = [trade["orders"] for trade in shown["trades"]]
    assert order["key"]["purpose"] == Purpose.ENTRY.value
    assert (order["quantity"], order["filled"], order["ended"]) == ("100", "40", False)
    texts = [kept["note"]["text"] for kept in shown["notices"]]
    assert texts == ["the 0th", "the 1th", "the 2th", "freeze by Ada: it looks wrong"]


def test_without_limits_the_page_says_what_that_means(config: Path) -> None:
    config.write_text(f'account = "{ACCOUNT}"\n')
    account("create", config)
    lines = account("show", config).lines
    assert "  limits     none: everything that opens a position is refused" in lines
    assert "  exposure   0, held and in flight" in lines


def test_a_book_that_was_tampered_with_is_one_line(config: Path) -> None:
    account("create", config)
    book_of(config).write_bytes(book_of(config).read_bytes()[:200])
    refused = account("show", config)
    assert (refused.out, refused.exit_code) == ("", 3)
    assert len(refused.err.splitlines()) == 1
