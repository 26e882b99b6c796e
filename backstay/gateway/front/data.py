"""Market data: who gets which prices of what, live, once or late."""

from backstay.gateway.front import notices
from backstay.gateway.front.client import LIVE, Client
from backstay.gateway.front.hall import Hall
from backstay.gateway.front.lines import AnyLine, DelayedLine, Line, OptionLine, SnapshotLine
from backstay.gateway.front.resolving import the_one
from backstay.gateway.market.words import Greeks, Instrument, Phase
from backstay.gateway.messages.data_replies import MarketDataType, TickRequestParameters
from backstay.gateway.messages.requests import (
    CancelMarketData,
    RequestMarketData,
    RequestMarketDataType,
)

FROZEN, DELAYED, DELAYED_FROZEN = 2, 3, 4
_TYPES = (LIVE, FROZEN, DELAYED, DELAYED_FROZEN)
_RT_VOLUME = "233"
_GENERIC_TICKS = frozenset(
    """
    100 101 104 105 106 165 221 225 232 233 236 256 258 292 293 294 295 318 375 411 456 460 499
    506 511 512 513 586 587 588 591 595 614 619 623
    """.split()  # noqa: SIM905 - a table of numbers is read in rows
)
_BBO_EXCHANGE = "9c0001"
_SNAPSHOT_PERMISSIONS = 3


def set_type(hall: Hall, client: Client, request: RequestMarketDataType) -> None:  # noqa: ARG001
    """Which kind the client wants from now on; what it gets is said with each subscription."""
    if request.data_type not in _TYPES:
        client.send(notices.invalid(-1, f"Invalid market data type: {request.data_type}"))
        return
    client.data_type = request.data_type


def subscribe(hall: Hall, client: Client, request: RequestMarketData) -> None:
    """Open a line: how things stand first, then each change."""
    instrument = the_one(hall, client, request.req_id, request.contract)
    if instrument is None or not _may_subscribe(hall, client, request, instrument):
        return
    is_delayed = instrument.con_id in hall.unsubscribed
    if is_delayed:
        client.send(notices.delayed_instead(request.req_id))
    client.send(MarketDataType(request.req_id, _type_given(hall, client, instrument)))
    client.send(
        TickRequestParameters(
            request.req_id, instrument.min_tick, _BBO_EXCHANGE, _SNAPSHOT_PERMISSIONS
        )
    )
    line = _line(hall, client, request, instrument, is_delayed=is_delayed)
    hall.lines_taken += 1
    client.lines[request.req_id] = line
    hall.feed.open(line)
    line.refresh(hall.market.quote(instrument.con_id))


def cancel(hall: Hall, client: Client, request: CancelMarketData) -> None:
    """Close a line; one that isn't there is an error (300)."""
    if request.req_id not in client.lines:
        client.send(notices.unknown_ticker(request.req_id))
        return
    drop(hall, client, request.req_id)


def drop(hall: Hall, client: Client, req_id: int) -> None:
    """Close a line without a word."""
    line = client.lines.pop(req_id, None)
    if line is not None:
        line.end()
        hall.feed.close(line)
        hall.lines_taken -= 1


def _may_subscribe(
    hall: Hall, client: Client, request: RequestMarketData, instrument: Instrument
) -> bool:
    req_id = request.req_id
    generic = _numbers(request.generic_ticks)
    unknown = [number for number in generic if number not in _GENERIC_TICKS]
    wants_delayed = client.data_type in {DELAYED, DELAYED_FROZEN}
    if unknown:
        cause = f"Incorrect generic tick list of {','.join(unknown)}."
        client.send(notices.invalid(req_id, cause))
    elif request.snapshot and generic:
        cause = "Snapshot market data subscription is not applicable to generic ticks"
        client.send(notices.invalid(req_id, cause))
    elif req_id in client.lines or req_id in client.tick_streams:
        client.send(notices.duplicate(req_id))
    elif hall.is_competing:
        client.send(notices.competing(req_id))
    elif instrument.con_id in hall.unsubscribed and not wants_delayed:
        client.send(notices.not_subscribed(req_id))
    elif hall.lines_taken >= hall.settings.data_lines_max:
        client.send(notices.too_many_lines(req_id))
    else:
        return True
    return False


def _type_given(hall: Hall, client: Client, instrument: Instrument) -> int:
    """Live wherever there is live data; frozen only for who asked, when the market is closed."""
    is_closed = hall.market.phase(instrument.con_id) is Phase.CLOSED
    wants_frozen = client.data_type in {FROZEN, DELAYED_FROZEN}
    if instrument.con_id in hall.unsubscribed:
        return DELAYED_FROZEN if is_closed and wants_frozen else DELAYED
    return FROZEN if is_closed and wants_frozen else LIVE


def _line(
    hall: Hall,
    client: Client,
    request: RequestMarketData,
    instrument: Instrument,
    *,
    is_delayed: bool,
) -> AnyLine:
    line: Line | DelayedLine
    if is_delayed:
        line = DelayedLine(hall.agenda, request.req_id, instrument, client.send)
    else:
        line = _live_line(hall, client, request, instrument)
    if not (request.snapshot or request.regulatory_snapshot):
        return line

    def done() -> None:
        drop(hall, client, request.req_id)

    return SnapshotLine(hall.agenda, request.req_id, line, client.send, done)


def _live_line(
    hall: Hall, client: Client, request: RequestMarketData, instrument: Instrument
) -> Line:
    wants_rt_volume = _RT_VOLUME in _numbers(request.generic_ticks)
    if not instrument.is_option:
        return Line(request.req_id, instrument, client.send, wants_rt_volume=wants_rt_volume)

    def model() -> Greeks | None:
        return hall.market.greeks(instrument.con_id)

    return OptionLine(
        request.req_id,
        instrument,
        client.send,
        wants_rt_volume=wants_rt_volume,
        model=model,
    )


def _numbers(generic_ticks: str) -> list[str]:
    """The generic ticks that a client asks for, without their options: `233,292:BRFG`."""
    parts = (part.split(":")[0].strip() for part in generic_ticks.split(","))
    return [part for part in parts if part]
