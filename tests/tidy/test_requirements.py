"""Requirements and their marks: each rule can fail, and the house keeps it."""

from collections import Counter

import pytest

from tests.tidy.requirements_table import REQUIREMENTS, proofs, requirements, rows
from tests.tidy.sources import Source, expect_none, python_sources


def test_an_entry_of_the_page_is_an_id_and_its_text_on_one_line() -> None:
    page = "# Title\n\n- **S4.4** A hedge\n  is watched.\n- **I1** One order.\n- not an entry\n"
    assert requirements(page) == (("S4.4", "A hedge is watched."), ("I1", "One order."))


@pytest.mark.parametrize(
    ("snippet", "place"),
    [
        ("@pytest.mark.req('S4.4')\ndef test_a(): ...", "test_x.py::test_a"),
        ("@pytest.mark.req('S4.4')\nasync def test_a(): ...", "test_x.py::test_a"),
        ("@pytest.mark.req('S4.4')\nclass TestA:\n    def test_b(self): ...", "test_x.py::TestA"),
        (
            "class TestA:\n  @pytest.mark.req('S4.4')\n  def test_b(self): ...",
            "test_x.py::TestA::test_b",
        ),
        ("cases = [pytest.param(1, marks=pytest.mark.req('S4.4'))]", "test_x.py"),
        ("pytestmark = [pytest.mark.req('S4.4')]", "test_x.py"),
    ],
)
def test_a_mark_is_found_wherever_pytest_would_see_it(snippet: str, place: str) -> None:
    assert proofs([Source("test_x.py", snippet)]) == (("S4.4", place),)


def test_one_mark_may_name_several_requirements() -> None:
    source = Source("test_x.py", "@pytest.mark.req('S4.4', 'I1')\ndef test_a(): ...")
    assert proofs([source]) == (("S4.4", "test_x.py::test_a"), ("I1", "test_x.py::test_a"))


def test_a_requirement_without_a_test_has_an_empty_row() -> None:
    table = rows([("I1", "One order."), ("I2", "An intent.")], [("I2", "b"), ("I2", "a")])
    assert list(table) == [("I1", "One order.", ()), ("I2", "An intent.", ("a", "b"))]


def test_every_requirement_has_an_id_of_its_own() -> None:
    counted = Counter(name for name, _ in requirements(REQUIREMENTS.read_text(encoding="utf-8")))
    expect_none(f"{name} is used {count} times" for name, count in counted.items() if count > 1)


def test_every_group_of_requirements_counts_from_one_without_a_gap() -> None:
    groups: dict[str, list[int]] = {}
    for name, _ in requirements(REQUIREMENTS.read_text(encoding="utf-8")):
        group = name.rstrip("0123456789")
        groups.setdefault(group, []).append(int(name.removeprefix(group)))
    assert {group: len(numbers) for group, numbers in groups.items()} == {
        "S0.": 6,
        "S1.": 16,
        "S2.": 8,
        "S3.": 10,
        "S4.": 7,
        "X.": 10,
        "I": 11,
        "L": 5,
    }
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in groups.values())


def test_every_mark_names_a_requirement_that_exists() -> None:
    known = {name for name, _ in requirements(REQUIREMENTS.read_text(encoding="utf-8"))}
    expect_none(
        f"{place}: {name} is no id of docs/requirements.md"
        for name, place in proofs(python_sources())
        if name not in known
    )
