"""Which process it is: its id alone says nothing about one of yesterday."""

import os
import signal
import subprocess

import pytest

from tests.workers.supervising.sleepers import started
from workers.supervising import identity
from workers.supervising.identity import began, lives, myself, send
from workers.supervising.roster import Process


def test_a_process_is_known_by_its_beginning() -> None:
    me = myself()
    assert me.pid == os.getpid()
    assert lives(me)
    assert not lives(Process(me.pid, me.began + "0"))
    assert not lives(Process(me.pid, ""))


def test_its_beginning_stays_the_same_and_is_another_ones_own() -> None:
    with started() as child:
        first = began(child.pid)
        assert first is not None
        assert began(child.pid) == first
        assert first != myself().began


def test_one_that_has_ended_and_waits_for_its_parent_is_none() -> None:
    with started() as child:
        process = Process(child.pid, began(child.pid) or "")
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not lives(process)
        assert began(child.pid) is None


def test_a_signal_goes_to_the_one_that_was_meant_and_to_nobody_else() -> None:
    with started() as child:
        process = Process(child.pid, began(child.pid) or "")
        send(Process(child.pid, "earlier"), signal.SIGKILL)
        assert lives(process)
        send(process, signal.SIGKILL)
        assert child.wait(10) == -signal.SIGKILL
        send(process, signal.SIGKILL)


def test_where_there_is_no_proc_the_list_of_processes_says_it_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = {7: "Ss   Sat Nov 21 16:01:10 2026\n", 8: "Z    Sat Nov 21 16:01:10 2026\n", 9: ""}

    def listed(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert words[:4] == ["ps", "-o", "stat=,lstart=", "-p"]
        return subprocess.CompletedProcess(words, 0, lines[int(words[4])], "")

    monkeypatch.setattr(subprocess, "run", listed)
    monkeypatch.setattr(identity, "_BOOT", identity._BOOT / "none")
    assert began(7) == "Sat Nov 21 16:01:10 2026"
    assert began(8) is None
    assert began(9) is None


def test_a_name_with_brackets_and_spaces_hides_nothing() -> None:
    program = (
        "import ctypes, sys, time; ctypes.CDLL(None).prctl(15, b') Z (x', 0, 0, 0);"
        "print(flush=True); time.sleep(600)"
    )
    with started(program) as child:
        assert began(child.pid) is not None
