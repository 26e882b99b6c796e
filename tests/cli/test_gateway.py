"""`backstay gateway`: what is refused before it begins, and what the help says."""

import json
import socket
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from backstay.cli.gateway import commands as gateway
from backstay.cli.gateway.run import Asked, Files
from backstay.gateway.faults.names import CATALOGUE
from backstay.gateway.profile import NAMES
from backstay.gateway.store import Store
from backstay.gateway.times import to_ns
from tests.cli.typed import Typed, typed

NO_FILES = Files(tape=None, follow=None, faults=None, state=None, wire_log=None, audit=None)


def asked(monkeypatch: pytest.MonkeyPatch, *words: str) -> Asked:
    """What these words ask for, without any of it being done."""
    heard: list[Asked] = []
    monkeypatch.setattr(gateway, "serve", heard.append)
    result = typed("gateway", *words)
    assert (result.out, result.err, result.exit_code) == ("", "", 0)
    (one,) = heard
    return one


def complaint(result: Typed) -> str:
    """The one line that says what is wrong with an option."""
    assert (result.out, result.exit_code) == ("", 2)
    (line,) = result.err.splitlines()
    return line.removeprefix("Error: ")


def refusal(*words: str) -> str:
    """The one line that it is refused with, once its options are understood."""
    result = typed("gateway", "--port", "0", *words)
    assert (result.out, result.exit_code) == ("", 2)
    (line,) = result.err.splitlines()
    return line


def test_it_needs_no_options(monkeypatch: pytest.MonkeyPatch) -> None:
    one = asked(monkeypatch)
    assert (one.host, one.port, one.start_ns) == ("127.0.0.1", 4002, None)
    assert one.speed == Decimal(1)
    assert (one.profile, one.files) == ("pessimistic", NO_FILES)
    settings = one.settings
    assert (settings.seed, settings.read_only, str(settings.restart_at)) == (0, False, "23:45:00")
    assert settings.master_client_id is None
    assert (settings.data_lines_max, settings.messages_per_second_max) == (100, 50)
    (account,) = settings.accounts
    assert (account.name, account.cash) == ("DU1234567", Decimal(1_000_000))


def test_every_option_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    words = (
        "--port 0 --host ::1 --seed -7 --tape t --faults f --state s --wire-log w --audit a "
        "--speed 0.5 --start 2026-11-23T09:30:00-05:00 --account DU1 --account DU2 --cash 5.50 "
        "--read-only --restart-at 00:05 --profile pessimistic,+cancels_are_prompt "
        "--master-client 9 --data-lines 5 --messages-per-second 200"
    )
    one = asked(monkeypatch, *words.split())
    start = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    assert (one.host, one.port, one.start_ns) == ("::1", 0, to_ns(start))
    assert one.speed == Decimal("0.5")
    assert one.profile == "pessimistic,+cancels_are_prompt"
    assert one.files == Files(
        tape=Path("t"),
        follow=None,
        faults=Path("f"),
        state=Path("s"),
        wire_log=Path("w"),
        audit=Path("a"),
    )
    settings = one.settings
    assert (settings.seed, settings.read_only, str(settings.restart_at)) == (-7, True, "00:05:00")
    assert settings.master_client_id == 9
    assert (settings.data_lines_max, settings.messages_per_second_max) == (5, 200)
    assert settings.profile.cancels_are_prompt
    assert not settings.profile.last_bytes_are_read
    assert [(each.name, each.cash) for each in settings.accounts] == [
        ("DU1", Decimal("5.50")),
        ("DU2", Decimal("5.50")),
    ]


def test_it_can_go_without_its_nightly_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, "--restart-at", "never").settings.restart_at is None


SPEED = "expected a number above 0, at most 100000"
START = 'expected a time with its zone, such as "2026-11-23T09:30:00-05:00"'
RESTART = 'expected "never" or an hour such as "23:45"'
ACCOUNT = 'expected an account id in capitals and digits, such as "DU1234567"'
CASH = "expected whole cents, 0 or more, at most 1000000000000"


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("--speed", "0", f"'0'; {SPEED}"),
        ("--speed", "-1", f"'-1'; {SPEED}"),
        ("--speed", "100001", f"'100001'; {SPEED}"),
        ("--speed", "nan", f"'nan'; {SPEED}"),
        ("--speed", "fast", f"'fast'; {SPEED}"),
        ("--start", "now", f"'now'; {START}"),
        ("--start", "2026-11-23T09:30:00", f"'2026-11-23T09:30:00'; {START}"),
        ("--restart-at", "24:00", f"'24:00'; {RESTART}"),
        ("--restart-at", "9:30", f"'9:30'; {RESTART}"),
        ("--account", "du1", f"'du1'; {ACCOUNT}"),
        ("--cash", "-0.01", f"'-0.01'; {CASH}"),
        ("--cash", "inf", f"'inf'; {CASH}"),
        ("--cash", "much", f"'much'; {CASH}"),
        ("--cash", "nan", f"'nan'; {CASH}"),
        ("--cash", "0.001", f"'0.001'; {CASH}"),
        ("--cash", "1000000000000.01", f"'1000000000000.01'; {CASH}"),
        ("--cash", "1e40", f"'1e40'; {CASH}"),
        (
            "--profile",
            "easy",
            '"easy" is no profile; expected "pessimistic" or "optimistic"',
        ),
        (
            "--profile",
            "optimistic,-nothing",
            f'"-nothing" is no switch; expected + or - and one of {", ".join(NAMES)}',
        ),
    ],
)
def test_a_value_that_is_no_value_is_told_with_what_would_be_right(
    option: str, value: str, text: str
) -> None:
    expected = f"Invalid value for '{option}': {text}"
    assert complaint(typed("gateway", option, value)) == expected


def test_an_account_that_is_named_twice_is_refused() -> None:
    twice = typed("gateway", "--account", "DU1", "--account", "DU1")
    assert complaint(twice) == "Invalid value: accounts: DU1, DU1; each needs a name of its own"


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_what_is_no_port_is_refused(port: str) -> None:
    assert complaint(typed("gateway", "--port", port)).startswith("Invalid value for '--port': ")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--master-client", "-1"),
        ("--master-client", "mine"),
        ("--data-lines", "0"),
        ("--data-lines", "many"),
        ("--messages-per-second", "0"),
        ("--messages-per-second", "0.5"),
    ],
)
def test_what_is_no_number_of_them_is_refused(option: str, value: str) -> None:
    line = complaint(typed("gateway", option, value))
    assert line.startswith(f"Invalid value for '{option}': ")


def test_the_least_that_can_be_asked_for_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("--master-client", "0", "--data-lines", "1", "--messages-per-second", "1")
    settings = asked(monkeypatch, *words).settings
    assert settings.master_client_id == 0
    assert (settings.data_lines_max, settings.messages_per_second_max) == (1, 1)


def test_an_option_that_is_misspelt_is_named() -> None:
    assert "--sed" in complaint(typed("gateway", "--sed", "7"))


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refusal("--port", port)
    assert line == f"127.0.0.1:{port}: Address already in use"


def test_a_port_in_use_is_noticed_before_any_file_is_touched(tmp_path: Path) -> None:
    wire, state = tmp_path / "wire.jsonl", tmp_path / "paper.db"
    wire.write_text("of the gateway that has the port\n")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refusal("--port", port, "--wire-log", str(wire), "--state", str(state))
    assert wire.read_text() == "of the gateway that has the port\n"
    assert not state.exists()


def test_an_address_of_another_machine_is_one_line() -> None:
    assert refusal("--host", "192.0.2.1") == "192.0.2.1:0: Cannot assign requested address"


@pytest.mark.parametrize("option", ["--tape", "--faults"])
def test_a_file_that_is_not_there_is_one_line(tmp_path: Path, option: str) -> None:
    line = refusal(option, str(tmp_path / "gone"))
    assert line.endswith("gone: No such file or directory")


@pytest.mark.parametrize("option", ["--wire-log", "--audit"])
def test_a_log_that_can_not_be_written_is_one_line(tmp_path: Path, option: str) -> None:
    assert refusal(option, str(tmp_path)) == f"{tmp_path}: Is a directory"


@pytest.mark.parametrize(
    ("first", "second", "labels"),
    [
        ("--state", "--audit", "state and as audit"),
        ("--wire-log", "--audit", "wire log and as audit"),
        ("--state", "--wire-log", "state and as wire log"),
    ],
)
def test_a_file_that_is_named_for_two_things_is_one_line(
    tmp_path: Path, first: str, second: str, labels: str
) -> None:
    (tmp_path / "there").mkdir()
    again = tmp_path / "there" / ".." / "one"
    line = refusal(first, str(tmp_path / "one"), second, str(again))
    assert line == f"{again}: named as {labels}"
    assert not (tmp_path / "one").exists()


def test_a_tape_may_not_be_written_over(tmp_path: Path) -> None:
    tape = tmp_path / "open.tape"
    tape.write_text("+1 AAPL bid=190\n")
    line = refusal("--tape", str(tape), "--wire-log", str(tape))
    assert line == f"{tape}: named as tape and as wire log"
    assert tape.read_text() == "+1 AAPL bid=190\n"


def test_a_file_to_follow_that_can_not_be_followed_is_one_line(tmp_path: Path) -> None:
    assert refusal("--follow", str(tmp_path)) == f"{tmp_path}: Is a directory"
    assert refusal("--follow", "/dev/null") == "/dev/null: not a plain file"
    line = refusal("--follow", str(tmp_path / "no" / "prices"))
    assert line == f"{tmp_path / 'no' / 'prices'}: No such file or directory"


def test_a_tape_and_a_file_to_follow_are_refused_together() -> None:
    both = typed("gateway", "--tape", "t", "--follow", "f")
    text = "Invalid value: give --tape or --follow, not both: each says what prices do"
    assert complaint(both) == text


def test_a_file_to_follow_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    files = asked(monkeypatch, "--follow", "prices.txt").files
    assert (files.follow, files.tape) == (Path("prices.txt"), None)


@pytest.mark.parametrize(
    "start", ["1969-12-31T18:59:59-05:00", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_a_time_beyond_all_calendars_is_one_line(tmp_path: Path, start: str) -> None:
    assert refusal("--start", start) == "time can begin in a year from 1970 to 2199"
    tape = tmp_path / "far.tape"
    tape.write_text(f"{start} AAPL bid=189.98 ask=190.02\n")
    assert refusal("--tape", str(tape)) == "time can begin in a year from 1970 to 2199"


def test_a_tape_that_is_no_tape_is_one_line(tmp_path: Path) -> None:
    tape = tmp_path / "open.tape"
    tape.write_text("+1 AAPL bid=190\nsoon AAPL bid=191\n")
    assert refusal("--tape", str(tape)).startswith(f'{tape}: line 2: "soon"')


def test_a_tape_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    tape = tmp_path / "open.tape"
    tape.write_bytes(b"\xff\xfe")
    assert refusal("--tape", str(tape)) == f"{tape}: this is not text in UTF-8"


def test_faults_that_nobody_knows_are_one_line(tmp_path: Path) -> None:
    plan = tmp_path / "rough.toml"
    plan.write_text('[[fault]]\nname = "tick-strom"\nnth = 1\n')
    line = refusal("--faults", str(plan))
    assert line == 'rough.toml: fault 1 ("tick-strom"): unknown name; did you mean "tick-storm"?'


def test_a_state_that_is_no_state_is_one_line(tmp_path: Path) -> None:
    state = tmp_path / "paper.db"
    state.write_text("not a database, but long enough to be looked at " * 50)
    assert refusal("--state", str(state)).startswith(f"{state}: is no store")


def test_a_state_that_another_process_has_is_one_line(tmp_path: Path) -> None:
    state = tmp_path / "paper.db"
    store = Store.open(state)
    try:
        assert refusal("--state", str(state)) == f"{state}: is in use by another process"
    finally:
        store.close()


def test_help_shows_examples_and_exit_codes() -> None:
    result = typed("gateway", "--help")
    assert (result.err, result.exit_code) == ("", 0)
    shown = gateway.EPILOG.replace("\b\n", "").splitlines()
    assert [line for line in shown if line.strip() not in result.out] == []
    assert "Be a simulated IB Gateway, until Ctrl-C." in result.out


@pytest.mark.parametrize(
    "line", [line for line in gateway.EPILOG.splitlines() if "backstay gateway" in line]
)
def test_every_example_is_understood(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    asked(monkeypatch, *line.split()[2:])


def test_the_commands_list_it() -> None:
    lines = typed("--help").lines
    listed = [" ".join(line.split()) for line in lines]
    assert "gateway Be a simulated IB Gateway, until Ctrl-C." in listed


def test_the_faults_are_listed_a_line_each() -> None:
    result = typed("gateway", "faults")
    assert (result.err, result.exit_code) == ("", 0)
    listed = [line.split(maxsplit=1) for line in result.lines]
    assert listed == [[fault.name, fault.line] for fault in CATALOGUE]
    assert (
        len({line.index(fault.line) for line, fault in zip(result.lines, CATALOGUE, strict=True)})
        == 1
    )


def test_the_faults_are_listed_as_one_document() -> None:
    result = typed("gateway", "faults", "--json")
    assert (result.err, result.exit_code) == ("", 0)
    document = {one["name"]: one for one in json.loads(result.out)}
    assert list(document) == [fault.name for fault in CATALOGUE]
    assert document["cancel-unanswered"] == {
        "name": "cancel-unanswered",
        "does": "a cancel waits, and nothing is said; it is carried out later, or never",
        "where": "request",
        "occasion": "a cancel",
        "by_itself": False,
        "by_reference": True,
        "keys": [
            {"name": "delay", "default": "30s", "choices": []},
            {"name": "then", "default": "cancelled", "choices": ["cancelled", "never"]},
        ],
        "kinds": [],
    }
