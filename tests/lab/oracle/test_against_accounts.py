"""What the gateway's own accounts and audit write is clean in the eyes of the oracle."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from backstay.gateway.account.accounts import Accounts
from backstay.gateway.agenda import Agenda
from backstay.gateway.audit import Audit
from backstay.gateway.events import Executed
from backstay.gateway.settings import AccountSettings, Settings
from backstay.gateway.values.contract import Contract
from backstay.gateway.values.execution import Execution
from backstay.lab.oracle.oracle import Oracle
from tests.gateway.account.stage import AAPL, ACCOUNT, MSFT, NOON_NS, Board, fill, option

CALL = option(10, "C", 190)
DAY_NS = 86_400_000_000_000
FATES = ("keep", "reprice", "resize", "bust", "bust tomorrow", "reprice tomorrow")


def version(execution: Execution, number: int) -> Execution:
    return replace(execution, exec_id=f"{execution.exec_id[:-2]}{number:02}")


def changed(execution: Execution, fate: str) -> Execution | None:
    new = version(execution, 2)
    if fate.startswith("reprice"):
        return replace(new, price=new.price + 1, average_price=new.price + 1)
    if fate == "resize":
        return replace(new, shares=new.shares + 5, cum_quantity=new.shares + 5)
    return None


@given(
    st.lists(
        st.tuples(
            st.sampled_from([AAPL, MSFT, CALL]),
            st.integers(-300, 300).filter(bool),
            st.decimals("0.01", "500", places=2),
            st.sampled_from(FATES),
        ),
        max_size=12,
    )
)
def test_every_story_of_fills_corrections_and_busts_is_clean(
    story: list[tuple[Contract, int, Decimal, str]],
) -> None:
    oracle, agenda = Oracle(), Agenda(NOON_NS)
    audit = Audit(oracle.read, agenda)
    settings = Settings(accounts=(AccountSettings(ACCOUNT),))
    accounts = Accounts(agenda, Board(AAPL, MSFT, CALL), settings, audit.on_event)
    accounts.announce()
    for number, (contract, quantity, price, fate) in enumerate(story, start=1):
        old = fill(str(quantity), str(price), number)
        audit.on_event(Executed(contract, old))
        accounts.book(contract, old)
        audit.flush()
        assert oracle.verdict() == ()
        if fate == "keep":
            continue
        if fate.endswith("tomorrow"):
            agenda.advance(agenda.now_ns + DAY_NS)
        new = changed(old, fate)
        told = new or replace(version(old, 2), shares=Decimal(0))
        audit.on_event(Executed(contract, told, replaces=old.exec_id))
        accounts.correct(contract, old, new)
        audit.flush()
        assert oracle.verdict() == ()
    accounts.announce()
    audit.flush()
    assert oracle.verdict() == ()
