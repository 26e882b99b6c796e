"""What of the accounts survives the process."""

from dataclasses import replace

from pydantic import TypeAdapter

from backstay.gateway.account.accounts import Accounts
from backstay.gateway.account.state import AccountRow, AccountsState
from backstay.gateway.settings import AccountSettings, Settings
from tests.gateway.account.stage import AAPL, ACCOUNT, MSFT, OTHER, Stage, fill

DAY_NS = 86_400_000_000_000
ADAPTER = TypeAdapter(AccountsState)


def busy() -> Stage:
    stage = Stage()
    stage.board.show(AAPL, "200")
    stage.trade(AAPL, "100", "190")
    stage.accounts.book(MSFT, fill("3", "100", 8, OTHER))
    stage.agenda.advance(stage.agenda.now_ns + DAY_NS)
    old = stage.trade(AAPL, "-40", "201")
    stage.accounts.correct(AAPL, old, fill("-40", "202", 99))
    stage.trade(MSFT, "5", "400")
    stage.trade(MSFT, "-5", "401")
    return stage


def everything(accounts: Accounts) -> object:
    return [
        (
            accounts.portfolio(name),
            accounts.values(name),
            accounts.pnl(name),
            accounts.positions(name),
            accounts.cash(name, "USD"),
        )
        for name in accounts.names
    ]


def test_accounts_that_are_restored_answer_as_before() -> None:
    stage = busy()
    state = ADAPTER.validate_json(ADAPTER.dump_json(stage.accounts.state()))
    assert state == stage.accounts.state()
    again = stage.begin()
    again.restore(state)
    assert everything(again) == everything(stage.accounts)
    assert again.state() == state


def test_restored_accounts_go_on_alike() -> None:
    stage = busy()
    again = stage.begin()
    again.restore(stage.accounts.state())
    for accounts in (stage.accounts, again):
        accounts.book(AAPL, fill("-60", "203", 100))
        accounts.correct(AAPL, fill("-40", "202", 99), None)
    assert again.state() == stage.accounts.state()


def test_a_midnight_that_was_slept_through_is_made_up_for() -> None:
    stage = busy()
    state = stage.accounts.state()
    stage.agenda.advance(stage.agenda.now_ns + DAY_NS)
    later = stage.begin()
    later.restore(state)
    assert later.pnl(ACCOUNT).daily == 0
    assert later.state().trades == ()
    assert later.state() == stage.accounts.state()


def test_an_account_that_is_new_in_the_settings_begins_with_its_cash() -> None:
    stage = busy()
    accounts = (*stage.settings.accounts, AccountSettings("DU3"))
    stage.settings = Settings(accounts=accounts)
    again = stage.begin()
    again.restore(stage.accounts.state())
    assert again.cash("DU3", "USD") == 1_000_000
    assert again.cash(ACCOUNT, "USD") == stage.accounts.cash(ACCOUNT, "USD")


def test_an_account_that_the_settings_do_not_name_any_more_is_left_out() -> None:
    stage = busy()
    stage.settings = replace(stage.settings, accounts=stage.settings.accounts[:1])
    again = stage.begin()
    again.restore(stage.accounts.state())
    assert again.names == (ACCOUNT,)


def test_the_changes_of_each_turn_add_up_to_the_state() -> None:
    stage = Stage()
    stage.board.show(AAPL, "200")
    rows: dict[tuple[str, str], object] = {}

    def turn() -> int:
        changes = stage.accounts.changes()
        for change in changes:
            if change.now is None:
                del rows[change.kind, change.row]
            else:
                rows[change.kind, change.row] = change.now
        state = stage.accounts.state()
        whole: list[AccountRow] = [*state.cash, *state.holdings, *state.trades]
        assert {(row.kind, row.row): row for row in whole} | {
            ("day", "day"): rows["day", "day"]
        } == rows
        return len(changes)

    assert turn() == 3
    old = stage.trade(AAPL, "10", "190")
    assert turn() == 3  # the position's beginning, the trade, the cash
    stage.trade(AAPL, "10", "191")
    assert turn() == 2
    stage.accounts.correct(AAPL, old, None)
    assert turn() == 2
    assert turn() == 0
    stage.trade(MSFT, "10", "191")
    stage.trade(MSFT, "-10", "191")
    turn()
    stage.agenda.advance(stage.agenda.now_ns + DAY_NS)
    turn()
    assert stage.accounts.state().trades == ()
