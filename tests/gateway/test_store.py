"""The file that survives the process."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from backstay.gateway.account.accounts import Accounts
from backstay.gateway.agenda import Agenda
from backstay.gateway.events import (
    Executed,
    ExecutionForgotten,
    OrderChanged,
    OrderForgotten,
    OrderNoted,
)
from backstay.gateway.exchange.state import (
    ExchangeState,
    ExecutionState,
    OrderState,
    SequenceState,
)
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.store import SCHEMA, Saved, Store
from backstay.gateway.times import to_ns
from backstay.gateway.values.contract import TagValue
from backstay.gateway.values.held import HeldOrder
from backstay.gateway.values.order import Adjustment, Condition, Order
from backstay.gateway.values.state import Status
from tests.gateway.account.stage import AAPL, ACCOUNT, NOON_NS, Board, fill

ROOT = Path(__file__).parents[2]


def held(perm_id: int, status: Status = Status.SUBMITTED) -> HeldOrder:
    order = Order(
        perm_id=perm_id,
        order_id=perm_id - 1000,
        action="BUY",
        quantity=Decimal("100.50"),
        limit_price=Decimal("190.10"),
        order_ref="bs1:T7K2M9QX:0:EN:1",
        algo_params=(TagValue("a", "1"),),
        adjustment=Adjustment(trigger_price=Decimal(3)),
        conditions=(Condition(1, "a", ("x", "y")),),
        combo_leg_prices=(None, Decimal(1)),
    )
    return HeldOrder(AAPL, order, status, 5, 6, completed_ns=7)


class Floor:
    """An exchange that has what the tests put into it."""

    def __init__(self) -> None:
        self.orders: dict[int, OrderState] = {}
        self.counters: dict[str, int] = {}
        self.restored: ExchangeState | None = None

    def order_state(self, perm_id: int) -> OrderState | None:
        return self.orders.get(perm_id)

    def sequences(self) -> tuple[SequenceState, ...]:
        return tuple(SequenceState(name, value) for name, value in self.counters.items())

    def restore(self, state: ExchangeState) -> None:
        self.restored = state


class House:
    """Accounts, an exchange and a store that hear the same events."""

    def __init__(self, path: Path, *accounts: str) -> None:
        self.store = Store.open(path)
        names = accounts or (ACCOUNT,)
        settings = Settings(
            accounts=tuple(AccountSettings(name, Decimal(100_000)) for name in names)
        )
        self.accounts = Accounts(Agenda(NOON_NS), Board(AAPL), settings, self.store.on_event)
        self.exchange = Floor()
        self.store.begin(self.exchange, self.accounts)

    def hold(self, held: HeldOrder) -> OrderState:
        state = OrderState(held, date(2026, 11, 24))
        self.exchange.orders[held.perm_id] = state
        self.store.on_event(OrderChanged(held, reworded=True))
        return state

    def fill(self, number: int) -> ExecutionState:
        execution = fill("10", "190", number)
        self.store.on_event(Executed(AAPL, execution))
        return ExecutionState(AAPL, execution, self.accounts.book(AAPL, execution))

    def save(self, **counters: int) -> bool:
        self.exchange.counters.update(counters)
        return self.store.save()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.state"


@pytest.fixture
def house(path: Path) -> Iterator[House]:
    made = House(path)
    yield made
    made.store.close()


def reloaded(house: House) -> Saved:
    """What another process would find."""
    house.store.close()
    with closing(Store.open(house.store.path)) as store:
        saved = store.load()
    assert saved is not None
    return saved


def test_a_new_file_holds_nothing(house: House) -> None:
    assert house.store.load() is None


def test_what_was_saved_is_found_again_in_the_order_of_its_coming(house: House) -> None:
    house.hold(held(1009))
    second = house.hold(held(1002))
    fills = [house.fill(1), house.fill(2)]
    house.save(perm_id=1010, client_7=3)
    first = house.hold(held(1009, Status.FILLED))
    fills.append(house.fill(3))
    house.save(perm_id=1010, client_7=4)
    saved = reloaded(house)
    assert saved.exchange == ExchangeState(
        orders=(first, second),
        executions=tuple(fills),
        sequences=(SequenceState("perm_id", 1010), SequenceState("client_7", 4)),
    )
    assert saved.accounts == house.accounts.state()


def test_exchange_and_accounts_go_on_from_what_was_saved(house: House) -> None:
    house.hold(held(1001))
    house.fill(1)
    house.save(perm_id=1002)
    saved = reloaded(house)
    again = House(house.store.path)
    assert again.exchange.restored == saved.exchange
    assert again.accounts.state() == house.accounts.state()
    again.store.close()


def test_what_belongs_to_an_account_that_is_not_there_is_refused(path: Path) -> None:
    house = House(path, ACCOUNT, "DU2")
    house.save()
    house.store.close()
    complaint = rf"gateway\.state: belongs to {ACCOUNT} too, not only to DU2, DU3"
    with pytest.raises(ValueError, match=complaint):
        House(path, "DU2", "DU3")


def test_an_account_that_is_new_finds_what_belongs_to_the_others(house: House) -> None:
    house.fill(1)
    house.save()
    house.store.close()
    again = House(house.store.path, "DU2", ACCOUNT)
    assert [each.account for each in again.accounts.positions()] == [ACCOUNT]
    again.store.close()


def test_it_knows_the_last_moment_that_it_tells_of(house: House) -> None:
    assert house.store.latest_ns() is None
    house.save()
    midnight_ns = house.store.latest_ns()
    assert midnight_ns == to_ns(datetime(2026, 11, 24, 5, tzinfo=UTC))
    house.hold(replace(held(1001), accepted_ns=midnight_ns + 1, changed_ns=midnight_ns + 2))
    house.save()
    assert house.store.latest_ns() == midnight_ns + 2
    house.hold(replace(held(1002), completed_ns=midnight_ns + 3))
    house.save()
    assert house.store.latest_ns() == midnight_ns + 3
    filled = house.fill(1)
    house.save()
    assert house.store.latest_ns() == filled.execution.time_ns > midnight_ns + 3


def test_a_corrected_execution_stands_beside_the_old_one(house: House) -> None:
    booked = house.fill(1)
    new = fill("10", "189", 2)
    house.store.on_event(Executed(AAPL, new, replaces=booked.execution.exec_id))
    commission = house.accounts.correct(AAPL, booked.execution, new)
    house.save()
    saved = reloaded(house)
    assert saved.exchange.executions == (booked, ExecutionState(AAPL, new, commission))
    assert saved.accounts == house.accounts.state()


def test_what_is_forgotten_is_gone(house: House) -> None:
    house.hold(held(1001))
    gone, stays = house.fill(1), house.fill(2)
    house.save()
    del house.exchange.orders[1001]
    house.store.on_event(OrderForgotten(1001))
    house.store.on_event(ExecutionForgotten(gone.execution.exec_id))
    house.save()
    saved = reloaded(house)
    assert saved.exchange == ExchangeState(executions=(stays,))


def test_a_turn_that_changed_nothing_writes_nothing(house: House) -> None:
    assert house.save(perm_id=1)
    assert not house.save(perm_id=1)
    house.store.on_event(OrderNoted(7, 1, 399, "waits"))
    assert not house.save(perm_id=1)
    assert house.save(perm_id=2)


def test_loaded_sequences_are_not_written_again(house: House) -> None:
    house.save(perm_id=1)
    house.store.close()
    again = House(house.store.path)
    assert again.save()
    assert not again.save(perm_id=1)
    assert again.save(perm_id=2)
    again.store.close()


def test_what_is_not_saved_is_not_there(house: House) -> None:
    house.save()
    house.hold(held(1001))
    assert reloaded(house).exchange.orders == ()


def test_a_turn_is_saved_whole_or_not_at_all(house: House) -> None:
    house.save()
    house.hold(held(1001))
    house.exchange.counters["half a \ud800 letter"] = 1
    with pytest.raises(ValueError, match="surrogates not allowed"):
        house.save()
    assert reloaded(house).exchange.orders == ()


def test_saving_needs_a_beginning(path: Path) -> None:
    with closing(Store.open(path)) as store, pytest.raises(RuntimeError, match="before anything"):
        store.save()


def test_a_second_process_is_refused(house: House) -> None:
    house.save()
    with pytest.raises(ValueError, match="is in use by another process") as refused:
        Store.open(house.store.path)
    assert str(refused.value).startswith(f"{house.store.path}: ")


def test_a_file_that_was_let_go_can_be_opened_again(house: House) -> None:
    house.store.close()
    Store.open(house.store.path).close()


def corrupt(path: Path) -> None:
    Store.open(path).close()
    data = bytearray(path.read_bytes())
    data[100:] = b"\xff" * (len(data) - 100)
    path.write_bytes(data)


def shuffled(path: Path) -> None:
    """Another row in the index than in the table: no page is unreadable, and all is wrong."""
    house = House(path)
    house.save()
    house.store.close()
    data = path.read_bytes()
    at = data.rindex(b"cash")
    path.write_bytes(data[:at] + b"hope" + data[at + 4 :])


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")


def foreign_but_empty(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 7")


def newer(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda path: path.write_text("not a database, but long enough" * 50), "is no store"),
        (corrupt, "is no store, or a damaged one"),
        (shuffled, "is damaged (row"),
        (foreign, "is a database of another program"),
        (foreign_but_empty, "is a database of another program"),
        (newer, "was written by a later version (its schema is 2, known is 1)"),
        (lambda path: path.mkdir(), "unable to open database file"),
    ],
)
def test_a_file_that_is_no_store_is_refused_with_its_name(
    path: Path, spoil: object, complaint: str
) -> None:
    assert callable(spoil)
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ValueError, match=r"gateway\.state: ") as refused:
        Store.open(path)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)
    assert before == (path.read_bytes() if path.is_file() else None)


def test_a_file_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unable to open database file"):
        Store.open(tmp_path / "nowhere" / "gateway.state")


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        (
            "UPDATE rows SET json = '{}' WHERE kind = 'cash'",
            f"its cash {ACCOUNT}/USD can't be read",
        ),
        ("UPDATE rows SET kind = 'hope' WHERE kind = 'cash'", 'a row of the unknown kind "hope"'),
    ],
)
def test_a_row_that_can_not_be_read_is_named(house: House, statement: str, complaint: str) -> None:
    house.save()
    house.store.close()
    with closing(sqlite3.connect(house.store.path)) as connection:
        connection.execute(statement)
        connection.commit()
    with closing(Store.open(house.store.path)) as store, pytest.raises(ValueError) as refused:  # noqa: PT011
        store.load()
    assert complaint in str(refused.value)


KILLED = """
import sys
from pathlib import Path
from tests.gateway.test_store import House
house = House(Path(sys.argv[1]))
for number in range(1, 1_000_000):
    house.fill(number)
    house.save(fills=number)
    print(number, flush=True)
"""


def test_what_was_told_survives_a_kill(path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    with process, process.stdout:
        told = 0
        for line in process.stdout:
            told = int(line)
            if told == 20:
                process.send_signal(signal.SIGKILL)
                break
        # What it managed to say before it died was told, too.
        told = max([told, *(int(rest) for rest in process.stdout if rest.endswith("\n"))])
    with closing(Store.open(path)) as store:
        saved = store.load()
    assert saved is not None
    (fills,) = saved.exchange.sequences
    assert fills.following in {told, told + 1}
    assert len(saved.exchange.executions) == len(saved.accounts.trades) == fills.following
    assert saved.accounts.cash[0].balance == 100_000 - fills.following * 1901
