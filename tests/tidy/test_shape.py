"""Shape: each rule can fail, and the house keeps it."""

from collections.abc import Callable, Iterator

import pytest

from tests.tidy.shape import (
    FUNCTION_LINES_MAX,
    MODULE_LINES_MAX,
    long_functions,
    long_modules,
    loose_values,
    silent_modules,
)
from tests.tidy.sources import Source, expect_none, product_sources, python_sources

Rule = Callable[[Source], Iterator[str]]


def function_of(lines: int) -> Source:
    return Source("bad.py", "\n".join(["def long():", *["    pass"] * (lines - 1)]))


def module_of(lines: int) -> Source:
    return Source("bad.py", "pass\n" * lines)


def test_a_function_may_reach_the_limit_and_not_pass_it() -> None:
    assert list(long_functions(function_of(FUNCTION_LINES_MAX))) == []
    assert list(long_functions(function_of(FUNCTION_LINES_MAX + 1))) == [
        "bad.py:1: long has 71 lines, more than 70"
    ]


def test_a_coroutine_and_a_method_are_measured_too() -> None:
    body = "\n".join(["        pass"] * FUNCTION_LINES_MAX)
    source = Source("bad.py", f"class A:\n    async def long(self):\n{body}")
    assert list(long_functions(source)) == ["bad.py:2: long has 71 lines, more than 70"]


def test_a_module_may_reach_the_limit_and_not_pass_it() -> None:
    assert list(long_modules(module_of(MODULE_LINES_MAX))) == []
    assert list(long_modules(module_of(MODULE_LINES_MAX + 1))) == [
        "bad.py:1: the module has 401 lines, more than 400"
    ]


@pytest.mark.parametrize("snippet", ["", "import os", '""" """', "# a comment"])
def test_a_module_that_does_not_say_what_it_is_for_is_found(snippet: str) -> None:
    assert list(silent_modules(Source("bad.py", snippet))) == [
        "bad.py:1: the module opens without a docstring"
    ]


@pytest.mark.parametrize(
    "decorator",
    ["dataclass", "dataclass()", "dataclass(frozen=True)", "dataclass(frozen=True, slots=False)"],
)
def test_a_value_that_can_be_changed_is_found(decorator: str) -> None:
    source = Source("bad.py", f"@{decorator}\nclass Loose:\n    size: int")
    assert list(loose_values(source)) == ["bad.py:2: Loose is not frozen and slotted"]


@pytest.mark.parametrize(
    ("annotation", "held"),
    [
        ("list[int]", "list"),
        ("set[str] | None", "set"),
        ("tuple[dict[str, int], ...]", "dict"),
        ("frozenset[str]", "frozenset"),
    ],
)
def test_a_value_that_holds_a_container_other_than_a_tuple_is_found(
    annotation: str, held: str
) -> None:
    text = f"@dataclass(frozen=True, slots=True)\nclass Loose:\n    parts: {annotation}"
    assert list(loose_values(Source("bad.py", text))) == [
        f"bad.py:3: Loose.parts holds a {held}; use a tuple"
    ]


def test_a_frozen_value_of_tuples_is_left_alone() -> None:
    text = (
        "@dataclass(frozen=True, slots=True)\nclass Tight:\n"
        "    names: ClassVar[dict[str, int]] = {}\n    parts: tuple[int, ...]"
    )
    assert list(loose_values(Source("good.py", text))) == []


def test_the_working_memory_of_a_decision_may_change() -> None:
    text = "@dataclass(slots=True)\nclass _Turn:\n    commands: list[int]"
    assert list(loose_values(Source("good.py", text))) == []


@pytest.mark.parametrize("rule", [long_functions, long_modules, silent_modules])
def test_the_house_is_made_of_short_and_explained_parts(rule: Rule) -> None:
    expect_none(line for source in python_sources() for line in rule(source))


def test_every_value_of_the_domain_is_frozen_slotted_and_made_of_tuples() -> None:
    domain = [source for source in product_sources() if source.path.startswith("backstay/domain/")]
    expect_none(line for source in domain for line in loose_values(source))
