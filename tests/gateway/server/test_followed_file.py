"""A file that grows: whole lines, each once, and what becomes of one that does not only grow."""

import os
from pathlib import Path

import pytest

from backstay.gateway.server.followed_file import CHUNK_BYTES_MAX, FollowedFile


class Reader:
    """A followed file and what was said of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.said: list[str] = []
        self.file = FollowedFile(path, self.said.append)

    def write(self, text: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text)

    def read(self) -> list[tuple[int, str]]:
        return [(line.number, line.text) for line in self.file.read()]

    def saying(self) -> list[str]:
        """What was said since the last time, without the path."""
        said = [text.removeprefix(f"{self.path}: ") for text in self.said]
        self.said.clear()
        return said


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    return Reader(tmp_path / "prices")


def test_one_that_is_not_there_is_made_empty(reader: Reader) -> None:
    assert reader.path.read_bytes() == b""
    assert reader.read() == []


def test_each_line_is_read_once_and_counted(reader: Reader) -> None:
    reader.write("one\n\nthree\n")
    assert reader.read() == [(1, "one"), (2, ""), (3, "three")]
    assert reader.read() == []
    reader.write("four\n")
    assert reader.read() == [(4, "four")]
    assert reader.said == []


def test_a_line_counts_when_its_end_is_there(reader: Reader) -> None:
    reader.write("one\ntw")
    assert reader.read() == [(1, "one")]
    assert reader.read() == []
    reader.write("o\n")
    assert reader.read() == [(2, "two")]


def test_what_is_no_text_is_a_line_all_the_same(reader: Reader) -> None:
    reader.path.write_bytes(b"\xff\xfe\ntwo\n")
    assert reader.read() == [(1, "\ufffd\ufffd"), (2, "two")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("n\n", "it was cut, and is read from its start"),
        ("new\nand longer than before\n", "it was rewritten, and is read from its start"),
        ("one\nsix\n", "it was rewritten, and is read from its start"),
    ],
)
def test_one_that_is_written_over_is_read_from_its_start(
    reader: Reader, text: str, said: str
) -> None:
    reader.write("one\ntwo\n")
    reader.read()
    reader.path.write_text(text)
    assert reader.read() == list(enumerate(text.splitlines(), start=1))
    assert reader.saying() == [said]
    assert reader.read() == []
    assert reader.said == []


def test_a_mark_that_an_editor_puts_first_belongs_to_no_line(reader: Reader) -> None:
    reader.path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\n")
    assert reader.read() == [(1, "one\r"), (2, "two\r")]


def test_what_stands_behind_a_line_that_is_too_long_comes_at_the_same_look(reader: Reader) -> None:
    reader.write("x" * (2 * CHUNK_BYTES_MAX) + "\ntwo\n")
    assert reader.read() == [(2, "two")]
    assert reader.saying() == [f"line 1: longer than {CHUNK_BYTES_MAX} bytes"]


def test_one_that_is_saved_again_with_more_lines_has_only_grown(reader: Reader) -> None:
    reader.write("one\ntwo\n")
    reader.read()
    reader.path.write_text("one\ntwo\nthree\n")
    assert reader.read() == [(3, "three")]
    assert reader.said == []


def test_one_that_is_replaced_is_read_from_its_start(reader: Reader, tmp_path: Path) -> None:
    reader.write("one\ntwo\n")
    reader.read()
    other = tmp_path / "other"
    other.write_text("one\ntwo\nthree\n")
    other.replace(reader.path)
    assert reader.read() == [(1, "one"), (2, "two"), (3, "three")]
    assert reader.saying() == ["it was replaced, and is read from its start"]


def test_one_that_is_gone_is_told_once_and_read_when_it_is_back(reader: Reader) -> None:
    gone = "No such file or directory; no new prices come from it"
    reader.write("one\n")
    reader.read()
    reader.path.unlink()
    assert (reader.read(), reader.read()) == ([], [])
    assert reader.saying() == [gone]
    reader.write("another\n")
    assert reader.read() == [(1, "another")]
    assert reader.saying() == ["it was replaced, and is read from its start"]
    reader.path.unlink()
    reader.read()
    assert reader.saying() == [gone]


def test_a_line_without_an_end_to_it_is_told_and_passed_over(reader: Reader) -> None:
    reader.write("one\n")
    reader.read()
    reader.write("x" * (2 * CHUNK_BYTES_MAX + 5))
    assert (reader.read(), reader.read(), reader.read()) == ([], [], [])
    reader.write("x\nthree\n")
    assert reader.read() == [(3, "three")]
    assert reader.saying() == [f"line 2: longer than {CHUNK_BYTES_MAX} bytes"]


def test_more_than_is_read_at_once_comes_in_turns_and_in_order(reader: Reader) -> None:
    reader.write("".join(f"{number}\n" for number in range(20_000)))
    lines: list[tuple[int, str]] = []
    turns = 0
    while more := reader.read():
        lines += more
        turns += 1
    assert lines == [(number + 1, str(number)) for number in range(20_000)]
    assert turns == 2


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match=r"^not a plain file$"):
        Reader(tmp_path / "pipe")
    with pytest.raises(IsADirectoryError):
        Reader(tmp_path)


def test_it_lets_its_file_go(reader: Reader) -> None:
    reader.file.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        reader.file.close()
