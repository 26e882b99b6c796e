"""What can be wrong with a file before anybody looks for a plan in it: one clear line, exit 2."""

import json
from pathlib import Path

import pytest

from tests.cli.typed import typed

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def refusal(path: Path) -> str:
    """The one line that a file is refused with, without its name."""
    result = typed("plan", "check", str(path))
    assert (result.out, result.exit_code) == ("", 2)
    (line,) = result.err.splitlines()
    assert line.startswith(f"{path}: ")
    return line.removeprefix(f"{path}: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.toml") == "plan: there is no such file"


def test_a_directory_is_no_plan(tmp_path: Path) -> None:
    expected = "plan: this is a directory; expected a file that holds a plan"
    assert refusal(tmp_path) == expected


def test_a_path_through_a_file_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text("id = 1")
    assert refusal(tmp_path / "plan.toml" / "x") == "plan: the file can't be read: Not a directory"


def test_a_name_that_no_system_takes_can_not_be_read(tmp_path: Path) -> None:
    assert refusal(tmp_path / ("x" * 5000)) == "plan: the file can't be read: File name too long"


@pytest.mark.parametrize("content", [b"\x89PNG\xff\xd8", b'id = "x"\x00', b"\xff\xfei\x00d\x00"])
def test_a_binary_file_is_no_text(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(content)
    assert refusal(path) == "plan: this is not text in UTF-8; expected TOML or JSON"


@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_no_plan(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(content)
    assert refusal(path) == "plan: the file is empty; expected TOML or JSON"


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    expected = "plan: the file has more than 262144 bytes; no plan is as long"
    assert refusal(Path("/dev/zero")) == expected


def test_a_long_file_is_refused_with_what_a_plan_may_have(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text("#" * 65_537)
    assert refusal(path) == "plan: 65537 characters; expected at most 65536"


def test_text_that_is_no_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text('id = "x"\nside buy\n')
    assert refusal(path).startswith("plan: line 2, column 6: ")


def test_json_is_told_by_its_brace_and_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text('  {"id": }')
    assert refusal(path) == "plan: line 1, column 10: Expecting value"


def test_the_same_plan_in_json_says_the_same(tmp_path: Path) -> None:
    toml = typed("plan", "check", str(EXAMPLES / "aapl-breakout.toml"), "--json")
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(json.loads(toml.out)["plan"]))
    again = typed("plan", "check", str(path), "--json")
    assert json.loads(again.out) == json.loads(toml.out) | {"file": str(path)}


def test_a_mark_of_the_byte_order_is_no_part_of_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    text = (EXAMPLES / "aapl-breakout.toml").read_bytes()
    path.write_bytes(b"\xef\xbb\xbf" + text)
    assert typed("plan", "check", str(path)).exit_code == 0
