"""A child process: its first line, its log, its end."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from workers.supervising.children import (
    READ_BYTES_MAX,
    Child,
    begin_child,
    make_room,
    said_of_its_end,
)
from workers.supervising.ends import End
from workers.supervising.identity import lives

SLEEP = "import time; print('here', flush=True); time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"


def played(program: str, story: Callable[[Child], Awaitable[object]], log: Path) -> None:
    async def main() -> None:
        child = await begin_child([sys.executable, "-c", program], log, speaks=True)
        try:
            async with asyncio.timeout(30):
                await story(child)
        finally:
            child.kill()
            await child.gone()

    asyncio.run(main())


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "one.log"


def test_its_first_line_is_heard_and_the_rest_does_not_hold_it_up(log: Path) -> None:
    async def story(child: Child) -> None:
        assert await child.first_line() == "127.0.0.1:1"
        assert await child.gone() == End(0)

    played("print('127.0.0.1:1'); print('x' * 1_000_000)", story, log)


def test_one_that_ends_without_a_word_has_an_empty_first_line(log: Path) -> None:
    async def story(child: Child) -> None:
        assert await child.first_line() == ""

    played("", story, log)


def test_how_it_ended_is_told_with_what_it_complained_of_last(log: Path) -> None:
    async def story(child: Child) -> None:
        assert await child.gone() == End(3, "no engine answers here")

    played("import sys; print('no engine answers here', file=sys.stderr); sys.exit(3)", story, log)
    assert log.read_text() == "no engine answers here\n"


def test_it_ends_when_it_is_told_and_by_force_if_it_does_not_listen(log: Path) -> None:
    async def told(child: Child) -> None:
        await child.first_line()
        assert lives(child.process)
        await child.end(30)
        assert await child.gone() == End(-signal.SIGTERM)
        assert not lives(child.process)
        await child.end(30)

    async def forced(child: Child) -> None:
        await child.first_line()
        await child.end(0.1)
        assert await child.gone() == End(-signal.SIGKILL)

    played(SLEEP, told, log)
    played(STUBBORN, forced, log)


def test_it_has_a_session_of_its_own_so_that_ctrl_c_is_not_for_it(log: Path) -> None:
    async def story(child: Child) -> None:
        assert await child.first_line() == str(child.process.pid)

    played("import os; print(os.getsid(0))", story, log)


def test_a_log_that_has_grown_too_long_is_begun_anew_and_kept_once(log: Path) -> None:
    make_room(log, 10)
    log.write_text("0123456789")
    make_room(log, 10)
    assert log.read_text() == "0123456789"
    log.write_text("0123456789+")
    make_room(log, 10)
    assert not log.exists()
    assert log.with_name("one.1.log").read_text() == "0123456789+"


def test_one_that_ends_without_a_word_is_not_told_by_the_words_of_the_one_before(log: Path) -> None:
    async def story(child: Child) -> None:
        assert await child.gone() == End(1)

    log.parent.mkdir()
    log.write_text("the words of another\n")
    played("raise SystemExit(1)", story, log)


def test_a_panic_is_told_however_much_is_said_of_where_it_stood(log: Path) -> None:
    async def story(child: Child) -> None:
        assert await child.gone() == End(2, "panic: no port; just before: no listener")

    trace = r"'no listener\npanic: no port\n' + 'goroutine 1\n\tmain.go:18 +0x8e\n' * 20_000"
    played(f"import sys; sys.stderr.write({trace}); sys.exit(2)", story, log)


def test_of_a_log_only_the_newer_part_is_looked_through(log: Path) -> None:
    assert said_of_its_end(log, 0) == ""
    log.parent.mkdir()
    log.write_text("panic: long ago\n" + "x" * READ_BYTES_MAX + "\nlast \n\n \n")
    assert said_of_its_end(log, 0) == "last"
    assert said_of_its_end(log, log.stat().st_size) == ""


def test_what_it_said_last_is_known_and_for_how_long_it_says_nothing(log: Path) -> None:
    async def story(child: Child) -> None:
        assert (await child.first_line(), child.last_said) == ("first", "")
        while child.last_said != "third":
            assert child.silent_seconds < 20
            await asyncio.sleep(0.01)
        before = child.silent_seconds
        await asyncio.sleep(0.05)
        assert child.silent_seconds >= before + 0.04
        assert child.last_said == "third"

    program = "import time; print('first'); print('second'); print('third'); print('fo', end='')"
    played(f"{program}; __import__('sys').stdout.flush(); time.sleep(600)", story, log)
