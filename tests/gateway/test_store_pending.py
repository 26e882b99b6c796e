"""What the store keeps for the audit."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from backstay.gateway.audit_file import Pending
from backstay.gateway.exchange.state import ExchangeState
from backstay.gateway.store import Store
from tests.gateway.test_store import House, held, shuffled

PENDING = Pending(Path("/of/b\udcffytes"), 7, b"}\xc3\xbc\n", b'{"a":1}\n')


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.state"


@pytest.fixture
def house(path: Path) -> Iterator[House]:
    made = House(path)
    yield made
    made.store.close()


def test_what_the_audit_is_to_hear_of_a_turn_is_saved_with_it(house: House) -> None:
    assert house.store.pending() is None
    house.hold(held(1001))
    assert house.store.save(PENDING)
    house.store.close()
    with closing(Store.open(house.store.path)) as store:
        assert store.pending() == PENDING


def test_a_turn_that_was_not_saved_has_nothing_for_the_audit(house: House) -> None:
    house.store.save(PENDING)
    house.hold(held(1001))
    house.exchange.counters["half a \ud800 letter"] = 1
    with pytest.raises(ValueError, match="surrogates not allowed"):
        house.store.save(replace(PENDING, size=99))
    assert house.store.pending() == PENDING


def test_only_the_last_is_kept_and_a_turn_without_lines_or_without_change_leaves_it(
    house: House,
) -> None:
    house.store.save(PENDING)
    house.hold(held(1001))
    assert house.store.save()
    assert house.store.pending() == PENDING
    last = replace(PENDING, size=99)
    assert not house.store.save(last)
    assert house.store.pending() == PENDING
    house.hold(held(1002))
    assert house.store.save(last)
    assert house.store.pending() == last


def test_a_file_of_before_there_was_an_audit_in_it_goes_on(house: House) -> None:
    house.hold(held(1001))
    house.save()
    house.store.close()
    with closing(sqlite3.connect(house.store.path)) as connection:
        connection.execute("DROP TABLE pending")
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    again = House(house.store.path)
    assert again.exchange.restored == ExchangeState(orders=(house.exchange.orders[1001],))
    assert again.store.pending() is None
    again.hold(held(1002))
    assert again.store.save(PENDING)
    assert again.store.pending() == PENDING
    again.store.close()


def test_a_damaged_file_of_before_is_left_as_it_is(path: Path) -> None:
    shuffled(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE pending")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="is damaged"):
        Store.open(path)
    assert path.read_bytes() == before
