"""System against broker: when nothing may be concluded."""

import pytest

from backstay.domain.positions.answers import ExecutionsAnswer, PositionsAnswer
from backstay.domain.positions.differences import compare
from backstay.domain.positions.findings import CannotTell
from backstay.domain.positions.gaps import Undecided
from tests.domain.positions.booked import OPTION, STOCK, executed, minute
from tests.domain.positions.compared import ASKED, DAY, LONG, TOLERANCE, compared, known


@pytest.mark.req("L3")
@pytest.mark.parametrize(
    ("positions_complete", "executions_complete", "reason"),
    [
        (False, True, "the broker's positions are not complete"),
        (True, False, "the broker's executions are not complete"),
        (False, False, "the broker's positions are not complete"),
    ],
)
def test_nothing_is_concluded_from_half_an_answer(
    positions_complete: bool, executions_complete: bool, reason: str
) -> None:
    positions = PositionsAnswer(ASKED, positions_complete, ())
    executions = ExecutionsAnswer(minute(0), executions_complete, ())
    assert compare((known(LONG),), positions, executions, DAY, TOLERANCE) == CannotTell(reason)


@pytest.mark.req("L3", "S4.2")
def test_nothing_is_concluded_while_an_execution_is_not_booked() -> None:
    positions = PositionsAnswer(ASKED, complete=True, positions=())
    executions = ExecutionsAnswer(minute(0), complete=True, exec_ids=("e001.01", "e001.02"))
    assert compare((known(LONG),), positions, executions, DAY, TOLERANCE) == CannotTell(
        "the broker tells of execution e001.02, which is not booked"
    )


@pytest.mark.req("L3")
def test_a_contract_that_is_trading_is_left_for_the_next_time() -> None:
    moving = known(LONG, executed("-100", "12", 60))
    result = compared(moving, broker={STOCK: "100", OPTION: "3"})
    assert result.undecided == (Undecided(STOCK, "it traded"),)
    assert [one.con_id for one in result.differences] == [OPTION]
    assert not result.agrees


def test_one_undecided_contract_is_no_agreement() -> None:
    result = compared(known(executed("100", "10", 60)), broker={STOCK: "100"})
    assert result.differences == ()
    assert not result.agrees
