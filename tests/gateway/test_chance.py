"""One seed throws all dice, and each concern has its own."""

import os
import subprocess
import sys

from backstay.gateway.chance import Chance

THROW = (
    "from backstay.gateway.chance import Chance;print(Chance(7).of('walk', 265598).getrandbits(64))"
)


def test_the_same_words_begin_the_same_sequence() -> None:
    assert Chance(7).of("walk", 1).random() == Chance(7).of("walk", 1).random()


def test_another_seed_or_another_concern_is_another_sequence() -> None:
    throws = {
        Chance(7).of("walk", 1).random(),
        Chance(8).of("walk", 1).random(),
        Chance(7).of("walk", 2).random(),
        Chance(7).of("fault", 1).random(),
    }
    assert len(throws) == 4


def test_a_seed_and_a_concern_do_not_run_into_each_other() -> None:
    assert Chance(1).of("1", "2").random() != Chance(11).of("2").random()


def test_every_process_throws_the_same() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", THROW],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("0", "1")
    }
    assert len(said) == 1
