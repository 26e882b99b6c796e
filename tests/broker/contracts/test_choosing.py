"""Which contract is meant, and that nothing is guessed."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from backstay.broker.contracts.choosing import choose
from backstay.broker.translation.contracts import Listing
from backstay.domain.edge.contracts import InstrumentQuery, Unresolvable
from tests.broker.contracts.listings import CALL, OPTION, OPTION_QUERY, QUERY, STOCK

ABROAD = replace(STOCK, con_id=9, primary_exchange="TSE")
WEEKLY = replace(OPTION, con_id=8, trading_class="ABCW")
TWIN = replace(OPTION, con_id=7, local_symbol="twin")


@pytest.mark.parametrize(
    "other",
    [
        replace(STOCK, con_id=9, currency="CAD"),
        replace(STOCK, con_id=9, symbol="ABCD"),
        replace(STOCK, con_id=9, type="IND"),
        replace(STOCK, con_id=9, option=CALL),
    ],
)
def test_what_was_not_asked_for_is_left_out(other: Listing) -> None:
    assert choose(QUERY, (other, STOCK)) == STOCK
    assert choose(QUERY, (other,)) is None
    assert choose(QUERY, ()) is None


@pytest.mark.parametrize(
    ("query", "listings", "con_id"),
    [
        (OPTION_QUERY, (OPTION,), 2),
        (replace(OPTION_QUERY, option=replace(CALL, strike=Decimal("185.0"))), (OPTION,), 2),
        (replace(QUERY, primary_exchange="NYSE"), (STOCK, ABROAD), 1),
        (replace(QUERY, primary_exchange="TSE"), (STOCK, ABROAD), 9),
        (replace(OPTION_QUERY, trading_class="ABCW"), (OPTION, WEEKLY), 8),
        (replace(OPTION_QUERY, con_id=8), (OPTION, WEEKLY), 8),
    ],
)
def test_what_is_said_tells_contracts_apart(
    query: InstrumentQuery, listings: Sequence[Listing], con_id: int
) -> None:
    chosen = choose(query, listings)
    assert isinstance(chosen, Listing)
    assert chosen.con_id == con_id


@pytest.mark.parametrize(
    ("query", "listings", "answer"),
    [
        (
            QUERY,
            (STOCK, ABROAD),
            Unresolvable(
                "primary_exchange",
                "ABC",
                ("NYSE", "TSE"),
                "ABC means 2 contracts; give its primary_exchange: NYSE or TSE",
            ),
        ),
        (
            OPTION_QUERY,
            (OPTION, WEEKLY),
            Unresolvable(
                "trading_class",
                "ABC",
                ("ABC", "ABCW"),
                "ABC means 2 contracts; give its trading_class: ABC or ABCW",
            ),
        ),
        (
            OPTION_QUERY,
            (replace(OPTION, local_symbol=""), TWIN),
            Unresolvable(
                "trading_class",
                "ABC",
                ("ABC (2)", "ABC (twin)"),
                "ABC means 2 contracts; give its trading_class: ABC (2) or ABC (twin)",
            ),
        ),
        (
            replace(OPTION_QUERY, trading_class="XYZ"),
            (OPTION, WEEKLY),
            Unresolvable(
                "trading_class",
                "XYZ",
                ("ABC", "ABCW"),
                "XYZ is not the trading_class of ABC; there is ABC or ABCW",
            ),
        ),
    ],
)
def test_what_is_ambiguous_is_refused_with_the_candidates(
    query: InstrumentQuery, listings: Sequence[Listing], answer: Unresolvable
) -> None:
    assert choose(query, listings) == answer
