"""What a worker is started with: read from a file and the environment, or refused line by line."""

from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from backstay.domain.limits.facts import AccountKind
from backstay.domain.limits.settings import LimitSettings, TradingMode
from backstay.domain.profile import OPTIMISTIC, PESSIMISTIC
from backstay.domain.sessions.broker_day import Absence, RestartWindow, Weekday
from workers.config import Settings
from workers.reading import SettingsError, read_settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "backstay.toml"
LIMITS = 'base_currency = "USD"\nexposure_max = 50000\nshare_position_max = 500\n'
LIVE = "BACKSTAY_LIMITS__LIVE_ARMED"


def read(tmp_path: Path, text: str, **environment: str) -> Settings:
    file = tmp_path / "backstay.toml"
    file.write_text(text)
    return read_settings(file, environment)


def complaints(tmp_path: Path, text: str, **environment: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, text, **environment)
    return str(refused.value).replace(f"{tmp_path}/", "").splitlines()


@pytest.mark.req("S1.15")
def test_without_a_word_everything_is_paper_pessimistic_and_refused(tmp_path: Path) -> None:
    settings = read(tmp_path, 'account = "DU1234567"\n')
    edge = settings.edge
    assert settings.kind is edge.kind is AccountKind.PAPER
    assert settings.bounds is edge.limits is None
    assert edge.profile == PESSIMISTIC
    assert (edge.host, edge.port, edge.client_id) == ("127.0.0.1", 4002, 1)
    assert settings.metrics.host == "127.0.0.1"
    assert settings.data == tmp_path / "data"


def test_limits_are_those_that_were_written_and_for_the_rest_those_of_the_rules(
    tmp_path: Path,
) -> None:
    more = 'trading = "paper"\nblocked_symbols = ["GME"]\norder_value_max = 1234.5\n'
    settings = read(tmp_path, f'account = "DU1234567"\n[limits]\n{LIMITS}{more}')
    assert settings.bounds == LimitSettings(
        account="DU1234567",
        base_currency="USD",
        exposure_max=Decimal(50_000),
        share_position_max=Decimal(500),
        trading=TradingMode.PAPER,
        order_value_max=Decimal("1234.5"),
        blocked_symbols=("GME",),
    )


@pytest.mark.req("S1.15")
@pytest.mark.parametrize(("armed", "is_armed"), [({}, False), ({LIVE: "U1234567"}, True)])
def test_a_live_account_is_armed_by_its_own_id_and_by_nothing_else(
    tmp_path: Path, armed: dict[str, str], is_armed: bool
) -> None:
    text = f'account = "U1234567"\nkind = "live"\n[limits]\n{LIMITS}trading = "live"\n'
    bounds = read(tmp_path, text, **armed).bounds
    assert bounds is not None
    assert (bounds.trading, bounds.live_armed) == (TradingMode.LIVE, is_armed)


def test_what_was_proven_of_a_broker_goes_over_its_profile(tmp_path: Path) -> None:
    text = 'account = "DU1"\n[broker.assume]\ncancels_are_prompt = true\n'
    proven = read(tmp_path, text).edge.profile
    assert proven.cancels_are_prompt
    assert not proven.last_bytes_are_read
    all_but_one = read(
        tmp_path, text.replace("true", "false"), BACKSTAY_BROKER__PROFILE="optimistic"
    )
    assert not all_but_one.edge.profile.cancels_are_prompt
    assert all_but_one.edge.profile != OPTIMISTIC
    assert all_but_one.edge.profile.last_bytes_are_read


def test_the_brokers_absences_are_read_with_their_days(tmp_path: Path) -> None:
    text = (
        'account = "DU1"\n[[broker.restart]]\nstarts = 23:45:00\nminutes = 15\n'
        '[[broker.restart]]\nabsence = "weekly login"\nstarts = 01:00:00\nminutes = 600\n'
        'weekday = "sunday"\n'
    )
    assert read(tmp_path, text).edge.restart_windows == (
        RestartWindow(Absence.NIGHTLY_RESTART, time(23, 45), 15),
        RestartWindow(Absence.WEEKLY_LOGIN, time(1), 600, Weekday.SUNDAY),
    )


def test_the_environment_goes_over_the_file_and_is_written_like_it(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        'account = "DU1"\n[broker]\nport = 4002\n[temporal]\nnamespace = "paper"\n',
        BACKSTAY_BROKER__PORT="4001",
        BACKSTAY_BROKER__BATCH_WINDOW_MS="100",
        BACKSTAY_BROKER__RESTART="[{starts = 23:45:00, minutes = 5}]",
        BACKSTAY_TEMPORAL__ADDRESS="engine:7233",
        BACKSTAY_TEMPORAL__TLS="true",
        BACKSTAY_LIMITS__BASE_CURRENCY="USD",
        BACKSTAY_LIMITS__EXPOSURE_MAX="1000.50",
        BACKSTAY_LIMITS__SHARE_POSITION_MAX="10",
        BACKSTAY_DATA="elsewhere",
        HOME="nowhere",
    )
    edge = settings.edge
    assert (edge.port, edge.batch_window) == (4001, timedelta(milliseconds=100))
    assert len(edge.restart_windows) == 1
    assert settings.temporal.address == "engine:7233"
    assert settings.temporal.namespace == "paper"
    assert settings.temporal.tls
    assert settings.bounds is not None
    assert settings.bounds.exposure_max == Decimal("1000.50")
    assert settings.data == Path("elsewhere").absolute()


def test_the_file_is_the_named_one_or_the_environments_or_the_one_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("named", "told", "backstay"):
        (tmp_path / f"{name}.toml").write_text(f'account = "{name.upper()}"\n')
    told = {"BACKSTAY_CONFIG": "told.toml"}
    assert read_settings(Path("named.toml"), told).account == "NAMED"
    assert read_settings(None, told).account == "TOLD"
    assert read_settings(None, {}).account == "BACKSTAY"


def test_the_example_is_a_file_of_settings() -> None:
    settings = read_settings(EXAMPLE, {})
    assert settings.bounds is not None
    assert settings.bounds.trading is TradingMode.PAPER
    assert settings.data == EXAMPLE.parent / "data"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "",
            (
                "account: missing; expected an account id in capitals and digits, such"
                ' as "DU1234567"'
            ),
        ),
        (
            'account = "du1"',
            ('account: "du1"; expected an account id in capitals and digits, such as "DU1234567"'),
        ),
        (
            'account = "DU1"\nacount = 1',
            'acount: unknown key; did you mean "account"?',
        ),
        (
            'account = "DU1"\nkind = "real"',
            'kind: "real"; expected "paper" or "live"',
        ),
        ('account = "DU1"\nbroker = 3', "broker: 3; expected a table"),
        (
            'account = "DU1"\n[broker]\nport = "4002"',
            'broker.port: "4002"; expected a port from 1 to 65535',
        ),
        (
            'account = "DU1"\n[broker]\nclient_id = true',
            "broker.client_id: true; expected a whole number from 0",
        ),
        (
            'account = "DU1"\n[broker]\nprofile = "good"',
            'broker.profile: "good"; expected "pessimistic" or "optimistic"',
        ),
        (
            'account = "DU1"\n[broker.assume]\ncancels_are_prompt = "yes"',
            'broker.assume.cancels_are_prompt: "yes"; expected true or false',
        ),
        (
            'account = "DU1"\n[[broker.restart]]\nstarts = 23:45:00',
            (
                "broker.restart[0].minutes: missing; expected a whole number of minutes"
                " from 1 to 1440"
            ),
        ),
        (
            'account = "DU1"\n[temporal]\naddress = "engine"',
            'temporal.address: "engine"; expected HOST:PORT, such as "127.0.0.1:7233"',
        ),
        (
            'account = "DU1"\n[limits]\n' + LIMITS + 'trading = "live"',
            (
                'limits.trading: "live", but kind is "paper"; a live account needs'
                ' kind = "live", too'
            ),
        ),
        (
            'account = "U1"\nkind = "live"\n[limits]\n' + LIMITS + 'live_armed = "U2"',
            'limits.live_armed: "U2"; expected the account itself, U1',
        ),
        (
            'account = "DU1"\n[limits]\nbase_currency = "USD"\nexposure_max = 1',
            (
                "limits.share_position_max: missing; expected a whole number of shares or"
                " contracts above 0"
            ),
        ),
        (
            'account = "DU1"\n[limits]\n' + LIMITS + "order_value_max = 0",
            "limits.order_value_max: 0; expected an amount of money above 0",
        ),
        (
            'account = "DU1"\n[limits]\n' + LIMITS + "margin_pct_max = nan",
            "limits.margin_pct_max: NaN; expected a percentage above 0 and below 100",
        ),
        ("account =", "Invalid value (at end of document)"),
    ],
)
def test_what_is_wrong_in_the_file_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    assert complaints(tmp_path, text) == [f"backstay.toml: {line}"]


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("BACKSTAY_ACOUNT", "DU1", 'BACKSTAY_ACOUNT: acount: unknown key; did you mean "account"?'),
        (
            "BACKSTAY_BROKR__PORT",
            "1",
            ('BACKSTAY_BROKR__PORT: brokr: unknown key; did you mean "broker"?'),
        ),
        (
            "BACKSTAY_BROKER__PORT",
            "high",
            'BACKSTAY_BROKER__PORT: broker.port: "high"; expected a port from 1 to 65535',
        ),
        (
            "BACKSTAY_TEMPORAL__TLS",
            "yes",
            'BACKSTAY_TEMPORAL__TLS: temporal.tls: "yes"; expected true or false',
        ),
        (
            "BACKSTAY_ACCOUNT__ID",
            "1",
            ("BACKSTAY_ACCOUNT__ID: account is no table, so it has no keys"),
        ),
        ("BACKSTAY_DATA", "5", "BACKSTAY_DATA: data: 5; expected the path of a folder"),
    ],
)
def test_what_is_wrong_in_the_environment_names_the_variable(
    tmp_path: Path, name: str, value: str, line: str
) -> None:
    assert complaints(tmp_path, 'account = "DU1"\n', **{name: value}) == [line]


def test_everything_that_is_wrong_is_told_together(tmp_path: Path) -> None:
    text = 'account = "DU1"\n[broker]\nport = 0\nclent_id = 2\n[metrics]\nport = -1\n'
    assert [line.split(": ")[1] for line in complaints(tmp_path, text)] == [
        "broker.port",
        "broker.clent_id",
        "metrics.port",
    ]


def test_a_file_that_is_none_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def complaint(file: Path | None) -> str:
        with pytest.raises(SettingsError) as refused:
            read_settings(file, {})
        return str(refused.value)

    monkeypatch.chdir(tmp_path)
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00")
    assert complaint(Path("none.toml")) == "none.toml: there is no such file"
    assert complaint(tmp_path) == f"{tmp_path}: this is a directory; expected a TOML file"
    assert complaint(Path("noise")) == "noise: this is not text in UTF-8"
    assert complaint(None).startswith("backstay.toml: account: missing; expected an account id")
    assert complaint(None).endswith("there is no such file here, and no BACKSTAY_ACCOUNT either")
