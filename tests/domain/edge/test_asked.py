"""What was written down on another broker day is written down anew; on its own day it stands."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from backstay.domain.edge.asked import Asked
from tests.domain.edge.samples import NOW, ZONE

ASKED = Asked(NOW, Decimal(100))
MIDNIGHT = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)


def test_on_its_own_day_it_stands() -> None:
    last = MIDNIGHT - timedelta(microseconds=1)
    assert ASKED.on_the_day_of(last, Decimal(40), ZONE) is ASKED


def test_on_another_day_it_is_of_now_and_on_the_position_of_now() -> None:
    assert ASKED.on_the_day_of(MIDNIGHT, Decimal(40), ZONE) == Asked(MIDNIGHT, Decimal(40))
