"""What a house stands on: each thing that can be wrong is told, with what to do about it."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backstay.accounts.file import create
from backstay.accounts.store import AccountStore
from backstay.domain.limits.kill import Halt, KillMode
from workers.config import Settings
from workers.examining import ground
from workers.examining.findings import Finding, Outcome
from workers.examining.ground import BookFacts, FolderFacts, Written

AT = datetime(2026, 11, 23, 15, tzinfo=UTC)
ACCOUNT = "DU1234567"
FILE = Path("backstay.toml")
BOUNDS = {"base_currency": "USD", "exposure_max": 50_000, "share_position_max": 500}
GOOD = FolderFacts(Path("data"), True, True, True, 1_500_000_000, has_engine=False)


def told(findings: Iterable[Finding]) -> dict[str, tuple[Outcome, str, str]]:
    """By subject."""
    return {each.subject: (each.outcome, each.found, each.remedy) for each in findings}


def settings(kind: str = "paper", **limits: object) -> Settings:
    document = {"account": ACCOUNT, "kind": kind}
    return Settings.model_validate(document | ({"limits": BOUNDS | limits} if limits else {}))


def test_settings_that_fit_are_named_by_their_file() -> None:
    found = told(ground.judge_settings(Written(FILE, settings())))
    assert found == {
        "file": (Outcome.PASSED, "backstay.toml: every key is known, every value fits", "")
    }


def test_settings_from_the_environment_alone_are_said_to_be_so() -> None:
    found = told(ground.judge_settings(Written(None, settings())))
    assert found["file"][1].startswith("the environment alone: ")


def test_every_complaint_about_the_settings_is_a_failure_of_its_own() -> None:
    findings = list(ground.judge_settings(Written(FILE, complaints=("one", "two"))))
    assert [(each.outcome, each.found) for each in findings] == [
        (Outcome.FAILED, "one"),
        (Outcome.FAILED, "two"),
    ]


def test_no_settings_at_all_are_noted_and_no_failure() -> None:
    outcome, found, remedy = told(ground.judge_settings(Written(None)))["file"]
    assert outcome is Outcome.NOTED
    assert found.startswith("there are no settings")
    assert "`backstay up`" in remedy


@pytest.mark.parametrize(
    ("facts", "subject", "found"),
    [
        (
            FolderFacts(Path("data"), False, False, False, 10**12, has_engine=False),
            "there",
            "data: there is no such folder",
        ),
        (
            FolderFacts(Path("data"), True, False, True, 10**12, has_engine=False),
            "there",
            "data is no folder",
        ),
        (
            FolderFacts(Path("data"), True, True, False, 10**12, has_engine=False),
            "writable",
            "data can't be written to",
        ),
        (
            FolderFacts(Path("data"), True, True, True, 499_999_999, has_engine=False),
            "room",
            "0.5 GB free",
        ),
    ],
)
def test_a_folder_in_which_nothing_can_be_kept(
    facts: FolderFacts, subject: str, found: str
) -> None:
    outcome, text, remedy = told(ground.judge_folder(facts))[subject]
    assert (outcome, text) == (Outcome.FAILED, found)
    assert remedy


def test_a_folder_with_just_enough_room_passes() -> None:
    found = told(ground.judge_folder(GOOD))
    assert found == {
        "writable": (Outcome.PASSED, "data", ""),
        "room": (Outcome.PASSED, "1.5 GB free", ""),
    }
    least = FolderFacts(Path("data"), True, True, True, 500_000_000, has_engine=False)
    assert told(ground.judge_folder(least))["room"][0] is Outcome.PASSED


def test_a_folder_is_looked_at_as_it_is(tmp_path: Path) -> None:
    missing = ground.look_at_folder(tmp_path / "below" / "data")
    assert (missing.is_there, missing.is_folder, missing.is_writable) == (False, False, False)
    assert missing.free_bytes > 0
    (tmp_path / "engine.sqlite").touch()
    there = ground.look_at_folder(tmp_path)
    assert (there.is_there, there.is_folder, there.is_writable) == (True, True, True)
    assert there.has_engine


def read(
    path: Path, account: str = ACCOUNT, *, has_engine: bool = False
) -> dict[str, tuple[Outcome, str, str]]:
    facts = ground.look_at_book(path, account)
    return told(ground.judge_book(facts, account, has_engine=has_engine))


def test_a_book_that_is_well(tmp_path: Path) -> None:
    book = tmp_path / "book"
    create(book, ACCOUNT)
    assert read(book) == {
        "there": (Outcome.PASSED, f"{book} is the book of {ACCOUNT}, with 0 open trades", ""),
        "kill": (Outcome.PASSED, "clear", ""),
        "halts": (Outcome.PASSED, "none", ""),
    }


def test_a_book_that_is_missing_can_be_made_unless_an_engine_has_run_beside_it(
    tmp_path: Path,
) -> None:
    outcome, _, remedy = read(tmp_path / "book")["there"]
    assert outcome is Outcome.FAILED
    assert "`backstay account create`" in remedy
    outcome, _, remedy = read(tmp_path / "book", has_engine=True)["there"]
    assert outcome is Outcome.FAILED
    assert remedy.startswith("Bring the book back")


def test_a_book_of_somebody_else_is_told(tmp_path: Path) -> None:
    create(tmp_path / "book", "DU7")
    outcome, found, _ = read(tmp_path / "book")["there"]
    assert (outcome, found) == (Outcome.FAILED, f"{tmp_path / 'book'} holds no book of {ACCOUNT}")


def test_a_book_that_is_damaged_is_to_be_brought_back_and_never_made(tmp_path: Path) -> None:
    (tmp_path / "book").write_bytes(b"nothing that we have written" * 500)
    outcome, _, remedy = read(tmp_path / "book")["there"]
    assert outcome is Outcome.FAILED
    assert remedy.startswith("Bring the book back")


@pytest.mark.parametrize(
    ("mode", "word"), [(KillMode.FREEZE, "frozen"), (KillMode.FLATTEN, "flat")]
)
def test_a_kill_and_a_halt_are_failures_with_their_reasons(
    mode: KillMode, word: str, tmp_path: Path
) -> None:
    book = tmp_path / "book"
    create(book, ACCOUNT)

    async def turn() -> None:
        store = AccountStore(book, ACCOUNT)
        await store.kill(mode, "prices look wrong", "Ada", AT)
        await store.halt(Halt("drift", "AAPL"))
        await store.close()

    asyncio.run(turn())
    found = read(book)
    assert found["kill"][0] is Outcome.FAILED
    assert found["kill"][1].startswith(word)
    assert found["kill"][1].endswith("(prices look wrong)")
    assert found["halts"][:2] == (Outcome.FAILED, "drift in AAPL")


def test_without_limits_it_is_said_what_they_need() -> None:
    outcome, found, remedy = told(ground.judge_limits(settings(), FILE))["bounds"]
    assert outcome is Outcome.FAILED
    assert found == "there are none: everything that opens a position is refused"
    assert all(name in remedy for name in BOUNDS)


@pytest.mark.parametrize(
    ("kind", "limits", "outcome", "found"),
    [
        ("paper", {"trading": "disabled"}, Outcome.FAILED, "DISABLED: "),
        ("paper", {"trading": "paper"}, Outcome.PASSED, "paper: nothing here is real money"),
        ("live", {"trading": "paper"}, Outcome.FAILED, "paper, and the account is live: "),
        ("live", {"trading": "live"}, Outcome.FAILED, "live, NOT ARMED: "),
        (
            "live",
            {"trading": "live", "live_armed": ACCOUNT},
            Outcome.NOTED,
            f"LIVE AND ARMED: orders of {ACCOUNT} are real money",
        ),
    ],
)
def test_what_may_be_traded_is_said_loudly(
    kind: str, limits: dict[str, object], outcome: Outcome, found: str
) -> None:
    given = settings(kind, **limits)
    judged = told(ground.judge_limits(given, FILE))
    assert judged["bounds"][:2] == (
        Outcome.PASSED,
        "at most 50000 USD at stake, 50000 USD an order, 500 shares of a kind, 100 entries a day",
    )
    assert judged["trading"][0] is outcome
    assert judged["trading"][1].startswith(found)
    assert bool(judged["trading"][2]) is (outcome is Outcome.FAILED)
    stake = ground.stake_of(given)
    assert (stake.trading, stake.is_armed) == (limits["trading"], "live_armed" in limits)


def test_a_book_without_a_state_is_no_state_of_an_account() -> None:
    facts = BookFacts(Path("book"), None, "the disk is away")
    found = told(ground.judge_book(facts, ACCOUNT, has_engine=False))
    assert list(found) == ["there"]
    assert found["there"][1] == "the disk is away"
