"""Orders, prices and quantities as a person reads them.

Owns phrases and nothing else: no figure is worked out here, only written down.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from backstay.domain.figures import plain
from backstay.domain.ids import IntentKey
from backstay.domain.instruments import Instrument
from backstay.domain.orders.intent import OrderIntent
from backstay.domain.orders.reports import BrokerReport, ExecutionReported, StatusReported
from backstay.domain.orders.words import terms_text
from backstay.domain.plan.instrument import InstrumentQuery

_CENT = Decimal("0.01")
_HOUR = timedelta(hours=1)


def short(key: IntentKey) -> str:
    """A key without the version and the trade, where both are known: leg, purpose, generation."""
    return f"{key.leg}:{key.purpose.value}:{key.generation}"


def order_text(intent: OrderIntent) -> str:
    """An order in a few words."""
    name, terms = instrument_text(intent.instrument), terms_text(intent.terms)
    return f"{intent.side} {plain(intent.quantity)} {name} {terms}"


def report_text(report: BrokerReport) -> str:
    """What the broker says of an order, in a few words."""
    match report:
        case StatusReported(status=status, filled=filled):
            return f"{status}, {plain(filled)} filled" if filled else status
        case ExecutionReported(exec_id=exec_id, quantity=quantity, price=price):
            if not quantity:
                return f"fill {exec_id} is taken back"
            return f"fills {plain(quantity)} at {price}"
        case _:
            return report.kind


def instrument_text(instrument: Instrument) -> str:
    """A symbol, and of an option what tells it from others of one expiry."""
    option = instrument.option
    if option is None:
        return instrument.symbol
    return f"{instrument.symbol} {plain(option.strike)} {option.right}"


def query_text(query: InstrumentQuery) -> str:
    """What a plan asks for, as long as no broker has named it."""
    if query.strike is None:
        return query.symbol
    return f"{query.symbol} {query.expiry} {plain(query.strike)} {query.right}"


def instant_text(instant: datetime) -> str:
    """An instant to the minute, with the word that says whose clock it is."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def elapsed_text(elapsed: timedelta) -> str:
    """How long something took: in seconds, and from an hour on in hours, minutes and seconds."""
    if elapsed < _HOUR:
        return f"{elapsed.total_seconds():g} s"
    return f"{clock_text(elapsed)} h"


def clock_text(elapsed: timedelta) -> str:
    """Hours, minutes and whole seconds, as many hours as there are."""
    minutes, seconds = divmod(int(elapsed.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def cents(amount: Decimal) -> str:
    """An amount of money to the cent, rounded half to even; a figure to read, not to reckon."""
    return f"{amount.quantize(_CENT)}"


def count(number: Decimal | int, unit: str) -> str:
    """A number of units, in the plural where there are several."""
    return f"{plain(Decimal(number))} {unit}{'' if number == 1 else 's'}"
