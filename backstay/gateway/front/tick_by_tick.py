"""Tick-by-tick: at most five streams at a time for the user (10190)."""

from backstay.gateway.front import notices
from backstay.gateway.front.client import Client
from backstay.gateway.front.hall import Hall
from backstay.gateway.front.resolving import the_one
from backstay.gateway.front.tick_streams import (
    BidAskStream,
    LastStream,
    MidPointStream,
    TickStream,
)
from backstay.gateway.market.words import Instrument
from backstay.gateway.messages.requests import CancelTickByTick, RequestTickByTick

STREAMS_MAX = 5


def subscribe(hall: Hall, client: Client, request: RequestTickByTick) -> None:
    """Open a stream; quotes and middles begin with how things stand."""
    req_id = request.req_id
    instrument = the_one(hall, client, req_id, request.contract)
    if instrument is None:
        return
    stream = _stream(client, request, instrument)
    if stream is None:
        client.send(notices.invalid(req_id, f"Invalid tick-by-tick type: {request.tick_type}"))
    elif req_id in client.lines or req_id in client.tick_streams:
        client.send(notices.duplicate(req_id))
    elif hall.is_competing:
        client.send(notices.competing(req_id))
    elif instrument.con_id in hall.unsubscribed:
        client.send(notices.not_subscribed(req_id))
    elif hall.tick_streams_taken >= STREAMS_MAX:
        client.send(notices.too_many_tick_streams(req_id))
    else:
        hall.tick_streams_taken += 1
        client.tick_streams[req_id] = stream
        hall.feed.open(stream)
        stream.refresh(hall.market.quote(instrument.con_id))


def cancel(hall: Hall, client: Client, request: CancelTickByTick) -> None:
    """Close a stream; one that isn't there is an error (300)."""
    if request.req_id not in client.tick_streams:
        client.send(notices.unknown_ticker(request.req_id))
        return
    drop(hall, client, request.req_id)


def drop(hall: Hall, client: Client, req_id: int) -> None:
    """Close a stream without a word."""
    stream = client.tick_streams.pop(req_id, None)
    if stream is not None:
        hall.feed.close(stream)
        hall.tick_streams_taken -= 1


def _stream(
    client: Client, request: RequestTickByTick, instrument: Instrument
) -> TickStream | None:
    match request.tick_type:
        case "Last":
            return LastStream(request.req_id, instrument, client.send, 1)
        case "AllLast":
            return LastStream(request.req_id, instrument, client.send, 2)
        case "BidAsk":
            ignore_size = request.ignore_size
            return BidAskStream(request.req_id, instrument, client.send, ignore_size=ignore_size)
        case "MidPoint":
            return MidPointStream(request.req_id, instrument, client.send)
        case _:
            return None
