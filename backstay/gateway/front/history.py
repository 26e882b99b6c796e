"""Historical bars, once or kept up to date.

The market dates a bar that is shorter than a day by its first second since 1970, a longer one by
its day; here it becomes what the client has asked for.
"""

from dataclasses import replace

from backstay.gateway.front import notices
from backstay.gateway.front.bar_stream import BarStream
from backstay.gateway.front.client import Client
from backstay.gateway.front.hall import Hall
from backstay.gateway.front.resolving import the_one
from backstay.gateway.front.when import parse_time
from backstay.gateway.market.words import Instrument
from backstay.gateway.messages.data_replies import Bar, HistoricalBars
from backstay.gateway.messages.requests import CancelHistoricalBars, RequestHistoricalBars
from backstay.gateway.times import SECOND_NS, stamp

AS_TEXT, AS_SECONDS = 1, 2
_DAY_LENGTH = 8
"""`yyyymmdd`: a date that is no number of seconds."""

_RUNNING = {
    "sec": "120 S",
    "min": "3600 S",
    "hour": "1 D",
    "day": "2 D",
    "week": "2 W",
    "month": "2 M",
}
"""How far back to look for the running bar and the one before it, by what a bar is counted in."""


def tell_bars(hall: Hall, client: Client, request: RequestHistoricalBars) -> None:
    """The bars, and from then on their changes if the client wants them kept up to date."""
    req_id = request.req_id
    instrument = the_one(hall, client, req_id, request.contract)
    if instrument is None or not _is_sensible(client, request):
        return
    try:
        end_ns = parse_time(request.end) if request.end else hall.agenda.now_ns
    except ValueError:
        client.send(notices.bad_end(req_id))
        return
    try:
        bars = _read(hall, instrument, request, end_ns)
    except ValueError as error:
        client.send(notices.bad_history(req_id, str(error)))
        return
    if not bars:
        text = f"HMDS query returned no data: {_named(instrument, request)}"
        client.send(notices.bad_history(req_id, text))
        return
    client.send(HistoricalBars(req_id, bars[0].date, stamp(end_ns), bars))
    if request.keep_up_to_date:
        _keep(hall, client, request, instrument, bars[-1])


def cancel(hall: Hall, client: Client, request: CancelHistoricalBars) -> None:
    """No more changes; where there are none that is an error (366)."""
    if request.req_id not in client.bars:
        client.send(notices.no_history_query(request.req_id))
        return
    drop(hall, client, request.req_id)
    text = f"API historical data query cancelled: {request.req_id}"
    client.send(notices.bad_history(request.req_id, text))


def drop(hall: Hall, client: Client, req_id: int) -> None:
    """No more changes, without a word."""
    stream = client.bars.pop(req_id, None)
    if stream is not None:
        stream.end()
        hall.feed.close(stream)


def dated(bar: Bar, date_format: int) -> Bar:
    """The bar with its date as the client has asked for it; a day is the same in both formats."""
    if date_format == AS_SECONDS or len(bar.date) == _DAY_LENGTH:
        return bar
    return replace(bar, date=stamp(int(bar.date) * SECOND_NS))


def _is_sensible(client: Client, request: RequestHistoricalBars) -> bool:
    req_id = request.req_id
    if request.date_format not in {AS_TEXT, AS_SECONDS}:
        client.send(notices.invalid(req_id, f"Invalid format date: {request.date_format}"))
    elif request.keep_up_to_date and request.end:
        cause = "End Date Time is not allowed when keepUpToDate is set"
        client.send(notices.invalid(req_id, cause))
    elif req_id in client.bars:
        client.send(notices.duplicate(req_id))
    else:
        return True
    return False


def _read(
    hall: Hall, instrument: Instrument, request: RequestHistoricalBars, end_ns: int
) -> tuple[Bar, ...]:
    bars = hall.market.bars(
        instrument, end_ns, request.duration, request.bar_size, request.what, request.use_rth
    )
    return tuple(dated(bar, request.date_format) for bar in bars)


def _keep(
    hall: Hall,
    client: Client,
    request: RequestHistoricalBars,
    instrument: Instrument,
    last: Bar,
) -> None:
    unit = request.bar_size.split()[-1].removesuffix("s")
    recent = replace(request, duration=_RUNNING[unit])

    def read() -> tuple[Bar, ...]:
        return _read(hall, instrument, recent, hall.agenda.now_ns)

    stream = BarStream(hall.agenda, request.req_id, instrument, client.send, read, last)
    client.bars[request.req_id] = stream
    hall.feed.open(stream)


def _named(instrument: Instrument, request: RequestHistoricalBars) -> str:
    contract = instrument.contract
    return f"{contract.symbol}@{contract.exchange} {request.what}"
