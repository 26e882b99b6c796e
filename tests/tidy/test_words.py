"""Words and sizes: each rule can fail, and the house keeps it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tidy.sources import ROOT, expect_none, list_files, tracked_files
from tests.tidy.words import FILE_KIB_MAX, heavy_files, machine_paths, text_of, unfinished_work

Rule = Callable[[str, str], Iterator[str]]


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "X" * 3])
def test_work_left_for_later_is_found(word: str) -> None:
    assert list(unfinished_work("bad.py", f"fine\n# {word}: later")) == [
        "bad.py:2: unfinished work is marked here"
    ]


@pytest.mark.parametrize("text", ["to do", "a mastodon", "XXXL", "todos = []"])
def test_words_that_only_contain_a_mark_are_left_alone(text: str) -> None:
    assert list(unfinished_work("good.py", text)) == []


@pytest.mark.parametrize("folder", ["work", "root", "home", "Users"])
def test_a_path_of_one_machine_is_found(folder: str) -> None:
    assert list(machine_paths("bad.md", f"see /{folder}/ann/notes")) == [
        f"bad.md:1: /{folder}/ is a path of one machine"
    ]


@pytest.mark.parametrize("text", ["net/work/load", "~/home", "the /metrics page", "./root/x"])
def test_a_path_that_any_machine_has_is_left_alone(text: str) -> None:
    assert list(machine_paths("good.md", text)) == []


def test_a_file_may_reach_the_limit_and_not_pass_it(tmp_path: Path) -> None:
    heavy = tmp_path / "heavy.bin"
    heavy.write_bytes(bytes(FILE_KIB_MAX * 1024))
    assert list(heavy_files(tmp_path, heavy)) == []
    heavy.write_bytes(bytes((FILE_KIB_MAX + 1) * 1024))
    assert list(heavy_files(tmp_path, heavy)) == ["heavy.bin: 257 KiB, more than 256"]


def test_a_file_that_is_not_text_has_no_words(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\xff")
    assert text_of(picture) is None


@pytest.mark.parametrize("rule", [unfinished_work, machine_paths])
def test_no_file_of_the_house_speaks_of_elsewhere_or_of_later(rule: Rule) -> None:
    expect_none(
        line
        for path in tracked_files()
        if (text := text_of(path)) is not None
        for line in rule(path.relative_to(ROOT).as_posix(), text)
    )


def test_no_file_of_the_house_is_heavy() -> None:
    expect_none(line for path in tracked_files() for line in heavy_files(ROOT, path))


def test_nothing_that_git_ignores_was_added_by_force() -> None:
    assert list_files("--cached", "--ignored", "--exclude-standard") == ()
