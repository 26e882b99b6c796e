"""The judgement over the mutation run: what survives must be listed, and only that."""

import pytest

from tests.tidy.mutants import (
    ACCEPTED,
    Mutant,
    accepted,
    changed_lines,
    function_of,
    survivors_in,
    verdict,
)

DIFF = """# backstay.domain.ticks.x_floor__mutmut_2: survived
--- backstay/domain/ticks.py
+++ backstay/domain/ticks.py
@@ -1,2 +1,2 @@
 def floor(price, step):
-    return price // step
+    return price / step
"""
MUTANT = Mutant("backstay.domain.ticks.floor", ("- return price // step", "+ return price / step"))


def test_a_mutant_is_known_by_its_changed_lines_alone() -> None:
    assert changed_lines(DIFF) == MUTANT.change


@pytest.mark.parametrize(
    ("mangled", "function"),
    [
        ("backstay.domain.ticks.x_floor__mutmut_2", "backstay.domain.ticks.floor"),
        ("backstay.domain.ticks.x__hidden__mutmut_12", "backstay.domain.ticks._hidden"),
        ("backstay.domain.ticks.xǁTickǁplus__mutmut_1", "backstay.domain.ticks.Tick.plus"),
    ],
)
def test_a_mangled_name_leads_back_to_its_function(mangled: str, function: str) -> None:
    assert function_of(mangled) == function


def test_everything_but_a_kill_and_a_timeout_survives() -> None:
    statuses = ("killed", "timeout", "survived", "no tests", "suspicious", "segfault")
    results = "".join(f"    m.x_f__mutmut_1: {status}\n" for status in statuses)
    assert [status for _, status in survivors_in(results)] == [
        "survived",
        "no tests",
        "suspicious",
        "segfault",
    ]


def test_a_survivor_that_is_not_listed_is_a_problem() -> None:
    (problem,) = verdict([MUTANT], [])
    assert problem == f"A mutant survives; kill it with a test, or list it:\n{MUTANT.as_entry()}"


def test_a_listed_mutant_that_no_longer_survives_is_a_problem() -> None:
    (problem,) = verdict([], [MUTANT])
    assert problem.startswith("A listed mutant no longer survives; delete its entry:\n")


def test_a_survivor_that_is_listed_is_none() -> None:
    assert list(verdict([MUTANT], [MUTANT])) == []


def test_the_entry_that_is_proposed_can_be_listed_once_it_has_a_reason() -> None:
    entry = MUTANT.as_entry()
    with pytest.raises(ValueError, match=r"^accepted without a reason: \S+\.floor$"):
        accepted(entry)
    assert accepted(entry.replace('reason = ""', 'reason = "equal for whole steps"')) == (MUTANT,)


def test_the_list_of_the_house_can_be_read() -> None:
    listed = accepted(ACCEPTED.read_text(encoding="utf-8"))
    assert len(listed) == len(set(listed))
