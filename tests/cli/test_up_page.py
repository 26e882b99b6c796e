"""The screen of `backstay up`: what runs where, and how it stands, on every terminal."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backstay.cli.house.up_market import market
from backstay.cli.house.up_page import Shown, page
from backstay.cli.house.up_run import changes
from backstay.cli.house.up_starter import STARTER
from backstay.domain.edge.session import BrokerTime, EdgeHealth, SessionReport, SessionState
from workers.config import Settings
from workers.health import HealthReport, Role
from workers.supervising.report import Alarm, HouseReport, PartReport, PartState
from workers.supervising.roster import Part

NOW = datetime(2026, 11, 21, 16, 5, 33, tzinfo=UTC)
"""A Saturday."""


def edge(**changed: Any) -> EdgeHealth:
    made = EdgeHealth(
        account="DU1234567",
        client_id=1,
        session=SessionReport(SessionState.READY, NOW - timedelta(minutes=3)),
        time=BrokerTime(NOW, 0.012),
        tasks=(),
        armed=2,
        guarded=1,
        lines_used=3,
        lines_max=100,
        waiting_in_lanes=0,
        last_tick_at=NOW - timedelta(seconds=4),
    )
    return replace(made, **changed)


def health(role: Role, edge_health: EdgeHealth | None = None, *trouble: str) -> HealthReport:
    return HealthReport(
        role=role,
        account="DU1234567",
        boot="1-1",
        at=NOW,
        trouble=trouble,
        takes_calls=True,
        engine="",
        book="",
        limits=True,
        loop_lag_seconds=0.0,
        loop_lag_seconds_max=0.0,
        notices_waiting=0,
        tasks=(),
        edge=edge_health,
    )


def part(which: Part, state: PartState = PartState.RUNNING, **changed: Any) -> PartReport:
    number = list(Part).index(which)
    made = PartReport(which, state, NOW, 100 + number, f"127.0.0.1:{9000 + number}")
    return replace(made, **changed)


def house(*parts: PartReport) -> HouseReport:
    return HouseReport(NOW, "http://127.0.0.1:8233", parts)


WELL = house(
    part(Part.ENGINE),
    part(Part.GATEWAY, restarts=2),
    part(Part.TRADES, health=health(Role.TRADES), health_age_seconds=0.5),
    part(Part.BROKER, health=health(Role.BROKER, edge()), health_age_seconds=1.0),
)
SETTINGS = Settings.model_validate(
    {
        **tomllib.loads(STARTER),
        "data": "/somewhere/data",
    }
)
LIVE = Settings.model_validate({**tomllib.loads(STARTER), "kind": "live"})


def shown(
    report: HouseReport = WELL,
    *alarms: Alarm,
    settings: Settings = SETTINGS,
    width: int = 100,
    height: int | None = None,
    is_simulated: bool = True,
) -> list[str]:
    made = page(Shown(settings, is_simulated, report, alarms), width, height)
    return [line.plain.rstrip() for line in made]


def test_one_page_says_what_runs_where_and_how_it_stands_with_the_broker() -> None:
    assert shown() == [
        " PAPER   DU1234567  simulated broker",
        "",
        "  part      state       where                  since     pid       restarts",
        "  engine    running     127.0.0.1:9000         16:05:33  100       0",
        "  gateway   running     127.0.0.1:9001         16:05:33  101       2",
        "  trades    running     127.0.0.1:9002         16:05:33  102       0",
        "  broker    running     127.0.0.1:9003         16:05:33  103       0",
        "",
        "  session   ready since 16:02:33",
        "  time      2026-11-21 16:05:34 UTC at the broker, within 0.012 s",
        "  tick      the last one 5 s ago",
        "  watching  2 armed, 1 guarded; 3 of 100 data lines",
        "  market    US stocks: closed; regular hours begin Mon 2026-11-23 14:30 UTC",
        "            to trade at once: backstay up --start 2026-11-23T14:30:00Z",
        "  limits    50000 USD at most, held and on its way",
        "  engine UI http://127.0.0.1:8233",
        "  data      /somewhere/data",
        "",
        "  alarms    none",
        "",
        "  next      backstay trade submit PLAN  hand a plan in; examples/ has some",
        "            backstay trade watch        see trades live",
        "            Ctrl-C                      end everything in order; once more: at once",
    ]


@pytest.mark.req("S1.15")
def test_live_is_unmistakable_with_and_without_colour() -> None:
    lines = page(Shown(LIVE, is_simulated=False, report=WELL, alarms=()), 100)
    assert lines[0].plain.startswith(" LIVE: REAL MONEY   DU1234567  broker at 127.0.0.1:4002")
    assert len(lines[0]) == 100
    assert {span.style for span in lines[0].spans} == {"bold white on red", "bold"}
    paper = page(Shown(SETTINGS, is_simulated=True, report=WELL, alarms=()), 100)[0]
    assert paper.spans[0].style == "bold black on green"


@pytest.mark.parametrize("width", [30, 40, 48, 60, 72, 80, 100])
def test_it_fits_every_terminal(width: int) -> None:
    alarms = [Alarm(NOW, "gateway has died (killed by SIGKILL); begins again in 0.2 s")]
    lines = shown(WELL, *alarms, settings=LIVE, width=width)
    fixed = [line for line in lines if "backstay trade" not in line and "LIVE" not in line]
    assert all(len(line) <= width for line in fixed if "/" not in line)
    assert any("gateway" in line and "running" in line for line in lines)


def test_of_many_alarms_a_low_terminal_shows_the_newest() -> None:
    alarms = [Alarm(NOW, f"alarm {number}") for number in range(50)]
    lines = shown(WELL, *alarms, height=30)
    assert len(lines) <= 31
    assert "  alarms    50, the newest last" in lines
    assert "            16:05:33 alarm 49" in lines
    assert "            16:05:33 alarm 1" not in lines


@pytest.mark.req("S1.9")
def test_a_part_that_is_down_says_of_what_and_what_is_not_known_is_not_made_up() -> None:
    gone = part(Part.BROKER, PartState.RESTARTING, pid=None, trouble="exit code 3: no engine")
    lines = shown(house(*WELL.parts[:3], gone))
    assert "  broker    restarting  127.0.0.1:9003         16:05:33  -         0" in lines
    assert "            exit code 3: no engine" in lines
    assert "  session   not known: no broker worker runs" in lines
    assert not [line for line in lines if line.startswith("  tick")]


@pytest.mark.req("S2.8")
def test_a_part_that_was_given_up_says_where_to_read_on() -> None:
    gone = part(Part.GATEWAY, PartState.GIVEN_UP, pid=None, trouble="exit code 1")
    lines = shown(house(WELL.parts[0], gone, *WELL.parts[2:]))
    assert "  gateway   given up    127.0.0.1:9001         16:05:33  -         0" in lines
    said = "exit code 1; read /somewhere/data/logs/gateway.log, then end this and start anew"
    assert f"            {said}" in lines


def test_a_session_that_is_down_says_why() -> None:
    session = SessionReport(SessionState.DOWN, NOW, "connection refused")
    down = health(Role.BROKER, edge(session=session, time=None), "session: down", "book: torn")
    lines = shown(
        house(
            *WELL.parts[:3],
            part(Part.BROKER, health=down, health_age_seconds=9.0, silent_seconds=9.0),
        )
    )
    assert "  session   down since 16:05:33: connection refused" in lines
    assert "  silent    broker has not answered for 9 s" in lines
    assert "  trouble   broker: book: torn" in lines


@pytest.mark.req("S1.15")
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"limits": None}, "there are none: "),
        ({"limits": {"trading": "disabled"}}, 'trading = "disabled": '),
        ({"kind": "live"}, 'no trading = "live" with live_armed = "DU1234567": '),
        (
            {"kind": "live", "limits": {"trading": "live"}},
            'no trading = "live" with live_armed = "DU1234567": ',
        ),
    ],
)
def test_what_lets_nothing_be_opened_is_said(changed: dict[str, Any], said: str) -> None:
    document = tomllib.loads(STARTER)
    limits = changed.get("limits", {})
    changed = {**changed, "limits": None if limits is None else document["limits"] | limits}
    settings = Settings.model_validate(document | changed)
    (line,) = (each for each in shown(settings=settings) if each.startswith("  limits"))
    assert line == f"  limits    {said}whatever opens a position is refused"


def test_a_live_account_that_is_armed_has_its_bounds() -> None:
    document = tomllib.loads(STARTER)
    limits = {**document["limits"], "trading": "live", "live_armed": "DU1234567"}
    settings = Settings.model_validate({**document, "kind": "live", "limits": limits})
    assert "  limits    50000 USD at most, held and on its way" in shown(settings=settings)


@pytest.mark.parametrize(
    ("at", "is_open", "words"),
    [
        ("2026-11-23T14:29:59", False, "extended hours; regular hours begin Mon 2026-11-23 14:30"),
        ("2026-11-23T14:30:00", True, "open until Mon 2026-11-23 21:00"),
        ("2026-11-23T21:00:00", False, "extended hours; regular hours begin Tue 2026-11-24 14:30"),
        ("2026-11-25T23:00:00", False, "extended hours; regular hours begin Fri 2026-11-27 14:30"),
        ("2026-11-26T15:00:00", False, "closed; regular hours begin Fri 2026-11-27 14:30"),
        ("2026-11-27T17:59:00", True, "open until Fri 2026-11-27 18:00"),
    ],
)
def test_the_market_is_open_by_the_calendar_of_the_exchanges(
    at: str, is_open: bool, words: str
) -> None:
    assert market(datetime.fromisoformat(at).replace(tzinfo=UTC)) == (is_open, f"{words} UTC")


def test_in_a_file_each_change_is_a_line() -> None:
    away = SessionReport(SessionState.DOWN, NOW, "connection refused")
    down = part(Part.BROKER, health=health(Role.BROKER, edge(session=away)))
    sick = part(Part.TRADES, health=health(Role.TRADES, None, "engine: silent"))
    assert list(changes(WELL, WELL)) == []
    assert list(changes(WELL, house(*WELL.parts[:2], sick, down))) == [
        "trades: engine: silent",
        "broker: session down: connection refused",
    ]
    later = house(*WELL.parts[:3], part(Part.BROKER, health=health(Role.BROKER, edge(armed=9))))
    assert list(changes(WELL, later)) == []


@pytest.mark.req("S3.2")
def test_a_kill_and_halts_are_shown_and_told_whoever_has_written_them() -> None:
    stopped = replace(WELL, stops=("killed: freeze", "halted: earnings in AAPL"))
    lines = shown(stopped)
    assert "  entries   killed: freeze" in lines
    assert "  entries   halted: earnings in AAPL" in lines
    assert list(changes(WELL, stopped)) == ["entries: killed: freeze; halted: earnings in AAPL"]
    assert list(changes(stopped, WELL)) == ["entries: not stopped any more"]
